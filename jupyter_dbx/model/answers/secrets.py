"""Answers about secret scopes and secrets.

Source: Databricks REST API, Secrets.
"""

from __future__ import annotations

from jupyter_dbx.model.answers.answer import Answer


class ScopeDetails(Answer, frozen=True):
    """A secret scope."""

    name: str = ""
    backend_type: str = ""


class ScopeList(Answer, frozen=True):
    """All secret scopes."""

    scopes: tuple[ScopeDetails, ...] = ()


class SecretValue(Answer, frozen=True):
    """A secret with its value."""

    key: str = ""
    #: base64
    value: str = ""


class SecretDetails(Answer, frozen=True):
    """A secret without its value."""

    key: str = ""
    #: ms since the epoch
    last_updated_timestamp: int = 0


class SecretList(Answer, frozen=True):
    """The secrets of a scope."""

    secrets: tuple[SecretDetails, ...] = ()


class AclDetails(Answer, frozen=True):
    """The permission of a principal on a scope."""

    principal: str = ""
    permission: str = ""


class AclList(Answer, frozen=True):
    """The ACL of a scope."""

    items: tuple[AclDetails, ...] = ()
