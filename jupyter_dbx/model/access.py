"""Who may do what with a cluster, in the words of Databricks' permissions API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.wire import Json, read_str

#: From the least to the most. Source: Databricks REST API, `permissions/clusters`.
PERMISSION_LEVELS = ("CAN_ATTACH_TO", "CAN_RESTART", "CAN_MANAGE")

#: How a principal is named in a list of grants.
PRINCIPAL_KINDS = ("user_name", "group_name", "service_principal_name")


@dataclass(frozen=True)
class Grant:
    """What one principal may do."""

    #: one of PRINCIPAL_KINDS
    kind: str
    principal: str
    #: one of PERMISSION_LEVELS
    level: str


def read_grants(entries: Sequence[Json]) -> tuple[Grant, ...]:
    """Return the grants of an `access_control_list`.

    Raises
    ------
    InvalidParameterValue : an entry names no principal or several, or no level
    """
    return tuple(_read_grant(entry) for entry in entries)


def merge_grants(old: Sequence[Grant], new: Sequence[Grant]) -> tuple[Grant, ...]:
    """Return all grants; of those for the same principal the last one counts."""
    return tuple({(grant.kind, grant.principal): grant for grant in (*old, *new)}.values())


def _read_grant(entry: Json) -> Grant:
    named = {kind: name for kind in PRINCIPAL_KINDS if (name := read_str(entry, kind))}
    level = read_str(entry, "permission_level")
    if len(named) != 1:
        raise InvalidParameterValue(
            f"access_control_list: each entry names one of {', '.join(PRINCIPAL_KINDS)}, not {len(named)} of them."
        )
    if level not in PERMISSION_LEVELS:
        raise InvalidParameterValue(
            f"access_control_list: permission_level must be one of {', '.join(PERMISSION_LEVELS)}, not {level!r}"
        )
    ((kind, principal),) = named.items()
    return Grant(kind, principal, level)
