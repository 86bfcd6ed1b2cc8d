"""`/api/2.x/clusters/…` and who one is: Databricks' words for the verbs of `managers/clusters.py`.

Source: Databricks REST API, Clusters and SCIM `Me`.
"""

from __future__ import annotations

from jupyter_dbx.model.cluster import Cluster, version_key
from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.node import Node, NodeType, NodeTypes
from jupyter_dbx.model.spec import ClusterSpec, read_autoscale
from jupyter_dbx.model.wire import Json, read_bool, read_int, read_list, read_str
from jupyter_dbx.rest.base import Call, Endpoint, Route

#: Events in one page: default and most. Source: `clusters/events`.
EVENT_PAGE, LARGEST_EVENT_PAGE = 50, 500

#: Clusters in one page of API 2.1: default and most. Source: `clusters/list`.
CLUSTER_PAGE, LARGEST_CLUSTER_PAGE = 20, 100

#: What only answers have. A request made from one of them, to clone a cluster, carries the other cluster's facts along.
ANSWER_ONLY = frozenset(
    "cluster_id cluster_source creator_user_name default_tags state state_message termination_reason spec driver executors "
    "start_time terminated_time last_restarted_time last_state_loss_time spark_context_id effective_spark_version "
    "cluster_cores cluster_memory_mb cluster_log_status jdbc_port".split()
)


async def create(call: Call) -> Json:
    """Create a cluster and begin to start it."""
    spec = ClusterSpec.from_wire({k: v for k, v in call.args.items() if k not in ANSWER_ONLY})
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
    """Return a page of clusters, as API 2.1 does: those that were asked for, in the order that was asked for."""
    size = read_int(call.args, "page_size", CLUSTER_PAGE) or CLUSTER_PAGE
    begin = read_int(call.args, "page_token", 0) or 0
    if not 0 < size <= LARGEST_CLUSTER_PAGE:
        raise InvalidParameterValue(f"page_size must be between 1 and {LARGEST_CLUSTER_PAGE}, not {size}")
    if begin < 0:
        raise InvalidParameterValue(f"page_token must be one that an answer gave, not {begin}")
    clusters = _sorted(call.args, _filtered(call.args, await call.services.clusters.all()))
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
    types = read_list(args, "event_types")
    start_ms, end_ms = read_int(args, "start_time"), read_int(args, "end_time")
    found, total = await call.services.clusters.events(
        cluster_id,
        types=types,
        start_ms=start_ms,
        end_ms=end_ms,
        newest_first=order == "DESC",
        offset=offset,
        limit=limit,
    )
    answer: Json = {"events": [e.to_wire() for e in found], "total_count": total}
    if offset + len(found) < total:
        page: Json = {
            "cluster_id": cluster_id,
            "order": order,
            "limit": limit,
            "offset": offset + limit,
            "event_types": types,
        }
        if order == "DESC" and end_ms is None and offset == 0:
            end_ms = found[0].timestamp  # frozen on the first page, so that later events do not shift the others
        times = {"start_time": start_ms, "end_time": end_ms}
        answer["next_page"] = page | {k: v for k, v in times.items() if v is not None}
        answer["next_page_token"] = str(offset + limit)
    return answer


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


def _filtered(args: Json, clusters: list[tuple[Cluster, list[Node]]]) -> list[tuple[Cluster, list[Node]]]:
    """Return the clusters that `filter_by` leaves; all come from the API, and none is pinned."""
    states, sources = read_list(args, "filter_by.cluster_states"), read_list(args, "filter_by.cluster_sources")
    policy = read_str(args, "filter_by.policy_id")
    if read_bool(args, "filter_by.is_pinned") or (sources and "API" not in sources):
        return []
    return [
        (cluster, nodes)
        for cluster, nodes in clusters
        if (not states or cluster.shown_state.value in states)
        and (not policy or cluster.spec.extra.get("policy_id") == policy)
    ]


def _sorted(args: Json, clusters: list[tuple[Cluster, list[Node]]]) -> list[tuple[Cluster, list[Node]]]:
    """Return the clusters as `sort_by` says; by default newest first, as they come."""
    field, direction = read_str(args, "sort_by.field") or "DEFAULT", read_str(args, "sort_by.direction") or "ASC"
    if field not in ("DEFAULT", "CLUSTER_NAME") or direction not in ("ASC", "DESC"):
        raise InvalidParameterValue("sort_by.field must be DEFAULT or CLUSTER_NAME, and sort_by.direction ASC or DESC")
    if field == "CLUSTER_NAME":
        clusters = sorted(clusters, key=lambda found: found[0].spec.cluster_name)
    return clusters if direction == "ASC" else clusters[::-1]


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
