"""`/api/2.x/clusters/…` and who one is: Databricks' words for the verbs of `managers/clusters.py`.

Source: Databricks REST API, Clusters and SCIM `Me`.
"""

from __future__ import annotations

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.node import NodeType, NodeTypes
from jupyter_dbx.model.spec import ClusterSpec, read_autoscale
from jupyter_dbx.model.wire import Json, read_int, read_str
from jupyter_dbx.rest.base import Call, Endpoint, Route

#: Events in one page: default and most. Source: `clusters/events`.
EVENT_PAGE, LARGEST_EVENT_PAGE = 50, 500

#: Clusters in one page of API 2.1: default and most. Source: `clusters/list`.
CLUSTER_PAGE, LARGEST_CLUSTER_PAGE = 20, 100


async def create(call: Call) -> Json:
    """Create a cluster and begin to start it."""
    spec = ClusterSpec.from_wire(call.args)
    cluster = await call.services.clusters.create(spec, user=call.user)
    return {"cluster_id": cluster.cluster_id}


async def get(call: Call) -> Json:
    """Return one cluster."""
    clusters = call.services.clusters
    cluster = await clusters.get(_cluster_id(call))
    return cluster.to_wire(await clusters.nodes(cluster.cluster_id), with_spec=True)


async def list_all(call: Call) -> Json:
    """Return every cluster at once, as API 2.0 does."""
    return {"clusters": [c.to_wire(nodes) for c, nodes in await call.services.clusters.all()]}


async def list_page(call: Call) -> Json:
    """Return a page of clusters, as API 2.1 does."""
    size = read_int(call.args, "page_size", CLUSTER_PAGE) or CLUSTER_PAGE
    begin = read_int(call.args, "page_token", 0) or 0
    if not 0 < size <= LARGEST_CLUSTER_PAGE or begin < 0:
        raise InvalidParameterValue(f"page_size must be between 1 and {LARGEST_CLUSTER_PAGE}, not {size}")
    clusters = await call.services.clusters.all()
    page: Json = {"clusters": [c.to_wire(nodes) for c, nodes in clusters[begin : begin + size]]}
    if begin + size < len(clusters):
        page["next_page_token"] = str(begin + size)
    if begin:
        page["prev_page_token"] = str(max(0, begin - size))
    return page


async def start(call: Call) -> Json:
    """Start a terminated cluster."""
    await call.services.clusters.start(_cluster_id(call), user=call.user)
    return {}


async def restart(call: Call) -> Json:
    """Restart a running cluster."""
    await call.services.clusters.restart(_cluster_id(call), user=call.user)
    return {}


async def resize(call: Call) -> Json:
    """Change the number of workers of a running cluster."""
    await call.services.clusters.resize(
        _cluster_id(call),
        num_workers=read_int(call.args, "num_workers"),
        autoscale=read_autoscale(call.args),
        user=call.user,
    )
    return {}


async def terminate(call: Call) -> Json:
    """End a cluster; its definition stays."""
    await call.services.clusters.terminate(_cluster_id(call), user=call.user)
    return {}


async def permanent_delete(call: Call) -> Json:
    """End a cluster and forget it."""
    await call.services.clusters.delete(_cluster_id(call), user=call.user)
    return {}


async def events(call: Call) -> Json:
    """Return a page of a cluster's events; `next_page` is the whole next request, which is what the SDK follows."""
    cluster_id, args = _cluster_id(call), call.args
    order = read_str(args, "order", "DESC").upper() or "DESC"
    if order not in ("ASC", "DESC"):
        raise InvalidParameterValue(f"order must be ASC or DESC, not {order!r}")
    limit = read_int(args, "limit") or read_int(args, "page_size") or EVENT_PAGE
    offset = read_int(args, "offset", read_int(args, "page_token", 0)) or 0
    if not 0 < limit <= LARGEST_EVENT_PAGE or offset < 0:
        raise InvalidParameterValue(f"limit must be between 1 and {LARGEST_EVENT_PAGE}, and offset 0 or more")
    types = args.get("event_types") or []
    start_ms, end_ms = read_int(args, "start_time"), read_int(args, "end_time")
    found, total = await call.services.clusters.events(
        cluster_id,
        types=[str(t) for t in types] if isinstance(types, list) else [str(types)],
        start_ms=start_ms,
        end_ms=end_ms,
        newest_first=order == "DESC",
        offset=offset,
        limit=limit,
    )
    answer: Json = {"events": [e.to_wire() for e in found], "total_count": total}
    if offset + len(found) < total:
        # The end is frozen on the first page, so that later events do not shift the pages.
        page = {
            "cluster_id": cluster_id,
            "order": order,
            "limit": limit,
            "offset": offset + limit,
            "event_types": types,
        }
        page |= {"end_time": end_ms or found[0].timestamp} if order == "DESC" else {}
        answer["next_page"] = page | ({"start_time": start_ms} if start_ms is not None else {})
        answer["next_page_token"] = str(offset + limit)
    return answer


async def list_node_types(call: Call) -> Json:
    """Return the sizes of node."""
    types = await call.services.clusters.node_types()
    return {"node_types": [_node_type(t, types, order) for order, t in enumerate(types.types)]}


async def spark_versions(call: Call) -> Json:
    """Return the one Spark that is installed; the second key is for clients that look for Scala 2.12 by default."""
    version = call.services.spark_version
    short = ".".join(version.split(".")[:2])
    says = f"includes Apache Spark {version}, Scala 2.13"
    return {
        "versions": [
            {"key": f"{short}.x-scala2.13", "name": f"{short} LTS ({says})"},
            {
                "key": f"{short}.x-scala2.12",
                "name": f"{short} LTS (the same, for clients that ask for Scala 2.12; {says})",
            },
        ]
    }


async def me(call: Call) -> Json:
    """Return whom the server works for."""
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "1",
        "userName": call.user,
        "displayName": call.user,
        "active": True,
        "emails": [{"value": call.user, "primary": True, "type": "work"}],
        "groups": [{"display": "admins", "type": "direct", "value": "1"}],
    }


def _cluster_id(call: Call) -> str:
    return read_str(call.args, "cluster_id")


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


def _both(method: str, path: str, endpoint: Endpoint) -> list[Route]:
    return [Route(method, f"{version}/{path}", endpoint) for version in (r"2\.0", r"2\.1")]


ROUTES: list[Route] = [
    Route("GET", r"2\.0/clusters/list", list_all),
    Route("GET", r"2\.1/clusters/list", list_page),
    Route("GET", r"2\.0/preview/scim/v2/Me", me),
    *_both("POST", "clusters/create", create),
    *_both("GET", "clusters/get", get),
    *_both("POST", "clusters/start", start),
    *_both("POST", "clusters/restart", restart),
    *_both("POST", "clusters/resize", resize),
    *_both("POST", "clusters/delete", terminate),
    *_both("POST", "clusters/permanent-delete", permanent_delete),
    *_both("POST", "clusters/events", events),
    *_both("GET", "clusters/list-node-types", list_node_types),
    *_both("GET", "clusters/spark-versions", spark_versions),
]
