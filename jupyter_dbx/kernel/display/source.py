"""Source: whatever has rows to show, and the rows it gives."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jupyter_dbx.kernel.display.cells import Cell

if TYPE_CHECKING:
    import pyarrow as pa

    from jupyter_dbx.kernel.display.profile import Profile

#: The most rows, and bytes of their JSON, that are shown at once. Source: Databricks, "Notebook outputs and results".
ROW_CAP = 10_000
BYTE_CAP = 2_000_000


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    #: its type in the words of the library that it is from, e.g. `array<int>`
    type: str
    #: see `cells.kind_of`
    kind: str


@dataclass(frozen=True)
class Rows:
    """Some rows of a source, column by column."""

    columns: tuple[Column, ...]
    #: one list of cells for each column, all of one length
    cells: tuple[list[Cell], ...]
    #: rows, count
    count: int
    #: whether the source has rows after these
    has_more: bool

    def capped(self, most_bytes: int = BYTE_CAP) -> Rows:
        """Return as many of them, from the first on, as fit into so many bytes of JSON, but at least one."""
        rows = self
        while rows.count > 1 and (size := len(json.dumps(rows.cells, ensure_ascii=False).encode())) > most_bytes:
            kept = max(1, min(rows.count - 1, int(rows.count * most_bytes / size)))
            rows = replace(rows, cells=tuple(column[:kept] for column in rows.cells), count=kept, has_more=True)
        return rows


class Source(ABC):
    """Something with rows. Its methods are called by `display`, and later for the page, on any thread."""

    @abstractmethod
    def rows(self, offset: int, most: int) -> Rows:
        """Return up to `most` rows after the first `offset` ones."""

    @abstractmethod
    def profile(self, *, precise: bool) -> Profile:
        """Return what its columns hold; `precise`: numbers of distinct values and quantiles are exact."""

    @abstractmethod
    def arrow(self, count: int) -> pa.Table:
        """Return its first `count` rows as they are, for a file."""
