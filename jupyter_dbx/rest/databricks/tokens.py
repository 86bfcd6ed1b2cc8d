"""`/api/2.0/token/…` and `/api/2.0/token-management/…`: personal access tokens, by their users and by administrators.

Source: Databricks REST API, Token and Token management.
"""

from __future__ import annotations

from typing import Annotated, Any

from jupyter_dbx.model.answers.answer import UNSET, Done
from jupyter_dbx.model.answers.tokens import (
    ManagedToken,
    ManagedTokenDetails,
    ManagedTokenList,
    TokenCreated,
    TokenDetails,
    TokenList,
)
from jupyter_dbx.model.errors import ResourceDoesNotExist
from jupyter_dbx.model.principal import is_same_name, scim_id
from jupyter_dbx.model.token import PersonalToken
from jupyter_dbx.rest.framework.endpoint import Arg, Call, Route
from jupyter_dbx.rest.framework.needs import Role

TokenId = Annotated[str, Arg("ID of the token.")]


async def create(
    call: Call,
    lifetime_seconds: Annotated[int, Arg("How long it is valid, s; by default as long as allowed.", minimum=1)]
    | None = None,
    comment: Annotated[str, Arg("What it is for.")] = "",
) -> TokenCreated:
    """Create a token that acts for the caller. Its value is in this answer only."""
    value, made = await call.services.tokens.create(call.user, lifetime_s=lifetime_seconds, comment=comment)
    return TokenCreated(token_value=value, token_info=TokenDetails(**_facts(made)))


async def list_own(call: Call) -> TokenList:
    """Return the caller's tokens without their values, newest first."""
    return TokenList(
        token_infos=tuple(TokenDetails(**_facts(token)) for token in await call.services.tokens.of(call.user))
    )


async def revoke_own(call: Call, token_id: TokenId) -> Done:
    """Revoke one of the caller's tokens."""
    found = await call.services.tokens.get(token_id)
    if not is_same_name(found.user_name, call.user):  # others' tokens do not exist for the caller
        raise ResourceDoesNotExist(f"Token {token_id} does not exist. List the tokens to see which exist.")
    await call.services.tokens.revoke(token_id)
    return Done()


async def list_all(
    call: Call,
    created_by_username: Annotated[str, Arg("Only tokens of this user.")] = "",
    created_by_id: Annotated[str, Arg("Only tokens of the user with this ID.")] = "",
) -> ManagedTokenList:
    """Return everybody's tokens without their values, newest first."""
    found = [
        token
        for token in map(_managed, await call.services.tokens.all())
        if (not created_by_username or is_same_name(created_by_username, token.created_by_username))
        and created_by_id in ("", str(token.created_by_id))
    ]
    return ManagedTokenList(token_infos=tuple(found))


async def get_any(call: Call, token_id: TokenId) -> ManagedTokenDetails:
    """Return anybody's token without its value."""
    return ManagedTokenDetails(token_info=_managed(await call.services.tokens.get(token_id)))


async def revoke_any(call: Call, token_id: TokenId) -> Done:
    """Revoke anybody's token."""
    await call.services.tokens.revoke(token_id)
    return Done()


def _facts(token: PersonalToken) -> dict[str, Any]:
    return {
        "token_id": token.token_id,
        "comment": token.comment,
        "creation_time": token.created_ms,
        "expiry_time": token.expires_ms or -1,
        "last_used_day": token.last_used_ms or UNSET,
    }


def _managed(token: PersonalToken) -> ManagedToken:
    owner = int(scim_id("User", token.user_name))
    return ManagedToken(**_facts(token), created_by_username=token.user_name, created_by_id=owner, owner_id=owner)


_ALL = "2.0/token-management/tokens"

ROUTES: list[Route] = [
    Route("POST", "2.0/token/create", create, Role.PERSON),
    Route("GET", "2.0/token/list", list_own, Role.PERSON),
    Route("POST", "2.0/token/delete", revoke_own, Role.PERSON),
    Route("GET", _ALL, list_all, Role.ADMIN),
    Route("GET", f"{_ALL}/{{token_id}}", get_any, Role.ADMIN),
    Route("DELETE", f"{_ALL}/{{token_id}}", revoke_any, Role.ADMIN),
]
