"""What clusters can be made of: sizes of node, versions of Spark, zones.

Source: Databricks REST API, Clusters.
"""

from __future__ import annotations

from jupyter_dbx.model.cluster import version_key
from jupyter_dbx.model.node import NodeType, NodeTypes
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.routes import Call, Route, in_both

#: The one zone there is: where this server runs.
ZONE = "local"


async def list_node_types(call: Call) -> Json:
    """Return the sizes of node."""
    types = await call.services.clusters.node_types()
    return {"node_types": [_node_type(t, types, order) for order, t in enumerate(types.types)]}


async def spark_versions(call: Call) -> Json:
    """Return the one Spark that is installed; the second key is for clients that look for Scala 2.12 by default."""
    version = call.services.spark_version
    key = version_key(version)
    short = key.partition(".x")[0]
    says = f"includes Apache Spark {version}, Scala 2.13"
    return {
        "versions": [
            {"key": key, "name": f"{short} LTS ({says})"},
            {
                "key": f"{short}.x-scala2.12",
                "name": f"{short} LTS (the same, for clients that ask for Scala 2.12; {says})",
            },
        ]
    }


async def list_zones(call: Call) -> Json:
    """Return where nodes can be: here."""
    return {"zones": [ZONE], "default_zone": ZONE}


async def limits(call: Call) -> Json:
    """Return what clusters may ask for; without `capacity` where it is not known in advance how much they may take."""
    clusters = call.services.clusters
    least, most = clusters.idle_minutes
    answer: Json = {"autotermination_minutes": {"least": least, "most": most}}
    types = await clusters.node_types()
    if types.capacity is None:
        return answer
    memory_mib, cores = await clusters.taken(types)
    answer["capacity"] = {
        "memory_mib": types.capacity.memory_mib,
        "cores": types.capacity.cores,
        "free_memory_mib": max(0, types.capacity.memory_mib - memory_mib),
        "free_cores": max(0, types.capacity.cores - cores),
    }
    return answer


def _node_type(node_type: NodeType, types: NodeTypes, order: int) -> Json:
    # Clients sort by these and dereference them without looking, so every field is there.
    cores = types.capacity.cores if types.capacity else node_type.num_cores
    return {
        "node_type_id": node_type.node_type_id,
        "instance_type_id": node_type.node_type_id,
        "description": f"{node_type.num_cores} cores, {node_type.memory_mib} MiB",
        "category": "General Purpose",
        "memory_mb": node_type.memory_mib,
        "num_cores": float(node_type.num_cores),
        "num_gpus": 0,
        "is_deprecated": False,
        "is_hidden": False,
        "is_io_cache_enabled": False,
        "photon_driver_capable": False,
        "photon_worker_capable": False,
        "support_cluster_tags": True,
        "support_ebs_volumes": False,
        "support_port_forwarding": False,
        "is_encrypted_in_transit": False,
        "is_graviton": False,
        "display_order": order,
        "node_instance_type": {
            "instance_type_id": node_type.node_type_id,
            "local_disks": 1,
            "local_disk_size_gb": 0,
            "local_nvme_disks": 0,
            "local_nvme_disk_size_gb": 0,
        },
        "node_info": {"status": [], "available_core_quota": float(cores), "total_core_quota": float(cores)},
    }


ROUTES: list[Route] = [
    *in_both("GET", "clusters/list-node-types", list_node_types),
    *in_both("GET", "clusters/spark-versions", spark_versions),
    *in_both("GET", "clusters/list-zones", list_zones),
    Route("GET", "dbx/limits", limits),
]
