"""Notebooks as files: `.ipynb`, and sources as Databricks exports them (`.py`, `.sql`, `.scala`, `.r`), as lists of cells.

Source: Databricks, "Export and import notebooks"; the format is comments: a first line, a line between cells, and a mark before
each line that is in another language than the file.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.folders import Folders

#: Suffix → language of cells that name none, and what begins a comment in it.
LANGUAGES = {".py": ("python", "#"), ".sql": ("sql", "--"), ".scala": ("scala", "//"), ".r": ("r", "#")}

#: What a notebook may be called when its path has no suffix, in the order in which they are looked for.
SUFFIXES = (".ipynb", *LANGUAGES, ".R")


class NoSuchNotebook(NotebookError):
    """There is no notebook at this path."""


class UnreadableNotebook(NotebookError):
    """This file is no notebook."""


def find_notebook(path: str, folder: Path, folders: Folders) -> Path:
    """Return the file that is meant by a path; the suffix may be missing.

    Parameters
    ----------
    folder : where relative paths begin
    folders : of the workspace, below whose root absolute paths begin, as in Databricks, if the machine has no such file

    Raises
    ------
    NoSuchNotebook : there is none; names those that are there
    """
    wanted = folder / Path(folders.on_machine(path)).expanduser()
    for place in (wanted, folders.root / path.lstrip("/")):
        for file in (place, *(place.with_name(f"{place.name}{suffix}") for suffix in SUFFIXES if place.name)):
            if file.is_file():
                return file.resolve()
    near = wanted.parent
    known = sorted(f.name for f in near.iterdir() if f.suffix in SUFFIXES) if near.is_dir() else []
    there = f"In {near} there are: {', '.join(known)}." if known else f"There are no notebooks in {near}."
    raise NoSuchNotebook(f"There is no notebook {path!r}. {there}")


def read_cells(file: Path) -> list[str]:
    """Return a notebook's code, a text for each cell, in this kernel's spelling; Markdown is left out.

    Raises
    ------
    UnreadableNotebook : it is none
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
        raise UnreadableNotebook(f"{file.name} is no notebook. Notebooks end in {', '.join(SUFFIXES)}.")
    language, comment = LANGUAGES[file.suffix.lower()]
    return [code for cell in _split(text, comment) if (code := _code_of(cell, language, comment)).strip()]


def is_databricks_source(file: Path) -> bool:
    """Return whether a file of code says on its first line that it is a notebook."""
    if file.suffix.lower() not in LANGUAGES:
        return False
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        return lines.readline().rstrip().endswith("Databricks notebook source")


def _of_document(document: dict[str, object]) -> list[str]:
    cells = document["cells"]
    if not isinstance(cells, list):
        raise TypeError("its cells are no list")
    sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    return [code for s in sources if (code := "".join(s) if isinstance(s, list) else str(s)).strip()]


def _split(text: str, comment: str) -> list[str]:
    """Return the texts between the lines that part cells, without the file's first line."""
    mark = re.escape(comment)
    text = re.sub(rf"\A{mark} Databricks notebook source[^\n]*\n?", "", text)
    return re.split(rf"(?m)^{mark} COMMAND -+[^\n]*\n?", text)


def _code_of(cell: str, language: str, comment: str) -> str:
    """Return a cell's code: titles and marks taken off, its language on the first line if it is not Python."""
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
