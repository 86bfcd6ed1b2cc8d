"""`/api/2.0/secrets/…`: secret scopes, secrets and ACLs.

Source: Databricks REST API, Secrets.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from jupyter_dbx.model.access import SCOPE_LEVELS, Grant, may
from jupyter_dbx.model.answers.answer import Done
from jupyter_dbx.model.answers.secrets import (
    AclDetails,
    AclList,
    ScopeDetails,
    ScopeList,
    SecretDetails,
    SecretList,
    SecretValue,
)
from jupyter_dbx.model.errors import InvalidParameterValue, MalformedRequest
from jupyter_dbx.model.principal import USERS
from jupyter_dbx.model.secret import SecretAcl
from jupyter_dbx.model.wire import SecretStr
from jupyter_dbx.rest.framework.endpoint import Arg, Call, Route
from jupyter_dbx.rest.framework.needs import Role, on_scope

Scope = Annotated[str, Arg("Name of the scope, case-insensitive.")]
Key = Annotated[str, Arg("Key of the secret, case-insensitive.")]
Principal = Annotated[str, Arg("A user, a group or a service principal.")]

#: An absent value.
ABSENT = SecretStr("")


async def create_scope(
    call: Call,
    scope: Scope,
    initial_manage_principal: Annotated[
        str, Arg(f'"{USERS}" = all users may manage the scope; by default only its creator.')
    ] = "",
    scope_backend_type: Annotated[str, Arg("Must be DATABRICKS: secrets are stored in this workspace.")] = "DATABRICKS",
) -> Done:
    """Create an empty scope."""
    if scope_backend_type != "DATABRICKS":
        raise InvalidParameterValue(
            "scope_backend_type must be DATABRICKS: secrets are stored in this workspace only.",
            field="scope_backend_type",
        )
    if initial_manage_principal not in ("", USERS):
        raise InvalidParameterValue(
            f'initial_manage_principal must be "{USERS}" or omitted.', field="initial_manage_principal"
        )
    await call.services.secrets.create_scope(scope, manager=initial_manage_principal or call.user)
    return Done()


async def delete_scope(call: Call, scope: Scope) -> Done:
    """Delete a scope and all its secrets permanently."""
    await call.services.secrets.delete_scope(scope)
    return Done()


async def list_scopes(call: Call) -> ScopeList:
    """Return all scopes whose secrets the caller may read."""
    scopes = [s for s in await call.services.secrets.scopes() if may(call.principal, "READ", s.guarded)]
    return ScopeList(scopes=tuple(ScopeDetails(name=scope.name, backend_type="DATABRICKS") for scope in scopes))


async def put(
    call: Call,
    scope: Scope,
    key: Key,
    string_value: Annotated[SecretStr, Arg("The value as text. Excludes bytes_value.")] = ABSENT,
    bytes_value: Annotated[SecretStr, Arg("The value as base64. Excludes string_value.")] = ABSENT,
) -> Done:
    """Store a secret; a previous value of the key is replaced."""
    if bool(string_value) is bool(bytes_value):
        raise MalformedRequest("Specify a non-empty value: either string_value or bytes_value.", field="string_value")
    value = string_value.encode() if string_value else _from_base64(bytes_value)
    await call.services.secrets.put(scope, key, value)
    return Done()


async def get(call: Call, scope: Scope, key: Key) -> SecretValue:
    """Return the value of a secret, as base64. `dbutils.secrets.get` uses this."""
    value = await call.services.secrets.get(scope, key)
    return SecretValue(key=key, value=base64.b64encode(value).decode())


async def list_secrets(call: Call, scope: Scope) -> SecretList:
    """Return the secrets of a scope without their values."""
    secrets = await call.services.secrets.secrets(scope)
    return SecretList(secrets=tuple(SecretDetails(key=s.key, last_updated_timestamp=s.updated_ms) for s in secrets))


async def delete(call: Call, scope: Scope, key: Key) -> Done:
    """Delete a secret permanently."""
    await call.services.secrets.delete(scope, key)
    return Done()


async def put_acl(
    call: Call,
    scope: Scope,
    principal: Principal,
    permission: Annotated[str, Arg("Permission level; each includes the levels before it.", one_of=SCOPE_LEVELS)],
) -> Done:
    """Set the permission of a principal on a scope."""
    known = await call.services.people.known(Grant("", principal, permission))
    await call.services.secrets.put_acl(scope, SecretAcl(known.principal, permission))
    return Done()


async def get_acl(call: Call, scope: Scope, principal: Principal) -> AclDetails:
    """Return the permission of a principal on a scope."""
    return _acl(await call.services.secrets.acl(scope, principal))


async def list_acls(call: Call, scope: Scope) -> AclList:
    """Return the ACL of a scope."""
    return AclList(items=tuple(map(_acl, await call.services.secrets.acls(scope))))


async def delete_acl(call: Call, scope: Scope, principal: Principal) -> Done:
    """Remove the permission of a principal on a scope."""
    await call.services.secrets.delete_acl(scope, principal)
    return Done()


def _acl(acl: SecretAcl) -> AclDetails:
    return AclDetails(principal=acl.principal, permission=acl.permission)


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidParameterValue("bytes_value must be base64.", field="bytes_value") from None


_PATH = "2.0/secrets"

ROUTES: list[Route] = [
    Route("POST", f"{_PATH}/scopes/create", create_scope, Role.ANYBODY),
    Route("POST", f"{_PATH}/scopes/delete", delete_scope, on_scope("MANAGE")),
    Route("GET", f"{_PATH}/scopes/list", list_scopes, Role.ANYBODY),
    Route("POST", f"{_PATH}/put", put, on_scope("WRITE")),
    Route("GET", f"{_PATH}/get", get, on_scope("READ"), audited=True),
    Route("GET", f"{_PATH}/list", list_secrets, on_scope("READ")),
    Route("POST", f"{_PATH}/delete", delete, on_scope("WRITE")),
    Route("POST", f"{_PATH}/acls/put", put_acl, on_scope("MANAGE")),
    Route("GET", f"{_PATH}/acls/get", get_acl, on_scope("MANAGE")),
    Route("GET", f"{_PATH}/acls/list", list_acls, on_scope("MANAGE")),
    Route("POST", f"{_PATH}/acls/delete", delete_acl, on_scope("MANAGE")),
]
