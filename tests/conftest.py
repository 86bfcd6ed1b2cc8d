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
from typing import Any

import pytest
from hypothesis import settings

from jupyter_dbx.store import Store

#: Folders of tests that need real Spark, or share what is made for it.
SPARK_FOLDERS = ("browser", "chaos", "integration", "notebooks")

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
    """Put the tests into order: the quick ones first; of those with real Spark, the demo before the ones that share a cluster.

    With `-n`, those with real Spark come first, because they take longest.
    """
    at_once = "PYTEST_XDIST_WORKER" in os.environ

    def has_spark(item: pytest.Item) -> bool:
        return item.get_closest_marker("spark") is not None

    stray = [item.nodeid for item in items if has_spark(item) and scope_of(item.nodeid) != "spark"]
    if stray:
        raise pytest.UsageError(f"Tests with real Spark belong into {', '.join(SPARK_FOLDERS)}: {stray}")
    items.sort(key=lambda item: (has_spark(item) is not at_once, "notebooks" not in str(item.path.parent)))


def scope_of(nodeid: str) -> str:
    """Return which tests run in one process, one after another: those of a file, or all of the folders with real Spark."""
    file = nodeid.partition("::")[0]
    return "spark" if file.split("/")[-2:-1] and file.split("/")[-2] in SPARK_FOLDERS else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let `-n 2` run the tests without Spark beside those with it, and no two of the latter at once."""
    from xdist.scheduler import LoadScopeScheduling

    class OneSparkAtOnce(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return scope_of(nodeid)

    config.option.loadscopereorder = False
    return OneSparkAtOnce(config, log)


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
