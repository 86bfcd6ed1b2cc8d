"""Rows: some rows of a table, column by column, encoded for JSON, and how much of a table is read at once."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from jupyter_dbx.kernel.display.cells import Cell

#: Maximum rows, and bytes of JSON, shown at once. Source: Databricks, "Notebook outputs and results".
ROW_CAP = 10_000
BYTE_CAP = 2_000_000

#: Maximum columns shown, count: the page stays usable, and the query small.
COLUMN_CAP = 1_000

#: Size of a typical cell in JSON, bytes, by which wide tables are read.
CELL_BYTES = 10

#: Maximum size of the texts that are read at once to show what fits into BYTE_CAP, bytes.
READ_CAP = 24_000_000

#: Even of the largest rows, so many are shown; their texts are cut to fit.
LEAST_ROWS = 20

#: Kinds of columns whose cells may be cut; a shorter number would be another number.
CUT_KINDS = ("text", "binary", "nested")


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    #: the type's name in the library the data comes from, e.g. `array<int>`
    type: str
    #: as returned by `cells.kind_of`
    kind: str


@dataclass(frozen=True)
class Rows:
    """Some rows of a source, column by column."""

    columns: tuple[Column, ...]
    #: one list of cells per column, all of the same length
    cells: tuple[list[Cell], ...]
    #: rows, count
    count: int
    #: whether the source has rows after these
    has_more: bool
    #: columns of the source that are left out, count
    left_out: int = 0

    def capped(self, max_bytes: int = BYTE_CAP, *, newest: bool = False) -> Rows:
        """Return the first rows, or the newest, i.e. last ones, that fit into `max_bytes` of JSON, at least one."""
        if self._bytes() <= max_bytes:
            return self
        rows = self._with_short_cells(max_bytes // LEAST_ROWS)
        while rows.count > 1 and (size := rows._bytes()) > max_bytes:
            kept = max(1, min(rows.count - 1, int(rows.count * max_bytes / size)))
            part = slice(rows.count - kept, None) if newest else slice(kept)
            rows = replace(rows, cells=tuple(column[part] for column in rows.cells), count=kept, has_more=not newest)
        return rows

    def _bytes(self) -> int:
        return len(json.dumps(self.cells, ensure_ascii=False).encode())

    def _with_short_cells(self, row_bytes: int) -> Rows:
        """Return the rows with each row of more than `row_bytes` cut to it, the same length for each of its cells."""
        share = max(1, row_bytes // len(self.columns) - 8)  # the rest is for quotes, comma and "…"
        is_large = [sum(len(c) for c in row if isinstance(c, str)) > row_bytes for row in zip(*self.cells, strict=True)]
        if not any(is_large):
            return self
        cells = tuple(
            [_cut(c, share) if large else c for c, large in zip(cells, is_large, strict=True)]
            if column.kind in CUT_KINDS
            else cells
            for column, cells in zip(self.columns, self.cells, strict=True)
        )
        return replace(self, cells=cells)


def row_limit(limit: int, columns: int) -> int:
    """Return how many rows of so many columns to read, up to `limit`: more would hardly fit into BYTE_CAP."""
    return min(limit, max(LEAST_ROWS, BYTE_CAP // (CELL_BYTES * max(1, columns))))


def _cut(cell: Cell, length: int) -> Cell:
    return f"{cell[:length]}…" if isinstance(cell, str) and len(cell) > length + 1 else cell
