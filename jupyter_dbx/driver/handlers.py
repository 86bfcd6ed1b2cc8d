"""The daemon's routes: status, and the websocket that *is* a kernel's seat."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import sys
from typing import Any

from py4j.protocol import Py4JError
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from jupyter_dbx.driver.daemon import DriverDaemon
from jupyter_dbx.driver.progress import CellProgress
from jupyter_dbx.driver.sessions import Session
from jupyter_dbx.model.driver import PROTOCOL, seat_ticket
from jupyter_dbx.model.wire import Json, to_document
from jupyter_dbx.spark.java import spark_version

#: How often the jobs of an interrupted cell are cancelled, count, and how long after each other, s.
CANCEL_TIMES, CANCEL_EVERY_S = 5, 0.2

#: How often a kernel is told how far its cell's jobs are, s.
PROGRESS_EVERY_S = 0.5


def _require(handler: RequestHandler, token: str) -> None:
    sent = handler.request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(sent, token):
        raise HTTPError(403)


class _Handler(RequestHandler):
    @property
    def daemon(self) -> DriverDaemon:
        daemon: DriverDaemon = self.application.settings["daemon"]
        return daemon

    def prepare(self) -> None:
        _require(self, self.daemon.config.token)


class StatusHandler(_Handler):
    """`GET /status`: the driver's DriverStatus."""

    async def get(self) -> None:
        self.finish(to_document(self.daemon.status()))


class TouchHandler(_Handler):
    """`POST /touch`: somebody used the cluster at `at_ms` (as the server counts), `age_s` ago."""

    async def post(self) -> None:
        """Let the idle count begin anew."""
        body: Json = json.loads(self.request.body)
        self.daemon.touch(int(body["at_ms"]), float(body["age_s"]))


class DecommissionHandler(_Handler):
    """`POST /decommission`: the workers on the nodes `node_ids` are to leave."""

    async def post(self) -> None:
        """Let them finish their tasks and hand their blocks on."""
        body: Json = json.loads(self.request.body)
        await asyncio.to_thread(self.daemon.context.decommission, set(body["node_ids"]))


class SeatSocket(WebSocketHandler):
    """`/seats/KERNEL_ID`: a kernel takes its seat by connecting, and leaves it by closing or dying.

    Messages are JSON objects with an `op`. From the kernel: `hello`, then `bound`, `cell`, `interrupt`, `cached_rdd`.
    To the kernel: `seat`, or `refused` with a sentence; then, while a cell has jobs, `progress`.
    """

    session: Session | None = None
    _kernel_id = ""
    _cancelling: asyncio.Task[None] | None = None
    _telling: asyncio.Task[None] | None = None

    @property
    def daemon(self) -> DriverDaemon:
        """Return the daemon this socket belongs to."""
        daemon: DriverDaemon = self.application.settings["daemon"]
        return daemon

    def prepare(self) -> None:
        """Let only the kernel of this path in."""
        _require(self, seat_ticket(self.daemon.config.token, self.path_args[0]))

    def check_origin(self, origin: str) -> bool:
        """Refuse browsers: only they send an origin."""
        return False

    def open(self, *args: str, **kwargs: str) -> None:
        """Remember who comes; the seat is given at `hello`."""
        self._kernel_id = args[0]
        self.daemon.connections.add(self)

    async def on_message(self, message: str | bytes) -> None:
        """Do what the kernel asks."""
        body: Json = json.loads(message)
        match body["op"]:
            case "hello":
                await self._hello(body)
            case "bound" if self.session:
                self.session.temp_dir = body["temp_dir"]
                await asyncio.to_thread(self.daemon.context.keep_root_default)
            case "cell" if self.session:
                self.session.cell = int(body["cell"])
                self.daemon.activity.touch()
                if self.session.cell:
                    progress = CellProgress(
                        self.daemon.context, f"{self.session.tag}:{self.session.cell}", body["title"]
                    )
                    self._telling = asyncio.create_task(self._tell_progress(self.session, self.session.cell, progress))
            case "interrupt" if self.session and self.session.cell:
                self._cancelling = asyncio.create_task(self._cancel(self.session, self.session.cell))
            case "cached_rdd" if self.session:
                self.session.cached_rdds.add(int(body["id"]))

    def on_close(self) -> None:
        """Take the seat back."""
        self.daemon.take_back(self)

    async def leave(self) -> None:
        """Take the seat back, once."""
        self.daemon.connections.discard(self)
        session, self.session = self.session, None
        if session is not None and self.daemon.context.exit_code() is None:
            self.daemon.activity.touch()
            await asyncio.to_thread(self.daemon.sessions.detach, session)

    async def _hello(self, body: Json) -> None:
        refusal = self._refusal(body)
        if refusal:
            await self.write_message({"op": "refused", "message": refusal})
            self.close(1008, "refused")
            return
        self.daemon.activity.touch()
        for other in self.daemon.connections.copy():
            if other is not self and other.session and other.session.kernel_id == self._kernel_id:
                other.close(1001, "Another kernel of the same id took this seat.")
                await other.leave()
        session = await asyncio.to_thread(
            self.daemon.sessions.attach,
            self._kernel_id,
            pid=int(body["pid"]),
            start_ticks=int(body["start_ticks"]),
            notebook=str(body["notebook"]),
        )
        if self.ws_connection is None:  # the kernel has gone meanwhile
            await asyncio.to_thread(self.daemon.sessions.detach, session)
            return
        self.session = session
        seat: dict[str, Any] = {
            "op": "seat",
            "cluster_id": self.daemon.config.cluster_id,
            "cluster_name": self.daemon.config.cluster_name,
            "gateway_port": session.gateway_port,
            "gateway_secret": session.gateway_secret,
            "tag": session.tag,
        }
        await self.write_message(seat)

    def _refusal(self, hello: Json) -> str:
        ours, theirs = spark_version(), hello["pyspark"]
        python, kernels = f"{sys.version_info.major}.{sys.version_info.minor}", hello["python"]
        if hello["protocol"] != PROTOCOL:
            return (
                f"This cluster's driver speaks protocol {PROTOCOL} and the kernel {hello['protocol']}. "
                "Restart the cluster to upgrade it."
            )
        if not self.daemon.ready:
            return "The driver is still starting."
        if ours != theirs:
            return (
                f"The kernel has PySpark {theirs} and the cluster {ours}. "
                f"Run `pip install pyspark=={ours}` in the kernel's environment, then restart the kernel."
            )
        if python != kernels:
            return (
                f"The kernel runs Python {kernels} and the cluster's workers {python}. "
                f"Use a kernel with Python {python}, or a cluster started from Python {kernels}."
            )
        return ""

    async def _tell_progress(self, session: Session, cell: int, progress: CellProgress) -> None:
        """Tell how far a cell's jobs are when that has changed, and once more when the cell has ended."""
        told = None
        with contextlib.suppress(Py4JError, OSError, WebSocketClosedError):  # the driver or the kernel has gone
            while self.session is session:
                is_over = session.cell != cell
                if not is_over:
                    await asyncio.sleep(PROGRESS_EVERY_S)
                jobs = await asyncio.to_thread(progress.look)
                if jobs and (is_over or jobs != told):
                    told = jobs
                    facts = {"cluster_id": self.daemon.config.cluster_id, "cell": cell, "jobs": jobs, "over": is_over}
                    await self.write_message({"op": "progress", **facts})
                if is_over:
                    return

    async def _cancel(self, session: Session, cell: int) -> None:
        """Cancel a cell's jobs, and those that its threads were about to submit when the interrupt came."""
        for _ in range(CANCEL_TIMES):
            await asyncio.to_thread(self.daemon.sessions.cancel_cell, session, cell)
            await asyncio.sleep(CANCEL_EVERY_S)


def make_application(daemon: DriverDaemon) -> Application:
    """Return the daemon's routes."""
    routes = [
        ("/status", StatusHandler),
        ("/touch", TouchHandler),
        ("/decommission", DecommissionHandler),
        ("/seats/([^/]+)", SeatSocket),
    ]
    return Application(routes, daemon=daemon, log_function=lambda handler: None)
