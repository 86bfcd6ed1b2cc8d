"""TableRegistry: keeps the sources of displayed tables, for later requests of the page."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from jupyter_dbx.kernel.display.data_table import DataTable, content_of
from jupyter_dbx.kernel.display.file import Format, Piece, pieces
from jupyter_dbx.kernel.display.grouping import read_grouping
from jupyter_dbx.kernel.display.rows import ROW_CAP
from jupyter_dbx.kernel.display.source import Source
from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.wire import Json

#: Maximum number of tables kept, count: each keeps its DataFrame alive.
MAX_TABLES = 50


class TableRegistry:
    """The most recent tables of this kernel, by id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sources: dict[str, Source] = {}
        self._small: set[str] = set()

    def add(self, table: DataTable) -> None:
        """Keep a table; beyond MAX_TABLES, the oldest one is dropped."""
        with self._lock:
            self._sources[table.id] = table.source
            if not table.rows.has_more:
                self._small.add(table.id)
            while len(self._sources) > MAX_TABLES:
                oldest = next(iter(self._sources))
                self._small.discard(oldest)
                del self._sources[oldest]

    def more(self, table: str, offset: int, limit: int = ROW_CAP, places: Sequence[int] | None = None) -> Json:
        """Return the rows of a table from `offset` on, in the format of its output.

        Parameters
        ----------
        limit : maximum number of rows, count
        places : positions of the columns, also of those that are left out; None = those shown

        Raises
        ------
        NotebookError : the table is no longer kept, or cannot be read
        InvalidParameterValue : the table has no such column
        """
        with _one_line_errors():
            return content_of(self._find(table, places).rows(offset, min(limit, ROW_CAP)).capped())

    def columns(self, table: str) -> Json:
        """Return the names and types of all columns of a table; raises as `more` does."""
        with _one_line_errors():
            return {"columns": [{"name": name, "type": kind} for name, kind in self._find(table).columns()]}

    def file(
        self,
        table: str,
        file_format: Format,
        picks: Sequence[int] | None = None,
        places: Sequence[int] | None = None,
    ) -> Iterator[Piece]:
        """Return a table as a file, piece by piece; raises as `more` does.

        Parameters
        ----------
        picks : positions of the rows of the file, in their order, from 0 on; None = all rows
        places : positions of its columns, as `more` takes them

        The rows up to the last pick are read again: if their order varies from query to query, others may be picked.
        """
        with _one_line_errors():
            source = self._find(table, places)
            if picks is None:
                yield from pieces(source.tables(as_text=file_format == "csv"), file_format)
            else:
                rows = source.arrow(max(picks, default=-1) + 1)
                yield from pieces([rows.take([pick for pick in picks if pick < rows.num_rows])], file_format)

    def profile(self, table: str) -> Json:
        """Return the profile of a table; raises as `more` does."""
        with _one_line_errors():
            return self._find(table).profile(precise=self._is_small(table)).content()

    def groups(self, table: str, request: Mapping[str, Any], places: Sequence[int] | None = None) -> Json:
        """Return groups of a table's rows, for a chart; raises as `more` does.

        Parameters
        ----------
        request : names columns by their positions among `places`
        places : positions of columns, as `more` takes them
        """
        with _one_line_errors():
            source = self._find(table, places)
            return source.groups(read_grouping(request, source.width())).content()

    def _is_small(self, table: str) -> bool:
        """Return whether all rows of a table were displayed at once: then exact statistics are as fast as approximate ones."""
        with self._lock:
            return table in self._small

    def _find(self, table: str, places: Sequence[int] | None = None) -> Source:
        with self._lock:
            source = self._sources.get(table)
        if source is None:
            raise NotebookError("The kernel no longer has this table. Run its cell again.")
        if places is None:
            return source
        if not places or min(places) < 0 or max(places) >= len(source.columns()):
            raise InvalidParameterValue("The table does not have these columns.")
        return source.only(places)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Turn an error of Spark, of the user's code on it, or of Arrow into a NotebookError with its first line."""
    import pyarrow as pa
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, pa.ArrowException) as error:
        raise NotebookError(str(error).strip().partition("\n")[0]) from None


#: The tables of this process, which serves one notebook.
TABLES = TableRegistry()
