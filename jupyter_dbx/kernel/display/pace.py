"""Pace: waits before a large output, because a Jupyter server drops what comes too fast, with all that comes after it."""

from __future__ import annotations

import time
from collections.abc import Callable

#: The most that is sent within so many seconds, bytes; s. A server lets 3 MB in 3 s pass.
#: Source: jupyter_server, `ZMQChannelsWebsocketConnection.iopub_data_rate_limit` and `.rate_limit_window`.
MOST_BYTES = 2_500_000
WINDOW_S = 3.0


class Pace:
    """What was sent lately.

    Parameters
    ----------
    clock : tells the time, s
    sleep : waits, s
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._sent: list[tuple[float, int]] = []

    def wait(self, size: int) -> None:
        """Wait until so many bytes can be sent, and count them as sent."""
        while True:
            now = self._clock()
            self._sent = [(at, sent) for at, sent in self._sent if now - at < WINDOW_S]
            if not self._sent or sum(sent for _, sent in self._sent) + size <= MOST_BYTES:
                break
            self._sleep(self._sent[0][0] + WINDOW_S - now)
        self._sent.append((now, size))
