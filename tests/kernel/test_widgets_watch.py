"""The panel's thread: it refreshes periodically, runs jobs, and stops."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from jupyter_dbx.kernel.widgets.watch import Watch

#: How long a test waits for the thread, s.
PATIENCE_S = 10


class Refreshes:
    """Counts refreshes; waits for some."""

    def __init__(self, pause_s: float) -> None:
        self.pause_s, self.count, self._seen = pause_s, 0, threading.Semaphore(0)

    def __call__(self) -> float:
        self.count += 1
        self._seen.release()
        return self.pause_s

    def wait(self, count: int = 1) -> None:
        for _ in range(count):
            assert self._seen.acquire(timeout=PATIENCE_S)


def threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == "dbx-panel"]


@pytest.fixture
def ended() -> Iterator[None]:
    """Asserts that no thread is left after the test."""
    yield
    for thread in threads():
        thread.join(PATIENCE_S)
    assert threads() == []


def test_it_refreshes_again_after_the_pause(ended: None) -> None:
    refreshes = Refreshes(0.001)
    watch = Watch(refreshes)

    watch.start()
    refreshes.wait(3)

    watch.stop()


def test_job_runs_at_once_and_is_followed_by_a_refresh(ended: None) -> None:
    refreshes, done = Refreshes(3600.0), threading.Event()
    watch = Watch(refreshes)
    watch.start()
    refreshes.wait()

    watch.do(done.set)

    assert done.wait(PATIENCE_S)
    refreshes.wait()
    watch.stop()


def test_starting_twice_runs_one_thread(ended: None) -> None:
    refreshes = Refreshes(3600.0)
    watch = Watch(refreshes)

    watch.start()
    watch.start()
    refreshes.wait()

    assert len(threads()) == 1
    watch.stop()


def test_stopped_watch_does_nothing_until_it_is_started(ended: None) -> None:
    refreshes = Refreshes(0.001)
    watch = Watch(refreshes)
    watch.start()
    refreshes.wait()
    (thread,) = threads()

    watch.stop()
    thread.join(PATIENCE_S)
    assert not thread.is_alive() and not watch.is_running

    refreshes.count = 0
    watch.start()
    refreshes.wait()
    assert watch.is_running
    watch.stop()
