"""The database under the store: one thread, one connection, and a limit for every wait."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_dbx.model.errors import StoreUnavailable
from jupyter_dbx.store.faults import TRANSIENT, explain, kind_of, name_of
from jupyter_dbx.store.schema import update_schema
from jupyter_dbx.store.tables import revision

#: How long connecting to PostgreSQL may take, s.
CONNECT_S = 5

#: How long a statement may take, and wait for another server's transaction, s.
STATEMENT_S = 10

#: How long a call may take in total, including its wait in the queue, s.
CALL_S = 25

#: The limits as options of the PostgreSQL driver, which gives up a silent connection after three probes.
#: Source: PostgreSQL, Connection Strings.
_DRIVER_LIMITS = {
    "connect_timeout": CONNECT_S,
    "tcp_user_timeout": STATEMENT_S * 1000,
    "keepalives_idle": STATEMENT_S,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "application_name": "jupyter_dbx",
}

#: The limits as options of the PostgreSQL server. A transaction is idle if its process was suspended.
_SERVER_LIMITS = [
    f"-c {name}={STATEMENT_S}s" for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
]

R = TypeVar("R")


class Run(Protocol):
    """Runs `work` in one transaction; `changes` = it counts as a change of the store."""

    async def __call__(self, work: Callable[[Connection], R], *, changes: bool = False) -> R:
        """Return what `work` returns."""


class Database:
    """Runs transactions one after another.

    Parameters
    ----------
    url : SQLAlchemy URL of an SQLite file or a PostgreSQL database
    """

    def __init__(self, url: str) -> None:
        self._raw_url = url
        self._engine: sa.Engine | None = None
        # One thread: SQLite allows one writer anyway, and writes keep the order of the calls.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dbx-store")
        #: the DBAPI connection; at most one
        self._connection: Any = None
        self._kept: Connection | None = None

    async def open(self) -> None:
        """Connect, and bring the tables to the revision of this code.

        Raises
        ------
        StoreUnavailable : the database is not available now; the next call tries again
        StoreNewer : newer code created or upgraded the store; nothing is written to it
        """
        await self._call(self._open)

    async def close(self) -> None:
        """Disconnect."""
        if self._engine is not None:
            with contextlib.suppress(StoreUnavailable):
                await self._call(self._drop)
        self._thread.shutdown(wait=False)

    async def run(self, work: Callable[[Connection], R], *, changes: bool) -> R:
        """Run `work` in one transaction; `changes` = it counts as a change of the store.

        Raises
        ------
        StoreUnavailable : it failed; nothing was written, unless the connection was lost in the last instant
        """
        deadline = time.monotonic() + CALL_S

        def transact() -> R:
            with self._begin() as connection:
                if changes:
                    # First, to take the write lock before any read: in SQLite a later lock fails at once if another process
                    # has written since. In PostgreSQL this serializes writers too.
                    connection.execute(revision.update().values(value=revision.c.value + 1))
                result = work(connection)
                if time.monotonic() > deadline:
                    raise self._timeout()  # the caller has timed out already: roll back
                return result

        return await self._call(transact)

    @contextlib.contextmanager
    def _begin(self) -> Iterator[Connection]:
        """Yield a connection in a transaction.

        SQLite's connection is kept, because checking it out of the pool takes as long as most statements. PostgreSQL's is
        tested each time, because the server may have restarted meanwhile.
        """
        engine = self._open()
        if engine.dialect.name != "sqlite":
            with engine.begin() as connection:
                yield connection
            return
        if self._kept is None:
            self._kept = engine.connect()
        with self._kept.begin():
            yield self._kept

    async def _call(self, work: Callable[[], R]) -> R:
        running = self._thread.submit(self._translate, work)
        try:
            async with asyncio.timeout(CALL_S):
                return await asyncio.wrap_future(running)
        except TimeoutError:
            if running.running():
                self._disconnect()
            raise self._timeout() from None

    def _translate(self, work: Callable[[], R]) -> R:
        try:
            return work()
        except sa.exc.IntegrityError:
            raise
        except sa.exc.DBAPIError as error:
            if kind_of(error, self._url) not in TRANSIENT:
                self._drop()  # the connection stays broken even after the fault is gone
            raise StoreUnavailable(explain(error, self._url)) from error

    def _timeout(self) -> StoreUnavailable:
        return StoreUnavailable(
            f"No response from {name_of(self._url)} within {CALL_S} s. Find out what keeps it busy, "
            "then repeat the request."
        )

    @property
    def _url(self) -> sa.URL:
        try:
            url = sa.make_url(self._raw_url)
        except sa.exc.ArgumentError:
            raise _unusable("the store's URL, which is invalid") from None
        if url.drivername == "postgresql":  # SQLAlchemy's default is an older driver
            url = url.set(drivername="postgresql+psycopg")
        return url

    def _open(self) -> sa.Engine:
        if self._engine is None:
            engine = self._make_engine()
            sa.event.listen(engine, "connect", self._remember)
            try:
                update_schema(engine, name_of(self._url))
            except BaseException:
                engine.dispose()
                raise
            self._engine = engine
        return self._engine

    def _make_engine(self) -> sa.Engine:
        url = self._url
        match url.get_backend_name():
            case "sqlite":
                _make_private(url.database)
                engine = sa.create_engine(url)
                sa.event.listen(engine, "connect", _prepare_sqlite)
                sa.event.listen(engine, "begin", _begin_sqlite)
                return engine
            case "postgresql":
                limits = {k: v for k, v in _DRIVER_LIMITS.items() if k not in url.query}
                # Limits in the URL take precedence.
                options = " ".join([*_SERVER_LIMITS, *url.normalized_query.get("options", ())])
                try:
                    return sa.create_engine(
                        url,
                        connect_args=limits | {"options": options},
                        isolation_level="READ COMMITTED",
                        pool_size=1,
                        max_overflow=0,
                        pool_pre_ping=True,  # the server may have restarted since the last call
                    )
                except ModuleNotFoundError as error:
                    install = f"{name_of(url)} without {error.name} (pip install 'jupyter_dbx[postgresql]')"
                    raise _unusable(install) from None
        raise _unusable(f"{name_of(url)}, which is neither SQLite nor PostgreSQL")

    def _remember(self, connection: Any, _record: object) -> None:
        self._connection = connection

    def _drop(self) -> None:
        if self._kept is not None:
            with contextlib.suppress(sa.exc.DBAPIError):
                self._kept.close()
            self._kept = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _disconnect(self) -> None:
        """Free the thread from a server that hangs: the driver waits as long as the connection exists."""
        # SQLite has no connection to close: it waits for locks, with a limit, and for the disk.
        if self._connection is not None and not isinstance(self._connection, sqlite3.Connection):
            if not self._connection.closed:
                with socket.socket(fileno=os.dup(self._connection.fileno())) as line, contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)


def _unusable(why: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"Cannot use {why}. Set DbxApp.store_url to sqlite:////FOLDER/dbx.db or to "
        "postgresql://USER:PASSWORD@HOST/DATABASE, and restart the Jupyter server."
    )


def _make_private(file: str | None) -> None:
    """Let only its owner read a database, and the files that SQLite keeps beside it: they inherit its mode."""
    if file and file != ":memory:" and not file.startswith("file:"):
        with contextlib.suppress(OSError):  # SQLite reports it in its own words
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
            os.chmod(file, 0o600)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transaction handling is off: it begins too late, after the first read (SQLAlchemy,
    # "Serializable isolation / Savepoints / Transactional DDL" of the SQLite dialect).
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={STATEMENT_S * 1000}")
    connection.execute("PRAGMA synchronous=NORMAL")
    deadline = time.monotonic() + STATEMENT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            # SQLite does not wait for this lock while another server creates the file.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    # SQLite waits for a lock only at the beginning of a transaction.
    waits = connection.get_execution_options().get("locks")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if waits else "BEGIN")
