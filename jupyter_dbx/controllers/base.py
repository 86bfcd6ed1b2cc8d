"""Controller: a keyed work queue with back-off, news from the store, and a lease."""

from __future__ import annotations

import asyncio
import time
import uuid
from abc import abstractmethod

from traitlets import Float
from traitlets.config import LoggingConfigurable

from jupyter_dbx.model.errors import Conflict
from jupyter_dbx.store import Store


class WorkQueue:
    """Keys and when each is due. A key is never worked on twice at once; putting it again while it is makes it due after."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._busy: set[str] = set()

    def put(self, key: str, due: float) -> None:
        """Make `key` due at `due` (monotonic, s), or earlier if it already is."""
        self._due[key] = min(due, self._due.get(key, due))

    def take(self, now: float) -> list[str]:
        """Return the keys that are due and not being worked on; they are busy until `done`."""
        ready = [key for key, due in self._due.items() if due <= now and key not in self._busy]
        for key in ready:
            del self._due[key]
            self._busy.add(key)
        return ready

    def done(self, key: str) -> None:
        """Say that the work on a key has ended."""
        self._busy.discard(key)

    def next_due(self) -> float:
        """Return when the next key that is not busy is due (monotonic, s); infinity if none is."""
        return min((due for key, due in self._due.items() if key not in self._busy), default=float("inf"))


class Controller(LoggingConfigurable):
    """A level-triggered loop over the keys of one noun.

    It looks at every key when the store has news (from any process), when the key asked to be looked at again, and from
    time to time anyway. What it missed while it was away it sees at the next look.
    """

    news_s = Float(0.5, help="How often changes by other processes are looked for, s.").tag(config=True)
    resync_s = Float(10.0, help="How often everything is looked at even without news, s.").tag(config=True)
    lease_s = Float(
        6.0, help="How long another server waits before it takes over from this one, should it die, s."
    ).tag(config=True)
    longest_backoff_s = Float(30.0, help="Longest wait before a failed look is repeated, s.").tag(config=True)

    def __init__(self, store: Store, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.store = store
        self._owner = uuid.uuid4().hex
        self._queue = WorkQueue()
        self._failures: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None

    @abstractmethod
    async def keys(self) -> list[str]:
        """Return every key there is."""

    @abstractmethod
    async def reconcile(self, key: str) -> float:
        """Bring one key closer to what is wanted; return after how long to look at it again, s."""

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
        for task in (self._loop, *self._tasks):
            task.cancel()
        await asyncio.gather(self._loop, *self._tasks, return_exceptions=True)
        await self.store.release_lease(self._lease_name, self._owner)

    @property
    def _lease_name(self) -> str:
        return type(self).__name__

    async def _run(self) -> None:
        leader, revision, lease_at, sweep_at = False, -1, 0.0, 0.0
        while True:
            try:
                now = time.monotonic()
                if now >= lease_at:
                    was_leader = leader
                    leader = await self.store.lease(self._lease_name, self._owner, ttl_s=self.lease_s)
                    lease_at = now + self.lease_s / 3
                    if leader and not was_leader:
                        self.log.info("%s acts for this workspace", self._lease_name)
                if leader:
                    if now >= sweep_at:
                        sweep_at, revision = now + self.resync_s, -1
                        await self.sweep()
                    latest = await self.store.revision()
                    if latest != revision:
                        revision = latest
                        for key in await self.keys():
                            self._queue.put(key, now)
                    self._dispatch(now)
                wait = self._queue.next_due() - time.monotonic() if leader else self.news_s
                await self.store.wait_for_news(min(max(wait, 0.02), self.news_s))
            except Exception:
                # The loop outlives whatever the store or a backend throws at it: it looks again.
                self.log.exception("%s could not look; it tries again", self._lease_name)
                await asyncio.sleep(self.news_s)

    def _dispatch(self, now: float) -> None:
        for key in self._queue.take(now):
            task = asyncio.create_task(self._work(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self, key: str) -> None:
        again = self.longest_backoff_s
        try:
            again = await self.reconcile(key)
            self._failures.pop(key, None)
        except Conflict:
            again = 0.0
        except Exception:
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            again = min(0.25 * 2**failures, self.longest_backoff_s)
            self.log.exception("%s of %s failed; it is tried again in %s s", self._lease_name, key, again)
        finally:
            self._queue.done(key)
            self._queue.put(key, time.monotonic() + again)
