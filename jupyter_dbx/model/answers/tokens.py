"""Answers about personal access tokens; only `TokenCreated` contains a value.

Source: Databricks REST API, Token and Token management.
"""

from __future__ import annotations

from jupyter_dbx.model.answers.answer import UNSET, Answer, Omittable


class TokenDetails(Answer, frozen=True):
    """A token as its user sees it."""

    token_id: str = ""
    comment: str = ""
    #: ms since the epoch; an expiry of -1 = never
    creation_time: int = 0
    expiry_time: int = -1
    #: ms since the epoch
    last_used_day: Omittable[int] = UNSET


class TokenCreated(Answer, frozen=True):
    """A new token; its value cannot be read again."""

    token_value: str = ""
    token_info: TokenDetails = TokenDetails()


class TokenList(Answer, frozen=True):
    """A user's tokens."""

    token_infos: tuple[TokenDetails, ...] = ()


class ManagedToken(TokenDetails, frozen=True):
    """A token as administrators see it."""

    created_by_username: str = ""
    created_by_id: int = 0
    owner_id: int = 0


class ManagedTokenList(Answer, frozen=True):
    """The tokens of everybody."""

    token_infos: tuple[ManagedToken, ...] = ()


class ManagedTokenDetails(Answer, frozen=True):
    """One token."""

    token_info: ManagedToken = ManagedToken()
