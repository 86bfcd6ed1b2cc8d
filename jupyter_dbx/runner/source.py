"""Notebook files as lists of cells: `.ipynb`, and source files as Databricks exports them (`.py`, `.sql`, `.scala`, `.r`).

Source: Databricks, "Export and import notebooks". A source file marks its structure by comments: a first line, a line between
cells, and a prefix on each line that is in another language than the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from jupyter_dbx.model.cell_language import default_magic, magic_of_cell, with_magic
from jupyter_dbx.model.errors import DbxError

#: Suffix → default language of the file's cells, and its comment prefix.
LANGUAGES = {".py": ("python", "#"), ".sql": ("sql", "--"), ".scala": ("scala", "//"), ".r": ("r", "#")}

#: Suffixes tried for a path without a suffix, in order.
SUFFIXES = (".ipynb", *LANGUAGES, ".R")


class NoSuchNotebook(DbxError):
    """There is no notebook at this path."""


class UnreadableNotebook(DbxError):
    """This file is not a notebook, or cannot be read."""


def find_notebook(path: str, candidates: Sequence[Path]) -> Path:
    """Return the file that a path refers to; the suffix may be missing.

    Parameters
    ----------
    path : as the user wrote it
    candidates : files it can refer to, in order of preference; not empty

    Raises
    ------
    NoSuchNotebook : no such file exists; the message lists the notebooks in the same folder
    """
    for candidate in candidates:
        with_suffix = (candidate.with_name(f"{candidate.name}{suffix}") for suffix in SUFFIXES if candidate.name)
        for file in (candidate, *with_suffix):
            if file.is_file():
                return file.resolve()
    folder = candidates[0].parent
    known = sorted(f.name for f in folder.iterdir() if f.suffix in SUFFIXES) if folder.is_dir() else []
    others = f"Notebooks in {folder}: {', '.join(known)}." if known else f"There are no notebooks in {folder}."
    raise NoSuchNotebook(f"There is no notebook {path!r}. {others}")


def read_cells(file: Path) -> list[str]:
    """Return the code of a notebook's cells in this kernel's syntax, without Markdown cells.

    Raises
    ------
    UnreadableNotebook : the file is not a notebook, or cannot be read
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix == ".ipynb":
            return _of_document(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableNotebook(f"{file.name} cannot be read as a notebook: {error}.") from None
    except OSError as error:
        raise UnreadableNotebook(f"{file.name} cannot be read: {error.strerror}.") from None
    if file.suffix.lower() not in LANGUAGES:
        raise UnreadableNotebook(f"{file.name} is not a notebook. Notebooks end in {', '.join(SUFFIXES)}.")
    language, comment = LANGUAGES[file.suffix.lower()]
    return [code for cell in _split(text, comment) if (code := _code_of(cell, language, comment)).strip()]


def is_databricks_source(file: Path) -> bool:
    """Return whether the first line of a source file marks it as a Databricks notebook."""
    if file.suffix.lower() not in LANGUAGES:
        return False
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        return lines.readline().rstrip().endswith("Databricks notebook source")


def _of_document(document: dict[str, object]) -> list[str]:
    cells = document["cells"]
    if not isinstance(cells, list):
        raise TypeError("its cells are not a list")
    default = default_magic(document)
    found = [(cell["source"], magic_of_cell(cell, default)) for cell in cells if cell["cell_type"] == "code"]
    codes = [("".join(source) if isinstance(source, list) else str(source), magic) for source, magic in found]
    return [with_magic(code, magic) for code, magic in codes if code.strip()]


def _split(text: str, comment: str) -> list[str]:
    """Return the text of each cell, without the file's first line and the separators."""
    mark = re.escape(comment)
    text = re.sub(rf"\A{mark} Databricks notebook source[^\n]*\n?", "", text)
    return re.split(rf"(?m)^{mark} COMMAND -+[^\n]*\n?", text)


def _code_of(cell: str, language: str, comment: str) -> str:
    """Return a cell's code without title and prefixes, with a language magic on the first line if it is not Python."""
    mark = re.escape(comment)
    lines = [line for line in cell.strip("\n").splitlines() if not re.match(rf"{mark} DBTITLE ", line)]
    while lines and not lines[0].strip():
        lines.pop(0)
    if lines and re.match(rf"{mark} MAGIC\b", lines[0]):
        lines = [re.sub(rf"^{mark} MAGIC ?", "", line) for line in lines]
    elif language != "python" and lines:
        lines = [f"%{language}", *lines]
    code = "\n".join(lines).strip("\n")
    return "" if re.match(r"%md\b", code) else code
