"""The clock of the controllers; tests replace it with one that they advance."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Protocol


class Timer(Protocol):
    """A scheduled callback."""

    def cancel(self) -> None:
        """Cancel the callback; has no effect once it has run."""


class Clock:
    """Monotonic time, s, and waits on it.

    Setting the wall clock does not affect it. Wall-clock timestamps occur only in rows and come from the store
    (`Store.now_ms`). All waits use `call_later`, so a test that replaces `__call__` and `call_later` controls all of time.
    """

    def __call__(self) -> float:
        """Return the current time, s."""
        return time.monotonic()

    def call_later(self, delay_s: float, callback: Callable[[], object]) -> Timer:
        """Call `callback` on the running loop after `delay_s`."""
        return asyncio.get_running_loop().call_later(delay_s, callback)

    def until_next(self, period_s: float) -> float:
        """Return the time until the next multiple of a period, s.

        Periodic work thus happens together: waking a sleeping processor takes longer than the work itself, and clusters
        that are reconciled together share one listing of the backend.
        """
        return period_s - self() % period_s

    async def sleep(self, delay_s: float) -> None:
        """Return after `delay_s`."""
        passed = asyncio.Event()
        timer = self.call_later(delay_s, passed.set)
        try:
            await passed.wait()
        finally:
            timer.cancel()

    @contextlib.asynccontextmanager
    async def timeout(self, delay_s: float) -> AsyncIterator[None]:
        """Cancel the block after `delay_s`.

        Raises
        ------
        TimeoutError : the block was cancelled
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(None) as limit:
            timer = self.call_later(delay_s, lambda: limit.reschedule(loop.time()))
            try:
                yield
            finally:
                timer.cancel()
