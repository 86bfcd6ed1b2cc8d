"""Vault: encrypted values of secrets, by scope and key."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_dbx.model.errors import Conflict, ResourceLimitExceeded
from jupyter_dbx.model.keys import name_id
from jupyter_dbx.model.secret import SecretMetadata, SecretScope
from jupyter_dbx.store.database import Run
from jupyter_dbx.store.tables import documents, secrets


class Vault:
    """The secrets of all scopes; it cannot read their values."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def put(self, scope_id: str, secret: SecretMetadata, sealed: bytes, *, limit: int) -> None:
        """Write a secret, replacing one with the same key.

        Parameters
        ----------
        sealed : its value, encrypted
        limit : maximum number of secrets in the scope, count

        Raises
        ------
        Conflict : the scope was deleted meanwhile
        ResourceLimitExceeded : the scope would have more than `limit`
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
            # Writers run one at a time (see Database.run), so these checks hold until the end.
            if c.execute(sa.select(documents.c.id).where(_is_scope(scope_id))).first() is None:
                raise Conflict
            if c.execute(sa.select(sa.func.count()).where(others)).scalar_one() >= limit:
                raise ResourceLimitExceeded(
                    f"A scope has at most {limit} secrets. Delete one that is no longer needed, or use another scope."
                )
            c.execute(_PUT, row)

        await self._run(write, changes=True)

    async def get(self, scope_id: str, secret_id: str) -> bytes | None:
        """Return the encrypted value of a secret, or None if the key does not exist."""
        query = sa.select(secrets.c.sealed).where(_is_secret(scope_id, secret_id))
        found = await self._run(lambda c: c.execute(query).scalar())
        return None if found is None else bytes(found)

    async def delete(self, scope_id: str, secret_id: str) -> bool:
        """Delete a secret; return whether it existed."""
        gone = secrets.delete().where(_is_secret(scope_id, secret_id))
        return await self._run(lambda c: c.execute(gone).rowcount == 1)

    async def list(self, scope_id: str) -> list[SecretMetadata]:
        """Return the secrets of a scope, ordered by key."""
        query = sa.select(secrets.c.key, secrets.c.updated_ms).where(secrets.c.scope == scope_id).order_by(secrets.c.id)
        rows = await self._run(lambda c: c.execute(query).all())
        return [SecretMetadata(*row) for row in rows]

    async def forget(self, scope: SecretScope) -> None:
        """Delete a scope with all its secrets.

        Raises
        ------
        Conflict : `scope` was read at an older version
        """

        def write(c: Connection) -> None:
            same = sa.and_(_is_scope(scope.scope_id), documents.c.version == scope.version)
            if c.execute(documents.delete().where(same)).rowcount != 1:
                raise Conflict
            c.execute(secrets.delete().where(secrets.c.scope == scope.scope_id))

        await self._run(write, changes=True)


#: Both databases understand this statement.
_PUT = sa.text(
    "INSERT INTO secrets (scope, id, key, updated_ms, sealed) VALUES (:scope, :id, :key, :updated_ms, :sealed) "
    "ON CONFLICT (scope, id) DO UPDATE SET updated_ms = excluded.updated_ms, sealed = excluded.sealed"
)


def _is_scope(scope_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(documents.c.kind == SecretScope.__name__.lower(), documents.c.id == scope_id)


def _is_secret(scope_id: str, secret_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(secrets.c.scope == scope_id, secrets.c.id == secret_id)
