"""What every test may use: `async def` tests, an opened store, and a clock that stands still."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from jupyter_dbx.store import Store

# A busy machine is no failure: hypothesis times each example, and pytest-timeout the whole test anyway.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an `async def` test, on the loop of its fixtures if they have one."""
    if not inspect.iscoroutinefunction(pyfuncitem.function):
        return None
    wanted = inspect.signature(pyfuncitem.function).parameters
    test = pyfuncitem.function(**{name: pyfuncitem.funcargs[name] for name in wanted})
    runner = pyfuncitem.funcargs.get("runner")
    if runner is None:
        asyncio.run(test)
    else:
        runner.run(test)
    return True


def pytest_configure() -> None:
    """Take interrupts, which a shell in the background has its children ignore: tests send them to processes of theirs."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests into order: those of a module stay together, and no two with real Spark run at once.

    One after another, the quick ones come first. With `-n`, one process takes all with real Spark, because they take longest,
    and the others the rest meanwhile. Of those with Spark the demo comes before the ones that share a cluster.
    """
    at_once = bool(config.getoption("numprocesses", None) or os.environ.get("PYTEST_XDIST_WORKER"))

    def has_spark(item: pytest.Item) -> bool:
        return item.get_closest_marker("spark") is not None

    items.sort(key=lambda item: (has_spark(item) is not at_once, "notebooks" not in str(item.path.parent)))
    for item in items:
        item.add_marker(pytest.mark.xdist_group("spark" if has_spark(item) else str(item.path)))


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
def runner() -> Iterator[asyncio.Runner]:
    """Runs coroutines of one test and of its fixtures on one loop."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock, runner: asyncio.Runner) -> Iterator[Store]:
    """An open store in a file of its own, on the fake clock."""
    store = runner.run(Store(f"sqlite:///{tmp_path}/dbx.db", clock=clock).open())
    yield store
    runner.run(store.close())


@pytest.fixture(scope="session")
def archives(request: pytest.FixtureRequest) -> Path:
    """Class archives, made once per clone."""
    folder = request.config.cache.mkdir("jupyter-dbx")
    command = [sys.executable, "-m", "jupyter_dbx.driver.training", str(folder / "archives")]
    done = subprocess.run(command, timeout=280, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder
