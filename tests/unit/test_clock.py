"""The clock of controllers: waits depend on it and not on real time."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest
from passing_time import ManualClock

from jupyter_dbx import controllers
from jupyter_dbx.controllers.clock import Clock

ROOM = Path(controllers.__file__).parent

#: Names in code that would use real time.
REAL_TIME = ("time.", "datetime.", "asyncio.sleep", "asyncio.timeout", "asyncio.wait_for", "asyncio.get_running_loop")


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_sleep_ends_when_its_time_has_passed() -> None:
    clock = ManualClock()
    sleeper = asyncio.create_task(clock.sleep(3.0))
    await settle()

    clock.advance(2.9)
    await settle()
    early = sleeper.done()
    clock.advance(0.1)
    await settle()

    assert (early, sleeper.done()) == (False, True)


async def test_block_is_cancelled_when_its_time_has_passed() -> None:
    clock = ManualClock()

    async def wait() -> None:
        async with clock.timeout(3.0):
            await asyncio.Event().wait()

    waiter = asyncio.create_task(wait())
    await settle()
    clock.advance(3.0)

    with pytest.raises(TimeoutError):
        await waiter


async def test_block_that_ends_in_time_is_not_cancelled() -> None:
    clock = ManualClock()

    async with clock.timeout(3.0):
        pass
    clock.advance(3.0)
    await settle()


async def test_real_time_passes_by_itself() -> None:
    clock = Clock()
    before = clock()

    await clock.sleep(0.001)
    with pytest.raises(TimeoutError):
        async with clock.timeout(0.001):
            await asyncio.Event().wait()

    assert clock() > before


@pytest.mark.parametrize(("now", "left"), [(5000.0, 3.0 - 5000.0 % 3.0), (4998.0, 3.0), (4999.5, 1.5)])
def test_recurring_tasks_share_their_schedule(now: float, left: float) -> None:
    clock = ManualClock()
    clock.now = now

    assert clock.until_next(3.0) == left


@pytest.mark.parametrize("path", sorted(ROOM.glob("[!_]*.py")), ids=lambda path: path.stem)
def test_nothing_else_in_the_package_uses_real_time(path: Path) -> None:
    names = {ast.unparse(node) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}

    found = {name for name in names if name.startswith(REAL_TIME)}

    assert bool(found) is (path.stem == "clock")
