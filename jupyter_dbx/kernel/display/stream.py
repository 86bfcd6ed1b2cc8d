"""StreamDisplay: a streaming DataFrame as a table that follows it until the cell is interrupted or the stream ends.

An aggregation is shown as it stands (output mode `complete`); of any other stream, the newest rows (`append`). The cell
runs as long as the stream does, so that to interrupt it is to stop the stream, as everything of a cell ends with it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from IPython.display import DisplayHandle

from jupyter_dbx.kernel.display.data_table import bundle_of
from jupyter_dbx.kernel.display.source import Rows
from jupyter_dbx.kernel.display.spark_source import SparkSource, columns_of
from jupyter_dbx.kernel.errors import CellInterrupted

#: Rows that are shown of a stream, count, and how often the page is told of news, s.
ROWS = 1000
TELL_EVERY_S = 1.0

#: Options of `display` that are the stream's.
OPTIONS = frozenset({"processingTime", "checkpointLocation", "streamName", "trigger"})

# PySpark is not followed by mypy here, hence Any.


class StreamDisplay:
    """One stream that is shown.

    Parameters
    ----------
    df : a streaming DataFrame
    options : see OPTIONS; `trigger` as those of PySpark's `DataStreamWriter.trigger`, or a processing time
    """

    def __init__(self, df: Any, options: Mapping[str, Any]) -> None:
        self._df, self._options = df, options
        self._rows = Rows(columns_of(df), tuple([] for _ in df.columns), 0, False)
        self._is_new = False
        self._id = uuid.uuid4().hex
        self._handle = DisplayHandle()

    def run(self) -> None:
        """Show the stream until it ends, or until the cell is interrupted, which stops it.

        Raises
        ------
        CellInterrupted : it was stopped
        """
        query = self._start()
        self._handle.display(self._bundle(query, "running"), raw=True)
        state = "failed"
        try:
            while not query.awaitTermination(TELL_EVERY_S):
                if self._is_new:
                    self._handle.update(self._bundle(query, "running"), raw=True)
            state = "ended"
        except KeyboardInterrupt:
            query.stop()
            state = "stopped"
            raise CellInterrupted("The stream has been stopped, as its cell was interrupted.") from None
        finally:
            self._handle.update(self._bundle(query, state), raw=True)

    def _start(self) -> Any:
        from pyspark.errors import AnalysisException

        try:
            return self._writer("complete").start()
        except AnalysisException:  # it aggregates nothing
            return self._writer("append").start()

    def _writer(self, mode: str) -> Any:
        take = self._take_all if mode == "complete" else self._take_newest
        writer = self._df.writeStream.outputMode(mode).foreachBatch(lambda batch, _: take(SparkSource(batch)))
        if name := self._options.get("streamName"):
            writer = writer.queryName(name)
        if location := self._options.get("checkpointLocation"):
            writer = writer.option("checkpointLocation", location)
        trigger = self._options.get("trigger", self._options.get("processingTime"))
        if isinstance(trigger, str):
            trigger = {"processingTime": trigger}
        return writer.trigger(**trigger) if trigger else writer

    # The next two are called by Spark, on a thread of the stream's.

    def _take_all(self, batch: SparkSource) -> None:
        self._rows, self._is_new = batch.rows(0, ROWS), True

    def _take_newest(self, batch: SparkSource) -> None:
        old, new = self._rows, batch.last(ROWS)
        cells = tuple([*a, *b][-ROWS:] for a, b in zip(old.cells, new.cells, strict=True))
        self._rows, self._is_new = replace(old, cells=cells, count=min(ROWS, old.count + new.count)), True

    def _bundle(self, query: Any, state: str) -> dict[str, Any]:
        self._is_new = False
        progress = query.lastProgress or {}
        facts = {
            "name": query.name or "",
            "state": state,
            "batch": progress.get("batchId"),
            "input_rate": progress.get("inputRowsPerSecond"),
            "processed_rate": progress.get("processedRowsPerSecond"),
        }
        return bundle_of(self._rows.capped(), {"table": self._id, "stream": facts})
