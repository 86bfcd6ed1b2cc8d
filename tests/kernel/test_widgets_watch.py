"""The panel's thread: it looks again and again, does what it is asked for, and ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from jupyter_dbx.kernel.widgets.watch import Watch

#: How long a test waits for the thread, s.
PATIENCE_S = 10


class Looks:
    """Counts looks; waits for one."""

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
    """After the test, no thread is left."""
    yield
    for thread in threads():
        thread.join(PATIENCE_S)
    assert threads() == []


def test_it_looks_again_after_the_pause(ended: None) -> None:
    looks = Looks(0.001)
    watch = Watch(looks)

    watch.start()
    looks.wait(3)

    watch.stop()


def test_job_is_done_at_once_and_looked_at(ended: None) -> None:
    looks, done = Looks(3600.0), threading.Event()
    watch = Watch(looks)
    watch.start()
    looks.wait()

    watch.do(done.set)

    assert done.wait(PATIENCE_S)
    looks.wait()
    watch.stop()


def test_it_runs_once_however_often_it_is_started(ended: None) -> None:
    looks = Looks(3600.0)
    watch = Watch(looks)

    watch.start()
    watch.start()
    looks.wait()

    assert len(threads()) == 1
    watch.stop()


def test_stopped_watch_does_nothing_until_it_is_asked(ended: None) -> None:
    looks = Looks(0.001)
    watch = Watch(looks)
    watch.start()
    looks.wait()
    (thread,) = threads()

    watch.stop()
    thread.join(PATIENCE_S)
    assert not thread.is_alive() and not watch.is_running

    looks.count = 0
    watch.start()
    looks.wait()
    assert watch.is_running
    watch.stop()
