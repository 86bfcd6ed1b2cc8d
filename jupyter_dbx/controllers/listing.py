"""One listing of the backend, shared by all clusters that are due."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Listing(Generic[T]):
    """A backend's listing, and when it began."""

    #: monotonic, s
    began: float
    found: T


class SharedListing(Generic[T]):
    """Lists the backend once for every key that was due before the listing began.

    A key becomes due only after the work on it has ended, so a later listing shows the effects of its last actions: a controller
    never acts on older observations. Keys that become due together, and those that wait meanwhile, share a listing. A listing
    that fails, fails for all of them.

    Parameters
    ----------
    list_all : lists the backend
    clock : monotonic, s
    """

    def __init__(self, list_all: Callable[[], Coroutine[Any, Any, T]], clock: Callable[[], float]) -> None:
        self._list_all, self._clock = list_all, clock
        self._began = -math.inf
        self._latest: asyncio.Task[T] | None = None

    async def since(self, due: float) -> Listing[T]:
        """Return the latest listing if it began after `due` (monotonic, s), or begin a new one."""
        if self._latest is None or self._began <= due:
            self._began = self._clock()
            self._latest = asyncio.create_task(self._list_all())
        began = self._began
        # All waiting tasks are cancelled together when the lease is lost, so the shared task needs no shield.
        return Listing(began, await self._latest)
