"""The daemon's routes: status, jobs, notices, and the websocket that represents a kernel's seat."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import sys
from collections.abc import Collection, Coroutine
from typing import Any, assert_never

from py4j.protocol import Py4JError
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from jupyter_dbx.driver.daemon import MAX_MESSAGE, DriverDaemon
from jupyter_dbx.driver.progress import CellJobs
from jupyter_dbx.driver.seats import Seat
from jupyter_dbx.model.codec import ProtocolError, decode, decode_message, encode, encode_message
from jupyter_dbx.model.derived_secrets import seat_ticket
from jupyter_dbx.model.protocol import (
    DRIVER_NOTICES,
    KERNEL_MESSAGES,
    PROTOCOL,
    Bound,
    CachedRdd,
    DecommissionNotice,
    DetachNotice,
    DriverMessage,
    Hello,
    Interrupt,
    Leave,
    Progress,
    Refused,
    RunningCell,
    SeatMessage,
    TouchNotice,
    Welcome,
)
from jupyter_dbx.spark.java import spark_version

#: How often the jobs of an interrupted cell are cancelled, count, and the interval, s.
CANCEL_TIMES, CANCEL_EVERY_S = 5, 0.2

#: How often they are cancelled after that, once the cell has ended: a query that was being planned submits its jobs late.
LATE_CANCEL_TIMES, LATE_CANCEL_EVERY_S = 60, 1.0

#: How long a kernel has to release its seat before a notice to do so is answered, s: it may be running a cell.
LEAVE_S = 1.0

#: How often a kernel receives the progress of its cell's jobs, s.
PROGRESS_EVERY_S = 0.5


def _require(handler: RequestHandler, token: str) -> None:
    sent = handler.request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(sent.encode(), token.encode()):
        raise HTTPError(403)


class _Handler(RequestHandler):
    @property
    def daemon(self) -> DriverDaemon:
        daemon: DriverDaemon = self.application.settings["daemon"]
        return daemon

    def prepare(self) -> None:
        _require(self, self.daemon.config.token)


class StatusHandler(_Handler):
    """`GET /status`: returns the DriverStatus."""

    async def get(self) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(encode(self.daemon.status()))


class JobsHandler(_Handler):
    """`GET /jobs?since=MS`: returns the RecentJobs."""

    async def get(self) -> None:
        if not self.daemon.ready:
            raise HTTPError(503)
        since_ms = int(self.get_query_argument("since", "0"))
        self.set_header("Content-Type", "application/json")
        self.finish(encode(await asyncio.to_thread(self.daemon.jobs.since, since_ms)))


class ExecutorsHandler(_Handler):
    """`GET /executors`: returns the ExecutorTasks."""

    async def get(self) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(encode(self.daemon.tasks()))


class NoticeHandler(_Handler):
    """`POST /OP`: receives a notice from the server."""

    async def post(self, op: str) -> None:
        """Handle a DriverNotice."""
        try:
            notice = decode(DRIVER_NOTICES[op], self.request.body)
        except ProtocolError as error:
            raise HTTPError(400, str(error)) from None
        match notice:
            case TouchNotice():
                self.daemon.touch(notice)
            case DecommissionNotice(node_ids):
                await asyncio.to_thread(self.daemon.context.decommission, node_ids)
            case DetachNotice(kernel_id):
                if not await self.daemon.dismiss(kernel_id, LEAVE_S):
                    raise HTTPError(404, f"Kernel {kernel_id} has no seat.")
            case _:
                assert_never(notice)


class SeatSocket(WebSocketHandler):
    """`/seats/KERNEL_ID`: a kernel gets a seat by connecting, and releases it by closing the connection or dying."""

    seat: Seat | None = None
    _kernel_id = ""

    @property
    def daemon(self) -> DriverDaemon:
        """Return the daemon this socket belongs to."""
        daemon: DriverDaemon = self.application.settings["daemon"]
        return daemon

    def prepare(self) -> None:
        """Admit only the kernel of this path."""
        _require(self, seat_ticket(self.daemon.config.token, self.path_args[0]))

    def check_origin(self, origin: str) -> bool:
        """Reject browsers, the only clients that send an origin."""
        return False

    def open(self, *args: str, **kwargs: str) -> None:
        """Register the connection; the seat is assigned at `Hello`."""
        self._kernel_id = args[0]
        self._tasks: set[asyncio.Task[None]] = set()
        #: numbers of the cells whose progress is reported
        self._reported: set[int] = set()
        self._closed = asyncio.Event()
        self.daemon.connections.add(self)

    async def on_message(self, message: str | bytes) -> None:
        """Handle a KernelMessage; without a seat, only `Hello`."""
        received = decode_message(KERNEL_MESSAGES, message)
        if isinstance(received, Hello):
            await self._welcome(received)
        elif received is not None and self.seat is not None:
            await self._act(self.seat, received)

    def on_close(self) -> None:
        """Release the seat."""
        self._closed.set()
        self.daemon.release_later(self)

    async def dismiss(self, timeout_s: float) -> None:
        """Let the kernel release the seat, and wait a moment for it."""
        await self._send(Leave())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closed.wait(), timeout_s)

    async def release_seat(self) -> None:
        """Release the seat, once."""
        self.daemon.connections.discard(self)
        seat, self.seat = self.seat, None
        if seat is not None and self.daemon.context.exit_code() is None:
            self.daemon.activity.touch()
            await asyncio.to_thread(self.daemon.seats.release, seat)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, message: DriverMessage) -> None:
        await self.write_message(encode_message(message))

    async def _act(self, seat: Seat, message: SeatMessage) -> None:
        match message:
            case Bound(temp_dir):
                seat.temp_dir = temp_dir
                await asyncio.to_thread(self.daemon.context.keep_root_default)
            case RunningCell(cell, title, others):
                seat.cells, seat.newest_cell = frozenset({cell, *others} - {0}), max(seat.newest_cell, cell)
                self.daemon.activity.touch()
                if cell and cell not in self._reported:
                    self._reported.add(cell)
                    jobs = CellJobs(self.daemon.context, seat.cell_tag(cell), title, self.daemon.cores)
                    self._begin(self._report_progress(seat, cell, jobs))
            case Interrupt(cell):
                self._begin(self._cancel(seat, {cell} if cell else seat.cells, with_background=not cell))
            case CachedRdd(rdd_id):
                seat.cached_rdds.add(rdd_id)
            case _:
                assert_never(message)

    async def _welcome(self, hello: Hello) -> None:
        refusal = self._refusal(hello)
        if refusal:
            await self._send(Refused(refusal))
            self.close(1008, "refused")
            return
        self.daemon.activity.touch()
        for other in self.daemon.connections.copy():
            if other is not self and other.seat and other.seat.kernel_id == self._kernel_id:
                other.close(1001, "Another kernel with the same id took this seat.")
                await other.release_seat()
        seat = await asyncio.to_thread(self.daemon.seats.assign, self._kernel_id, hello)
        if self.ws_connection is None:  # the kernel has disconnected meanwhile
            await asyncio.to_thread(self.daemon.seats.release, seat)
            return
        self.seat = seat
        await self._send(
            Welcome(
                cluster_id=self.daemon.config.cluster_id,
                cluster_name=self.daemon.config.cluster_name,
                gateway_port=seat.gateway_port,
                gateway_secret=seat.gateway_secret,
                tag=seat.tag,
                cells_tag=seat.cells_tag,
            )
        )

    def _refusal(self, hello: Hello) -> str:
        """Return why this kernel cannot attach, and what to do; "" = it can."""
        cluster_spark, kernel_spark = spark_version(), hello.pyspark
        cluster_python, kernel_python = f"{sys.version_info.major}.{sys.version_info.minor}", hello.python
        if hello.protocol != PROTOCOL:
            return (
                f"This cluster's driver uses protocol {PROTOCOL} and the kernel {hello.protocol}. "
                "Restart the cluster to upgrade it."
            )
        if not self.daemon.ready:
            return "The driver is still starting."
        if cluster_spark != kernel_spark:
            return (
                f"The kernel has PySpark {kernel_spark} and the cluster {cluster_spark}. "
                f"Run `pip install pyspark=={cluster_spark}` in the kernel's environment, then restart the kernel."
            )
        if cluster_python != kernel_python:
            return (
                f"The kernel runs Python {kernel_python} and the cluster's workers {cluster_python}. "
                f"Use a kernel with Python {cluster_python}, or a cluster started from Python {kernel_python}."
            )
        return ""

    async def _report_progress(self, seat: Seat, cell: int, jobs: CellJobs) -> None:
        """Send the progress of a cell's jobs when it changes, and once more after the cell and its jobs have ended.

        Each report is repeated once: kernels show nothing of a job that has just begun, and one of a single task may not change.
        """
        sent: tuple[Any, Any] = (None, None)
        with contextlib.suppress(Py4JError, OSError, WebSocketClosedError):  # the driver or the kernel is gone
            while self.seat is seat:
                is_over = cell not in seat.cells and not await self._has_jobs(seat, cell)
                if not is_over:
                    await asyncio.sleep(PROGRESS_EVERY_S)
                progress = await asyncio.to_thread(jobs.progress)
                if progress and (is_over or sent != (progress, progress)):
                    sent = (sent[1], progress)
                    await self._send(Progress(cell, is_over, self.daemon.config.cluster_id, progress))
                if is_over:
                    self._reported.discard(cell)
                    return

    async def _has_jobs(self, seat: Seat, cell: int) -> bool:
        """Return whether jobs of the cell run, e.g. in threads that go on after it."""
        return bool(await asyncio.to_thread(self.daemon.context.active_jobs, seat.cell_tag(cell)))

    async def _cancel(self, seat: Seat, cells: Collection[int], *, with_background: bool) -> None:
        """Cancel jobs, including those that threads were about to submit at the interrupt."""
        seats, newest = self.daemon.seats, seat.newest_cell
        for _ in range(CANCEL_TIMES):
            for cell in cells:
                await asyncio.to_thread(seats.cancel_cell, seat, cell)
            if with_background:
                await asyncio.to_thread(seats.cancel_background, seat, newest)
            await asyncio.sleep(CANCEL_EVERY_S)
        for _ in range(LATE_CANCEL_TIMES if with_background else 0):
            await asyncio.sleep(LATE_CANCEL_EVERY_S)
            for cell in cells if self.seat is seat else ():
                await asyncio.to_thread(seats.cancel_late, seat, cell)


def make_application(daemon: DriverDaemon) -> Application:
    """Return the daemon's routes."""
    routes = [
        ("/status", StatusHandler),
        ("/jobs", JobsHandler),
        ("/executors", ExecutorsHandler),
        (f"/({'|'.join(DRIVER_NOTICES)})", NoticeHandler),
        ("/seats/([^/]+)", SeatSocket),
    ]
    return Application(routes, daemon=daemon, log_function=lambda handler: None, websocket_max_message_size=MAX_MESSAGE)
