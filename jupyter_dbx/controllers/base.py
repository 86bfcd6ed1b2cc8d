"""Controller: a keyed work queue with back-off, news from the store, and a lease."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from abc import abstractmethod
from collections.abc import Coroutine, Iterable

from traitlets import Float, Int
from traitlets.config import LoggingConfigurable

from jupyter_dbx.model.errors import Conflict, DbxError
from jupyter_dbx.store import LONGEST_LEASE_S, Store, until_next


class WorkQueue:
    """Keys and when each is due. A key is never worked on twice at once; putting it again while it is makes it due after.

    Parameters
    ----------
    parallel : how many keys may be worked on at once, count; the others wait for their turn
    """

    def __init__(self, parallel: int) -> None:
        self._parallel = parallel
        self._due: dict[str, float] = {}
        self._busy: set[str] = set()

    def put(self, key: str, due: float) -> None:
        """Make `key` due at `due` (monotonic, s), or earlier if it already is."""
        self._due[key] = min(due, self._due.get(key, due))

    def take(self, now: float) -> list[str]:
        """Return the keys that are due and whose turn it is, longest due first; they are busy until `done`."""
        ready = sorted((due, key) for key, due in self._due.items() if due <= now and key not in self._busy)
        taken = [key for _, key in ready[: self._parallel - len(self._busy)]]
        for key in taken:
            del self._due[key]
            self._busy.add(key)
        return taken

    def done(self, key: str) -> None:
        """Say that the work on a key has ended."""
        self._busy.discard(key)

    def next_due(self) -> float:
        """Return when the next key can be taken (monotonic, s); infinity if one that is busy has to be done first."""
        if len(self._busy) >= self._parallel:
            return float("inf")
        return min((due for key, due in self._due.items() if key not in self._busy), default=float("inf"))


class Controller(LoggingConfigurable):
    """A level-triggered loop over the keys of one noun.

    It looks at every key when the store has news (from any process), when the key asked to be looked at again, and from
    time to time anyway. What it missed while it was away it sees at the next look.

    Of all servers of one place, one acts: the one that holds the lease. It renews the lease three times in its length, apart
    from all other work, and drops what it has in hand as soon as it has lost the lease or cannot know whether it has.

    Parameters
    ----------
    place : tells the machines that this server looks after from those of others with the same store
    """

    news_s = Float(1.0, help="How often changes by other processes are looked for, s.").tag(config=True)
    resync_s = Float(30.0, help="How often everything is looked at even without news, s.").tag(config=True)
    lease_s = Float(
        6.0,
        max=LONGEST_LEASE_S,
        help="How long another server waits before it takes over from this one, should it die, s.",
    ).tag(config=True)
    parallel = Int(8, min=1, help="How many keys are worked on at once, count.").tag(config=True)
    longest_backoff_s = Float(30.0, help="Longest wait before a failed look is repeated, s.").tag(config=True)

    def __init__(self, store: Store, *, place: str = "", **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.store = store
        self._owner = uuid.uuid4().hex
        self._lease_name = f"{type(self).__name__}@{place}" if place else type(self).__name__
        self._queue = WorkQueue(self.parallel)
        self._failures: dict[str, int] = {}
        self._loop: asyncio.Task[None] | None = None
        #: goes off when the next key is due
        self._timer: asyncio.TimerHandle | None = None
        #: what runs while the lease is held: the loop, and the work on each key
        self._tasks: set[asyncio.Task[None]] = set()
        #: what keeps it from looking, as it was logged last; "" = nothing
        self._trouble = ""

    @abstractmethod
    async def keys(self) -> list[str]:
        """Return every key there is."""

    @abstractmethod
    async def reconcile(self, key: str) -> float | None:
        """Bring one key closer to what is wanted; return how often to look at it from now on, s; None = not by itself."""

    @abstractmethod
    async def sweep(self) -> None:
        """Look for what belongs to no key. Called at the start and at every resync."""

    async def open(self) -> None:
        """Start the loop."""
        self._loop = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop the loop and let another server take over; what runs goes on running."""
        if self._loop is None:
            return
        await _cancel([self._loop])
        try:
            await self.store.release_lease(self._lease_name, self._owner)
        except DbxError as error:
            self.log.warning("%s could not give its lease back: %s", self._lease_name, error.message)

    async def _run(self) -> None:
        """Act whenever the lease is held."""
        while True:
            asked = asyncio.get_running_loop().time()
            if await self._ask_for_lease():
                await self._lead(until=asked + self.lease_s)
            await asyncio.sleep(until_next(self.lease_s / 3))

    async def _lead(self, until: float) -> None:
        """Act until the lease is lost."""
        self.log.info("%s acts for this workspace", self._lease_name)
        self._begin(self._act())
        try:
            await self._keep_lease(until)
            self.log.warning("%s has lost its lease and lets another server act", self._lease_name)
        finally:
            while self._tasks:  # one that was just about to end may have begun another
                await _cancel(self._tasks)
            if self._timer is not None:
                self._timer.cancel()
            # The next time is a new beginning: everything is looked at then.
            self._queue = WorkQueue(self.parallel)
            self._failures.clear()

    async def _keep_lease(self, until: float) -> None:
        """Renew the lease; return when another server has it, or when it ended because the store could not be asked."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(until) as end:
                while True:
                    await asyncio.sleep(until_next(self.lease_s / 3))
                    asked = asyncio.get_running_loop().time()
                    held = await self._ask_for_lease()
                    if held:
                        end.reschedule(asked + self.lease_s)
                    elif held is False:
                        return

    async def _ask_for_lease(self) -> bool | None:
        """Return whether this server holds the lease from now on; None = the store cannot say."""
        try:
            return await self.store.lease(self._lease_name, self._owner, ttl_s=self.lease_s)
        except Exception as error:
            self._complain(error)
            return None

    async def _act(self) -> None:
        revision, sweep_at = -1, 0.0
        while True:
            try:
                now = time.monotonic()
                if now >= sweep_at:
                    sweep_at, revision = now + self.resync_s, -1
                    await self.sweep()
                latest = await self.store.revision()
                if latest != revision:
                    revision = latest
                    for key in await self.keys():
                        self._queue.put(key, now)
                    self._dispatch()
                self._recover()
                await self.store.wait_for_news(until_next(self.news_s), listener=self._lease_name)
            except Exception as error:
                # The loop outlives whatever the store or a backend throws at it: it looks again.
                self._complain(error)
                revision = -1
                await asyncio.sleep(self.news_s)

    def _complain(self, error: Exception) -> None:
        """Log what is in the way, once for as long as it stays the same."""
        if not isinstance(error, DbxError):
            self.log.error("%s could not look; it tries again", self._lease_name, exc_info=error)
        elif error.message != self._trouble:
            self._trouble = error.message
            self.log.warning("%s cannot look and tries again: %s", self._lease_name, error.message)

    def _recover(self) -> None:
        if self._trouble:
            self._trouble = ""
            self.log.info("%s can look again", self._lease_name)

    def _dispatch(self) -> None:
        """Begin to work on the keys whose turn it is, and come back when that of the next one is."""
        for key in self._queue.take(time.monotonic()):
            self._begin(self._work(key))
        if self._timer is not None:
            self._timer.cancel()
        wait = self._queue.next_due() - time.monotonic()
        if wait < float("inf"):
            self._timer = asyncio.get_running_loop().call_later(max(wait, 0.02), self._dispatch)

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, key: str) -> None:
        again = await self._look_at(key)
        self._queue.done(key)
        if again is not None:
            self._queue.put(key, time.monotonic() + again)
        # A key that had to wait for its turn has it now.
        self._dispatch()

    async def _look_at(self, key: str) -> float | None:
        """Reconcile a key, whatever happens; return when to look again, s."""
        try:
            again = await self.reconcile(key)
        except Conflict:
            return 0.0
        except Exception as error:
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            again = min(0.25 * 2.0**failures, self.longest_backoff_s)
            trace = None if isinstance(error, DbxError) else error
            words = "%s of %s failed and is tried again in %s s: %s"
            self.log.warning(words, self._lease_name, key, again, error, exc_info=trace)
            return again
        self._failures.pop(key, None)
        return until_next(again) if again else again


async def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    """End tasks and wait until they have ended."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
