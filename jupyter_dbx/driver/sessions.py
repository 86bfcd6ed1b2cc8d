"""Seats: what every attached kernel gets on the driver, and how all of it is taken back.

The daemon makes a kernel's session and, on a thread of its own, sets the scheduler pool, the job tag and that session as
the active one; then it starts the kernel's Py4J server *from that thread*, because every thread the server makes for the
kernel inherits all three.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from py4j.protocol import Py4JError

from jupyter_dbx.driver.context import DriverContext, scala_items
from jupyter_dbx.driver.scala import forget_cell_classes
from jupyter_dbx.model.driver import KERNEL_CONF, Seat

R = TypeVar("R")
_log = logging.getLogger(__name__)

#: How often the jobs of a kernel that left are cancelled, count, and how long after each other, s: a query that was being
#: planned, or that adapts between its stages, submits more of them.
CANCEL_TIMES, CANCEL_EVERY_S = 3, 0.3


@dataclass
class Session:
    """One kernel's seat, with what is needed to end it."""

    kernel_id: str
    pid: int
    #: of the kernel's process, to tell it from a later one of the same pid
    start_ticks: int
    notebook: str
    #: "notebook-1", …: pools are never removed from Spark, so their names are slots that are used again
    pool: str
    since_ms: int
    gateway_port: int
    gateway_secret: str
    jsession: Any  # py4j objects answer any name
    server: Any
    #: number of the cell that runs, 0 = none
    cell: int = 0
    temp_dir: str = ""
    cached_rdds: set[int] = field(default_factory=set)

    @property
    def tag(self) -> str:
        """Return the job tag that every job of this kernel carries; a cell's own is `{tag}:{cell}`."""
        return job_tag(self.kernel_id)

    def public(self) -> Seat:
        """Return what others may know of this seat."""
        return Seat(self.kernel_id, self.pid, self.notebook, self.since_ms, busy=self.cell != 0)


class Sessions:
    """All seats of one driver. Methods block and may be called from any thread."""

    def __init__(self, context: DriverContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._seats: dict[str, Session] = {}
        self._kernel_locks: dict[str, threading.Lock] = {}

    def all(self) -> list[Session]:
        """Return the seats that are taken now."""
        return list(self._seats.values())

    def attach(self, kernel_id: str, *, pid: int, start_ticks: int, notebook: str) -> Session:
        """Give a kernel a seat; an earlier seat of the same kernel is taken back first."""
        with self._kernel_lock(kernel_id):
            old = self._seats.get(kernel_id)
            if old is not None:
                self._detach(old)
            return self._attach(kernel_id, pid, start_ticks, notebook)

    def _kernel_lock(self, kernel_id: str) -> threading.Lock:
        """Return what one kernel's comings and goings hold: what a detach undoes must not be its next seat's."""
        with self._lock:
            return self._kernel_locks.setdefault(kernel_id, threading.Lock())

    def _attach(self, kernel_id: str, pid: int, start_ticks: int, notebook: str) -> Session:
        with self._lock:
            taken = {s.pool for s in self._seats.values()}
            pool = next(name for n in range(1, len(taken) + 2) if (name := f"notebook-{n}") not in taken)
            session = _on_own_thread(lambda: self._open(kernel_id, pid, start_ticks, notebook, pool))
            self._seats[kernel_id] = session
        self._context.keep_root_default()
        return session

    def _open(self, kernel_id: str, pid: int, start_ticks: int, notebook: str, pool: str) -> Session:
        jvm, context, tag = self._context.jvm, self._context.jsc.sc(), job_tag(kernel_id)
        jsession = self._context.root.newSession()
        jsession.conf().set(KERNEL_CONF, kernel_id)
        self._context.use_cell_classes()
        context.setLocalProperty("spark.scheduler.pool", pool)
        context.addJobTag(tag)
        jvm.org.apache.spark.sql.classic.SparkSession.setActiveSession(jsession)
        # Only now: its thread is made in its constructor, and inherits what is set by then.
        server = jvm.org.apache.spark.api.python.Py4JServer(context.conf())
        server.start()
        return Session(
            kernel_id=kernel_id,
            pid=pid,
            start_ticks=start_ticks,
            notebook=notebook,
            pool=pool,
            since_ms=int(time.time() * 1000),
            gateway_port=server.getListeningPort(),
            gateway_secret=server.secret(),
            jsession=jsession,
            server=server,
        )

    def detach(self, session: Session) -> None:
        """Take a seat back: gateway, jobs, streams, caches, Scala's classes, temporary files, Python workers."""
        with self._kernel_lock(session.kernel_id):
            if self._seats.get(session.kernel_id) is session:
                self._detach(session)

    def _detach(self, session: Session) -> None:
        del self._seats[session.kernel_id]
        _log.info("kernel %s left", session.kernel_id, extra={"action": "detach"})
        # Streams before jobs: a stream whose job is cancelled would report a failure first.
        for step in (
            session.server.shutdown,
            lambda: self._stop_streams(session),
            lambda: self._cancel_jobs(session),
            lambda: self._uncache(session),
            lambda: forget_cell_classes(self._context.jvm, self._context.cell_classes, session.kernel_id),
            self._context.keep_root_default,
        ):
            try:
                step()
            except Py4JError as error:
                _log.warning("detach of kernel %s: %s", session.kernel_id, error, extra={"action": "detach"})
        if session.temp_dir:
            shutil.rmtree(session.temp_dir, ignore_errors=True)
        _end_python_workers(session.kernel_id)

    def cancel_cell(self, session: Session, cell: int) -> None:
        """Cancel the jobs of one cell, and no others."""
        self._context.jsc.sc().cancelJobsWithTag(f"{session.tag}:{cell}")

    def _cancel_jobs(self, session: Session) -> None:
        for _ in range(CANCEL_TIMES):
            self._context.jsc.sc().cancelJobsWithTag(session.tag)
            time.sleep(CANCEL_EVERY_S)

    def _stop_streams(self, session: Session) -> None:
        # Of all sessions: a notebook may have made more of them (`spark.newSession()`), marked as its own.
        for query in list(self._context.root.sharedState().activeStreamingQueries().values()):
            if query.sparkSession().conf().get(KERNEL_CONF, "") == session.kernel_id:
                query.stop()

    def _uncache(self, session: Session) -> None:
        context = self._context.jsc.sc()
        for rdd_id in session.cached_rdds:
            context.unpersistRDD(rdd_id, False)
        # The cache is shared by all sessions and has no public list. Each entry's plan knows its session, or a clone of it
        # with the same conf.
        manager = self._context.root.sharedState().cacheManager()
        cached = manager.getClass().getDeclaredField("cachedData")
        cached.setAccessible(True)
        for entry in scala_items(cached.get(manager)):
            builder = entry.cachedRepresentation().cacheBuilder()
            if builder.cachedPlan().session().conf().get(KERNEL_CONF, "") == session.kernel_id:
                manager.uncacheQuery(session.jsession, entry.plan(), False, False)


def job_tag(kernel_id: str) -> str:
    """Return the tag of a kernel's jobs."""
    return f"dbx-{kernel_id}"


def _on_own_thread(work: Callable[[], R]) -> R:
    """Run `work` on a new thread, so that what it sets for its thread in the JVM stays with it; return its result."""
    result: list[R] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(work())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return result[0]


def is_same_process(pid: int, start_ticks: int) -> bool:
    """Return whether the process of this pid is alive and began at these clock ticks after boot; a zombie is dead."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] not in "ZX" and int(fields[19]) == start_ticks


def _end_python_workers(kernel_id: str) -> None:
    """End the Python workers of a seat: executors keep them for reuse, and nobody will come back for these."""
    mark = f"DBX_SEAT={kernel_id}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid != os.getuid() or mark not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            # The kernel itself has no such variable, only the workers whose environment it asked for.
            os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            continue
