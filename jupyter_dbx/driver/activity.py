"""What runs now, and since when nothing does: the one judge of idleness, and of a JVM that does not answer any more.

Idle counts on the monotonic clock from the end of the last Spark job, cell, streaming query or touch (a kernel that comes or
goes, and what the server tells of: resize, edit, extend). Asking for the status is no touch. While the JVM cannot be asked
nothing is idle.

A JVM that gives no answer *and* gains no CPU time is hung; one that gains CPU time is busy, however long it takes.
"""

from __future__ import annotations

import logging
import threading
import time

from py4j.protocol import Py4JError

from jupyter_dbx.driver.context import DriverContext, Snapshot
from jupyter_dbx.driver.sessions import Sessions

#: How often Spark is looked at, s.
LOOK_EVERY_S = 1.0

#: CPU time that a stopped process cannot have gained, s: one tick of the kernel's clock.
CPU_STEP_S = 0.01

_log = logging.getLogger(__name__)


class Activity:
    """Looks at Spark on a thread of its own, so that nobody else ever waits for a JVM that does not answer."""

    def __init__(self, context: DriverContext, sessions: Sessions, hung_after_s: float) -> None:
        self._context, self._sessions, self._hung_after_s = context, sessions, hung_after_s
        self._last = self._alive = time.monotonic()
        self._cpu_s = 0.0
        self._stopped = False
        #: of the last look that was answered
        self.snapshot = Snapshot()
        self.looked_at = 0.0

    def watch(self) -> None:
        """Begin to look, until `stop`."""
        self._last = time.monotonic()
        threading.Thread(target=self._look_on, name="dbx-activity", daemon=True).start()

    def stop(self) -> None:
        """Look no more: the JVM is about to end."""
        self._stopped = True

    def touch(self, age_s: float = 0.0) -> None:
        """Begin to count anew, from so long ago."""
        self._last = max(self._last, time.monotonic() - age_s)

    @property
    def idle_s(self) -> float:
        """Return for how long nothing had run when Spark was last seen, s."""
        return max(0.0, min(time.monotonic(), self.looked_at) - self._last)

    def is_hung(self) -> bool:
        """Return whether the JVM has neither answered nor used the CPU for too long. Called once a second."""
        now, cpu_s = time.monotonic(), self._context.cpu_s
        if self.looked_at > self._alive or cpu_s >= self._cpu_s + CPU_STEP_S:
            self._alive, self._cpu_s = now, cpu_s
        return now - self._alive > self._hung_after_s

    def _look_on(self) -> None:
        while not self._stopped:
            try:
                self._look()
            except (Py4JError, OSError) as error:
                if not self._stopped:
                    why = str(error).partition("\n")[0]
                    _log.warning("Spark could not be looked at: %s", why, extra={"action": "look"})
            time.sleep(LOOK_EVERY_S)

    def _look(self) -> None:
        seen = self._context.look()
        # Short jobs begin and end between two looks, so the number of jobs ever started is compared as well.
        busy = (
            any(s.cell for s in self._sessions.all())
            or seen.jobs_ever != self.snapshot.jobs_ever
            or seen.jobs_now > 0
            or seen.streams_now > 0
        )
        self.snapshot, self.looked_at = seen, time.monotonic()
        if busy:
            self.touch()
