"""Cluster permissions, in the terms of Databricks' Permissions API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.wire import Json, read_str

#: Weakest first. Source: Databricks REST API, `permissions/clusters`.
PERMISSION_LEVELS = ("CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE")

#: The field that names the principal of a grant, by kind of principal.
PRINCIPAL_KINDS = ("user_name", "group_name", "service_principal_name")


@dataclass(frozen=True)
class Grant:
    """The permission level of one principal."""

    #: one of PRINCIPAL_KINDS
    kind: str
    principal: str
    #: one of PERMISSION_LEVELS
    level: str


def read_grants(entries: Sequence[Json]) -> tuple[Grant, ...]:
    """Return the grants of an `access_control_list`.

    Raises
    ------
    InvalidParameterValue : an entry does not name exactly one principal, or has no valid level
    """
    return tuple(_read_grant(entry) for entry in entries)


def merge_grants(old: Sequence[Grant], new: Sequence[Grant]) -> tuple[Grant, ...]:
    """Return all grants; for each principal, the last one wins."""
    return tuple({(grant.kind, grant.principal): grant for grant in (*old, *new)}.values())


def _read_grant(entry: Json) -> Grant:
    named = {kind: name for kind in PRINCIPAL_KINDS if (name := read_str(entry, kind))}
    level = read_str(entry, "permission_level")
    if len(named) != 1:
        raise InvalidParameterValue(
            f"access_control_list: each entry must have exactly one of {', '.join(PRINCIPAL_KINDS)}, not {len(named)}.",
            field="access_control_list",
        )
    if level not in PERMISSION_LEVELS:
        raise InvalidParameterValue(
            f"access_control_list: permission_level must be one of {', '.join(PERMISSION_LEVELS)}, not {level!r}",
            field="access_control_list.permission_level",
        )
    ((kind, principal),) = named.items()
    return Grant(kind, principal, level)
