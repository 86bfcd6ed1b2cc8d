"""Who may do what: levels, grants, and the one function that decides.

Source: Databricks REST API, Permissions and Secrets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_dbx.model.errors import InvalidParameterValue, PermissionDenied
from jupyter_dbx.model.principal import Principal, is_same_name, name_key
from jupyter_dbx.model.wire import Json, read_str

#: Weakest first; each includes those before it.
CLUSTER_LEVELS = ("CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE")

#: Of secret scopes, weakest first.
SCOPE_LEVELS = ("READ", "WRITE", "MANAGE")

#: What a level allows, for messages and for `permissionLevels`.
LEVEL_WORDS = {
    "CAN_ATTACH_TO": "attach notebooks to it, view its Spark UI and metrics",
    "CAN_RESTART": "also start, restart and terminate it",
    "CAN_MANAGE": "also edit, resize and delete it, read its logs and share it",
}

#: The field that names the principal of a grant, by kind of principal.
PRINCIPAL_KINDS = ("user_name", "group_name", "service_principal_name")


@dataclass(frozen=True)
class Grant:
    """The permission level of one principal."""

    #: one of PRINCIPAL_KINDS; "" = a user, a group or a service principal
    kind: str
    principal: str
    level: str


@dataclass(frozen=True)
class Guarded:
    """What decides who may do what with an object."""

    #: e.g. "cluster"; and its name, both for messages
    kind: str
    name: str
    #: weakest first
    levels: tuple[str, ...]
    #: who has the strongest level without a grant; "" = only administrators
    owner: str
    grants: tuple[Grant, ...]


def level_of(principal: Principal, guarded: Guarded) -> str:
    """Return the strongest level that a principal has on an object; "" = none."""
    if principal.is_admin or is_same_name(guarded.owner, principal.user_name):
        return guarded.levels[-1]
    held = {grant.level for grant in guarded.grants if _is_for(principal, grant)}
    return next((level for level in reversed(guarded.levels) if level in held), "")


def may(principal: Principal, level: str, guarded: Guarded) -> bool:
    """Return whether a principal has this level, or a stronger one, on an object."""
    held = level_of(principal, guarded)
    return bool(held) and guarded.levels.index(held) >= guarded.levels.index(level)


def require(principal: Principal, level: str, guarded: Guarded) -> None:
    """Raise PermissionDenied unless a principal has this level, or a stronger one, on an object."""
    if not may(principal, level, guarded):
        ask = f"its owner {guarded.owner} or an administrator" if guarded.owner else "an administrator"
        raise PermissionDenied(
            f"{principal.user_name} does not have {level} permission on {guarded.kind} {guarded.name}. Ask {ask}."
        )


def read_grants(entries: Sequence[Json], levels: tuple[str, ...] = CLUSTER_LEVELS) -> tuple[Grant, ...]:
    """Return the grants of an `access_control_list`.

    Raises
    ------
    InvalidParameterValue : an entry does not name exactly one principal, or has no valid level
    """
    return tuple(_read_grant(entry, levels) for entry in entries)


def merge_grants(old: Sequence[Grant], new: Sequence[Grant]) -> tuple[Grant, ...]:
    """Return all grants; for each principal, the last one wins."""
    return tuple({(grant.kind, name_key(grant.principal)): grant for grant in (*old, *new)}.values())


def _is_for(principal: Principal, grant: Grant) -> bool:
    is_own_kind = grant.kind in ("", "service_principal_name" if principal.is_service else "user_name")
    if is_own_kind and is_same_name(grant.principal, principal.user_name):
        return True
    return grant.kind in ("", "group_name") and any(is_same_name(grant.principal, g) for g in principal.all_groups)


def _read_grant(entry: Json, levels: tuple[str, ...]) -> Grant:
    named = {kind: name for kind in PRINCIPAL_KINDS if (name := read_str(entry, kind))}
    level = read_str(entry, "permission_level")
    if len(named) != 1:
        raise InvalidParameterValue(
            f"access_control_list: each entry must have exactly one of {', '.join(PRINCIPAL_KINDS)}, not {len(named)}.",
            field="access_control_list",
        )
    if level not in levels:
        raise InvalidParameterValue(
            f"access_control_list: permission_level must be one of {', '.join(levels)}, not {level!r}",
            field="access_control_list.permission_level",
        )
    ((kind, principal),) = named.items()
    return Grant(kind, principal, level)
