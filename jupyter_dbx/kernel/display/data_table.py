"""DataTable: the first rows of a source as one output: for the grid, for other front ends, and as plain text."""

from __future__ import annotations

import base64
import gzip
import json
import uuid
from typing import Any

from jupyter_dbx.client.dialect import plural
from jupyter_dbx.kernel.display.cells import Cell
from jupyter_dbx.kernel.display.rows import ROW_CAP, Rows
from jupyter_dbx.kernel.display.source import Source
from jupyter_dbx.kernel.display.text_table import Table
from jupyter_dbx.kernel.display.throttle import Throttle
from jupyter_dbx.model.wire import Json

#: MIME type that JupyterLab shows with our renderer.
MIME_TYPE = "application/vnd.jupyter-dbx.table+json"

#: Rows in the HTML and in the plain text, and columns in both, count.
HTML_ROWS = 100
TEXT_ROWS = 20
TABLE_COLUMNS = 100

#: Rows of this size and above are compressed, characters of JSON: smaller ones stay readable in the saved notebook.
COMPRESSED_FROM = 4_000

_THROTTLE = Throttle()


class DataTable:
    """The first rows of a source, read once when the table is created.

    Parameters
    ----------
    source : provides the rows
    limit : maximum number of rows, count
    """

    def __init__(self, source: Source, limit: int = ROW_CAP) -> None:
        self.source, self.id = source, uuid.uuid4().hex
        self.rows = source.rows(0, limit).capped()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return bundle_of(self.rows, {"table": self.id})


def bundle_of(rows: Rows, facts: Json, about: str = "") -> dict[str, Any]:
    """Return rows in all three formats, once they can be sent.

    Parameters
    ----------
    facts : further fields of the page's message
    about : a sentence for front ends without our extension, or ""
    """
    html, text = as_table(rows, HTML_ROWS, about)._repr_html_(), repr(as_table(rows, TEXT_ROWS, about))
    content = {**facts, **content_of(rows)}
    _THROTTLE.wait(len(content.get("gzip", "")) + len(html) + len(text))
    return {MIME_TYPE: content, "text/html": html, "text/plain": text}


def content_of(rows: Rows) -> Json:
    """Return rows as the page reads them: `cells` by column, or `gzip`, the same compressed and in base64."""
    cells = json.dumps(rows.cells, ensure_ascii=False, separators=(",", ":"))
    columns = [{"name": c.name, "type": c.type, "kind": c.kind} for c in rows.columns]
    content: Json = {"columns": columns, "rows": rows.count, "more": rows.has_more}
    if rows.left_out:
        content["left_out"] = rows.left_out
    if len(cells) < COMPRESSED_FROM:
        return {**content, "cells": rows.cells}
    return {**content, "gzip": base64.b64encode(gzip.compress(cells.encode(), 6, mtime=0)).decode()}


def as_table(rows: Rows, limit: int, about: str = "") -> Table:
    """Return up to `limit` rows as a table for HTML and text, with a notice if rows or columns are left out."""
    shown, columns = min(rows.count, limit), rows.columns[:TABLE_COLUMNS]
    cells = [[_word(cell) for cell in column[:shown]] for column in rows.cells[:TABLE_COLUMNS]]
    numbers = [column.kind == "number" for column in columns]
    notice = _notice(rows, shown, len(columns), about)
    return Table([column.name for column in columns], list(zip(*cells, strict=True)), notice, numbers)


def _notice(rows: Rows, shown: int, columns: int, about: str) -> str:
    whole, all_columns = plural(rows.count, "row"), len(rows.columns) + rows.left_out
    if rows.has_more:
        sentences = [f"First {plural(shown, 'row')}; there are more"]
    else:
        sentences = [whole if shown == rows.count else f"First {shown:,} of {rows.count:,} rows"]
    if columns < all_columns:
        sentences.append(f"First {columns:,} of {all_columns:,} columns")
    if about:
        sentences.append(about.rstrip("."))
    return whole if sentences == [whole] else f"{'. '.join(sentences)}."


def _word(cell: Cell) -> Cell:
    return str(cell).lower() if isinstance(cell, bool) else cell
