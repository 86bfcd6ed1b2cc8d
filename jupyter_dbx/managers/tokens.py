"""Operations on personal access tokens."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import replace
from hashlib import sha256

from jupyter_dbx.managers.conflicts import retry_on_conflict
from jupyter_dbx.model.errors import InvalidParameterValue, QuotaExceeded, Reason, ResourceDoesNotExist
from jupyter_dbx.model.principal import is_same_name
from jupyter_dbx.model.token import LONGEST_COMMENT, MAX_TOKENS, PREFIX, PersonalToken
from jupyter_dbx.store import Store

#: How precisely the last use is kept, ms: a write for each request would cost more than the request.
USE_STEP_MS = 60_000


class TokenManager:
    """Creates, lists, checks and revokes tokens; their values are never stored.

    Parameters
    ----------
    longest_lifetime_s : how long a token may be valid, s; 0 = as long as its user wants
    """

    def __init__(self, store: Store, longest_lifetime_s: int = 0) -> None:
        self._store, self._longest_s = store, longest_lifetime_s

    async def create(self, user_name: str, *, lifetime_s: int | None, comment: str) -> tuple[str, PersonalToken]:
        """Return a new token's value, which cannot be read again, and what is stored of it.

        Parameters
        ----------
        lifetime_s : None = the longest one

        Raises
        ------
        InvalidParameterValue : the lifetime or the comment is too long
        QuotaExceeded : the user has MAX_TOKENS tokens already
        """
        longest = self._longest_s
        if longest and lifetime_s is not None and lifetime_s > longest:
            raise InvalidParameterValue(
                f"lifetime_seconds must be at most {longest} here, not {lifetime_s}.", field="lifetime_seconds"
            )
        if len(comment) > LONGEST_COMMENT:
            raise InvalidParameterValue(f"comment must have at most {LONGEST_COMMENT} characters.", field="comment")
        if len(await self.of(user_name)) >= MAX_TOKENS:
            raise QuotaExceeded(
                f"A user can have at most {MAX_TOKENS} tokens. Revoke one that is no longer needed.",
                reason=Reason.LIMIT_REACHED,
            )
        value, now = f"{PREFIX}{secrets.token_hex(16)}", self._store.now_ms()
        valid_s = longest if lifetime_s is None else lifetime_s
        digest = _digest(value)
        made = PersonalToken(_id_of(digest), digest, user_name, comment, now, now + valid_s * 1000 if valid_s else 0)
        return value, await self._store.tokens.save(made)

    async def all(self) -> list[PersonalToken]:
        """Return the tokens of everybody that have not expired, newest first."""
        now = self._store.now_ms()
        valid = [token for token in await self._store.tokens.list() if token.is_valid(now)]
        return sorted(valid, key=lambda token: token.created_ms, reverse=True)

    async def of(self, user_name: str) -> list[PersonalToken]:
        """Return a user's tokens that have not expired, newest first."""
        return [token for token in await self.all() if is_same_name(token.user_name, user_name)]

    async def get(self, token_id: str) -> PersonalToken:
        """Return a token.

        Raises
        ------
        ResourceDoesNotExist : there is none with this id
        """
        found = await self._store.tokens.get(token_id)
        if found is None:
            raise ResourceDoesNotExist(f"Token {token_id} does not exist. List the tokens to see which exist.")
        return found

    @retry_on_conflict
    async def revoke(self, token_id: str) -> None:
        """Revoke a token for good: its next request is refused.

        Raises
        ------
        ResourceDoesNotExist : there is none with this id
        """
        await self._store.tokens.delete(await self.get(token_id))

    async def check(self, value: str) -> PersonalToken | None:
        """Return the token of this value, or None if it is unknown, revoked or expired."""
        if not value.startswith(PREFIX):
            return None
        digest, now = _digest(value), self._store.now_ms()
        found = await self._store.tokens.get(_id_of(digest))
        if found is None or not hmac.compare_digest(found.digest, digest) or not found.is_valid(now):
            return None
        if now - found.last_used_ms > USE_STEP_MS:
            await self._note_use(found.token_id, now)
        return found

    @retry_on_conflict
    async def _note_use(self, token_id: str, now_ms: int) -> None:
        found = await self._store.tokens.get(token_id)
        if found is not None:  # else it was revoked meanwhile
            await self._store.tokens.save(replace(found, last_used_ms=now_ms))


def _digest(value: str) -> str:
    return sha256(value.encode("utf-8", "replace")).hexdigest()


def _id_of(digest: str) -> str:
    """Return the id of a token: from its digest, so that it can be found by its value, but tells nothing about it."""
    return sha256(f"id {digest}".encode()).hexdigest()[:32]
