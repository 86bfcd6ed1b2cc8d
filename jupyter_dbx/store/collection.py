"""Documents of one kind: read, written and deleted by key and version."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_dbx.model.errors import Conflict, InvalidParameterValue
from jupyter_dbx.model.event import Event
from jupyter_dbx.model.wire import from_document, to_document
from jupyter_dbx.store.tables import documents, events

if TYPE_CHECKING:
    from jupyter_dbx.store.store import Store

#: Longest key, bytes: what PostgreSQL can find by an index, with the kind, in one page of 8 KiB.
LONGEST_KEY = 2048

#: How many documents of a kind are at hand without being read from their text, count.
REMEMBERED = 1000


class Document(Protocol):
    """What can be kept: a frozen dataclass with the version of its row."""

    @property
    def version(self) -> int:
        """Return the version of the row this value was read from; 0 = not saved yet."""


D = TypeVar("D", bound=Document)


class Collection(Generic[D]):
    """All documents of one kind."""

    def __init__(self, store: Store, kind: type[D], *, key: str, owner: str | None = None) -> None:
        self._store = store
        self._kind, self._key, self._owner = kind.__name__.lower(), key, owner
        # Made once, as making a statement takes longer than running it. So does making a document of its text, of which
        # most are the same at each look; documents are never changed, so all may share one.
        self._get = sa.select(documents.c.body).where(self._is(sa.bindparam("key")))
        self._all = sa.select(documents.c.body).where(documents.c.kind == self._kind).order_by(documents.c.id)
        self._owned = self._all.where(documents.c.owner == sa.bindparam("owned_by"))
        self._decode: Callable[[str], D] = lru_cache(REMEMBERED)(lambda body: from_document(kind, json.loads(body)))

    async def get(self, key: str) -> D | None:
        """Return the document of this key, or None."""
        if not is_key(key):
            return None
        body = await self._store.run(lambda c: c.execute(self._get, {"key": key}).scalar())
        return None if body is None else self._decode(body)

    async def list(self, *, owner: str | None = None) -> list[D]:
        """Return all documents, or those of one owner, in the order of their keys."""
        query = self._all if owner is None else self._owned
        bodies = await self._store.run(lambda c: c.execute(query, {"owned_by": owner}).scalars().all())
        return [self._decode(body) for body in bodies]

    async def save(self, value: D, *told: Event) -> D:
        """Write a document and the events that tell of the change; return it with its new version.

        Raises
        ------
        Conflict : `value` was read at an older version, or deleted meanwhile
        InvalidParameterValue : its key is too long, or holds what is no character
        """
        key = str(getattr(value, self._key))
        if not is_key(key):
            raise InvalidParameterValue(f"{key[:80]!r} cannot be kept: use at most {LONGEST_KEY} bytes of plain text.")
        saved: D = replace(value, version=value.version + 1)  # type: ignore[type-var]  # a protocol cannot say "dataclass"
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
                    raise Conflict(f"{self._kind} {key} exists already") from None
            else:
                same = sa.and_(self._is(key), documents.c.version == value.version)
                if c.execute(documents.update().where(same).values(**row)).rowcount != 1:
                    raise Conflict(f"{self._kind} {key} was changed meanwhile")
            _append(c, told)
            return saved

        return await self._store.run(write, changes=True)

    async def delete(self, value: D, *told: Event) -> None:
        """Forget a document.

        Raises
        ------
        Conflict : `value` was read at an older version
        """
        key = str(getattr(value, self._key))
        same = sa.and_(self._is(key), documents.c.version == value.version)

        def write(c: Connection) -> None:
            if c.execute(documents.delete().where(same)).rowcount != 1:
                raise Conflict(f"{self._kind} {key} was changed meanwhile")
            _append(c, told)

        await self._store.run(write, changes=True)

    def _is(self, key: str | sa.BindParameter[str]) -> sa.ColumnElement[bool]:
        return sa.and_(documents.c.kind == self._kind, documents.c.id == key)


def is_key(text: str) -> bool:
    """Return whether every database can keep a document under this key."""
    try:
        return len(text.encode()) <= LONGEST_KEY and "\0" not in text
    except UnicodeEncodeError:  # half of a character
        return False


def _append(connection: Connection, told: Sequence[Event]) -> None:
    for event in told:
        row = {"cluster_id": event.cluster_id, "timestamp": event.timestamp, "type": event.type.value}
        connection.execute(events.insert().values(**row, details=json.dumps(event.details)))
