"""The daemon's process: its HTTP and websocket server on the node, and its life from launch to end."""

from __future__ import annotations

import asyncio
import json
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
from jupyter_dbx.driver.context import DriverConfig, DriverContext, StartFailed
from jupyter_dbx.driver.sessions import Session, Sessions, is_same_process
from jupyter_dbx.model.driver import PROTOCOL, DriverStatus
from jupyter_dbx.spark.java import spark_version

#: How often the daemon looks at its JVM, its kernels and what runs, s.
LOOK_EVERY_S = 1.0

#: How long the JVM may take to end politely, s.
STOP_TIMEOUT_S = 3.0

_log = logging.getLogger(__name__)


class Connection(Protocol):
    """A kernel's connection to its seat."""

    session: Session | None

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close it, and let the kernel know why."""

    async def leave(self) -> None:
        """Take the seat back, once."""


class DriverDaemon:
    """One driver: starts, serves, and ends."""

    def __init__(self, config: DriverConfig, folder: Path) -> None:
        self.config, self.folder = config, folder
        self.context = DriverContext(config, folder)
        self.sessions = Sessions(self.context)
        self.activity = Activity(self.context, self.sessions, config.hung_after_s)
        #: True once kernels may come
        self.ready = False
        self.connections: set[Connection] = set()
        self._incarnation = f"{os.getpid()}-{int(time.time() * 1000)}"
        self._leaving: set[asyncio.Task[None]] = set()
        self._start_ms = 0
        self._limit_s = 60.0 * config.autotermination_minutes
        self._touched_ms = 0
        self._stopping = asyncio.Event()
        self._why = "The cluster's driver was stopped."

    async def run(self, application: Application) -> int:
        """Serve these routes until told to stop or until the JVM ends; return the exit code."""
        self.context.launch()
        self._serve(application)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stopping.set)
        starting = asyncio.create_task(self._start())
        code = 0
        try:
            while not self._stopping.is_set():
                code = await self._look(starting)
                if code:
                    break
                try:
                    await asyncio.wait_for(self._stopping.wait(), LOOK_EVERY_S)
                except TimeoutError:
                    continue
        finally:
            for connection in self.connections.copy():
                connection.close(1001, self._why)
            starting.cancel()
            self.activity.stop()
            await asyncio.to_thread(self.context.stop, STOP_TIMEOUT_S)
        return code

    def status(self) -> DriverStatus:
        """Return what this driver says of itself; of Spark, what was last seen."""
        seen, idle_s = self.activity.snapshot, self.activity.idle_s
        return DriverStatus(
            protocol=PROTOCOL,
            cluster_id=self.config.cluster_id,
            generation=self.config.generation,
            ready=self.ready,
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
            seats=tuple(s.public() for s in self.sessions.all()),
            load=seen.load,
        )

    def touch(self, at_ms: int, age_s: float) -> None:
        """Begin to count idle time anew from `age_s` ago; `at_ms` is the same instant as the teller counts."""
        self._touched_ms = at_ms
        self.activity.touch(age_s)

    def take_back(self, connection: Connection) -> None:
        """Take a seat back, without waiting for it."""
        task = asyncio.create_task(connection.leave())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _serve(self, application: Application) -> None:
        sockets = bind_sockets(0, "127.0.0.1")
        HTTPServer(application).add_sockets(sockets)
        url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        _write_json(self.folder / "announce.json", {"url": url, "protocol": PROTOCOL})

    async def _start(self) -> None:
        await asyncio.to_thread(self.context.connect)
        await asyncio.to_thread(self.context.start_master)
        await asyncio.to_thread(self.context.start_spark)
        self._start_ms = int(time.time() * 1000)
        self.activity.watch()
        self.ready = True
        _log.info("driver of cluster %s is ready", self.config.cluster_id)

    async def _look(self, starting: asyncio.Task[None]) -> int:
        """Look once at everything this daemon depends on; return an exit code other than 0 to end it."""
        if starting.done() and (failure := starting.exception()) is not None:
            if not isinstance(failure, StartFailed):
                _log.error("the driver did not start", exc_info=failure)
            self._end("SPARK_STARTUP_FAILURE", str(failure))
            return 1
        code = self.context.exit_code()
        if code is not None and self.ready:
            # No note is left: the controller takes an end without one for a crash, and heals it.
            _log.error("the driver's Java process ended with exit code %s", code)
            self._why = f"The driver's Java process ended with exit code {code}."
            return 1
        if self.activity.is_hung():
            _log.error("the driver's Java process neither answers nor uses the CPU, and is ended")
            self.context.kill()
            self._why = "The driver's Java process did not answer any more."
            return 1
        if not self.ready:
            return 0
        for connection in self.connections.copy():
            session = connection.session
            if session and not is_same_process(session.pid, session.start_ticks):
                # Not waited for, because a JVM that hangs would stop this look too.
                connection.close(1001, "The kernel's process is gone.")
                self.take_back(connection)
        limit = self.config.autotermination_minutes
        if limit and self.activity.idle_s > self._limit_s:
            self._end("INACTIVITY", f"Nothing ran for {limit} minutes.")
            self._why = f"The cluster ended because nothing ran for {limit} minutes."
            self._stopping.set()
        return 0

    def _end(self, reason: str, message: str) -> None:
        note = {"reason": reason, "message": message, "at": int(time.time() * 1000)}
        _write_json(self.folder / "ended.json", note)


def _write_json(path: Path, value: object) -> None:
    """Write a file that a reader sees whole or not at all."""
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(value))
    draft.rename(path)
