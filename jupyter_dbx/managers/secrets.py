"""The verbs on secrets and on the scopes that they are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jupyter_dbx.managers.conflicts import again_on_conflict
from jupyter_dbx.managers.sealing import Seal, WrongSeal
from jupyter_dbx.model.errors import (
    Conflict,
    DbxError,
    InvalidParameterValue,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
    ResourceLimitExceeded,
)
from jupyter_dbx.model.secret import (
    MOST_BYTES,
    MOST_SCOPES,
    MOST_SECRETS,
    SecretAcl,
    SecretMetadata,
    SecretScope,
    name_id,
)
from jupyter_dbx.store import Store


class SecretManager:
    """Secrets of the workspace. A value leaves by `get` only, and is in no error, event or log.

    Source: Databricks REST API, Secrets.
    """

    def __init__(self, store: Store, workspace_key: bytes) -> None:
        self._store, self._seal = store, Seal(workspace_key)

    # -- scopes --------------------------------------------------------------------------------------------------------

    async def create_scope(self, scope: str, *, manager: str) -> None:
        """Make an empty scope, which `manager` (a user, or "users" for all) may manage.

        Raises
        ------
        InvalidParameterValue : that is no name for a scope
        ResourceAlreadyExists : there is one of this name
        ResourceLimitExceeded : there are MOST_SCOPES
        """
        made = SecretScope(name_id(scope, "scope"), scope, (SecretAcl(manager, "MANAGE"),))
        known = await self._store.scopes.list()
        if len(known) >= MOST_SCOPES and made.scope_id not in {other.scope_id for other in known}:
            raise ResourceLimitExceeded(
                f"There are at most {MOST_SCOPES} scopes. Delete one that is not needed any more."
            )
        try:
            await self._store.scopes.save(made)
        except Conflict:
            raise ResourceAlreadyExists(f"Scope {scope} already exists!") from None

    async def scopes(self) -> list[SecretScope]:
        """Return every scope, in the order of their names."""
        return await self._store.scopes.list()

    @again_on_conflict
    async def delete_scope(self, scope: str) -> None:
        """Delete a scope with all its secrets, for good.

        Raises
        ------
        ResourceDoesNotExist : there is none of this name
        """
        await self._store.vault.forget(await self._scope(scope))

    # -- secrets -------------------------------------------------------------------------------------------------------

    @again_on_conflict
    async def put(self, scope: str, key: str, value: bytes) -> None:
        """Keep a value, in place of the one that the key had.

        Raises
        ------
        InvalidParameterValue : that is no key, or the value is larger than MOST_BYTES
        ResourceDoesNotExist : there is no such scope
        ResourceLimitExceeded : it has MOST_SECRETS already
        """
        secret_id = name_id(key, "key")
        if len(value) > MOST_BYTES:
            raise InvalidParameterValue(f"A value has at most {MOST_BYTES} bytes, not {len(value)}.")
        scope_id = (await self._scope(scope)).scope_id
        secret = SecretMetadata(key, self._store.now_ms())
        sealed = self._seal.close(value, scope_id, secret_id)
        await self._store.vault.put(scope_id, secret, sealed, most=MOST_SECRETS)

    async def get(self, scope: str, key: str) -> bytes:
        """Return a value.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope or key
        DbxError : it was sealed with another workspace's key
        """
        secret_id = name_id(key, "key")
        scope_id = (await self._scope(scope)).scope_id
        sealed = await self._store.vault.get(scope_id, secret_id)
        if sealed is None:
            raise _no_secret(scope, key)
        try:
            return self._seal.open(sealed, scope_id, secret_id)
        except WrongSeal:
            raise DbxError(
                f"The secret {key} in scope {scope} was put with another key of the workspace: put it again, or put the old "
                "workspace.key back into DbxApp.data_dir and restart the Jupyter server."
            ) from None

    async def secrets(self, scope: str) -> list[SecretMetadata]:
        """Return which secrets a scope has, in the order of their keys.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope
        """
        return await self._store.vault.list((await self._scope(scope)).scope_id)

    async def delete(self, scope: str, key: str) -> None:
        """Delete a secret, for good.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope or key
        """
        secret_id = name_id(key, "key")
        if not await self._store.vault.delete((await self._scope(scope)).scope_id, secret_id):
            raise _no_secret(scope, key)

    # -- who may do what -----------------------------------------------------------------------------------------------

    @again_on_conflict
    async def put_acl(self, scope: str, acl: SecretAcl) -> None:
        """Let a principal do this and no more.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope
        """
        found = await self._scope(scope)
        others = [other for other in found.acls if other.principal != acl.principal]
        await self._store.scopes.save(replace(found, acls=(*others, acl)))

    async def acls(self, scope: str) -> Sequence[SecretAcl]:
        """Return who may do what with a scope.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope
        """
        return (await self._scope(scope)).acls

    @again_on_conflict
    async def delete_acl(self, scope: str, principal: str) -> None:
        """Let a principal do nothing any more.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope, or nothing that it may do
        """
        acl = await self.acl(scope, principal)
        found = await self._scope(scope)
        await self._store.scopes.save(replace(found, acls=tuple(other for other in found.acls if other != acl)))

    async def acl(self, scope: str, principal: str) -> SecretAcl:
        """Return what a principal may do.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope, or nothing that it may do
        """
        for acl in await self.acls(scope):
            if acl.principal == principal:
                return acl
        raise ResourceDoesNotExist(f"Scope {scope} has no ACL for principal {principal}.")

    async def _scope(self, name: str) -> SecretScope:
        found = await self._store.scopes.get(name_id(name, "scope"))
        if found is None:
            raise ResourceDoesNotExist(f"Scope {name} does not exist!")
        return found


def _no_secret(scope: str, key: str) -> ResourceDoesNotExist:
    return ResourceDoesNotExist(f"Secret does not exist with scope: {scope} and key: {key}")
