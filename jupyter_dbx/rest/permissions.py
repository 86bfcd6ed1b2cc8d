"""`/api/2.0/permissions/clusters/…`: who may do what with a cluster, for clients that manage it.

Source: Databricks REST API, Permissions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from jupyter_dbx.model.access import PERMISSION_LEVELS, PRINCIPAL_KINDS, Grant, read_grants
from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.identity import ADMINS
from jupyter_dbx.rest.routes import Arg, Call, ClusterId, Route

Grants = Annotated[
    Sequence[Json],
    Arg(f"Of each: one of {', '.join(PRINCIPAL_KINDS)}, and permission_level: {', '.join(PERMISSION_LEVELS)}."),
]

#: Who inherits what from all clusters.
_INHERITED = Grant("group_name", ADMINS, "CAN_MANAGE")


async def get(call: Call, cluster_id: ClusterId) -> Json:
    """Return who may do what with a cluster."""
    return _describe(await call.services.clusters.get(cluster_id))


async def put(call: Call, cluster_id: ClusterId, access_control_list: Grants = ()) -> Json:
    """Grant this, and nothing else."""
    grants = read_grants(access_control_list)
    return _describe(await call.services.definitions.grant(cluster_id, grants, keep=False))


async def patch(call: Call, cluster_id: ClusterId, access_control_list: Grants = ()) -> Json:
    """Grant this besides what is granted already."""
    grants = read_grants(access_control_list)
    return _describe(await call.services.definitions.grant(cluster_id, grants, keep=True))


async def levels(call: Call, cluster_id: ClusterId) -> Json:
    """Return what can be granted."""
    await call.services.clusters.get(cluster_id)
    described = {level: level.replace("_", " ").capitalize() for level in PERMISSION_LEVELS}
    return {"permission_levels": [{"permission_level": k, "description": v} for k, v in described.items()]}


def _describe(cluster: Cluster) -> Json:
    owner = Grant("user_name", cluster.creator_user_name, "CAN_MANAGE")
    fixed = {(grant.kind, grant.principal) for grant in (owner, _INHERITED)}
    others = [grant for grant in cluster.grants if (grant.kind, grant.principal) not in fixed]
    return {
        "object_id": f"/clusters/{cluster.cluster_id}",
        "object_type": "cluster",
        "access_control_list": [*map(_entry, (owner, *others)), _entry(_INHERITED, inherited_from="/clusters/")],
    }


def _entry(grant: Grant, *, inherited_from: str = "") -> Json:
    permission: Json = {"permission_level": grant.level, "inherited": bool(inherited_from)}
    if inherited_from:
        permission["inherited_from_object"] = [inherited_from]
    return {grant.kind: grant.principal, "display_name": grant.principal, "all_permissions": [permission]}


_PATH = "2.0/permissions/clusters/{cluster_id}"

ROUTES: list[Route] = [
    Route("GET", _PATH, get),
    Route("PUT", _PATH, put),
    Route("PATCH", _PATH, patch),
    Route("GET", f"{_PATH}/permissionLevels", levels),
]
