"""Secrets: names of scopes and keys, and the ACLs of scopes. None of these classes contains a value."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_dbx.model.access import SCOPE_LEVELS, Grant, Guarded

#: Maximum size of a value, bytes.
MAX_BYTES = 128 * 1024

#: Maximum number of scopes, and of secrets in a scope.
MAX_SCOPES = MAX_SECRETS = 1000


@dataclass(frozen=True)
class SecretAcl:
    """The permission of one principal on a scope."""

    principal: str
    #: one of SCOPE_LEVELS
    permission: str


@dataclass(frozen=True)
class SecretScope:
    """A group of secrets."""

    #: key in the store: the name in lower case
    scope_id: str
    #: as its creator spelled it
    name: str
    #: one per principal
    acls: tuple[SecretAcl, ...] = ()
    version: int = 0

    @property
    def guarded(self) -> Guarded:
        """Return what decides who may do what with its secrets. It has no owner; its creator has MANAGE."""
        grants = tuple(Grant("", acl.principal, acl.permission) for acl in self.acls)
        return Guarded("secret scope", self.name, SCOPE_LEVELS, "", grants)


@dataclass(frozen=True)
class SecretMetadata:
    """Everything about a secret except its value."""

    #: as its creator spelled it
    key: str
    #: when its value was stored, ms since the epoch
    updated_ms: int
