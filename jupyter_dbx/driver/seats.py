"""Seats: the resources of each attached kernel on the driver, and how they are released.

The daemon creates a kernel's SparkSession and, on a new thread, sets the scheduler pool, the job tag and the active session.
Then it starts the kernel's Py4J server *from that thread*, because every thread that the server creates for the kernel
inherits all three.
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

from jupyter_dbx.driver.catalogs import add_alias
from jupyter_dbx.driver.context import DriverContext, scala_items
from jupyter_dbx.driver.scala import forget_cell_classes
from jupyter_dbx.model.driver import SeatStatus
from jupyter_dbx.model.kernel_contact import job_tag
from jupyter_dbx.model.protocol import KERNEL_CONF, NOTEBOOK_PROPERTY, SEAT_VARIABLE, Hello

R = TypeVar("R")
_log = logging.getLogger(__name__)

#: How often the jobs of a detached kernel are cancelled, count, and the interval, s: a query that is being planned, or that
#: adapts between its stages, may submit more jobs.
CANCEL_TIMES, CANCEL_EVERY_S = 3, 0.3


@dataclass
class Seat:
    """One kernel's seat, with the state needed to release it."""

    kernel_id: str
    pid: int
    #: start of the kernel's process in clock ticks after boot, which distinguishes it from a later one with the same pid
    start_ticks: int
    notebook: str
    #: "notebook-1", …: Spark never removes pools, so their names are reused
    pool: str
    since_ms: int
    gateway_port: int
    gateway_secret: str
    jsession: Any  # py4j objects answer any name
    server: Any
    #: the kernel's start, or "" if it is unknown
    start: str = ""
    #: numbers of the running cells, and of the last one that began
    cells: frozenset[int] = frozenset()
    newest_cell: int = 0
    #: whether jobs ran at the last poll, be they of a cell or not
    has_jobs: bool = False
    temp_dir: str = ""
    cached_rdds: set[int] = field(default_factory=set)

    @property
    def tag(self) -> str:
        """Return the job tag that every job of this kernel carries."""
        return job_tag(self.kernel_id)

    @property
    def cells_tag(self) -> str:
        """Return the first part of the job tags of cells: Spark keeps the jobs of a kernel's earlier starts."""
        return f"{self.tag}:{self.start}" if self.start else self.tag

    def cell_tag(self, cell: int) -> str:
        """Return the job tag of a cell's jobs."""
        return f"{self.cells_tag}:{cell}"

    def status(self) -> SeatStatus:
        """Return the public status of this seat."""
        return SeatStatus(
            self.kernel_id, self.pid, self.notebook, self.since_ms, busy=bool(self.cells) or self.has_jobs
        )


class Seats:
    """All seats of one driver. Methods block and may be called from any thread."""

    def __init__(self, context: DriverContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._seats: dict[str, Seat] = {}
        self._kernel_locks: dict[str, threading.Lock] = {}
        #: kernel id → its notebook, also after it released its seat: its jobs remain known
        self._notebooks: dict[str, str] = {}

    def all(self) -> list[Seat]:
        """Return all current seats."""
        return list(self._seats.values())

    def notebook_of(self, kernel_id: str) -> str:
        """Return the path of the notebook of a kernel that has or had a seat, else ""."""
        return self._notebooks.get(kernel_id, "")

    def assign(self, kernel_id: str, hello: Hello) -> Seat:
        """Assign a kernel a seat; an earlier seat of the same kernel is released first."""
        with self._kernel_lock(kernel_id):
            old = self._seats.get(kernel_id)
            if old is not None:
                self._release(old)
            return self._assign(kernel_id, hello)

    def _kernel_lock(self, kernel_id: str) -> threading.Lock:
        """Return the lock that serializes the attaching and detaching of one kernel: a release must not affect its next seat."""
        with self._lock:
            return self._kernel_locks.setdefault(kernel_id, threading.Lock())

    def _assign(self, kernel_id: str, hello: Hello) -> Seat:
        with self._lock:
            taken = {seat.pool for seat in self._seats.values()}
            pool = next(name for n in range(1, len(taken) + 2) if (name := f"notebook-{n}") not in taken)
            seat = _on_own_thread(lambda: self._open(kernel_id, hello, pool))
            self._seats[kernel_id] = seat
            self._notebooks[kernel_id] = hello.notebook
        self._context.keep_root_default()
        return seat

    def _open(self, kernel_id: str, hello: Hello, pool: str) -> Seat:
        jvm, context, tag = self._context.jvm, self._context.jsc.sc(), job_tag(kernel_id)
        jsession = self._context.root.newSession()
        jsession.conf().set(KERNEL_CONF, kernel_id)
        add_alias(jsession)
        self._context.use_cell_classes()
        context.setLocalProperty("spark.scheduler.pool", pool)
        context.setLocalProperty(NOTEBOOK_PROPERTY, hello.notebook)
        context.addJobTag(tag)
        jvm.org.apache.spark.sql.classic.SparkSession.setActiveSession(jsession)
        self._context.protect_context()
        # Last, because its constructor creates the thread, which inherits the settings above.
        server = jvm.org.apache.spark.api.python.Py4JServer(context.conf())
        server.start()
        return Seat(
            kernel_id=kernel_id,
            pid=hello.pid,
            start_ticks=hello.start_ticks,
            notebook=hello.notebook,
            pool=pool,
            since_ms=int(time.time() * 1000),
            gateway_port=server.getListeningPort(),
            gateway_secret=server.secret(),
            jsession=jsession,
            server=server,
            start=hello.start,
        )

    def release(self, seat: Seat) -> None:
        """Release a seat: gateway, jobs, streams, caches, Scala's classes, temporary files, Python workers."""
        with self._kernel_lock(seat.kernel_id):
            if self._seats.get(seat.kernel_id) is seat:
                self._release(seat)

    def _release(self, seat: Seat) -> None:
        del self._seats[seat.kernel_id]
        _log.info("kernel %s detached", seat.kernel_id, extra={"action": "detach"})
        # Streams before jobs: a stream whose job is cancelled would report a failure first.
        for step in (
            seat.server.shutdown,
            lambda: self._stop_streams(seat),
            lambda: self._stop_dstreams(seat),
            lambda: self._cancel_jobs(seat),
            lambda: self._uncache(seat),
            lambda: self._remove_files(seat),
            lambda: forget_cell_classes(self._context.jvm, self._context.cell_classes, seat.kernel_id),
            self._context.keep_root_default,
        ):
            try:
                step()
            except Py4JError as error:
                _log.warning(
                    "releasing the seat of kernel %s: %s",
                    seat.kernel_id,
                    error,
                    extra={"action": "detach"},
                )
        if seat.temp_dir:
            shutil.rmtree(seat.temp_dir, ignore_errors=True)
        _end_python_workers(seat.kernel_id)

    def cancel_cell(self, seat: Seat, cell: int) -> None:
        """Cancel the jobs of one cell, and no others."""
        self._context.jsc.sc().cancelJobsWithTag(seat.cell_tag(cell))

    def cancel_background(self, seat: Seat, newest_cell: int) -> None:
        """Cancel the kernel's jobs that belong to no running cell, e.g. those of threads that go on after their cell.

        Jobs of cells after `newest_cell` are spared: the notice that such a cell runs may arrive after its jobs have begun.
        """
        prefix = f"{seat.cells_tag}:"
        for job in self._context.active_jobs(seat.tag):
            cells = {int(t.removeprefix(prefix)) for t in self._context.tags_of(job) if t.startswith(prefix)}
            if not cells & seat.cells and all(cell <= newest_cell for cell in cells):
                self._context.jsc.sc().cancelJob(job)

    def cancel_late(self, seat: Seat, cell: int) -> None:
        """Cancel what a cell that has ended still runs, except streaming queries."""
        if cell not in seat.cells:
            for job in self._context.active_jobs(seat.cell_tag(cell)):
                self._context.jsc.sc().cancelJob(job)

    def _cancel_jobs(self, seat: Seat) -> None:
        for _ in range(CANCEL_TIMES):
            self._context.jsc.sc().cancelJobsWithTag(seat.tag)
            time.sleep(CANCEL_EVERY_S)

    def _stop_streams(self, seat: Seat) -> None:
        # In all sessions: a notebook may have created more with `spark.newSession()`, which carry its id too.
        for query in list(self._context.root.sharedState().activeStreamingQueries().values()):
            if query.sparkSession().conf().get(KERNEL_CONF, "") == seat.kernel_id:
                query.stop()

    def _stop_dstreams(self, seat: Seat) -> None:
        running = self._context.jvm.org.apache.spark.streaming.StreamingContext.getActive()
        if running.isDefined() and properties_of(running.get()).getProperty("spark.scheduler.pool") == seat.pool:
            running.get().stop(False, False)

    def _remove_files(self, seat: Seat) -> None:
        """Remove the files that the kernel has added, and the driver's copies of them."""
        seat.jsession.artifactManager().close()
        copies = (
            Path(str(self._context.jvm.org.apache.spark.SparkFiles.getRootDirectory())) / seat.jsession.sessionUUID()
        )
        shutil.rmtree(copies, ignore_errors=True)

    def _uncache(self, seat: Seat) -> None:
        context = self._context.jsc.sc()
        for rdd_id in seat.cached_rdds:
            context.unpersistRDD(rdd_id, False)
        # All sessions share the cache, which has no public listing. Each entry's plan references its session, or a clone of
        # it with the same conf.
        manager = self._context.root.sharedState().cacheManager()
        cached = manager.getClass().getDeclaredField("cachedData")
        cached.setAccessible(True)
        for entry in scala_items(cached.get(manager)):
            builder = entry.cachedRepresentation().cacheBuilder()
            if builder.cachedPlan().session().conf().get(KERNEL_CONF, "") == seat.kernel_id:
                manager.uncacheQuery(seat.jsession, entry.plan(), False, False)


def properties_of(streaming: Any) -> Any:
    """Return the local properties of the thread that started a StreamingContext."""
    field = streaming.getClass().getDeclaredField("savedProperties")
    field.setAccessible(True)
    return field.get(streaming).get()


def _on_own_thread(work: Callable[[], R]) -> R:
    """Run `work` on a new thread, so that its thread-local settings in the JVM stay there; return its result."""
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
    """Return whether the process of this pid is alive and began at these clock ticks after boot; a zombie counts as dead.

    Of another OS user's process that `/proc` hides (`hidepid`), only the pid is known.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return _is_of_another_user(pid)
    return fields[0] not in "ZX" and int(fields[19]) == start_ticks


def _is_of_another_user(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _end_python_workers(kernel_id: str) -> None:
    """Kill the Python workers of a seat: executors keep them for reuse, but no other seat can use them."""
    mark = f"{SEAT_VARIABLE}={kernel_id}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid != os.getuid() or mark not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            # Only the kernel's workers have this variable, not the kernel itself.
            os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            continue
