"""Secrets: names of scopes and keys, and who may do what with a scope. A value is in none of these classes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jupyter_dbx.model.errors import InvalidParameterValue

#: The largest value, bytes.
MOST_BYTES = 128 * 1024

#: How many scopes there may be, and secrets in one of them, count.
MOST_SCOPES = MOST_SECRETS = 1000

#: From the least to the most. Source: Databricks REST API, Secrets.
PERMISSIONS = ("READ", "WRITE", "MANAGE")

#: Of scopes and keys. Source: Databricks, Secret management.
_NAME = re.compile(r"[A-Za-z0-9_\-@.]{1,128}")


@dataclass(frozen=True)
class SecretAcl:
    """What one principal may do with a scope."""

    principal: str
    #: one of PERMISSIONS
    permission: str


@dataclass(frozen=True)
class SecretScope:
    """A group of secrets."""

    #: what it is kept under: its name without regard to case
    scope_id: str
    #: as its maker spelled it
    name: str
    #: one of each principal
    acls: tuple[SecretAcl, ...] = ()
    version: int = 0


@dataclass(frozen=True)
class SecretMetadata:
    """What may be told of a secret: all but its value."""

    #: as its maker spelled it
    key: str
    #: when its value was put, ms since the epoch
    updated_ms: int


def name_id(name: str, field: str) -> str:
    """Return what a scope or a key is kept under: case makes no difference.

    Parameters
    ----------
    field : whose name it is, "scope" or "key"

    Raises
    ------
    InvalidParameterValue : it is no such name
    """
    if not _NAME.fullmatch(name):
        raise InvalidParameterValue(
            f"{field} must have at most 128 characters, all of them letters, digits, dashes, underscores, @ or periods."
        )
    return name.lower()
