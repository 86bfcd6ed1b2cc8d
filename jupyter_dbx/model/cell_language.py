"""The language of a notebook's cells, where the notebook's document names it: in Databricks, Jupyter or VS Code.

Sources: nbformat, `metadata.language_info`; the metadata in exports of Databricks notebooks and of VS Code's notebooks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: A language in a document → the magic that runs it. Cells of any other language are Python.
MAGICS = {"sql": "sql", "scala": "scala", "r": "r", "bash": "sh", "shellscript": "sh"}


@dataclass(frozen=True)
class CellLanguages:
    """The languages of one notebook's cells, as magics; "" = Python."""

    default: str = ""
    #: ID of a cell → its language, for cells that have one of their own
    cells: Mapping[str, str] = field(default_factory=dict)

    def magic_of(self, cell_id: str) -> str:
        """Return the magic of a cell."""
        return self.cells.get(cell_id, self.default)


def languages_of(document: Any) -> CellLanguages:  # parsed JSON
    """Return the languages of a notebook document's cells."""
    cells = _at(document, "cells")
    default = default_magic(document)
    own = {
        str(cell_id): magic
        for cell in (cells if isinstance(cells, list) else [])
        if (cell_id := _at(cell, "id")) and (magic := magic_of_cell(cell, default)) != default
    }
    return CellLanguages(default, own)


def default_magic(document: Any) -> str:
    """Return the magic of a notebook document's cells that have no language of their own."""
    databricks = _at(document, "metadata", "application/vnd.databricks.v1+notebook", "language")
    return _magic(databricks or _at(document, "metadata", "language_info", "name"))


def magic_of_cell(cell: Any, default: str) -> str:
    """Return the magic of a document's cell."""
    own = _at(cell, "metadata", "vscode", "languageId")
    return _magic(own) if own else default


def with_magic(code: str, magic: str) -> str:
    """Return a cell's code with the magic on its first line, unless it has one itself."""
    return code if not magic or code.lstrip().startswith("%") or not code.strip() else f"%{magic} {code}"


def _magic(language: Any) -> str:
    return MAGICS.get(language.lower(), "") if isinstance(language, str) else ""


def _at(document: Any, *names: str) -> Any:
    """Return the value at a path in parsed JSON, or None."""
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document
