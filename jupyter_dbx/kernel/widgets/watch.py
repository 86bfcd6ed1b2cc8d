"""Watch: refreshes a display periodically on its own thread, which also runs jobs from buttons."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable


class Watch:
    """A thread that runs while something is displayed.

    Parameters
    ----------
    refresh : updates the display; returns the time until its next call, s
    """

    def __init__(self, refresh: Callable[[], float]) -> None:
        self._refresh = refresh
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def is_running(self) -> bool:
        """Return whether the thread is running."""
        return self._thread is not None

    def start(self) -> None:
        """Start to refresh, immediately and then periodically; without effect if it is running."""
        with self._lock:
            if self._thread is None:
                self._jobs = queue.Queue()
                # A daemon, so that it does not keep the kernel from exiting.
                self._thread = threading.Thread(target=self._run, args=(self._jobs,), name="dbx-panel", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Stop after the jobs that are already queued."""
        with self._lock:
            if self._thread is not None:
                self._jobs.put(None)
                self._thread = None

    def do(self, job: Callable[[], None]) -> None:
        """Run a job as soon as possible, then refresh; starts the thread if necessary."""
        self.start()
        self._jobs.put(job)

    def _run(self, jobs: queue.Queue[Callable[[], None] | None]) -> None:
        pause = self._refresh()
        while True:
            try:
                job = jobs.get(timeout=pause)
            except queue.Empty:
                pause = self._refresh()
                continue
            if job is None:
                return
            job()
            pause = self._refresh()
