"""What runs now, and since when nothing does: the one judge of idleness.

Idle counts on the monotonic clock from the end of the last Spark job, cell, streaming query or touch (a kernel that
comes or goes). Asking for the status is no touch.
"""

from __future__ import annotations

import time

from jupyter_dbx.driver.context import DriverContext
from jupyter_dbx.driver.sessions import Sessions


class Activity:
    """Judges idleness. `check` blocks; the rest does not."""

    def __init__(self, context: DriverContext, sessions: Sessions) -> None:
        self._context, self._sessions = context, sessions
        self._last = time.monotonic()
        self._jobs_seen = 0

    def touch(self) -> None:
        """Begin to count anew."""
        self._last = time.monotonic()

    @property
    def idle_s(self) -> float:
        """Return for how long nothing has run, s."""
        return time.monotonic() - self._last

    def check(self) -> None:
        """Look at what runs, and count anew if anything does or did since the last look."""
        context = self._context.jsc.sc()
        # Short jobs begin and end between two looks, so the number of jobs ever started is compared as well.
        jobs = context.dagScheduler().numTotalJobs()
        busy = (
            any(s.cell for s in self._sessions.all())
            or jobs != self._jobs_seen
            or len(self._context.jsc.statusTracker().getActiveJobIds()) > 0
            or self._sessions.active_streams() > 0
        )
        self._jobs_seen = jobs
        if busy:
            self.touch()
