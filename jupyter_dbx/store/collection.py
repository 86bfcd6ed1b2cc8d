"""Reads, writes and deletes documents of one kind by key and version."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_dbx.model.errors import Conflict
from jupyter_dbx.model.event import Event
from jupyter_dbx.model.keys import check_key, is_key
from jupyter_dbx.model.wire import from_document, to_document
from jupyter_dbx.store.database import Run
from jupyter_dbx.store.tables import documents, events

#: Maximum number of parsed documents of a kind in the cache, count.
CACHED = 1000


class Document(Protocol):
    """A value that can be stored: a frozen dataclass with the version of its row."""

    @property
    def version(self) -> int:
        """Return the version of the row this value was read from; 0 = not yet saved."""


D = TypeVar("D", bound=Document)


class Collection(Generic[D]):
    """All documents of one kind.

    Parameters
    ----------
    run : runs transactions on the database
    key, owner : fields of the documents: their key, and the cluster they belong to
    is_news : False = changes of these documents wake nobody up
    """

    def __init__(self, run: Run, kind: type[D], *, key: str, owner: str | None = None, is_news: bool = True) -> None:
        self._run, self._is_news = run, is_news
        self._kind, self._key, self._owner = kind.__name__.lower(), key, owner
        # Built once: building a statement takes longer than running it. Parsed documents are cached, because most are
        # unchanged between reads; they are immutable, so readers can share them.
        self._get = sa.select(documents.c.body).where(self._is(sa.bindparam("key")))
        self._all = sa.select(documents.c.body).where(documents.c.kind == self._kind).order_by(documents.c.id)
        self._owned = self._all.where(documents.c.owner == sa.bindparam("owned_by"))
        self._decode: Callable[[str], D] = lru_cache(CACHED)(lambda body: from_document(kind, json.loads(body)))

    async def get(self, key: str) -> D | None:
        """Return the document of this key, or None."""
        if not is_key(key):
            return None
        body = await self._run(lambda c: c.execute(self._get, {"key": key}).scalar())
        return None if body is None else self._decode(body)

    async def list(self, *, owner: str | None = None) -> list[D]:
        """Return all documents, or those of one owner, ordered by key."""
        query = self._all if owner is None else self._owned
        bodies = await self._run(lambda c: c.execute(query, {"owned_by": owner}).scalars().all())
        return [self._decode(body) for body in bodies]

    async def save(self, value: D, *events: Event) -> D:
        """Write a document and the events that record the change; return it with its new version.

        Raises
        ------
        Conflict : `value` was read at an older version, or was deleted meanwhile
        InvalidParameterValue : its key is too long or contains invalid characters
        """
        key = str(getattr(value, self._key))
        check_key(key, f"The {self._kind}'s {self._key}")
        saved: D = replace(value, version=value.version + 1)  # type: ignore[type-var]  # a protocol cannot require a dataclass
        row = {
            "owner": str(getattr(value, self._owner)) if self._owner else "",
            "version": saved.version,
            "body": json.dumps(to_document(saved)),
        }

        def write(c: Connection) -> D:
            if value.version == 0:
                try:
                    c.execute(documents.insert().values(kind=self._kind, id=key, **row))
                except sa.exc.IntegrityError:
                    raise Conflict(f"{self._kind} {key} already exists") from None
            else:
                same = sa.and_(self._is(key), documents.c.version == value.version)
                if c.execute(documents.update().where(same).values(**row)).rowcount != 1:
                    raise Conflict(f"{self._kind} {key} was changed meanwhile")
            _add_events(c, events)
            return saved

        return await self._run(write, changes=self._is_news)

    async def delete(self, value: D, *events: Event) -> None:
        """Delete a document, and write the events that record it.

        Raises
        ------
        Conflict : `value` was read at an older version
        """
        key = str(getattr(value, self._key))
        same = sa.and_(self._is(key), documents.c.version == value.version)

        def write(c: Connection) -> None:
            if c.execute(documents.delete().where(same)).rowcount != 1:
                raise Conflict(f"{self._kind} {key} was changed meanwhile")
            _add_events(c, events)

        await self._run(write, changes=self._is_news)

    def _is(self, key: str | sa.BindParameter[str]) -> sa.ColumnElement[bool]:
        return sa.and_(documents.c.kind == self._kind, documents.c.id == key)


def _add_events(connection: Connection, new: Sequence[Event]) -> None:
    for event in new:
        subject = {"subject_kind": event.subject.kind, "subject_id": event.subject.id}
        facts = {"timestamp": event.timestamp, "type": event.type.value, "details": json.dumps(event.details)}
        connection.execute(events.insert().values(**subject, **facts))
