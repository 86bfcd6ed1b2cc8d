"""StreamDisplay: a streaming DataFrame as a live table.

An aggregation is shown in full (output mode `complete`); of any other stream, the newest rows are shown (`append`). The stream
runs beside the notebook's next cells, which may stop it (`query.stop()`); so do an interrupt, another run of its cell, the button
in its output, and the notebook's detachment. Only a stream that ends by itself (trigger `availableNow` or `once`) is awaited by
its cell.
"""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from IPython import get_ipython
from IPython.display import DisplayHandle

from jupyter_dbx.kernel.display.data_table import bundle_of
from jupyter_dbx.kernel.display.spark_source import SparkSource
from jupyter_dbx.kernel.display.streams import STREAMS
from jupyter_dbx.kernel.errors import CellInterrupted, NotebookError, is_cancelled

#: Maximum rows of a stream, count, and bytes of JSON, shown at each update, and the interval between updates of the output, s.
ROWS = 1000
BYTES = 500_000
UPDATE_INTERVAL_S = 1.0

#: Maximum number of batches whose rates and durations are shown, count.
HISTORY = 120

#: Time to wait for the end of a stream that is replaced, s.
STOP_TIMEOUT_S = 30.0

#: Options of `display` for streams.
OPTIONS = frozenset({"processingTime", "checkpointLocation", "streamName", "trigger"})

#: Triggers with which a stream ends by itself.
ENDING = ("availableNow", "once")

#: Begin of a batch (s since the epoch), rows received and processed per second, and its duration, ms; None = unknown.
Batch = tuple[float, float | None, float | None, int | None]

# mypy does not follow PySpark here, hence Any.


class StreamDisplay:
    """One displayed stream.

    Parameters
    ----------
    df : a streaming DataFrame
    options : see OPTIONS; `trigger` holds the arguments of PySpark's `DataStreamWriter.trigger`, or a processing time
    """

    def __init__(self, df: Any, options: Mapping[str, Any]) -> None:
        self._df, self._options = df, options
        trigger = options.get("trigger", options.get("processingTime"))
        self._trigger: dict[str, Any] = {"processingTime": trigger} if isinstance(trigger, str) else trigger or {}
        self._rows = SparkSource(df).none()
        self._is_new = False
        self._facts: dict[str, Any] = {}
        self._history: deque[Batch] = deque(maxlen=HISTORY)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="dbx-stream", daemon=True)
        self._handle = DisplayHandle()
        self.id, self.name = uuid.uuid4().hex, str(options.get("streamName") or "")
        self.cell, self.request = _current_cell()

    def run(self) -> None:
        """Start the stream and show it from now on; return at once, or after its end if it ends by itself.

        Raises
        ------
        CellInterrupted : the cell was interrupted while it waited for the end
        """
        STREAMS.end_name(self.name)
        _watch_cells()
        self._query = self._start()
        self._handle.display(self._bundle("running"), raw=True)
        if any(self._trigger.get(name) for name in ENDING):
            self._wait()
        else:
            STREAMS.add(self)
            self._thread.start()

    def stop(self) -> None:
        """Make the stream stop, without waiting for that."""
        self._stopping.set()

    def join(self) -> None:
        """Wait until the stream has stopped."""
        self._thread.join(STOP_TIMEOUT_S)

    # -- following -----------------------------------------------------------------------------------------------------

    def _wait(self) -> None:
        """Show the stream until it ends by itself; its error is the cell's."""
        state = "failed"
        try:
            self._update_until_end()
            state = "cancelled" if self._stopping.is_set() else "ended"
        except KeyboardInterrupt:
            self._query.stop()
            state = "cancelled"
            raise CellInterrupted("The stream was stopped because its cell was interrupted.") from None
        except Exception as error:
            state = "cancelled" if is_cancelled(error) else "failed"
            raise
        finally:
            self._handle.update(self._bundle(state), raw=True)

    def _follow(self) -> None:
        """Show the stream until it is stopped or fails; its error is part of its output. Runs on a thread of its own."""
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException, StreamingQueryException

        state, problem = "stopped", ""
        try:
            while not self._has_ended():
                time.sleep(UPDATE_INTERVAL_S)
        except StreamingQueryException as error:
            state, problem = ("cancelled", "") if is_cancelled(error) else ("failed", str(error).strip())
        except (PySparkException, Py4JError, NotebookError, OSError):
            pass  # the notebook was detached, or the driver has ended, which the next cell reports
        finally:
            STREAMS.discard(self)
        self._handle.update(self._bundle(state, problem), raw=True)

    def _has_ended(self) -> bool:
        """Show the stream until it ends; return False if an interrupt came between, after which threads may not use Spark."""
        try:
            self._update_until_end()
        except CellInterrupted:
            return False
        return True

    def _update_until_end(self) -> None:
        while not self._query.awaitTermination(UPDATE_INTERVAL_S):
            if self._stopping.is_set():
                self._query.stop()
            if self._is_new:
                self._handle.update(self._bundle("running"), raw=True)

    # -- the query -----------------------------------------------------------------------------------------------------

    def _start(self) -> Any:
        from pyspark.errors import AnalysisException

        try:
            return self._writer("complete").start()
        except AnalysisException:  # the query has no aggregation
            return self._writer("append").start()

    def _writer(self, mode: str) -> Any:
        take = self._take_all if mode == "complete" else self._take_newest
        writer = self._df.writeStream.outputMode(mode).foreachBatch(lambda batch, _: take(SparkSource(batch)))
        if self.name:
            writer = writer.queryName(self.name)
        if location := self._options.get("checkpointLocation"):
            writer = writer.option("checkpointLocation", location)
        return writer.trigger(**self._trigger) if self._trigger else writer

    # Spark calls the next two on the stream's thread.

    def _take_all(self, batch: SparkSource) -> None:
        self._rows, self._is_new = batch.rows(0, ROWS).capped(BYTES), True

    def _take_newest(self, batch: SparkSource) -> None:
        old, new = self._rows, batch.last(ROWS)
        cells = tuple([*a, *b][-ROWS:] for a, b in zip(old.cells, new.cells, strict=True))
        rows = replace(old, cells=cells, count=min(ROWS, old.count + new.count))
        self._rows, self._is_new = rows.capped(BYTES, newest=True), True

    # -- the output ----------------------------------------------------------------------------------------------------

    def _bundle(self, state: str, problem: str = "") -> dict[str, Any]:
        self._is_new = False
        with contextlib.suppress(NotebookError, OSError):  # after the driver's end, the last facts are shown
            progress = self._query.lastProgress or {}
            if (batch := batch_of(progress)) and batch not in self._history:
                self._history.append(batch)
            self._facts = {
                "name": self._query.name or "",
                "batch": progress.get("batchId"),
                "input_rate": progress.get("inputRowsPerSecond"),
                "processed_rate": progress.get("processedRowsPerSecond"),
                "history": list(self._history),
            }
        name = f" {self.name}" if self.name else ""
        about = f"Stream{name}: {state}. {problem}".strip()
        facts = {**self._facts, "state": state, "problem": problem}
        return bundle_of(self._rows, {"table": self.id, "stream": facts}, about)


def batch_of(progress: Mapping[str, Any]) -> Batch | None:
    """Return what the page charts of a batch, from Spark's progress of a query; None = no batch has ended."""
    if "timestamp" not in progress:
        return None
    began = datetime.fromisoformat(str(progress["timestamp"]).replace("Z", "+00:00")).timestamp()
    rates = progress.get("inputRowsPerSecond"), progress.get("processedRowsPerSecond")
    return began, *rates, progress.get("durationMs", {}).get("triggerExecution")


def _current_cell() -> tuple[str, str]:
    """Return the ids of the cell that runs, "" if the front end does not send it, and of the request that runs it."""
    kernel = getattr(get_ipython(), "kernel", None)
    parent = (kernel.get_parent("shell") if kernel is not None else None) or {}
    return str(parent.get("metadata", {}).get("cellId", "")), str(parent.get("header", {}).get("msg_id", ""))


def _watch_cells() -> None:
    """Stop the streams of a cell that runs again, which removes their outputs."""
    shell = get_ipython()
    if shell is not None and _end_previous not in shell.events.callbacks["pre_run_cell"]:
        shell.events.register("pre_run_cell", _end_previous)


def _end_previous(_: Any) -> None:
    STREAMS.end_cell(*_current_cell())
