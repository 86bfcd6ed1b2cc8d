"""Watch: looks again and again on a thread of its own, and does there what buttons ask for."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable


class Watch:
    """A thread that lives while somebody watches.

    Parameters
    ----------
    look : asks what is and shows it; returns after how many seconds it wants to be called again
    """

    def __init__(self, look: Callable[[], float]) -> None:
        self._look = look
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def is_running(self) -> bool:
        """Return whether it looks now and then."""
        return self._thread is not None

    def start(self) -> None:
        """Look now, and from now on again and again; once is enough."""
        with self._lock:
            if self._thread is None:
                self._jobs = queue.Queue()
                # A daemon: it must not keep a kernel from ending.
                self._thread = threading.Thread(target=self._run, args=(self._jobs,), name="dbx-panel", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Do what is asked for already, and then nothing more."""
        with self._lock:
            if self._thread is not None:
                self._jobs.put(None)
                self._thread = None

    def do(self, job: Callable[[], None]) -> None:
        """Do something as soon as possible and look at what it changed; begins to watch if need be."""
        self.start()
        self._jobs.put(job)

    def _run(self, jobs: queue.Queue[Callable[[], None] | None]) -> None:
        pause = self._look()
        while True:
            try:
                job = jobs.get(timeout=pause)
            except queue.Empty:
                pause = self._look()
                continue
            if job is None:
                return
            job()
            pause = self._look()
