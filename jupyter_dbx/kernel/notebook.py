"""Reads what a notebook's own file says about its cluster."""

from __future__ import annotations

import json
import os
from pathlib import Path


def read_cluster_id(path: str) -> str:
    """Return `metadata.jupyter_dbx.cluster_id` of a notebook, or "" if it has none or cannot be read here.

    Parameters
    ----------
    path : absolute, or relative to the server's root; then only its name is looked for in the working folder, which is the
        notebook's own
    """
    file = Path(path if os.path.isabs(path) else Path(path).name)
    if file.suffix != ".ipynb":
        return ""
    try:
        cluster_id = json.loads(file.read_text(encoding="utf-8"))["metadata"]["jupyter_dbx"]["cluster_id"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return cluster_id if isinstance(cluster_id, str) else ""
