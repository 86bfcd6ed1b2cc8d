"""Vault: sealed values of secrets, each under its scope and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_dbx.model.errors import Conflict, ResourceLimitExceeded
from jupyter_dbx.model.secret import SecretMetadata, SecretScope, name_id
from jupyter_dbx.store.tables import documents, secrets

if TYPE_CHECKING:
    from jupyter_dbx.store.store import Store


class Vault:
    """The secrets of all scopes; it cannot read their values."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def put(self, scope_id: str, secret: SecretMetadata, sealed: bytes, *, most: int) -> None:
        """Write a secret, in place of the one that has its key.

        Parameters
        ----------
        sealed : its value, encrypted
        most : how many the scope may have, count

        Raises
        ------
        Conflict : the scope was deleted meanwhile
        ResourceLimitExceeded : it would have more than `most`
        """
        row = {
            "scope": scope_id,
            "id": name_id(secret.key, "key"),
            "key": secret.key,
            "updated_ms": secret.updated_ms,
            "sealed": sealed,
        }
        others = sa.and_(secrets.c.scope == scope_id, secrets.c.id != row["id"])

        def write(c: Connection) -> None:
            # Whoever changes anything is alone (see Database.run), so what is found here holds until the end.
            if c.execute(sa.select(documents.c.id).where(_is_scope(scope_id))).first() is None:
                raise Conflict
            if c.execute(sa.select(sa.func.count()).where(others)).scalar_one() >= most:
                raise ResourceLimitExceeded(
                    f"A scope has at most {most} secrets. Delete one that is not needed any more, or use another scope."
                )
            c.execute(_PUT, row)

        await self._store.run(write, changes=True)

    async def get(self, scope_id: str, secret_id: str) -> bytes | None:
        """Return the sealed value of a secret, or None if there is none of this key."""
        query = sa.select(secrets.c.sealed).where(_is_secret(scope_id, secret_id))
        found = await self._store.run(lambda c: c.execute(query).scalar())
        return None if found is None else bytes(found)

    async def delete(self, scope_id: str, secret_id: str) -> bool:
        """Forget a secret; return whether there was one."""
        gone = secrets.delete().where(_is_secret(scope_id, secret_id))
        return await self._store.run(lambda c: c.execute(gone).rowcount == 1)

    async def list(self, scope_id: str) -> list[SecretMetadata]:
        """Return what secrets a scope has, in the order of their keys."""
        query = sa.select(secrets.c.key, secrets.c.updated_ms).where(secrets.c.scope == scope_id).order_by(secrets.c.id)
        rows = await self._store.run(lambda c: c.execute(query).all())
        return [SecretMetadata(*row) for row in rows]

    async def forget(self, scope: SecretScope) -> None:
        """Delete a scope with all its secrets, for good.

        Raises
        ------
        Conflict : `scope` was read at an older version
        """

        def write(c: Connection) -> None:
            same = sa.and_(_is_scope(scope.scope_id), documents.c.version == scope.version)
            if c.execute(documents.delete().where(same)).rowcount != 1:
                raise Conflict
            c.execute(secrets.delete().where(secrets.c.scope == scope.scope_id))

        await self._store.run(write, changes=True)


#: Both databases understand these words.
_PUT = sa.text(
    "INSERT INTO secrets (scope, id, key, updated_ms, sealed) VALUES (:scope, :id, :key, :updated_ms, :sealed) "
    "ON CONFLICT (scope, id) DO UPDATE SET updated_ms = excluded.updated_ms, sealed = excluded.sealed"
)


def _is_scope(scope_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(documents.c.kind == SecretScope.__name__.lower(), documents.c.id == scope_id)


def _is_secret(scope_id: str, secret_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(secrets.c.scope == scope_id, secrets.c.id == secret_id)
