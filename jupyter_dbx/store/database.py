"""The database under the store: one thread, one connection, and a limit to every wait."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_dbx.model.errors import StoreUnavailable
from jupyter_dbx.store.tables import make_tables, revision
from jupyter_dbx.store.trouble import PASSING, explain, kind_of, name_of

#: How long connecting to PostgreSQL may take, s.
CONNECT_S = 5

#: How long a statement may take, and wait for another server's transaction, s.
STATEMENT_S = 10

#: How long a call may take in all, with the wait for its turn, s.
ANSWER_S = 25

#: What the driver of PostgreSQL is told of these limits: a network that says nothing is given up after three questions.
#: Source: PostgreSQL, Connection Strings.
_DRIVER_LIMITS = {
    "connect_timeout": CONNECT_S,
    "tcp_user_timeout": STATEMENT_S * 1000,
    "keepalives_idle": STATEMENT_S,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "application_name": "jupyter_dbx",
}

#: What its server is told. An idle transaction is that of a process which was stopped in the midst of it.
_SERVER_LIMITS = [
    f"-c {name}={STATEMENT_S}s" for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
]

R = TypeVar("R")


class Database:
    """Runs transactions one after another.

    Parameters
    ----------
    url : SQLAlchemy URL of an SQLite file or a PostgreSQL database
    """

    def __init__(self, url: str) -> None:
        self._raw_url = url
        self._engine: sa.Engine | None = None
        # One thread: SQLite has one writer anyway, and order of calls is order of writes.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dbx-store")
        #: the driver's own connection; there is one at most
        self._connection: Any = None
        self._kept: Connection | None = None

    async def open(self) -> None:
        """Connect, and make the tables if they are missing.

        Raises
        ------
        StoreUnavailable : that is not possible now; the next call tries again
        """
        await self._call(self._open)

    async def close(self) -> None:
        """Disconnect."""
        if self._engine is not None:
            with contextlib.suppress(StoreUnavailable):
                await self._call(self._drop)
        self._thread.shutdown(wait=False)

    async def run(self, work: Callable[[Connection], R], *, changes: bool) -> R:
        """Run `work` in one transaction; `changes` says that it makes news.

        Raises
        ------
        StoreUnavailable : it could not be done; nothing was written, unless the connection was lost in the last instant
        """
        deadline = time.monotonic() + ANSWER_S

        def transact() -> R:
            with self._begin() as connection:
                if changes:
                    # First, so that the write lock is taken before anything is read: one wanted later, after another
                    # process wrote, fails at once in SQLite. In PostgreSQL it lets writers in one at a time too.
                    connection.execute(revision.update().values(value=revision.c.value + 1))
                result = work(connection)
                if time.monotonic() > deadline:
                    raise self._silence()  # whoever asked has been told so already: nothing may be written now
                return result

        return await self._call(transact)

    @contextlib.contextmanager
    def _begin(self) -> Iterator[Connection]:
        """Yield a connection in a transaction.

        SQLite's is kept: to take one out of the pool and put it back takes as long as most of what is done with it.
        PostgreSQL's is tried at each time, because its server may have been restarted meanwhile.
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
            async with asyncio.timeout(ANSWER_S):
                return await asyncio.wrap_future(running)
        except TimeoutError:
            if running.running():
                self._cut()
            raise self._silence() from None

    def _translate(self, work: Callable[[], R]) -> R:
        try:
            return work()
        except sa.exc.IntegrityError:
            raise
        except sa.exc.DBAPIError as error:
            if kind_of(error, self._url) not in PASSING:
                self._drop()  # a connection would be no good any more even once the fault has gone
            raise StoreUnavailable(explain(error, self._url)) from error

    def _silence(self) -> StoreUnavailable:
        return StoreUnavailable(
            f"There is no answer from {name_of(self._url)} for {ANSWER_S} s. See what keeps it busy, then repeat the request."
        )

    @property
    def _url(self) -> sa.URL:
        try:
            url = sa.make_url(self._raw_url)
        except sa.exc.ArgumentError:
            raise _unusable("the store's URL, which is none") from None
        if url.drivername == "postgresql":  # whose default is a driver of long ago
            url = url.set(drivername="postgresql+psycopg")
        return url

    def _open(self) -> sa.Engine:
        if self._engine is None:
            engine = self._make_engine()
            sa.event.listen(engine, "connect", self._note)
            try:
                make_tables(engine)
            except BaseException:
                engine.dispose()
                raise
            self._engine = engine
        return self._engine

    def _make_engine(self) -> sa.Engine:
        url = self._url
        match url.get_backend_name():
            case "sqlite":
                engine = sa.create_engine(url)
                sa.event.listen(engine, "connect", _prepare_sqlite)
                sa.event.listen(engine, "begin", _begin_sqlite)
                return engine
            case "postgresql":
                limits = {k: v for k, v in _DRIVER_LIMITS.items() if k not in url.query}
                # Whoever sets other limits in the URL has the last word.
                options = " ".join([*_SERVER_LIMITS, *url.normalized_query.get("options", ())])
                try:
                    return sa.create_engine(
                        url,
                        connect_args=limits | {"options": options},
                        isolation_level="READ COMMITTED",
                        pool_size=1,
                        max_overflow=0,
                        pool_pre_ping=True,  # it may have been restarted since the last call
                    )
                except ModuleNotFoundError as error:
                    install = f"{name_of(url)} without {error.name} (pip install 'jupyter_dbx[postgresql]')"
                    raise _unusable(install) from None
        raise _unusable(f"{name_of(url)}, which is neither SQLite nor PostgreSQL")

    def _note(self, connection: Any, _record: object) -> None:
        self._connection = connection

    def _drop(self) -> None:
        if self._kept is not None:
            with contextlib.suppress(sa.exc.DBAPIError):
                self._kept.close()
            self._kept = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _cut(self) -> None:
        """Free the thread from a server that hangs: a driver waits for its answer as long as the connection is there."""
        # SQLite waits for locks, which has a limit, and for a disk, which cannot be cut.
        if self._connection is not None and not isinstance(self._connection, sqlite3.Connection):
            if not self._connection.closed:
                with socket.socket(fileno=os.dup(self._connection.fileno())) as line, contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)


def _unusable(why: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"It is not possible to use {why}. Set DbxApp.store_url to sqlite:////FOLDER/dbx.db or to "
        "postgresql://USER:PASSWORD@HOST/DATABASE, and restart the Jupyter server."
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transaction handling is off: it begins too late, after the first read (see SQLAlchemy,
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
            # The one thing that SQLite does not wait for: another server is making this new file.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    # A lock is waited for at the begin of a transaction only.
    waits = connection.get_execution_options().get("locks")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if waits else "BEGIN")
