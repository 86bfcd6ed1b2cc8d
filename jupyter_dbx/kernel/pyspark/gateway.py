"""The kernel's Py4J gateway, with a guard around every command.

The guard tags each job with its cell, reports the end of the driver in one sentence, rejects objects of an ended driver (a new
driver would resolve their *numeric* ids to other objects), and closes a connection that was interrupted while it waited.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from py4j.protocol import ERROR_ON_RECEIVE, MEMORY_COMMAND_NAME, Py4JNetworkError, is_fatal_error

from jupyter_dbx.kernel.errors import DriverEnded
from jupyter_dbx.kernel.pyspark import paths
from jupyter_dbx.kernel.pyspark.surroundings import Surroundings
from jupyter_dbx.kernel.session.cells import NO_CELL, Cell, Cells
from jupyter_dbx.kernel.session.seat import Seat
from jupyter_dbx.kernel.workspace.folders import Folders
from jupyter_dbx.model.protocol import Welcome

#: How long to wait for the notice that the driver has ended after a command failed, s.
END_NOTICE_S = 3.0

#: Spark's local property that holds the description of a thread's jobs.
DESCRIPTION = "spark.job.description"


class Gateway:
    """One seat's connection to the driver's JVM.

    Attributes
    ----------
    py4j : the underlying py4j gateway (dynamic, hence Any)
    """

    def __init__(self, welcome: Welcome, seat: Seat, cells: Cells, folders: Folders) -> None:
        self._welcome, self._seat, self._cells, self._folders = welcome, seat, cells, folders
        self._cells_tag = welcome.cells_tag or welcome.tag
        self._threads = threading.local()
        self._jcontext: Any = None  # py4j objects have any attribute
        self._surroundings: Surroundings | None = None
        self._stopped = False
        #: numbers of the cells that used the driver, 0 = what belongs to no cell
        self._used_in: set[int] = set()
        self.py4j: Any = _connect(welcome)
        self.py4j._gateway_client.send_command = self._guarded
        # JavaObjects find it through their client when they are passed to another gateway (see hooks.py).
        self.py4j._gateway_client.dbx_gateway = self

    def adopt(self, jcontext: Any, jsession: Any) -> None:
        """Start to prepare the JVM's threads: tag their jobs with cells, and give them the notebook's surroundings.

        Parameters
        ----------
        jcontext, jsession : the SparkContext and the notebook's SparkSession in the JVM
        """
        self._jcontext = jcontext
        self._surroundings = Surroundings(self.py4j.jvm, jcontext, jsession)

    def shut(self) -> None:
        """Make every object of this gateway unusable; the driver has closed its end, or is about to."""
        self._stopped = True
        self.py4j.close(keep_callback_server=False, close_callback_server_connections=True)

    @property
    def cluster_id(self) -> str:
        """Return the id of the driver's cluster."""
        return self._welcome.cluster_id

    @property
    def job_tag(self) -> str:
        """Return the tag of all jobs of the notebook."""
        return self._welcome.tag

    @property
    def is_ended(self) -> bool:
        """Return whether objects of this gateway are no longer usable."""
        return self._stopped or self._seat.is_ended

    def ended(self) -> DriverEnded:
        """Return the error for using an object of this gateway after its end."""
        if self._stopped and not self._seat.reason:
            return DriverEnded("This object was created before `stop()`. Run its cell again.")
        if (number := self._cells.current.number) and number in self._used_in:
            reason = f" {self._seat.reason}" if self._seat.reason else ""
            return DriverEnded(
                f"The driver of cluster {self._welcome.cluster_name!r} ended while this cell ran.{reason} "
                "Python variables are kept, but DataFrames must be created again. The next cell gets a new session."
            )
        return DriverEnded("This object was created on a driver that has ended. Run its cell again.")

    def _guarded(self, command: str, retry: bool = True, binary: bool = False) -> Any:
        if self.is_ended:
            raise self.ended()
        # Py4J frees objects in whatever thread collects garbage: that is no use of Spark.
        if not command.startswith(MEMORY_COMMAND_NAME):
            self._prepare_thread()
        command = paths.in_command(command, self._folders)
        try:
            return self._send(command, binary)
        except (Py4JNetworkError, OSError) as error:
            if self._seat.wait_ended(END_NOTICE_S):
                raise self.ended() from None
            if not retry or getattr(error, "when", ERROR_ON_RECEIVE) == ERROR_ON_RECEIVE:
                raise
        return self._send(command, binary)

    def _send(self, command: str, binary: bool) -> Any:
        """Do what py4j's `send_command` does, but without its tracebacks and its JVM calls during an interrupt."""
        client = self.py4j._gateway_client
        connection = client._get_connection()
        try:
            answer = connection.send_command(command)
        except BaseException:
            # The answer may still arrive, and would be taken for the next command's: the connection is unusable.
            vars(client.thread_connection).pop("connection", None)
            connection.close(reset=True)
            # The next connection uses another JVM thread, which has neither tags nor surroundings.
            self._threads.cell, self._threads.surroundings = NO_CELL, None
            raise
        if binary:
            return answer, client._create_connection_guard(connection)
        if is_fatal_error(answer):
            connection.close(reset=False)
        else:
            client._give_back_connection(connection)
        return answer

    def _prepare_thread(self) -> None:
        """Prepare the JVM's thread that serves this one, for the next command."""
        connection, threads = self.py4j._gateway_client.get_thread_connection(), self._threads
        if connection is not None and not connection.initiated_from_client:
            return  # The JVM called Python, e.g. for `foreachBatch`: the thread belongs to the stream.
        if getattr(threads, "busy", False):
            return
        cell = self._cells.claim()
        self._used_in.add(cell.number)
        if self._surroundings is None:
            return
        threads.busy = True
        try:
            self._tag_thread(cell)
            self._surroundings.apply(threads)
        finally:
            threads.busy = False

    def _tag_thread(self, cell: Cell) -> None:
        """Tag this thread's jobs with the cell that it works for, and set the cell's title as their description."""
        threads, known = self._threads, getattr(self._threads, "cell", NO_CELL)
        if cell is known:
            return
        if known.number:
            self._jcontext.removeJobTag(f"{self._cells_tag}:{known.number}")
        if cell.number:
            self._jcontext.addJobTag(f"{self._cells_tag}:{cell.number}")
        # A description set by the user is kept.
        if self._jcontext.getLocalProperty(DESCRIPTION) in (None, getattr(threads, "title", None)):
            self._jcontext.setJobDescription(cell.title or None)
            threads.title = cell.title
        threads.cell = cell


def _connect(welcome: Welcome) -> Any:
    """Return a py4j gateway with PySpark's imports, as PySpark creates it for an existing JVM."""
    from pyspark.java_gateway import launch_gateway

    os.environ["PYSPARK_GATEWAY_PORT"] = str(welcome.gateway_port)
    os.environ["PYSPARK_GATEWAY_SECRET"] = welcome.gateway_secret
    try:
        return launch_gateway()
    finally:
        for name in ("PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET"):
            del os.environ[name]
