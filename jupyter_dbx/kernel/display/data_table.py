"""DataTable: the first rows of a source as one output, for the grid, for every other front end, and as plain text."""

from __future__ import annotations

import base64
import gzip
import json
import uuid
from typing import Any

from jupyter_dbx.kernel.display.cells import Cell
from jupyter_dbx.kernel.display.pace import Pace
from jupyter_dbx.kernel.display.source import ROW_CAP, Rows, Source
from jupyter_dbx.kernel.display.text_table import Table
from jupyter_dbx.kernel.wording import plural
from jupyter_dbx.model.wire import Json

#: What JupyterLab shows with our renderer.
MIME_TYPE = "application/vnd.jupyter-dbx.table+json"

#: Rows in the HTML and in the plain text, counts.
HTML_ROWS = 100
TEXT_ROWS = 20

#: From which size on rows are compressed, characters of JSON: smaller ones stay readable in the saved notebook.
COMPRESSED_FROM = 4_000

_PACE = Pace()


class DataTable:
    """The rows of a source that are shown; they are read once, here.

    Parameters
    ----------
    source : of the rows
    most : rows, count
    """

    def __init__(self, source: Source, most: int = ROW_CAP) -> None:
        self.source, self.id = source, uuid.uuid4().hex
        self.rows = source.rows(0, most).capped()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return bundle_of(self.rows, {"table": self.id})


def bundle_of(rows: Rows, facts: Json) -> dict[str, Any]:
    """Return rows in all three forms, when they can be sent; `facts` are what else the page is told of their table."""
    html, text = as_table(rows, HTML_ROWS)._repr_html_(), repr(as_table(rows, TEXT_ROWS))
    content = {**facts, **content_of(rows)}
    _PACE.wait(len(content.get("gzip", "")) + len(html) + len(text))
    return {MIME_TYPE: content, "text/html": html, "text/plain": text}


def content_of(rows: Rows) -> Json:
    """Return rows as the page reads them: `cells` by column, or `gzip`, which is the same compressed and in base 64."""
    cells = json.dumps(rows.cells, ensure_ascii=False, separators=(",", ":"))
    columns = [{"name": c.name, "type": c.type, "kind": c.kind} for c in rows.columns]
    content: Json = {"columns": columns, "rows": rows.count, "more": rows.has_more}
    if len(cells) < COMPRESSED_FROM:
        return {**content, "cells": rows.cells}
    return {**content, "gzip": base64.b64encode(gzip.compress(cells.encode(), 6, mtime=0)).decode()}


def as_table(rows: Rows, most: int) -> Table:
    """Return up to so many rows as HTML and text can have them, with a notice of what is left out."""
    shown = min(rows.count, most)
    cells = [[_word(cell) for cell in column[:shown]] for column in rows.cells]
    if rows.has_more:
        notice = f"First {plural(shown, 'row')}; there are more."
    else:
        notice = plural(rows.count, "row") if shown == rows.count else f"First {shown:,} of {rows.count:,} rows."
    numbers = [column.kind == "number" for column in rows.columns]
    return Table([column.name for column in rows.columns], list(zip(*cells, strict=True)), notice, numbers)


def _word(cell: Cell) -> Cell:
    return str(cell).lower() if isinstance(cell, bool) else cell
