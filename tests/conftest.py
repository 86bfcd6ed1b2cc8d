"""What every test may use: an opened store, and a clock that stands still; and the order in which tests run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from jupyter_dbx.model.codec import STRICT
from jupyter_dbx.store import Store

#: Modules with fixtures that several folders share.
pytest_plugins = ["answering"]

#: Most JVMs of tests live for seconds: the quick compiler and the serial collector start them in half the CPU time. Those that
#: many tests share compile much code, for which the quick compiler alone would reserve a fifth of the usual space. Benchmarks,
#: which are no tests, keep the real options.
JVM_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m"

# A busy machine is no failure: hypothesis times each example, and pytest-timeout the whole test anyway.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Also in drivers, kernels and servers that tests start: what one end sends, the other has to know.
os.environ[STRICT] = "1"


def pytest_configure() -> None:
    """Give JVMs the options for tests, and take interrupts.

    A shell in the background has its children ignore interrupts, but tests send them to processes of theirs.
    """
    os.environ["JDK_JAVA_OPTIONS"] = JVM_OPTIONS
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests into order and into groups, each of which runs in one process.

    Those with real Spark are one group: never two at a time. Alone they come last, because they take longest; with `-n`
    they come first, for the same reason, and the others run beside them, file by file. The demo precedes the tests that
    share a cluster. A test that mostly waits may be a group of its own.
    """
    in_parallel = "PYTEST_XDIST_WORKER" in os.environ

    def has_spark(item: pytest.Item) -> bool:
        return item.get_closest_marker("spark") is not None

    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group("spark" if has_spark(item) else item.path.name))
    items.sort(key=lambda item: (has_spark(item) is not in_parallel, "notebooks" not in str(item.path.parent)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to run if the groups have no effect, as with versions of pytest and pytest-xdist that do not fit together."""
    if "PYTEST_XDIST_WORKER" in os.environ and not all("@" in item.nodeid for item in session.items):
        raise pytest.UsageError("pytest-xdist ignores groups of tests: real Spark would run twice at a time")


class FakeClock:
    """Seconds since the epoch that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    """An open store in a file of its own, on the fake clock."""
    store = await Store(f"sqlite:///{tmp_path}/dbx.db", clock=clock).open()
    yield store
    await store.close()


@pytest.fixture(scope="session")
def archives(request: pytest.FixtureRequest) -> Path:
    """Class archives, made once per clone, with the JVM options that users have.

    The serial collector loads them too, and faster than those it makes itself, which lack the heap's objects.
    """
    folder = request.config.cache.mkdir("jupyter-dbx")
    command = [sys.executable, "-m", "jupyter_dbx.driver.training", str(folder / "archives")]
    env = {name: value for name, value in os.environ.items() if name != "JDK_JAVA_OPTIONS"}
    done = subprocess.run(command, timeout=280, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    return folder
