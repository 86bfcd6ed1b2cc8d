"""Store: the workspace's clusters, nodes, attachments, secrets, people, tokens, events, pulses and leases."""

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
from jupyter_dbx.model.principal import Person
from jupyter_dbx.model.remote_kernel import RemoteKernel
from jupyter_dbx.model.secret import SecretScope
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.model.token import PersonalToken
from jupyter_dbx.model.usage import Sample
from jupyter_dbx.model.wire import from_document, to_document
from jupyter_dbx.store.collection import Collection
from jupyter_dbx.store.database import Database
from jupyter_dbx.store.tables import documents, events, leases, pulses, revision, samples
from jupyter_dbx.store.vault import Vault

#: Maximum term of a lease, s. A lease with a later expiry was taken before the clock was set back.
MAX_LEASE_S = 60.0

R = TypeVar("R")


class Store:
    """The persistent state of the workspace.

    Parameters
    ----------
    url : SQLAlchemy URL, e.g. "sqlite:////home/me/…/dbx.db" or "postgresql://me:…@host/dbx"
    clock : source of the timestamps in rows, s since the epoch
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = Database(url), clock
        #: listener → event that is set while there are changes the listener has not seen
        self._news = {"": asyncio.Event()}
        self.clusters = Collection(self.run, Cluster, key="cluster_id")
        self.nodes = Collection(self.run, Node, key="node_id", owner="cluster_id")
        self.attachments = Collection(self.run, Attachment, key="key", owner="cluster_id")
        self.scopes = Collection(self.run, SecretScope, key="scope_id")
        self.people = Collection(self.run, Person, key="key", is_news=False)
        self.remote_kernels = Collection(self.run, RemoteKernel, key="kernel_id", is_news=False)
        self.tokens = Collection(self.run, PersonalToken, key="token_id")
        self.vault = Vault(self.run)

    def now_ms(self) -> int:
        """Return the current time for timestamps in rows, ms since the epoch, UTC."""
        return int(self._clock() * 1000)

    async def open(self) -> Self:
        """Connect, and bring the tables to the revision of this code.

        Raises
        ------
        StoreUnavailable : the database is not available now; the next call of any method tries again
        StoreNewer : newer code created or upgraded the store; nothing is written to it
        """
        await self._database.open()
        return self

    async def close(self) -> None:
        """Disconnect."""
        await self._database.close()

    async def run(self, work: Callable[[Connection], R], *, changes: bool = False) -> R:
        """Run `work` in one transaction on the store's thread; `changes` = it counts as a change and wakes listeners.

        Raises
        ------
        StoreUnavailable : it failed; the message states the cause and what to do
        """
        result = await self._database.run(work, changes=changes)
        if changes:
            for news in self._news.values():
                news.set()
        return result

    async def revision(self) -> int:
        """Return the number of changes so far, by all processes."""
        return await self.run(lambda c: int(c.execute(_REVISION).scalar_one()))

    async def wait_for_news(self, timeout_s: float, *, listener: str = "") -> bool:
        """Return True once this process has changed something that `listener` has not seen, or False after `timeout_s`."""
        news = self._news.get(listener)
        if news is None:
            self._news[listener] = asyncio.Event()
            return True
        # Not `wait_for`, which in Python 3.11 loses a cancellation that arrives together with the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await news.wait()
                news.clear()
                return True
        return False

    async def events(
        self,
        subject: Subject,
        *,
        types: Sequence[str] = (),
        start_ms: int | None = None,
        end_ms: int | None = None,
        newest_first: bool = True,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[list[Event], int]:
        """Return a page of a subject's events in order of time, and their total number.

        Parameters
        ----------
        types : only events of these types; empty = all
        start_ms, end_ms : only events of this period, both ends included, ms since the epoch
        offset, limit : start and maximum size of the page, count
        """
        conditions = [_is_of(events, subject)]
        if types:
            conditions.append(events.c.type.in_(types))
        if start_ms is not None:
            conditions.append(events.c.timestamp >= start_ms)
        if end_ms is not None:
            conditions.append(events.c.timestamp <= end_ms)
        order = events.c.seq.desc() if newest_first else events.c.seq.asc()
        page = sa.select(events).where(*conditions).order_by(order).offset(offset).limit(limit)
        count = sa.select(sa.func.count()).select_from(events).where(*conditions)

        def read(c: Connection) -> tuple[list[Event], int]:
            return [_event(row._mapping) for row in c.execute(page)], int(c.execute(count).scalar_one())

        return await self.run(read)

    async def prune(self, *, events_per_subject: int = 10_000) -> int:
        """Delete all but the newest events of each subject; return how many were deleted. This does not count as a change."""
        subject = events.c.subject_kind, events.c.subject_id
        many = sa.select(*subject).group_by(*subject).having(sa.func.count() > events_per_subject)
        age = sa.func.row_number().over(partition_by=subject, order_by=events.c.seq.desc())
        ranked = sa.select(events.c.seq, age.label("age")).where(sa.tuple_(*subject).in_(many)).subquery()
        old = sa.select(ranked.c.seq).where(ranked.c.age > events_per_subject)
        return await self.run(lambda c: c.execute(events.delete().where(events.c.seq.in_(old))).rowcount)

    async def save_pulse(self, subject: Subject, pulse: Pulse, *, changes: bool = False) -> None:
        """Write the last pulse of a subject; `changes` = it counts as a change. Frequent updates should wake no listener."""
        row = {"kind": subject.kind, "id": subject.id, "body": json.dumps(to_document(pulse))}
        await self.run(lambda c: c.execute(_SAVE_PULSE, row), changes=changes)

    async def pulses(self, kind: str) -> dict[str, Pulse]:
        """Return the last pulse of each subject of a kind: id → pulse. It may be outdated."""
        query = sa.select(pulses.c.subject_id, pulses.c.body).where(pulses.c.subject_kind == kind)
        rows = await self.run(lambda c: c.execute(query).all())
        return {subject_id: from_document(Pulse, json.loads(body)) for subject_id, body in rows}

    async def save_sample(self, subject: Subject, sample: Sample, *, keep_ms: int) -> None:
        """Write a sample, and delete those older by more than `keep_ms`. This does not count as a change."""
        body = json.dumps(to_document(sample))
        row = {"kind": subject.kind, "id": subject.id, "at_ms": sample.at_ms, "body": body}
        old = sa.and_(_is_of(samples, subject), samples.c.at_ms < sample.at_ms - keep_ms)

        def write(c: Connection) -> None:
            c.execute(_SAVE_SAMPLE, row)
            c.execute(samples.delete().where(old))

        await self.run(write)

    async def samples(self, subject: Subject, *, since_ms: int = 0) -> list[Sample]:
        """Return a subject's samples after `since_ms`, oldest first."""
        conditions = _is_of(samples, subject), samples.c.at_ms > since_ms
        query = sa.select(samples.c.body).where(*conditions).order_by(samples.c.at_ms)
        rows = await self.run(lambda c: list(c.execute(query).scalars()))
        return [from_document(Sample, json.loads(row)) for row in rows]

    async def forget(self, cluster: Cluster) -> None:
        """Delete a cluster and everything that belongs to it.

        Raises
        ------
        Conflict : `cluster` was read at an older version
        """
        subject = Subject.cluster(cluster.cluster_id)

        def write(c: Connection) -> None:
            row = sa.and_(documents.c.kind == "cluster", documents.c.id == cluster.cluster_id)
            if c.execute(documents.delete().where(row, documents.c.version == cluster.version)).rowcount != 1:
                raise Conflict
            c.execute(documents.delete().where(documents.c.owner == cluster.cluster_id))
            for table in (events, samples, pulses):
                c.execute(table.delete().where(_is_of(table, subject)))

        await self.run(write, changes=True)

    async def lease(self, name: str, owner: str, *, ttl_s: float) -> bool:
        """Take or renew a lease; True if `owner` holds it now, for `ttl_s` from now, at most MAX_LEASE_S."""
        now, term_ms = self.now_ms(), int(MAX_LEASE_S * 1000)
        row = {
            "name": name,
            "owner": owner,
            "expires_ms": now + min(int(ttl_s * 1000), term_ms),
            "now": now,
            "farthest": now + 2 * term_ms,
        }
        return await self.run(lambda c: c.execute(_TAKE_LEASE, row).rowcount == 1)

    async def release_lease(self, name: str, owner: str) -> None:
        """Release a lease, so that another server need not wait for its expiry."""
        mine = sa.and_(leases.c.name == name, leases.c.owner == owner)
        await self.run(lambda c: c.execute(leases.delete().where(mine)))


#: Built once: building a statement takes longer than running it.
_REVISION = sa.select(revision.c.value)

#: Both databases understand these statements, and each is atomic.
_SAVE_PULSE = sa.text(
    "INSERT INTO pulses (subject_kind, subject_id, body) VALUES (:kind, :id, :body) "
    "ON CONFLICT (subject_kind, subject_id) DO UPDATE SET body = excluded.body"
)
_SAVE_SAMPLE = sa.text(
    "INSERT INTO samples (subject_kind, subject_id, at_ms, body) VALUES (:kind, :id, :at_ms, :body) "
    "ON CONFLICT (subject_kind, subject_id, at_ms) DO NOTHING"
)
_TAKE_LEASE = sa.text(
    "INSERT INTO leases (name, owner, expires_ms) VALUES (:name, :owner, :expires_ms) "
    "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_ms = excluded.expires_ms "
    "WHERE leases.owner = excluded.owner OR leases.expires_ms < :now OR leases.expires_ms > :farthest"
)


def _is_of(table: sa.Table, subject: Subject) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.subject_kind == subject.kind, table.c.subject_id == subject.id)


def _event(row: sa.RowMapping) -> Event:
    return Event(
        subject=Subject(row["subject_kind"], row["subject_id"]),
        timestamp=row["timestamp"],
        type=EventType(row["type"]),
        details=json.loads(row["details"]),
    )


def until_next(period_s: float) -> float:
    """Return the time until the next multiple of a period, s.

    Periodic work thus happens together: waking a sleeping processor takes longer than the work itself.
    """
    return period_s - time.monotonic() % period_s
