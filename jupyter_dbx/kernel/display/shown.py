"""Shown tables: the sources of what is shown, for what the page asks of them later."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from jupyter_dbx.kernel.display.data_table import DataTable, content_of
from jupyter_dbx.kernel.display.source import ROW_CAP, Source
from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.model.wire import Json

#: How many of the newest tables can be asked of, count: each keeps its DataFrame.
MOST = 50

#: The most that a file may have, bytes: messages of more are dropped by the server.
FILE_CAP = 2_000_000


class ShownTables:
    """The newest tables of this kernel, by their ids."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sources: dict[str, Source] = {}

    def add(self, table: DataTable) -> None:
        """Keep a table; the oldest one is forgotten if there are too many."""
        with self._lock:
            self._sources[table.id] = table.source
            while len(self._sources) > MOST:
                del self._sources[next(iter(self._sources))]

    def more(self, table: str, offset: int) -> Json:
        """Return the rows of a table after the first `offset` ones, as its output has them.

        Raises
        ------
        NotebookError : the table is not known any more, or cannot be read
        """
        with _told_in_a_sentence():
            return content_of(self._find(table).rows(offset, ROW_CAP).capped())

    def parquet(self, table: str, count: int) -> Json:
        """Return the first `count` rows of a table as a Parquet file, in base 64; errors as for `more`."""
        import pyarrow.parquet

        file = io.BytesIO()
        with _told_in_a_sentence():
            pyarrow.parquet.write_table(self._find(table).arrow(count), file)
        if file.tell() > FILE_CAP:
            raise NotebookError("That is too much for a download here. Write it on the cluster: df.write.parquet(…).")
        return {"file": base64.b64encode(file.getvalue()).decode()}

    def profile(self, table: str) -> Json:
        """Return what the columns of a table hold; errors as for `more`."""
        with _told_in_a_sentence():
            return self._find(table).profile(precise=False).content()

    def _find(self, table: str) -> Source:
        with self._lock:
            source = self._sources.get(table)
        if source is None:
            raise NotebookError("The kernel knows this table no longer: run its cell again.")
        return source


@contextmanager
def _told_in_a_sentence() -> Iterator[None]:
    """Tell what Spark refuses, or what the user's own code raises on it, as the page can show it."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise NotebookError(str(error).strip().partition("\n")[0]) from None


#: Those of this process, which is one notebook's.
TABLES = ShownTables()
