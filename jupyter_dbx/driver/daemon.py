"""The daemon's process: its HTTP and websocket server on the node, and its lifecycle."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import Protocol

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from jupyter_dbx.driver.activity import Activity
from jupyter_dbx.driver.context import DriverContext, StartFailed
from jupyter_dbx.driver.progress import JobReader
from jupyter_dbx.driver.recent import NotebookJobs
from jupyter_dbx.driver.seats import Seat, Seats, is_same_process
from jupyter_dbx.driver.warming import Warming
from jupyter_dbx.model.codec import encode
from jupyter_dbx.model.driver import DriverStatus
from jupyter_dbx.model.protocol import PROTOCOL, Announcement, DriverConfig, EndedNote, ExecutorTasks, TouchNotice
from jupyter_dbx.spark.java import spark_version

#: How often the daemon checks its JVM, its kernels and the idle time, s.
CHECK_EVERY_S = 1.0

#: Maximum size of a message of a kernel or of the server, bytes; the largest has a cell's first line and a few numbers.
MAX_MESSAGE = 2**20

#: How long the JVM may take to exit before it is killed, s.
STOP_TIMEOUT_S = 3.0

_log = logging.getLogger(__name__)


class Connection(Protocol):
    """A kernel's connection to its seat."""

    #: None = not yet assigned, or released
    seat: Seat | None

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close it, and send the kernel the reason."""

    async def dismiss(self, timeout_s: float) -> None:
        """Let the kernel release the seat, and wait a moment for it."""

    async def release_seat(self) -> None:
        """Release the seat, once."""


class DriverDaemon:
    """The driver daemon of one cluster."""

    def __init__(self, config: DriverConfig, folder: Path) -> None:
        self.config, self.folder = config, folder
        self.context = DriverContext(config, folder)
        self.seats = Seats(self.context)
        self.activity = Activity(self.context, self.seats, config.hung_after_s)
        self.jobs = NotebookJobs(self.context, self.seats, JobReader(self.context, self.cores))
        self.warming = Warming(
            self.context,
            has_executors=lambda: bool(self.activity.snapshot.executors),
            is_over=lambda: bool(self.seats.all()) or self._stopping.is_set(),
        )
        #: True once kernels can attach
        self.ready = False
        self.connections: set[Connection] = set()
        self._incarnation = f"{os.getpid()}-{int(time.time() * 1000)}"
        self._releasing: set[asyncio.Task[None]] = set()
        self._start_ms = 0
        self._limit_s = 60.0 * config.autotermination_minutes
        self._touched_ms = 0
        self._stopping = asyncio.Event()
        self._close_reason = "The cluster's driver was stopped."

    async def run(self, application: Application) -> int:
        """Serve these routes until a stop signal or the exit of the JVM; return the exit code."""
        self.context.launch()
        self._serve(application)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stopping.set)
        starting = asyncio.create_task(self._start())
        code = 0
        try:
            while not self._stopping.is_set():
                code = await self._check(starting)
                if code:
                    break
                try:
                    await asyncio.wait_for(self._stopping.wait(), CHECK_EVERY_S)
                except TimeoutError:
                    continue
        finally:
            for connection in self.connections.copy():
                connection.close(1001, self._close_reason)
            starting.cancel()
            self.activity.stop()
            await asyncio.to_thread(self.context.stop, STOP_TIMEOUT_S)
        return code

    def status(self) -> DriverStatus:
        """Return the driver's status; the state of Spark is that of the last poll."""
        seen, idle_s = self.activity.snapshot, self.activity.idle_s
        return DriverStatus(
            protocol=PROTOCOL,
            cluster_id=self.config.cluster_id,
            generation=self.config.generation,
            ready=self.ready,
            proven=self.warming.proven,
            incarnation=self._incarnation,
            master_url=self.context.master_url,
            application_id=self.context.application_id,
            ui_url=self.context.ui_url,
            master_ui_url=self.context.master_ui_url,
            spark_version=spark_version(),
            python_version=f"{sys.version_info.major}.{sys.version_info.minor}",
            start_ms=self._start_ms,
            jvm_pid=self.context.jvm_pid,
            idle_s=round(idle_s, 1),
            ends_in_s=round(self._limit_s - idle_s, 1) if self._limit_s else None,
            touched_ms=self._touched_ms,
            executors=seen.executors,
            seats=tuple(seat.status() for seat in self.seats.all()),
            load=seen.load,
        )

    def tasks(self) -> ExecutorTasks:
        """Return the tasks of each executor at the last poll."""
        seen = self.activity.snapshot
        return ExecutorTasks(int(time.time() * 1000), seen.load, seen.tasks)

    def cores(self) -> int:
        """Return how many cores the cluster has; 0 = unknown."""
        return self.activity.snapshot.load.total_cores

    def touch(self, notice: TouchNotice) -> None:
        """Restart the idle time from when the cluster was used."""
        self._touched_ms = notice.at_ms
        self.activity.touch(notice.age_s)

    async def dismiss(self, kernel_id: str, timeout_s: float) -> bool:
        """Let a kernel release its seat, once no cell of it is running; return whether it had one."""
        found = [c for c in self.connections if c.seat is not None and c.seat.kernel_id == kernel_id]
        await asyncio.gather(*(connection.dismiss(timeout_s) for connection in found))
        return bool(found)

    def release_later(self, connection: Connection) -> None:
        """Release a seat in the background."""
        task = asyncio.create_task(connection.release_seat())
        self._releasing.add(task)
        task.add_done_callback(self._releasing.discard)

    def _serve(self, application: Application) -> None:
        sockets = bind_sockets(0, "127.0.0.1")
        HTTPServer(application, max_body_size=MAX_MESSAGE).add_sockets(sockets)
        url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        _write_note(self.folder / Announcement.FILE, Announcement(url))

    async def _start(self) -> None:
        await asyncio.to_thread(self.context.connect)
        await asyncio.to_thread(self.context.start_master)
        await asyncio.to_thread(self.context.start_spark)
        self._start_ms = int(time.time() * 1000)
        self.activity.watch()
        self.ready = True
        self.warming.start()
        _log.info("driver of cluster %s is ready", self.config.cluster_id)

    async def _check(self, starting: asyncio.Task[None]) -> int:
        """Check everything this daemon depends on; return a nonzero exit code to end it."""
        if starting.done() and (failure := starting.exception()) is not None:
            if not isinstance(failure, StartFailed):
                _log.error("the driver did not start", exc_info=failure)
            self._end("SPARK_STARTUP_FAILURE", str(failure))
            return 1
        if self.warming.failure:
            self._end("SPARK_STARTUP_FAILURE", self.warming.failure)
            return 1
        code = self.context.exit_code()
        if code is not None and self.ready:
            # Write no note: the controller treats an exit without one as a crash and restarts the driver.
            _log.error("the driver's Java process exited with code %s", code)
            self._close_reason = f"The driver's Java process exited with code {code}."
            return 1
        if self.activity.is_hung():
            _log.error("the driver's Java process neither responds nor uses the CPU, and is killed")
            self.context.kill()
            self._close_reason = "The driver's Java process stopped responding."
            return 1
        if self.activity.snapshot.stopped:
            _log.error("the SparkContext was stopped; the driver's Java process is killed")
            self.context.kill()
            self._close_reason = "The cluster's SparkContext was stopped."
            return 1
        if not self.ready:
            return 0
        for connection in self.connections.copy():
            seat = connection.seat
            if seat and not is_same_process(seat.pid, seat.start_ticks):
                # In the background, because a hung JVM would block this check too.
                connection.close(1001, "The kernel's process is gone.")
                self.release_later(connection)
        limit = self.config.autotermination_minutes
        if limit and self.activity.idle_s > self._limit_s:
            self._end("INACTIVITY", f"The cluster was inactive for {limit} minutes.")
            self._close_reason = f"The cluster terminated after {limit} minutes of inactivity."
            self._stopping.set()
        return 0

    def _end(self, reason: str, message: str) -> None:
        _write_note(self.folder / EndedNote.FILE, EndedNote(reason, message, at=int(time.time() * 1000)))


def _write_note(path: Path, note: Announcement | EndedNote) -> None:
    """Write a file atomically."""
    draft = path.with_suffix(".tmp")
    draft.write_text(encode(note))
    draft.rename(path)
