"""Streams: the displayed streams that run, so that an interrupt, the page, or another run of their cell can stop them.

It imports nothing, because the kernel's interrupt handler needs it before the first `display`.
"""

from __future__ import annotations

import threading
from typing import Protocol


class Followed(Protocol):
    """A displayed stream that runs beside the notebook's cells."""

    #: id of its output, and name of its query, or ""
    id: str
    name: str
    #: id of the cell that displayed it, or "" if unknown, and id of the request that ran the cell
    cell: str
    request: str

    def stop(self) -> None:
        """Make it stop, without waiting for that; may be called from a signal handler."""

    def join(self) -> None:
        """Wait until it has stopped."""


class Streams:
    """The displayed streams of this kernel that run."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal handler may interrupt its owner
        self._running: list[Followed] = []

    def add(self, stream: Followed) -> None:
        """Keep a stream that has started."""
        with self._lock:
            self._running.append(stream)

    def discard(self, stream: Followed) -> None:
        """Forget a stream that has ended."""
        with self._lock:
            self._running = [other for other in self._running if other is not stream]

    def stop_all(self) -> None:
        """Make all streams stop, without waiting for that."""
        for stream in self._snapshot():
            stream.stop()

    def stop(self, stream_id: str) -> None:
        """Make the stream of one output stop."""
        for stream in self._snapshot():
            if stream.id == stream_id:
                stream.stop()

    def stop_request(self, request: str) -> None:
        """Make the streams stop that the run of a cell displays."""
        for stream in self._snapshot():
            if stream.request == request:
                stream.stop()

    def end_name(self, name: str) -> None:
        """End the stream of a name that is used again."""
        self._end([stream for stream in self._snapshot() if name and stream.name == name])

    def end_cell(self, cell: str, request: str) -> None:
        """End the streams of a cell that runs again, by another request."""
        self._end([stream for stream in self._snapshot() if cell and stream.cell == cell and stream.request != request])

    def _end(self, found: list[Followed]) -> None:
        for stream in found:
            stream.stop()
        for stream in found:
            stream.join()

    def _snapshot(self) -> list[Followed]:
        with self._lock:
            return list(self._running)


#: The streams of this process, which serves one notebook.
STREAMS = Streams()
