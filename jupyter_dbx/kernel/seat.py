"""The kernel's seat on a driver: one websocket, held in a thread of its own so that no cell can make it late."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from jupyter_dbx.kernel.errors import ClusterFailed
from jupyter_dbx.model.driver import PROTOCOL
from jupyter_dbx.model.wire import Json

#: How long a driver may take to give a seat, s.
ATTACH_TIMEOUT_S = 60.0


class DriverUnreachable(Exception):
    """The driver does not answer at this address; it may have ended a moment ago."""


@dataclass(frozen=True)
class Grant:
    """What the driver hands over."""

    cluster_id: str
    cluster_name: str
    gateway_port: int
    gateway_secret: str
    #: job tag of every job of this kernel
    tag: str


class Seat:
    """A seat that lasts as long as its connection.

    Parameters
    ----------
    url, ticket : of the driver, as the server gave them
    on_progress : is told of the jobs of cells, on the seat's own thread
    """

    def __init__(
        self,
        url: str,
        ticket: str,
        kernel_id: str,
        notebook: str,
        on_progress: Callable[[Json], None] = lambda message: None,
    ) -> None:
        self._on_progress = on_progress
        self._request = HTTPRequest(
            f"{url.replace('http', 'ws', 1)}/seats/{kernel_id}",
            headers={"Authorization": f"Bearer {ticket}"},
            connect_timeout=10,
        )
        self._notebook = notebook
        self._ended = threading.Event()
        self._granted: Future[Grant] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: WebSocketClientConnection | None = None
        self._reason = ""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._hold()), name="dbx-seat", daemon=True)

    def take(self) -> Grant:
        """Connect and return what the driver hands over.

        Raises
        ------
        DriverUnreachable : nobody answers there
        ClusterFailed : the driver refuses this kernel, and says why
        """
        self._thread.start()
        try:
            return self._granted.result(ATTACH_TIMEOUT_S)
        except TimeoutError:
            self.leave()
            raise ClusterFailed(f"The driver gave no session within {ATTACH_TIMEOUT_S:.0f} s. Restart it.") from None
        except KeyboardInterrupt:
            self.leave()
            raise

    @property
    def is_ended(self) -> bool:
        """Return whether the driver is gone, or the seat was given back."""
        return self._ended.is_set()

    def wait_ended(self, timeout_s: float) -> bool:
        """Return whether the seat has ended, waiting for it at most `timeout_s`."""
        return self._ended.wait(timeout_s)

    @property
    def reason(self) -> str:
        """Return why the driver ended the seat, or ""."""
        return self._reason

    def tell(self, op: str, **facts: object) -> None:
        """Send a message; may be called from any thread and from a signal handler, and never waits."""
        if self._loop is not None and not self.is_ended:
            self._loop.call_soon_threadsafe(self._send, json.dumps({"op": op, **facts}))

    def leave(self) -> None:
        """Give the seat back; the driver frees all of it."""
        if self._loop is not None and not self.is_ended:
            self._ended.set()
            self._loop.call_soon_threadsafe(self._close)
            self._thread.join(5)

    def _send(self, message: str) -> None:
        if self._connection is not None and not self.is_ended:
            self._connection.write_message(message)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    async def _hold(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            self._connection = await websocket_connect(self._request)
            await self._connection.write_message(json.dumps(_hello(self._notebook)))
            while (message := await self._connection.read_message()) is not None:
                self._receive(json.loads(message))
            self._reason = self._connection.close_reason or ""
        except (OSError, HTTPClientError) as error:
            self._reason = str(error)
        finally:
            self._ended.set()
            if not self._granted.done():
                self._granted.set_exception(DriverUnreachable(self._reason))

    def _receive(self, message: Json) -> None:
        if message["op"] == "seat":
            facts = {name: message[name] for name in Grant.__dataclass_fields__}
            self._granted.set_result(Grant(**facts))
        elif message["op"] == "refused":
            self._granted.set_exception(ClusterFailed(message["message"]))
        elif message["op"] == "progress":
            self._on_progress(message)


def _hello(notebook: str) -> Json:
    stat = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    return {
        "op": "hello",
        "protocol": PROTOCOL,
        "pid": os.getpid(),
        "start_ticks": int(stat[19]),
        "notebook": notebook,
        "pyspark": version("pyspark"),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }
