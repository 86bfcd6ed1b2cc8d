"""`/api/2.0/permissions/clusters/…`: cluster permissions, for clients that manage them.

Source: Databricks REST API, Permissions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from jupyter_dbx.model.access import CLUSTER_LEVELS, LEVEL_WORDS, PRINCIPAL_KINDS, Grant, read_grants
from jupyter_dbx.model.answers.answer import UNSET
from jupyter_dbx.model.answers.people import (
    AccessControl,
    ObjectPermissions,
    Permission,
    PermissionLevel,
    PermissionLevels,
)
from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.principal import ADMINS
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.framework.endpoint import Arg, Call, ClusterId, Route
from jupyter_dbx.rest.framework.needs import on_cluster

Grants = Annotated[
    Sequence[Json],
    Arg(f"Entries with one of {', '.join(PRINCIPAL_KINDS)}, and permission_level: one of {', '.join(CLUSTER_LEVELS)}."),
]

#: The permission that is inherited by every cluster.
_INHERITED = Grant("group_name", ADMINS, "CAN_MANAGE")


async def get(call: Call, cluster_id: ClusterId) -> ObjectPermissions:
    """Return the permissions of a cluster."""
    return _describe(await call.services.clusters.get(cluster_id))


async def put(call: Call, cluster_id: ClusterId, access_control_list: Grants = ()) -> ObjectPermissions:
    """Replace the permissions of a cluster; those of its owner and of administrators remain."""
    grants = read_grants(access_control_list)
    return _describe(await call.services.sharing.grant(cluster_id, grants, keep=False))


async def patch(call: Call, cluster_id: ClusterId, access_control_list: Grants = ()) -> ObjectPermissions:
    """Add permissions to a cluster; for a principal that has one already, the new level replaces it."""
    grants = read_grants(access_control_list)
    return _describe(await call.services.sharing.grant(cluster_id, grants, keep=True))


async def levels(call: Call, cluster_id: ClusterId) -> PermissionLevels:
    """Return the permission levels of a cluster."""
    await call.services.clusters.get(cluster_id)
    levels = [PermissionLevel(permission_level=level, description=LEVEL_WORDS[level]) for level in CLUSTER_LEVELS]
    return PermissionLevels(permission_levels=tuple(levels))


def _describe(cluster: Cluster) -> ObjectPermissions:
    owner = Grant("user_name", cluster.creator_user_name, "CAN_MANAGE")
    fixed = {(grant.kind, grant.principal) for grant in (owner, _INHERITED)}
    others = [grant for grant in cluster.grants if (grant.kind, grant.principal) not in fixed]
    return ObjectPermissions(
        object_id=f"/clusters/{cluster.cluster_id}",
        object_type="cluster",
        access_control_list=(*map(_entry, (owner, *others)), _entry(_INHERITED, inherited_from=("/clusters/",))),
    )


def _entry(grant: Grant, *, inherited_from: tuple[str, ...] = ()) -> AccessControl:
    permission = Permission(
        permission_level=grant.level,
        inherited=bool(inherited_from),
        inherited_from_object=inherited_from or UNSET,
    )
    named = {grant.kind: grant.principal, "display_name": grant.principal}
    return msgspec.structs.replace(AccessControl(all_permissions=(permission,)), **named)


_PATH = "2.0/permissions/clusters/{cluster_id}"

ROUTES: list[Route] = [
    Route("GET", _PATH, get, on_cluster("CAN_MANAGE")),
    Route("PUT", _PATH, put, on_cluster("CAN_MANAGE")),
    Route("PATCH", _PATH, patch, on_cluster("CAN_MANAGE")),
    Route("GET", f"{_PATH}/permissionLevels", levels, on_cluster("CAN_ATTACH_TO")),
]
