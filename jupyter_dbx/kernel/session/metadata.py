"""Reads the metadata of a notebook's file: its cluster, and the languages of its cells."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from jupyter_dbx.model.cell_language import MAGICS, CellLanguages, languages_of

#: A property with the name of a language as its value.
_LANGUAGE = re.compile(rf'"(?:name|language|languageId)"\s*:\s*"(?:{"|".join(MAGICS)})"', re.IGNORECASE)


def read_cluster_id(path: str) -> str:
    """Return `metadata.jupyter_dbx.cluster_id` of a notebook, or "" if it is missing or the file cannot be read.

    Parameters
    ----------
    path : absolute, or relative to the server's root; a relative path is resolved by its name in the working directory, which
        is the notebook's folder
    """
    try:
        cluster_id = json.loads(_read(path))["metadata"]["jupyter_dbx"]["cluster_id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return cluster_id if isinstance(cluster_id, str) else ""


def read_languages(path: str) -> CellLanguages:
    """Return the languages of a notebook's cells; all are Python if the file cannot be read. `path` as above."""
    text = _read(path)
    if not _LANGUAGE.search(text):  # parsing takes long if outputs are large, and few notebooks are in another language
        return CellLanguages()
    try:
        return languages_of(json.loads(text))
    except (ValueError, RecursionError):
        return CellLanguages()


def _read(path: str) -> str:
    """Return the text of a notebook's file, or "" if it is not one or cannot be read."""
    file = Path(path if os.path.isabs(path) else Path(path).name)
    try:
        return file.read_text(encoding="utf-8") if file.suffix == ".ipynb" else ""
    except (OSError, ValueError):
        return ""
