"""Controller: a keyed work queue with backoff, change notifications from the store, and a lease."""

from __future__ import annotations

import asyncio
import contextlib
import math
import uuid
from abc import abstractmethod
from collections.abc import Coroutine, Iterable

from traitlets import Float, Int
from traitlets.config import LoggingConfigurable

from jupyter_dbx.controllers.clock import Clock, Timer
from jupyter_dbx.model.errors import Conflict, DbxError
from jupyter_dbx.store import MAX_LEASE_S, Store

#: The store's limit of a wait, s. The controller's clock always ends the wait earlier.
_MAX_WAIT_S = 3600.0


class WorkQueue:
    """Keys and when each is due. A key has at most one worker; putting a busy key makes it due again afterwards.

    Parameters
    ----------
    parallel : how many keys may be busy at once, count; the others wait
    """

    def __init__(self, parallel: int) -> None:
        self._parallel = parallel
        self._due: dict[str, float] = {}
        self._busy: set[str] = set()

    def put(self, key: str, due: float) -> None:
        """Make `key` due at `due` (monotonic, s), or earlier if it already is."""
        self._due[key] = min(due, self._due.get(key, due))

    def take(self, now: float) -> dict[str, float]:
        """Return the keys to work on now → since when each is due, earliest first; they are busy until `done`."""
        ready = sorted((due, key) for key, due in self._due.items() if due <= now and key not in self._busy)
        taken = {key: due for due, key in ready[: self._parallel - len(self._busy)]}
        for key in taken:
            del self._due[key]
            self._busy.add(key)
        return taken

    def done(self, key: str, now: float) -> None:
        """End the work on a key at `now`; a key that was put meanwhile is due no earlier than `now`."""
        self._busy.discard(key)
        if key in self._due:
            self._due[key] = max(now, self._due[key])

    def next_due(self) -> float:
        """Return when the next key can be taken (monotonic, s); infinity if a busy one must finish first."""
        if len(self._busy) >= self._parallel:
            return math.inf
        return min((due for key, due in self._due.items() if key not in self._busy), default=math.inf)


class Controller(LoggingConfigurable):
    """A level-triggered loop over the keys of one kind of object.

    It reconciles every key when the store changes (by any process), when the last reconciliation of the key requests another, and
    at regular intervals. It catches up on missed changes at the next round.

    Of all servers with the same `place`, one acts: the one that holds the lease. It renews the lease three times per term,
    independently of all other work, and cancels its work as soon as it has lost the lease or cannot tell whether it has.

    Parameters
    ----------
    place : distinguishes the machines that this server manages from those of others with the same store
    clock : drives all waits; None = real time
    """

    news_s = Float(1.0, help="How often to check for changes by other processes, s.").tag(config=True)
    resync_s = Float(30.0, help="How often to reconcile everything even without changes, s.").tag(config=True)
    sweep_s = Float(30.0, help="How often to check for objects that belong to no key, s.").tag(config=True)
    lease_s = Float(
        6.0,
        max=MAX_LEASE_S,
        help="How long another server waits before it takes over if this one dies, s.",
    ).tag(config=True)
    parallel = Int(8, min=1, help="How many keys are reconciled at once, count.").tag(config=True)
    longest_backoff_s = Float(30.0, help="Maximum wait before a failed reconciliation is repeated, s.").tag(config=True)

    def __init__(self, store: Store, *, place: str = "", clock: Clock | None = None, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.store, self.clock = store, clock or Clock()
        self._owner = uuid.uuid4().hex
        self._lease_name = f"{type(self).__name__}@{place}" if place else type(self).__name__
        self._queue = WorkQueue(self.parallel)
        self._failures: dict[str, int] = {}
        self._loop: asyncio.Task[None] | None = None
        #: fires when the next key is due
        self._timer: Timer | None = None
        #: tasks that run while the lease is held: the loop, and the work on each key
        self._tasks: set[asyncio.Task[None]] = set()
        #: the problem that was logged last; "" = none
        self._problem = ""

    @abstractmethod
    async def keys(self) -> list[str]:
        """Return all keys."""

    @abstractmethod
    async def reconcile(self, key: str, due: float) -> float | None:
        """Bring one key closer to its requested state; return how often to repeat that, s; None = only after a change.

        Parameters
        ----------
        due : since when the key has been due (monotonic, s). This is after the last work on it ended, so later
            observations are fresh
        """

    @abstractmethod
    async def sweep(self) -> None:
        """Clean up what belongs to no key. Called at the start and every `sweep_s`."""

    async def open(self) -> None:
        """Start the loop."""
        self._loop = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop the loop and let another server take over; clusters keep running."""
        if self._loop is None:
            return
        await _cancel([self._loop])
        try:
            await self.store.release_lease(self._lease_name, self._owner)
        except DbxError as error:
            self.log.warning("%s could not release its lease: %s", self._lease_name, error.message)

    async def _run(self) -> None:
        """Act while the lease is held."""
        while True:
            requested = self.clock()
            if await self._request_lease():
                await self._lead(until=requested + self.lease_s)
            await self.clock.sleep(self.clock.until_next(self.lease_s / 3))

    async def _lead(self, until: float) -> None:
        """Act until the lease is lost."""
        self.log.info("%s holds the lease and acts for this workspace", self._lease_name)
        self._begin(self._act())
        try:
            await self._keep_lease(until)
            self.log.warning("%s lost its lease and stopped", self._lease_name)
        finally:
            while self._tasks:  # a task that was about to end may have started another
                await _cancel(self._tasks)
            if self._timer is not None:
                self._timer.cancel()
            # With the next lease everything is reconciled again.
            self._queue = WorkQueue(self.parallel)
            self._failures.clear()

    async def _keep_lease(self, until: float) -> None:
        """Renew the lease; return when another server holds it, or when it expired because the store did not respond."""
        while (left := until - self.clock()) > 0:
            with contextlib.suppress(TimeoutError):
                async with self.clock.timeout(left):
                    await self.clock.sleep(self.clock.until_next(self.lease_s / 3))
                    requested = self.clock()
                    held = await self._request_lease()
                    if held:
                        until = requested + self.lease_s
                    elif held is False:
                        return

    async def _request_lease(self) -> bool | None:
        """Return whether this server now holds the lease; None = the store does not respond."""
        try:
            return await self.store.lease(self._lease_name, self._owner, ttl_s=self.lease_s)
        except Exception as error:
            self._log_problem(error)
            return None

    async def _act(self) -> None:
        revision, sweep_at, resync_at = -1, -math.inf, -math.inf
        while True:
            try:
                if self.clock() >= sweep_at:
                    sweep_at = self.clock() + self.sweep_s
                    await self.sweep()
                if self.clock() >= resync_at:
                    resync_at, revision = self.clock() + self.resync_s, -1
                latest = await self.store.revision()
                if latest != revision:
                    revision = latest
                    keys = await self.keys()
                    # Read the time after the waits: work that ended during them must be earlier.
                    now = self.clock()
                    for key in keys:
                        self._queue.put(key, now)
                    self._dispatch()
                self._recover()
                await self._wait_for_news()
            except Exception as error:
                # The loop survives any error of the store or a backend, and tries again.
                self._log_problem(error)
                revision = -1
                await self.clock.sleep(self.news_s)

    async def _wait_for_news(self) -> None:
        """Return when this process has written to the store, or when it is time to check for writes by others."""
        with contextlib.suppress(TimeoutError):
            async with self.clock.timeout(self.clock.until_next(self.news_s)):
                await self.store.wait_for_news(_MAX_WAIT_S, listener=self._lease_name)

    def _log_problem(self, error: Exception) -> None:
        """Log a problem once for as long as it stays the same."""
        if not isinstance(error, DbxError):
            self.log.error("%s failed and tries again", self._lease_name, exc_info=error)
        elif error.message != self._problem:
            self._problem = error.message
            self.log.warning("%s is blocked and tries again: %s", self._lease_name, error.message)

    def _recover(self) -> None:
        if self._problem:
            self._problem = ""
            self.log.info("%s works again", self._lease_name)

    def _dispatch(self) -> None:
        """Start the work on the keys that are due, and schedule the next dispatch."""
        for key, due in self._queue.take(self.clock()).items():
            self._begin(self._work(key, due))
        if self._timer is not None:
            self._timer.cancel()
        wait = self._queue.next_due() - self.clock()
        if wait < math.inf:
            self._timer = self.clock.call_later(max(wait, 0.02), self._dispatch)

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, key: str, due: float) -> None:
        again = await self._reconcile(key, due)
        now = self.clock()
        self._queue.done(key, now)
        if again is not None:
            self._queue.put(key, now + again)
        # A waiting key may be able to start now.
        self._dispatch()

    async def _reconcile(self, key: str, due: float) -> float | None:
        """Reconcile a key and handle every error; return when to reconcile again, s."""
        try:
            again = await self.reconcile(key, due)
        except Conflict:
            return 0.0
        except Exception as error:
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            again = min(0.25 * 2.0**failures, self.longest_backoff_s)
            trace = None if isinstance(error, DbxError) else error
            message = "%s of %s failed and is retried in %s s: %s"
            self.log.warning(message, self._lease_name, key, again, error, exc_info=trace)
            return again
        self._failures.pop(key, None)
        return self.clock.until_next(again) if again else again


async def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they have ended."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
