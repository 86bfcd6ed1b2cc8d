"""Source: data with rows to show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from jupyter_dbx.kernel.display.grouping import Grouping, Groups
from jupyter_dbx.kernel.display.profile import Profile
from jupyter_dbx.kernel.display.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa


class Source(ABC):
    """Data with rows. `display` calls its methods, later also requests of the page, on any thread."""

    @abstractmethod
    def rows(self, offset: int, limit: int) -> Rows:
        """Return up to `limit` rows, starting at `offset`."""

    @abstractmethod
    def profile(self, *, precise: bool) -> Profile:
        """Return the statistics of the columns; with `precise`, distinct counts and quantiles are exact."""

    @abstractmethod
    def width(self) -> int:
        """Return how many columns are shown."""

    @abstractmethod
    def columns(self) -> list[tuple[str, str]]:
        """Return the names and types of all columns, also of those that are left out."""

    @abstractmethod
    def only(self, places: Sequence[int]) -> Source:
        """Return the same rows with some of all columns, by position, in this order."""

    @abstractmethod
    def groups(self, grouping: Grouping) -> Groups:
        """Return groups of all rows."""

    @abstractmethod
    def arrow(self, count: int) -> pa.Table:
        """Return the first `count` rows with their original types, for a file."""

    @abstractmethod
    def tables(self, *, as_text: bool) -> Iterator[pa.Table]:
        """Return all rows, piece by piece, with their original types, or with `as_text` in the form shown, uncut."""
