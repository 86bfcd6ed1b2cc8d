"""Operations on secrets and secret scopes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jupyter_dbx.managers.conflicts import retry_on_conflict
from jupyter_dbx.managers.sealing import Seal, WrongSeal
from jupyter_dbx.model.errors import (
    Conflict,
    DbxError,
    InvalidParameterValue,
    Reason,
    ResourceAlreadyExists,
    ResourceDoesNotExist,
    ResourceLimitExceeded,
)
from jupyter_dbx.model.keys import name_id
from jupyter_dbx.model.secret import (
    MAX_BYTES,
    MAX_SCOPES,
    MAX_SECRETS,
    SecretAcl,
    SecretMetadata,
    SecretScope,
)
from jupyter_dbx.store import Store


class SecretManager:
    """Secrets of the workspace. Only `get` returns a value; errors, events and logs never contain one.

    Source: Databricks REST API, Secrets.
    """

    def __init__(self, store: Store, workspace_key: bytes) -> None:
        self._store, self._seal = store, Seal(workspace_key)

    # -- scopes --------------------------------------------------------------------------------------------------------

    async def create_scope(self, scope: str, *, manager: str) -> None:
        """Create an empty scope that `manager` (a user, or "users" for all) may manage.

        Raises
        ------
        InvalidParameterValue : the name is invalid
        ResourceAlreadyExists : a scope with this name exists
        ResourceLimitExceeded : there are MAX_SCOPES scopes already
        """
        made = SecretScope(name_id(scope, "scope"), scope, (SecretAcl(manager, "MANAGE"),))
        known = await self._store.scopes.list()
        if len(known) >= MAX_SCOPES and made.scope_id not in {other.scope_id for other in known}:
            raise ResourceLimitExceeded(f"At most {MAX_SCOPES} scopes can exist. Delete one that is no longer needed.")
        try:
            await self._store.scopes.save(made)
        except Conflict:
            raise ResourceAlreadyExists(f"Scope {scope} already exists!") from None

    async def scopes(self) -> list[SecretScope]:
        """Return all scopes, sorted by name."""
        return await self._store.scopes.list()

    @retry_on_conflict
    async def delete_scope(self, scope: str) -> None:
        """Delete a scope and all its secrets permanently.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope
        """
        await self._store.vault.forget(await self.scope(scope))

    # -- secrets -------------------------------------------------------------------------------------------------------

    @retry_on_conflict
    async def put(self, scope: str, key: str, value: bytes) -> None:
        """Store a value; it replaces the previous value of the key.

        Raises
        ------
        InvalidParameterValue : the key is invalid, or the value is larger than MAX_BYTES
        ResourceDoesNotExist : there is no such scope
        ResourceLimitExceeded : the scope has MAX_SECRETS secrets already
        """
        secret_id = name_id(key, "key")
        if len(value) > MAX_BYTES:
            raise InvalidParameterValue(
                f"A value can have at most {MAX_BYTES} bytes, not {len(value)}.", field="string_value"
            )
        scope_id = (await self.scope(scope)).scope_id
        secret = SecretMetadata(key, self._store.now_ms())
        sealed = self._seal.close(value, scope_id, secret_id)
        await self._store.vault.put(scope_id, secret, sealed, limit=MAX_SECRETS)

    async def get(self, scope: str, key: str) -> bytes:
        """Return a value.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope or key
        DbxError : it was sealed with another workspace's key
        """
        secret_id = name_id(key, "key")
        scope_id = (await self.scope(scope)).scope_id
        sealed = await self._store.vault.get(scope_id, secret_id)
        if sealed is None:
            raise _no_secret(scope, key)
        try:
            return self._seal.open(sealed, scope_id, secret_id)
        except WrongSeal:
            raise DbxError(
                f"The secret {key} in scope {scope} was encrypted with another workspace key. Put its value again, or "
                "restore the old workspace.key in DbxApp.data_dir and restart the Jupyter server."
            ) from None

    async def secrets(self, scope: str) -> list[SecretMetadata]:
        """Return the secrets of a scope without their values, sorted by key.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope
        """
        return await self._store.vault.list((await self.scope(scope)).scope_id)

    async def delete(self, scope: str, key: str) -> None:
        """Delete a secret permanently.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope or key
        """
        secret_id = name_id(key, "key")
        if not await self._store.vault.delete((await self.scope(scope)).scope_id, secret_id):
            raise _no_secret(scope, key)

    # -- permissions ---------------------------------------------------------------------------------------------------

    @retry_on_conflict
    async def put_acl(self, scope: str, acl: SecretAcl) -> None:
        """Set the permission of a principal on a scope.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope
        """
        found = await self.scope(scope)
        others = [other for other in found.acls if other.principal != acl.principal]
        await self._store.scopes.save(replace(found, acls=(*others, acl)))

    async def acls(self, scope: str) -> Sequence[SecretAcl]:
        """Return the ACL of a scope.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope
        """
        return (await self.scope(scope)).acls

    @retry_on_conflict
    async def delete_acl(self, scope: str, principal: str) -> None:
        """Remove the permission of a principal from a scope.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope, or the principal has no permission on it
        """
        acl = await self.acl(scope, principal)
        found = await self.scope(scope)
        await self._store.scopes.save(replace(found, acls=tuple(other for other in found.acls if other != acl)))

    async def acl(self, scope: str, principal: str) -> SecretAcl:
        """Return the permission of a principal on a scope.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope, or the principal has no permission on it
        """
        for acl in await self.acls(scope):
            if acl.principal == principal:
                return acl
        raise ResourceDoesNotExist(f"Scope {scope} has no ACL for principal {principal}.")

    async def scope(self, name: str) -> SecretScope:
        """Return a scope.

        Raises
        ------
        ResourceDoesNotExist : there is no such scope
        """
        found = await self._store.scopes.get(name_id(name, "scope"))
        if found is None:
            raise ResourceDoesNotExist(f"Scope {name} does not exist!", reason=Reason.SCOPE_DOES_NOT_EXIST)
        return found


def _no_secret(scope: str, key: str) -> ResourceDoesNotExist:
    return ResourceDoesNotExist(
        f"Secret does not exist with scope: {scope} and key: {key}", reason=Reason.SECRET_DOES_NOT_EXIST
    )
