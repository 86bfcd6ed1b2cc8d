"""Tracks what runs on the cluster; decides whether the cluster is idle and whether its JVM hangs.

Idle time counts on the monotonic clock from the end of the last Spark job, cell, streaming query or touch (a kernel attaches or
detaches, or the server sends a notice of a resize, edit or extension). Reading the status is not a touch. While the JVM does not
respond, the cluster is not idle.

A JVM that neither responds *nor* uses CPU time is hung; one that uses CPU time is busy, however long it takes.
"""

from __future__ import annotations

import logging
import threading
import time

from py4j.protocol import Py4JError

from jupyter_dbx.driver.context import DriverContext, Snapshot
from jupyter_dbx.driver.seats import Seats

#: How often Spark is polled, s.
POLL_EVERY_S = 1.0

#: Minimum CPU time that proves progress, s: one tick of the operating system's clock.
CPU_STEP_S = 0.01

_log = logging.getLogger(__name__)


class Activity:
    """Polls Spark on a separate thread, so that nothing else waits for a JVM that does not respond."""

    def __init__(self, context: DriverContext, seats: Seats, hung_after_s: float) -> None:
        self._context, self._seats, self._hung_after_s = context, seats, hung_after_s
        self._last = self._alive = time.monotonic()
        self._cpu_s = 0.0
        self._stopped = False
        #: result of the last successful poll
        self.snapshot = Snapshot()
        self.polled_at = 0.0

    def watch(self) -> None:
        """Start polling, until `stop`."""
        self._last = time.monotonic()
        threading.Thread(target=self._poll_forever, name="dbx-activity", daemon=True).start()

    def stop(self) -> None:
        """Stop polling: the JVM is about to exit."""
        self._stopped = True

    def touch(self, age_s: float = 0.0) -> None:
        """Restart the idle time as of `age_s` ago."""
        self._last = max(self._last, time.monotonic() - age_s)

    @property
    def idle_s(self) -> float:
        """Return how long nothing had run at the last successful poll, s."""
        return max(0.0, min(time.monotonic(), self.polled_at) - self._last)

    def is_hung(self) -> bool:
        """Return whether the JVM has neither responded nor used the CPU for too long. Called once a second."""
        now, cpu_s = time.monotonic(), self._context.cpu_s
        if self.polled_at > self._alive or cpu_s >= self._cpu_s + CPU_STEP_S:
            self._alive, self._cpu_s = now, cpu_s
        return now - self._alive > self._hung_after_s

    def _poll_forever(self) -> None:
        while not self._stopped:
            try:
                self._poll()
            except (Py4JError, OSError) as error:
                if not self._stopped:
                    cause = str(error).partition("\n")[0]
                    _log.warning("Spark could not be polled: %s", cause, extra={"action": "poll"})
            time.sleep(POLL_EVERY_S)

    def _poll(self) -> None:
        seen = self._context.snapshot()
        for seat in self._seats.all():
            seat.has_jobs = seen.active_jobs > 0 and bool(self._context.active_jobs(seat.tag))
        # Short jobs begin and end between two polls, so the total number of jobs is compared as well.
        busy = (
            any(seat.cells for seat in self._seats.all())
            or seen.total_jobs != self.snapshot.total_jobs
            or seen.active_jobs > 0
            or seen.active_streams > 0
        )
        self.snapshot, self.polled_at = seen, time.monotonic()
        if busy:
            self.touch()
