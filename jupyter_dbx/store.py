"""REMEMBERS: versioned documents, leases and the event log, in SQLite by default.

The store is where the two halves of the product meet: managers write intent, controllers write facts. Three promises:

* an event is written in the same transaction as the change that caused it;
* a writer who read an older version fails with `Conflict` and changes nothing;
* `revision` grows with every change, by whichever process, so that a controller can wait for news.

SQLAlchemy Core is used synchronously on one worker thread; every public method is async. May import `model` only.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Generic, Protocol, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_dbx.model.attachment import Attachment
from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.errors import Conflict
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.node import Node
from jupyter_dbx.model.wire import from_document, to_document

_schema = sa.MetaData()
_documents = sa.Table(
    "documents",
    _schema,
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("id", sa.String(512), primary_key=True),
    sa.Column("owner", sa.String(512), nullable=False, default="", index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
_events = sa.Table(
    "events",
    _schema,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("cluster_id", sa.String(64), nullable=False, index=True),
    sa.Column("timestamp", sa.BigInteger, nullable=False),
    sa.Column("type", sa.String(64), nullable=False),
    sa.Column("details", sa.Text, nullable=False),
)
_leases = sa.Table(
    "leases",
    _schema,
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("owner", sa.String(256), nullable=False),
    sa.Column("expires_ms", sa.BigInteger, nullable=False),
)
_revision = sa.Table("revision", _schema, sa.Column("value", sa.BigInteger, nullable=False))

#: How long a SQLite statement waits for another server's transaction, ms.
_BUSY_MS = 10_000

#: Key of the PostgreSQL advisory lock under which tables are made; any number that nobody else uses.
_SCHEMA_LOCK = 0x6A757064_6278


class Document(Protocol):
    """What can be kept: a frozen dataclass with the version of its row."""

    @property
    def version(self) -> int:
        """Return the version of the row this value was read from; 0 = not saved yet."""


D = TypeVar("D", bound=Document)
R = TypeVar("R")


class Collection(Generic[D]):
    """All documents of one kind."""

    def __init__(self, store: Store, kind: type[D], *, key: str, owner: str | None = None) -> None:
        self._store, self._type = store, kind
        self._kind, self._key, self._owner = kind.__name__.lower(), key, owner

    async def get(self, key: str) -> D | None:
        """Return the document of this key, or None."""
        query = sa.select(_documents).where(self._is(key))
        return await self._store.run(lambda c: self._decode(row) if (row := c.execute(query).first()) else None)

    async def list(self, *, owner: str | None = None) -> list[D]:
        """Return all documents, or those of one owner, in the order of their keys."""
        query = sa.select(_documents).where(_documents.c.kind == self._kind).order_by(_documents.c.id)
        if owner is not None:
            query = query.where(_documents.c.owner == owner)
        return await self._store.run(lambda c: [self._decode(row) for row in c.execute(query)])

    async def save(self, value: D, *events: Event) -> D:
        """Write a document and the events that tell of the change; return it with its new version.

        Raises
        ------
        Conflict : `value` was read at an older version, or deleted meanwhile
        """
        key = str(getattr(value, self._key))
        saved: D = replace(value, version=value.version + 1)  # type: ignore[type-var]  # a protocol cannot say "dataclass"
        row = {
            "owner": str(getattr(value, self._owner)) if self._owner else "",
            "version": saved.version,
            "body": json.dumps(to_document(saved)),
        }

        def write(c: Connection) -> D:
            if value.version == 0:
                try:
                    c.execute(_documents.insert().values(kind=self._kind, id=key, **row))
                except sa.exc.IntegrityError:
                    raise Conflict(f"{self._kind} {key} exists already") from None
            else:
                same = sa.and_(self._is(key), _documents.c.version == value.version)
                if c.execute(_documents.update().where(same).values(**row)).rowcount != 1:
                    raise Conflict(f"{self._kind} {key} was changed meanwhile")
            _append(c, events)
            return saved

        return await self._store.run(write, changes=True)

    async def delete(self, value: D, *events: Event) -> None:
        """Forget a document.

        Raises
        ------
        Conflict : `value` was read at an older version
        """
        key = str(getattr(value, self._key))
        same = sa.and_(self._is(key), _documents.c.version == value.version)

        def write(c: Connection) -> None:
            if c.execute(_documents.delete().where(same)).rowcount != 1:
                raise Conflict(f"{self._kind} {key} was changed meanwhile")
            _append(c, events)

        await self._store.run(write, changes=True)

    def _is(self, key: str) -> sa.ColumnElement[bool]:
        return sa.and_(_documents.c.kind == self._kind, _documents.c.id == key)

    def _decode(self, row: sa.Row[tuple[object, ...]]) -> D:
        return from_document(self._type, json.loads(row._mapping["body"]))


class Store:
    """The workspace's memory.

    Parameters
    ----------
    url : SQLAlchemy URL, e.g. "sqlite:////home/me/…/dbx.db"
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.time) -> None:
        self._url, self._clock = url, clock
        self._engine: sa.Engine | None = None
        # One thread: SQLite has one writer anyway, and order of calls is order of writes.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dbx-store")
        self._news = asyncio.Event()
        self.clusters = Collection(self, Cluster, key="cluster_id")
        self.nodes = Collection(self, Node, key="node_id", owner="cluster_id")
        self.attachments = Collection(self, Attachment, key="key", owner="cluster_id")

    def now_ms(self) -> int:
        """Return the instant that rows are stamped with, ms since the epoch, UTC."""
        return int(self._clock() * 1000)

    async def open(self) -> Self:
        """Connect, and make the tables if they are missing."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._connect)
        return self

    async def close(self) -> None:
        """Disconnect; what is stored stays."""
        if self._engine is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
            self._engine = None
        self._thread.shutdown()

    async def run(self, work: Callable[[Connection], R], *, changes: bool = False) -> R:
        """Run `work` in one transaction on the store's thread; `changes` says that it writes."""

        def transact() -> R:
            assert self._engine is not None, "the store is not open"
            with self._engine.begin() as connection:
                if changes:
                    # First, so that SQLite takes its write lock before anything is read: a lock wanted later, after
                    # another process wrote, fails at once instead of waiting.
                    connection.execute(_revision.update().values(value=_revision.c.value + 1))
                return work(connection)

        result = await asyncio.get_running_loop().run_in_executor(self._thread, transact)
        if changes:
            self._news.set()
        return result

    async def revision(self) -> int:
        """Return the count of changes so far, by all processes."""
        return await self.run(lambda c: int(c.execute(sa.select(_revision.c.value)).scalar_one()))

    async def wait_for_news(self, timeout_s: float) -> None:
        """Return when this process has written something, or after `timeout_s`."""
        # Not `wait_for`: Python 3.11's forgets that it was cancelled when the news come at the same moment.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
                self._news.clear()

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
        wanted = [_events.c.cluster_id == cluster_id]
        if types:
            wanted.append(_events.c.type.in_(types))
        if start_ms is not None:
            wanted.append(_events.c.timestamp >= start_ms)
        if end_ms is not None:
            wanted.append(_events.c.timestamp <= end_ms)
        order = _events.c.seq.desc() if newest_first else _events.c.seq.asc()
        page = sa.select(_events).where(*wanted).order_by(order).offset(offset).limit(limit)
        count = sa.select(sa.func.count()).select_from(_events).where(*wanted)

        def read(c: Connection) -> tuple[list[Event], int]:
            return [_event(row._mapping) for row in c.execute(page)], int(c.execute(count).scalar_one())

        return await self.run(read)

    async def forget(self, cluster: Cluster) -> None:
        """Delete a cluster with its events and attachments, for good.

        Raises
        ------
        Conflict : `cluster` was read at an older version
        """

        def write(c: Connection) -> None:
            row = sa.and_(_documents.c.kind == "cluster", _documents.c.id == cluster.cluster_id)
            if c.execute(_documents.delete().where(row, _documents.c.version == cluster.version)).rowcount != 1:
                raise Conflict
            c.execute(_documents.delete().where(_documents.c.owner == cluster.cluster_id))
            c.execute(_events.delete().where(_events.c.cluster_id == cluster.cluster_id))

        await self.run(write, changes=True)

    async def lease(self, name: str, owner: str, *, ttl_s: float) -> bool:
        """Take or renew a lease; True if `owner` holds it now, for `ttl_s` from now."""
        now = self.now_ms()
        expires = now + int(ttl_s * 1000)

        def write(c: Connection) -> bool:
            mine_or_stale = sa.or_(_leases.c.owner == owner, _leases.c.expires_ms < now)
            taken = (
                _leases.update().where(_leases.c.name == name, mine_or_stale).values(owner=owner, expires_ms=expires)
            )
            if c.execute(taken).rowcount:
                return True
            if c.execute(sa.select(_leases.c.name).where(_leases.c.name == name)).first():
                return False
            c.execute(_leases.insert().values(name=name, owner=owner, expires_ms=expires))
            return True

        try:
            return await self.run(write)
        except sa.exc.IntegrityError:  # another server made the row between our look and our insert
            return False

    async def release_lease(self, name: str, owner: str) -> None:
        """Give a lease back, so that another server need not wait for its end."""
        mine = sa.and_(_leases.c.name == name, _leases.c.owner == owner)
        await self.run(lambda c: c.execute(_leases.delete().where(mine)))

    def _connect(self) -> None:
        engine = sa.create_engine(self._url)
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _prepare_sqlite)
            sa.event.listen(engine, "begin", _begin_sqlite)
        _make_tables(engine)
        self._engine = engine


def _make_tables(engine: sa.Engine) -> None:
    # Two servers may make a new database at once: the second waits for the first and then finds all of it.
    with engine.execution_options(locks=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
        _schema.create_all(connection)
        if connection.execute(sa.select(_revision.c.value)).first() is None:
            connection.execute(_revision.insert().values(value=0))


def _append(connection: Connection, events: Sequence[Event]) -> None:
    for event in events:
        row = {"cluster_id": event.cluster_id, "timestamp": event.timestamp, "type": event.type.value}
        connection.execute(_events.insert().values(**row, details=json.dumps(event.details)))


def _event(row: sa.RowMapping) -> Event:
    return Event(
        cluster_id=row["cluster_id"],
        timestamp=row["timestamp"],
        type=EventType(row["type"]),
        details=json.loads(row["details"]),
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transaction handling is off: it begins too late, after the first read (see SQLAlchemy,
    # "Serializable isolation / Savepoints / Transactional DDL" of the SQLite dialect).
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    connection.execute("PRAGMA synchronous=NORMAL")
    deadline = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            # The one thing that SQLite does not wait for: another server is making this new file.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    # A lock is waited for at the begin of a transaction only.
    waits = connection.get_execution_options().get("locks")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if waits else "BEGIN")
