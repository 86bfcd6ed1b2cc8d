"""Time that passes only when a test lets it, and servers that wait for it."""

from __future__ import annotations

import asyncio
import heapq
import math
from collections.abc import Callable
from itertools import count
from typing import Any

from sqlalchemy.engine import Connection

from jupyter_dbx.controllers.clock import Clock
from jupyter_dbx.store import Store


class ManualTimer:
    """A callback of a manual clock."""

    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class ManualClock(Clock):
    """A monotonic clock that a test advances; what is due by then happens in its order."""

    def __init__(self) -> None:
        # Unlike the wall clock's, so that neither is taken for the other.
        self.now = 5000.0
        self._timers: list[tuple[float, int, ManualTimer]] = []
        self._numbers = count()

    def __call__(self) -> float:
        return self.now

    def call_later(self, delay_s: float, callback: Callable[[], object]) -> ManualTimer:
        timer = ManualTimer(callback)
        heapq.heappush(self._timers, (self.now + delay_s, next(self._numbers), timer))
        return timer

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while self._timers and self._timers[0][0] <= end:
            when, _, timer = heapq.heappop(self._timers)
            self.now = max(self.now, when)
            if timer.callback is not None:
                timer.callback()
        self.now = end


class RunningClock(ManualClock):
    """A manual clock of which no two readings are the same, as of a real one."""

    def __call__(self) -> float:
        self.now += 1e-6
        return self.now


class PluggableStore(Store):
    """A store that can be out of reach for a while, and that knows when nobody waits for it."""

    def __init__(self, url: str, *, clock: Callable[[], float]) -> None:
        super().__init__(url, clock=clock)
        #: what every call raises
        self.fault: Exception | None = None
        #: calls that wait for their answer, count
        self.waiting = 0

    async def run(self, work: Callable[[Connection], Any], *, changes: bool = False) -> Any:
        if self.fault is not None:
            raise self.fault
        self.waiting += 1
        try:
            return await super().run(work, changes=changes)
        finally:
            self.waiting -= 1


class Time:
    """The time of servers in one test: the wall clock of their stores and the clock of their controllers.

    Parameters
    ----------
    wall : what stores stamp rows with, s since the epoch
    steady : what controllers go by
    live : what else happens whenever time has passed
    """

    def __init__(self, wall: Any, steady: ManualClock, live: Callable[[], object] = lambda: None) -> None:
        self.wall, self.steady, self._live = wall, steady, live
        self.stores: list[PluggableStore] = []

    async def settle(self) -> None:
        """Return once everything waits for time to pass."""
        quiet = 0
        while quiet < 30:
            busy = any(store.waiting for store in self.stores)
            # The answer comes from a thread, which takes real time.
            await asyncio.sleep(0.001 if busy else 0)
            quiet = 0 if busy else quiet + 1

    async def pass_by(self, seconds: float, *, step_s: float = 0.25) -> None:
        """Let time pass, in steps after each of which everything waits again."""
        await self.settle()
        for _ in range(math.ceil(seconds / step_s)):
            self.wall.advance(step_s)
            self.steady.advance(step_s)
            self._live()
            await self.settle()

    async def until(self, condition: Callable[[], object], *, within_s: float = 60.0) -> None:
        """Let time pass until a condition holds."""
        await self.settle()
        end = self.steady.now + within_s
        while not condition():
            assert self.steady.now < end, "it did not come true"
            await self.pass_by(0.25)
