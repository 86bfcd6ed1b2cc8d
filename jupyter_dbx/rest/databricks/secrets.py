"""`/api/2.0/secrets/…`: secret scopes, secrets and ACLs.

Source: Databricks REST API, Secrets.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

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
from jupyter_dbx.model.secret import PERMISSIONS, SecretAcl
from jupyter_dbx.model.wire import SecretStr
from jupyter_dbx.rest.framework.endpoint import Arg, Call, Route

Scope = Annotated[str, Arg("Name of the scope, case-insensitive.")]
Key = Annotated[str, Arg("Key of the secret, case-insensitive.")]
Principal = Annotated[str, Arg("A user, a group or a service principal.")]

#: An absent value.
ABSENT = SecretStr("")

#: The group of all users, the only one that can manage a new scope instead of its creator.
ALL_USERS = "users"


async def create_scope(
    call: Call,
    scope: Scope,
    initial_manage_principal: Annotated[
        str, Arg(f'"{ALL_USERS}" = all users may manage the scope; by default only its creator.')
    ] = "",
    scope_backend_type: Annotated[str, Arg("Must be DATABRICKS: secrets are stored in this workspace.")] = "DATABRICKS",
) -> Done:
    """Create an empty scope."""
    if scope_backend_type != "DATABRICKS":
        raise InvalidParameterValue(
            "scope_backend_type must be DATABRICKS: secrets are stored in this workspace only.",
            field="scope_backend_type",
        )
    if initial_manage_principal not in ("", ALL_USERS):
        raise InvalidParameterValue(
            f'initial_manage_principal must be "{ALL_USERS}" or omitted.', field="initial_manage_principal"
        )
    await call.services.secrets.create_scope(scope, manager=initial_manage_principal or call.user)
    return Done()


async def delete_scope(call: Call, scope: Scope) -> Done:
    """Delete a scope and all its secrets permanently."""
    await call.services.secrets.delete_scope(scope)
    return Done()


async def list_scopes(call: Call) -> ScopeList:
    """Return all scopes."""
    scopes = await call.services.secrets.scopes()
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
    permission: Annotated[str, Arg("Permission level; each includes the levels before it.", one_of=PERMISSIONS)],
) -> Done:
    """Set the permission of a principal on a scope.

    ACLs are stored but not enforced, as a server has one user.
    """
    await call.services.secrets.put_acl(scope, SecretAcl(principal, permission))
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
    Route("POST", f"{_PATH}/scopes/create", create_scope),
    Route("POST", f"{_PATH}/scopes/delete", delete_scope),
    Route("GET", f"{_PATH}/scopes/list", list_scopes),
    Route("POST", f"{_PATH}/put", put),
    Route("GET", f"{_PATH}/get", get),
    Route("GET", f"{_PATH}/list", list_secrets),
    Route("POST", f"{_PATH}/delete", delete),
    Route("POST", f"{_PATH}/acls/put", put_acl),
    Route("GET", f"{_PATH}/acls/get", get_acl),
    Route("GET", f"{_PATH}/acls/list", list_acls),
    Route("POST", f"{_PATH}/acls/delete", delete_acl),
]
