"""Identity: makes the principal of a request, in this one place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jupyter_server.auth.identity import (
    IdentityProvider,
    LegacyIdentityProvider,
    PasswordIdentityProvider,
    User,
)
from jupyter_server.base.call_context import CallContext

from jupyter_dbx.managers.kernel_tokens import PROGRAMS, KernelTokens
from jupyter_dbx.managers.people import People, person_of
from jupyter_dbx.managers.tokens import TokenManager
from jupyter_dbx.model.principal import Principal, Via

#: Jupyter's own providers know a token or a password, but not whose it is.
_WITHOUT_NAMES = {
    provider.get_user for provider in (IdentityProvider, PasswordIdentityProvider, LegacyIdentityProvider)
}


def knows_names(provider: IdentityProvider) -> bool:
    """Return whether Jupyter knows who its users are."""
    return type(provider).get_user not in _WITHOUT_NAMES


class Identity:
    """Knows the callers of one server."""

    def __init__(self, people: People, kernels: KernelTokens, tokens: TokenManager) -> None:
        self._people, self._kernels, self._tokens = people, kernels, tokens

    async def of_token(self, value: str) -> Principal | None:
        """Return the principal of a kernel's or a personal token, or None if it is neither."""
        if kernel := self._kernels.kernel_of(value):
            owner = await self._people.find(kernel.user_name)
            if owner is None or kernel.kernel_id == PROGRAMS:
                return owner
            return replace(owner, via=Via.KERNEL, kernel_id=kernel.kernel_id)
        if token := await self._tokens.check(value):
            owner = await self._people.find(token.user_name)
            return replace(owner, via=Via.PERSONAL_TOKEN, token_id=token.token_id) if owner else None
        return None

    async def of_user(self, user: User, provider: IdentityProvider) -> Principal:
        """Return the principal of a user whom Jupyter has authenticated.

        Where Jupyter does not know names, as on a laptop, everybody who has its token is the server's user.
        """
        if not knows_names(provider):
            return await self._people.meet(person_of(self._people.server_user))
        hub: dict[str, Any] = getattr(user, "hub_user", None) or {}
        groups = hub.get("groups") or getattr(user, "groups", None) or ()
        return await self._people.meet(
            person_of(
                user.username,
                user.display_name or user.name or "",
                [str(group) for group in groups],
                is_admin=bool(hub.get("admin")),
                is_service=hub.get("kind") == "service",
            )
        )

    async def of_current_request(self) -> str:
        """Return the name of the user whose request this task handles; "" = it handles none."""
        handler = CallContext.get(CallContext.JUPYTER_HANDLER)
        if handler is None or handler.current_user is None:
            return ""
        return (await self.of_user(handler.current_user, handler.identity_provider)).user_name
