"""Throttle: delays large outputs, because a Jupyter server drops outputs that exceed its data rate limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

#: At most this much is sent in a window, bytes and s. A server's limit is 3 MB in 3 s.
#: Source: jupyter_server, `ZMQChannelsWebsocketConnection.iopub_data_rate_limit` and `.rate_limit_window`.
MAX_BYTES = 2_500_000
WINDOW_S = 3.0


class Throttle:
    """Limits the bytes sent per window.

    Parameters
    ----------
    clock : returns the time, s
    sleep : waits for a time, s
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()  # streams are shown by threads of their own
        self._sent: list[tuple[float, int]] = []

    def wait(self, size: int) -> None:
        """Wait until `size` bytes can be sent, and count them as sent."""
        while (delay_s := self._delay_s(size)) > 0:
            self._sleep(delay_s)

    def _delay_s(self, size: int) -> float:
        """Return how long to wait before another attempt; 0 = `size` bytes are counted as sent."""
        with self._lock:
            now = self._clock()
            self._sent = [(at, sent) for at, sent in self._sent if now - at < WINDOW_S]
            if self._sent and sum(sent for _, sent in self._sent) + size > MAX_BYTES:
                return self._sent[0][0] + WINDOW_S - now
            self._sent.append((now, size))
            return 0.0
