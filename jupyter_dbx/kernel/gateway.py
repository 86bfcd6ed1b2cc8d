"""The kernel's Py4J gateway, with a guard around every command.

The guard gives each job its cell's tag, turns the end of the driver into one sentence, keeps objects of an ended driver away
from a new one (their ids would resolve *by number* to wrong objects there), and drops a connection that was interrupted in the
middle of an answer.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

from py4j.protocol import ERROR_ON_RECEIVE, Py4JNetworkError, is_fatal_error

from jupyter_dbx.kernel.cell import Cell
from jupyter_dbx.kernel.errors import CellInterrupted, DriverEnded
from jupyter_dbx.kernel.seat import Grant, Seat

#: How long to wait for word of the driver's end after a command failed, s.
END_NOTICE_S = 3.0

#: Spark's local property that describes a thread's jobs.
DESCRIPTION = "spark.job.description"


class Gateway:
    """One seat's way into the driver's JVM.

    Attributes
    ----------
    py4j : py4j's own gateway (dynamic, hence Any)
    """

    def __init__(self, grant: Grant, seat: Seat, current_cell: Callable[[], Cell]) -> None:
        self._grant, self._seat, self._current_cell = grant, seat, current_cell
        self._threads = threading.local()
        self._interrupted = 0
        self._jcontext: Any = None  # py4j objects answer any name
        self._stopped = False
        #: the cell in which the end of the driver was noticed
        self._ended_in = 0
        self.py4j: Any = _connect(grant)
        self.py4j._gateway_client.send_command = self._guarded
        # Found by JavaObjects, through their client, when they are passed to another gateway (see hooks.py).
        self.py4j._gateway_client.dbx_gateway = self

    def tag_jobs(self, jcontext: Any) -> None:
        """Begin to tag jobs with their cells; `jcontext` is the SparkContext in the JVM."""
        self._jcontext = jcontext

    def interrupt(self) -> None:
        """Let no thread of the running cell start another job, but the main one, whose clean-up may need some."""
        self._interrupted = self._current_cell().number

    def shut(self) -> None:
        """Make every object of this gateway unusable; the driver has closed it or is about to."""
        self._stopped = True
        self.py4j.close(keep_callback_server=False, close_callback_server_connections=True)

    @property
    def cluster_id(self) -> str:
        """Return the id of the cluster whose driver this is."""
        return self._grant.cluster_id

    @property
    def is_ended(self) -> bool:
        """Return whether objects of this gateway cannot be used any more."""
        return self._stopped or self._seat.is_ended

    def ended(self) -> DriverEnded:
        """Return the error for using an object of this gateway after its end."""
        if self._ended_in and self._ended_in == self._current_cell().number:
            why = f" {self._seat.reason}" if self._seat.reason else ""
            return DriverEnded(
                f"The driver of cluster {self._grant.cluster_name!r} ended while this cell ran.{why} "
                "Python variables live on, DataFrames have to be made again; the next cell gets a new session by itself."
            )
        if self._stopped and not self._seat.reason:
            return DriverEnded("This was made before `stop()`; run its cell again.")
        return DriverEnded("This was made on a driver that has ended; run its cell again.")

    def _guarded(self, command: str, retry: bool = True, binary: bool = False) -> Any:
        if self.is_ended:
            raise self.ended()
        if self._jcontext is not None:
            self._tag_thread()
        try:
            return self._send(command, binary)
        except (Py4JNetworkError, OSError) as error:
            if self._seat.wait_ended(END_NOTICE_S):
                self._ended_in = self._current_cell().number
                raise self.ended() from None
            if not retry or getattr(error, "when", ERROR_ON_RECEIVE) == ERROR_ON_RECEIVE:
                raise
        return self._send(command, binary)

    def _send(self, command: str, binary: bool) -> Any:
        """Do what py4j's own `send_command` does, which logs tracebacks and talks to the JVM when it is interrupted."""
        client = self.py4j._gateway_client
        connection = client._get_connection()
        try:
            answer = connection.send_command(command)
        except BaseException:
            # The answer may still be on its way and would be taken for the next one's: so no more of this connection.
            vars(client.thread_connection).pop("connection", None)
            connection.close(reset=True)
            self._threads.cell = 0  # the next connection is another thread of the JVM, without tags
            raise
        if binary:
            return answer, client._create_connection_guard(connection)
        if is_fatal_error(answer):
            connection.close(reset=False)
        else:
            client._give_back_connection(connection)
        return answer

    def _tag_thread(self) -> None:
        """Give this thread's jobs the tag of the cell they belong to, and its title.

        The main thread and the workers of thread pools belong to the cell that runs; any other thread to the cell in which it
        first used Spark.
        """
        connection = self.py4j._gateway_client.get_thread_connection()
        if connection is not None and not connection.initiated_from_client:
            return  # The JVM called us, e.g. for `foreachBatch`: its thread is the stream's.
        cell, threads = self._current_cell(), self._threads
        known = getattr(threads, "cell", 0)
        if getattr(threads, "busy", False) or not cell.number or (known and not _follows_cells()):
            return
        if cell.number == self._interrupted and threading.current_thread() is not threading.main_thread():
            raise CellInterrupted("The cell was interrupted.")
        if cell.number == known:
            return
        threads.busy = True
        try:
            if known:
                self._jcontext.removeJobTag(f"{self._grant.tag}:{known}")
            self._jcontext.addJobTag(f"{self._grant.tag}:{cell.number}")
            # A description that the user gave is the user's.
            if self._jcontext.getLocalProperty(DESCRIPTION) in (None, getattr(threads, "title", None)):
                self._jcontext.setJobDescription(cell.title)
                threads.title = cell.title
            threads.cell = cell.number
        finally:
            threads.busy = False


def _follows_cells() -> bool:
    thread = threading.current_thread()
    target = getattr(thread, "_target", None)
    module = str(getattr(target, "__module__", ""))
    return thread is threading.main_thread() or module in (
        "concurrent.futures.thread",
        "multiprocessing.pool",
    )


def _connect(grant: Grant) -> Any:
    """Return a py4j gateway with PySpark's imports, as PySpark itself makes it for an existing JVM."""
    from pyspark.java_gateway import launch_gateway

    os.environ["PYSPARK_GATEWAY_PORT"] = str(grant.gateway_port)
    os.environ["PYSPARK_GATEWAY_SECRET"] = grant.gateway_secret
    try:
        return launch_gateway()
    finally:
        for name in ("PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET"):
            del os.environ[name]
