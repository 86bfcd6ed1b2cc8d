"""`/api/2.0/secrets/…`: scopes, the secrets in them, and who may do what with them.

Source: Databricks REST API, Secrets.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from jupyter_dbx.model.errors import InvalidParameterValue, MalformedRequest
from jupyter_dbx.model.secret import PERMISSIONS, SecretAcl
from jupyter_dbx.model.wire import Json, SecretStr
from jupyter_dbx.rest.routes import Arg, Call, Route

Scope = Annotated[str, Arg("Which scope; its case makes no difference.")]
Key = Annotated[str, Arg("Which secret of the scope; its case makes no difference.")]
Principal = Annotated[str, Arg("A user, a group or a service principal.")]

#: A value that is not given.
NOTHING = SecretStr("")

#: The group of all users, the only one that may manage a new scope in place of its maker.
EVERYBODY = "users"


async def create_scope(
    call: Call,
    scope: Scope,
    initial_manage_principal: Annotated[str, Arg(f'Who may manage it: "{EVERYBODY}"; else its maker only.')] = "",
    scope_backend_type: Annotated[str, Arg("Where its secrets are: DATABRICKS, which is here.")] = "DATABRICKS",
) -> Json:
    """Make an empty scope."""
    if scope_backend_type != "DATABRICKS":
        raise InvalidParameterValue("scope_backend_type must be DATABRICKS: secrets are kept in this workspace only.")
    if initial_manage_principal not in ("", EVERYBODY):
        raise InvalidParameterValue(f'initial_manage_principal must be "{EVERYBODY}", or left out.')
    await call.services.secrets.create_scope(scope, manager=initial_manage_principal or call.user)
    return {}


async def delete_scope(call: Call, scope: Scope) -> Json:
    """Delete a scope with all its secrets, for good."""
    await call.services.secrets.delete_scope(scope)
    return {}


async def list_scopes(call: Call) -> Json:
    """Return every scope."""
    scopes = await call.services.secrets.scopes()
    return {"scopes": [{"name": scope.name, "backend_type": "DATABRICKS"} for scope in scopes]}


async def put(
    call: Call,
    scope: Scope,
    key: Key,
    string_value: Annotated[SecretStr, Arg("The value as a text.")] = NOTHING,
    bytes_value: Annotated[SecretStr, Arg("The value as base64.")] = NOTHING,
) -> Json:
    """Keep a value, in place of the one that the key had."""
    if bool(string_value) is bool(bytes_value):
        raise MalformedRequest("Give a value that is not empty: either string_value or bytes_value.")
    value = string_value.encode() if string_value else _from_base64(bytes_value)
    await call.services.secrets.put(scope, key, value)
    return {}


async def get(call: Call, scope: Scope, key: Key) -> Json:
    """Return a value, as base64: what `dbutils.secrets.get` asks."""
    value = await call.services.secrets.get(scope, key)
    return {"key": key, "value": base64.b64encode(value).decode()}


async def list_secrets(call: Call, scope: Scope) -> Json:
    """Return the keys of a scope, without their values."""
    secrets = await call.services.secrets.secrets(scope)
    return {"secrets": [{"key": s.key, "last_updated_timestamp": s.updated_ms} for s in secrets]}


async def delete(call: Call, scope: Scope, key: Key) -> Json:
    """Delete a secret, for good."""
    await call.services.secrets.delete(scope, key)
    return {}


async def put_acl(
    call: Call,
    scope: Scope,
    principal: Principal,
    permission: Annotated[str, Arg("What it may do, with all before it.", one_of=PERMISSIONS)],
) -> Json:
    """Let a principal do this and no more; kept for clients that ask, as the workspace has one user."""
    await call.services.secrets.put_acl(scope, SecretAcl(principal, permission))
    return {}


async def get_acl(call: Call, scope: Scope, principal: Principal) -> Json:
    """Return what a principal may do."""
    return _acl(await call.services.secrets.acl(scope, principal))


async def list_acls(call: Call, scope: Scope) -> Json:
    """Return who may do what with a scope."""
    return {"items": [_acl(acl) for acl in await call.services.secrets.acls(scope)]}


async def delete_acl(call: Call, scope: Scope, principal: Principal) -> Json:
    """Let a principal do nothing any more."""
    await call.services.secrets.delete_acl(scope, principal)
    return {}


def _acl(acl: SecretAcl) -> Json:
    return {"principal": acl.principal, "permission": acl.permission}


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidParameterValue("bytes_value must be base64.") from None


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
