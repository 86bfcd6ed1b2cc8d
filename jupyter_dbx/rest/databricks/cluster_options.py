"""The options of a new cluster: node types, Spark versions, zones.

Source: Databricks REST API, Clusters.
"""

from __future__ import annotations

from jupyter_dbx.model.answers.options import (
    NodeInstanceType,
    NodeQuota,
    NodeTypeDetails,
    NodeTypeList,
    SparkVersion,
    SparkVersionList,
    ZoneList,
)
from jupyter_dbx.model.node import NodeType, NodeTypes
from jupyter_dbx.model.versions import version_names
from jupyter_dbx.rest.framework.endpoint import Call, Route, in_both_versions
from jupyter_dbx.rest.framework.needs import Role

#: The only zone: the machine of this server.
ZONE = "local"


async def list_node_types(call: Call) -> NodeTypeList:
    """Return the available node types, smallest first."""
    types = await call.services.clusters.node_types()
    return NodeTypeList(node_types=tuple(_node_type(t, types, order) for order, t in enumerate(types.types)))


async def spark_versions(call: Call) -> SparkVersionList:
    """Return the installed version of Spark, under the keys that Databricks' clients look for; the name says what it is."""
    names = version_names(call.services.spark_version)
    return SparkVersionList(versions=tuple(SparkVersion(key=key, name=name) for key, name in names.items()))


async def list_zones(call: Call) -> ZoneList:
    """Return the availability zones; the only one is this machine."""
    return ZoneList(zones=(ZONE,), default_zone=ZONE)


def _node_type(node_type: NodeType, types: NodeTypes, order: int) -> NodeTypeDetails:
    cores = types.capacity.cores if types.capacity else node_type.num_cores
    return NodeTypeDetails(
        node_type_id=node_type.node_type_id,
        instance_type_id=node_type.node_type_id,
        description=f"{node_type.num_cores} cores, {node_type.memory_mib} MiB",
        category="General Purpose",
        memory_mb=node_type.memory_mib,
        num_cores=float(node_type.num_cores),
        support_cluster_tags=True,
        display_order=order,
        node_instance_type=NodeInstanceType(instance_type_id=node_type.node_type_id, local_disks=1),
        node_info=NodeQuota(available_core_quota=float(cores), total_core_quota=float(cores)),
    )


ROUTES: list[Route] = [
    *in_both_versions("GET", "clusters/list-node-types", list_node_types, Role.ANYBODY),
    *in_both_versions("GET", "clusters/spark-versions", spark_versions, Role.ANYBODY),
    *in_both_versions("GET", "clusters/list-zones", list_zones, Role.ANYBODY),
]
