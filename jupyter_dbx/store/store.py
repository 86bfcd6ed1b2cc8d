"""Store: the workspace's clusters, nodes, attachments, secrets, events, pulses and leases."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Sequence
from typing import Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_dbx.model.attachment import Attachment
from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.driver import Pulse
from jupyter_dbx.model.errors import Conflict
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.node import Node
from jupyter_dbx.model.secret import SecretScope
from jupyter_dbx.model.usage import Sample
from jupyter_dbx.model.wire import from_document, to_document
from jupyter_dbx.store.collection import Collection
from jupyter_dbx.store.database import Database
from jupyter_dbx.store.tables import documents, events, leases, pulses, revision, samples
from jupyter_dbx.store.vault import Vault

#: No lease is taken for longer, s. One that seems to last longer was taken before the clock was set back.
LONGEST_LEASE_S = 60.0

R = TypeVar("R")


class Store:
    """The workspace's memory.

    Parameters
    ----------
    url : SQLAlchemy URL, e.g. "sqlite:////home/me/…/dbx.db" or "postgresql://me:…@host/dbx"
    clock : what rows are stamped with, s since the epoch
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = Database(url), clock
        #: who listens → whether there are news that it has not heard
        self._news = {"": asyncio.Event()}
        self.clusters = Collection(self, Cluster, key="cluster_id")
        self.nodes = Collection(self, Node, key="node_id", owner="cluster_id")
        self.attachments = Collection(self, Attachment, key="key", owner="cluster_id")
        self.scopes = Collection(self, SecretScope, key="scope_id")
        self.vault = Vault(self)

    def now_ms(self) -> int:
        """Return the instant that rows are stamped with, ms since the epoch, UTC."""
        return int(self._clock() * 1000)

    async def open(self) -> Self:
        """Connect, and make the tables if they are missing.

        Raises
        ------
        StoreUnavailable : that is not possible now; the next call, of whatever method, tries again
        """
        await self._database.open()
        return self

    async def close(self) -> None:
        """Disconnect; what is stored stays."""
        await self._database.close()

    async def run(self, work: Callable[[Connection], R], *, changes: bool = False) -> R:
        """Run `work` in one transaction on the store's thread; `changes` says that it makes news.

        Raises
        ------
        StoreUnavailable : it could not be done, and its message says why and what to do
        """
        result = await self._database.run(work, changes=changes)
        if changes:
            for news in self._news.values():
                news.set()
        return result

    async def revision(self) -> int:
        """Return the count of changes so far, by all processes."""
        return await self.run(lambda c: int(c.execute(_REVISION).scalar_one()))

    async def wait_for_news(self, timeout_s: float, *, listener: str = "") -> bool:
        """Return True when this process has written something that `listener` has not heard of, or False after `timeout_s`."""
        news = self._news.get(listener)
        if news is None:
            self._news[listener] = asyncio.Event()
            return True
        # Not `wait_for`: Python 3.11's forgets that it was cancelled when the news come at the same moment.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await news.wait()
                news.clear()
                return True
        return False

    async def events(
        self,
        cluster_id: str,
        *,
        types: Sequence[str] = (),
        start_ms: int | None = None,
        end_ms: int | None = None,
        newest_first: bool = True,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[list[Event], int]:
        """Return a page of a cluster's events in time, and how many there are in all.

        Parameters
        ----------
        types : only these; empty = all
        start_ms, end_ms : only from … to, both included, ms since the epoch
        offset, limit : which part of the result, count
        """
        wanted = [events.c.cluster_id == cluster_id]
        if types:
            wanted.append(events.c.type.in_(types))
        if start_ms is not None:
            wanted.append(events.c.timestamp >= start_ms)
        if end_ms is not None:
            wanted.append(events.c.timestamp <= end_ms)
        order = events.c.seq.desc() if newest_first else events.c.seq.asc()
        page = sa.select(events).where(*wanted).order_by(order).offset(offset).limit(limit)
        count = sa.select(sa.func.count()).select_from(events).where(*wanted)

        def read(c: Connection) -> tuple[list[Event], int]:
            return [_event(row._mapping) for row in c.execute(page)], int(c.execute(count).scalar_one())

        return await self.run(read)

    async def prune(self, *, events_per_cluster: int = 10_000) -> int:
        """Forget all but the newest events of each cluster; return how many were forgotten. It makes no news."""
        many = sa.select(events.c.cluster_id).group_by(events.c.cluster_id)
        many = many.having(sa.func.count() > events_per_cluster)
        age = sa.func.row_number().over(partition_by=events.c.cluster_id, order_by=events.c.seq.desc())
        ranked = sa.select(events.c.seq, age.label("age")).where(events.c.cluster_id.in_(many)).subquery()
        old = sa.select(ranked.c.seq).where(ranked.c.age > events_per_cluster)
        return await self.run(lambda c: c.execute(events.delete().where(events.c.seq.in_(old))).rowcount)

    async def save_pulse(self, pulse: Pulse) -> None:
        """Write what a driver said last. It makes no news: what changes by the second wakes nobody."""
        row = {"cluster_id": pulse.cluster_id, "body": json.dumps(to_document(pulse))}
        await self.run(lambda c: c.execute(_SAVE_PULSE, row))

    async def pulses(self) -> dict[str, Pulse]:
        """Return what each driver said last: cluster id → pulse. It may be old, and its cluster may have ended since."""
        rows = await self.run(lambda c: [row._mapping for row in c.execute(sa.select(pulses))])
        return {row["cluster_id"]: from_document(Pulse, json.loads(row["body"])) for row in rows}

    async def save_sample(self, sample: Sample, *, keep_ms: int) -> None:
        """Write how busy a cluster was, and forget what is older than that by more than `keep_ms`. It makes no news."""
        row = {"cluster_id": sample.cluster_id, "at_ms": sample.at_ms, "body": json.dumps(to_document(sample))}
        old = sa.and_(samples.c.cluster_id == sample.cluster_id, samples.c.at_ms < sample.at_ms - keep_ms)

        def write(c: Connection) -> None:
            c.execute(_SAVE_SAMPLE, row)
            c.execute(samples.delete().where(old))

        await self.run(write)

    async def samples(self, cluster_id: str, *, since_ms: int = 0) -> list[Sample]:
        """Return how busy a cluster was later than `since_ms`, oldest first."""
        wanted = samples.c.cluster_id == cluster_id, samples.c.at_ms > since_ms
        query = sa.select(samples.c.body).where(*wanted).order_by(samples.c.at_ms)
        rows = await self.run(lambda c: list(c.execute(query).scalars()))
        return [from_document(Sample, json.loads(row)) for row in rows]

    async def forget(self, cluster: Cluster) -> None:
        """Delete a cluster with its events and attachments, for good.

        Raises
        ------
        Conflict : `cluster` was read at an older version
        """

        def write(c: Connection) -> None:
            row = sa.and_(documents.c.kind == "cluster", documents.c.id == cluster.cluster_id)
            if c.execute(documents.delete().where(row, documents.c.version == cluster.version)).rowcount != 1:
                raise Conflict
            c.execute(documents.delete().where(documents.c.owner == cluster.cluster_id))
            c.execute(events.delete().where(events.c.cluster_id == cluster.cluster_id))
            c.execute(samples.delete().where(samples.c.cluster_id == cluster.cluster_id))
            c.execute(pulses.delete().where(pulses.c.cluster_id == cluster.cluster_id))

        await self.run(write, changes=True)

    async def lease(self, name: str, owner: str, *, ttl_s: float) -> bool:
        """Take or renew a lease; True if `owner` holds it now, for `ttl_s` from now, at most LONGEST_LEASE_S."""
        now, longest = self.now_ms(), int(LONGEST_LEASE_S * 1000)
        row = {
            "name": name,
            "owner": owner,
            "expires_ms": now + min(int(ttl_s * 1000), longest),
            "now": now,
            "farthest": now + 2 * longest,
        }
        return await self.run(lambda c: c.execute(_TAKE_LEASE, row).rowcount == 1)

    async def release_lease(self, name: str, owner: str) -> None:
        """Give a lease back, so that another server need not wait for its end."""
        mine = sa.and_(leases.c.name == name, leases.c.owner == owner)
        await self.run(lambda c: c.execute(leases.delete().where(mine)))


#: Made once, as making a statement takes longer than running it.
_REVISION = sa.select(revision.c.value)

#: Both databases understand these words, and nobody comes in between.
_SAVE_PULSE = sa.text(
    "INSERT INTO pulses (cluster_id, body) VALUES (:cluster_id, :body) "
    "ON CONFLICT (cluster_id) DO UPDATE SET body = excluded.body"
)
_SAVE_SAMPLE = sa.text(
    "INSERT INTO samples (cluster_id, at_ms, body) VALUES (:cluster_id, :at_ms, :body) "
    "ON CONFLICT (cluster_id, at_ms) DO NOTHING"
)
_TAKE_LEASE = sa.text(
    "INSERT INTO leases (name, owner, expires_ms) VALUES (:name, :owner, :expires_ms) "
    "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_ms = excluded.expires_ms "
    "WHERE leases.owner = excluded.owner OR leases.expires_ms < :now OR leases.expires_ms > :farthest"
)


def _event(row: sa.RowMapping) -> Event:
    return Event(
        cluster_id=row["cluster_id"],
        timestamp=row["timestamp"],
        type=EventType(row["type"]),
        details=json.loads(row["details"]),
    )


def until_next(period_s: float) -> float:
    """Return the time until the next multiple of a period, s.

    What recurs thus recurs together: a processor that sleeps takes longer to wake up than to do what is to be done.
    """
    return period_s - time.monotonic() % period_s
