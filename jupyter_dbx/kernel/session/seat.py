"""The kernel's seat on a driver: one websocket, served by a separate thread so that a cell cannot delay it."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from importlib.metadata import version
from pathlib import Path
from typing import assert_never

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from jupyter_dbx.kernel.errors import ClusterFailed
from jupyter_dbx.model.codec import decode_message, encode_message
from jupyter_dbx.model.protocol import (
    DRIVER_MESSAGES,
    PROTOCOL,
    DriverContact,
    DriverMessage,
    Hello,
    Leave,
    Progress,
    Refused,
    SeatMessage,
    Welcome,
)

#: Time limit for a driver to assign a seat, s.
ATTACH_TIMEOUT_S = 60.0


class DriverUnreachable(Exception):
    """The driver is not responding at this address; it may have just stopped."""


class Seat:
    """A seat that lasts as long as its connection.

    Parameters
    ----------
    contact : of a driver that is up
    kernel_id, notebook : ID of this kernel and path of its notebook
    start : tells this start of the kernel from others with the same id
    on_progress : receives the progress of cells' jobs, on the seat's thread
    on_dismissed : called when the notebook was detached elsewhere, on a thread of its own
    """

    def __init__(
        self,
        contact: DriverContact,
        kernel_id: str,
        notebook: str,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        on_dismissed: Callable[[Seat], None] = lambda seat: None,
        *,
        start: str = "",
    ) -> None:
        self._on_progress, self._on_dismissed = on_progress, on_dismissed
        self._request = HTTPRequest(
            f"{contact.url.replace('http', 'ws', 1)}/seats/{kernel_id}",
            headers={"Authorization": f"Bearer {contact.ticket}"},
            connect_timeout=10,
        )
        self._notebook, self._start = notebook, start
        self._ended = threading.Event()
        self._welcome: Future[Welcome] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: WebSocketClientConnection | None = None
        self._reason = ""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._hold()), name="dbx-seat", daemon=True)

    def take(self) -> Welcome:
        """Connect and return the driver's welcome.

        Raises
        ------
        DriverUnreachable : nothing responds at this address
        ClusterFailed : the driver rejects this kernel; the message is its reason
        """
        self._thread.start()
        try:
            return self._welcome.result(ATTACH_TIMEOUT_S)
        except TimeoutError:
            self.leave()
            raise ClusterFailed(
                f"The driver did not respond within {ATTACH_TIMEOUT_S:.0f} s. Restart the cluster."
            ) from None
        except KeyboardInterrupt:
            self.leave()
            raise

    @property
    def is_ended(self) -> bool:
        """Return whether the driver is gone or the seat was released."""
        return self._ended.is_set()

    def wait_ended(self, timeout_s: float) -> bool:
        """Wait up to `timeout_s` for the seat to end; return whether it did."""
        return self._ended.wait(timeout_s)

    @property
    def reason(self) -> str:
        """Return why the driver ended the seat, or ""."""
        return self._reason

    def send(self, message: SeatMessage) -> None:
        """Send a message to the driver. Never blocks; safe to call from any thread and from a signal handler."""
        if self._loop is not None and not self.is_ended:
            self._loop.call_soon_threadsafe(self._write, encode_message(message))

    def leave(self) -> None:
        """Release the seat; the driver frees its resources."""
        if self._loop is not None and not self.is_ended:
            self._ended.set()
            self._loop.call_soon_threadsafe(self._close)
            self._thread.join(5)

    def _write(self, text: str) -> None:
        if self._connection is not None and not self.is_ended:
            self._connection.write_message(text)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    async def _hold(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            self._connection = await websocket_connect(self._request)
            await self._connection.write_message(encode_message(_hello(self._notebook, self._start)))
            while (text := await self._connection.read_message()) is not None:
                message = decode_message(DRIVER_MESSAGES, text)
                if message is not None:
                    self._receive(message)
            self._reason = self._connection.close_reason or ""
        except (OSError, HTTPClientError) as error:
            self._reason = str(error)
        finally:
            self._ended.set()
            self._close()
            if not self._welcome.done():
                self._welcome.set_exception(DriverUnreachable(self._reason or "it closed the connection"))

    def _receive(self, message: DriverMessage) -> None:
        match message:
            case Welcome():
                self._welcome.set_result(message)
            case Refused(reason):
                self._welcome.set_exception(ClusterFailed(reason))
            case Progress():
                self._on_progress(message)
            case Leave():
                # Leaving waits for this thread, and for a cell that is binding.
                threading.Thread(target=self._on_dismissed, args=(self,), name="dbx-leave", daemon=True).start()
            case _:
                assert_never(message)


def _hello(notebook: str, start: str = "") -> Hello:
    stat = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    return Hello(
        protocol=PROTOCOL,
        pid=os.getpid(),
        start_ticks=int(stat[19]),
        notebook=notebook,
        pyspark=version("pyspark"),
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        start=start,
    )
