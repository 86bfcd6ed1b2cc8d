"""`/api/dbx/clusters/ID/metrics` and `…/resources`: the resource usage of a cluster, over time and now."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from jupyter_dbx.model.answers.usage import NodeDetails, NodeList, NodeUsage, ProcessDetails, UsageHistory, UsageSample
from jupyter_dbx.model.node import Node
from jupyter_dbx.model.usage import NodeResources, Sample
from jupyter_dbx.rest.framework.endpoint import Arg, Call, ClusterId, Route
from jupyter_dbx.rest.framework.needs import on_cluster


async def metrics(
    call: Call,
    cluster_id: ClusterId,
    since: Annotated[int, Arg("Only samples later than this, ms since the epoch.", minimum=0)] = 0,
) -> UsageHistory:
    """Return the load and resource usage of a cluster, oldest first.

    There are a few samples per minute, for the last hour in which the cluster was running.
    """
    samples = await call.services.usage.history(cluster_id, since_ms=since)
    return UsageHistory(samples=tuple(map(_describe_sample, samples)))


async def resources(call: Call, cluster_id: ClusterId) -> NodeList:
    """Return the nodes of a cluster with their processes, ports and disk space."""
    found = await call.services.usage.resources(cluster_id)
    return NodeList(nodes=tuple(_describe(node, taken) for node, taken in found))


def _describe_sample(sample: Sample) -> UsageSample:
    nodes = {
        node_id: NodeUsage(
            role=used.role.value,
            cores=used.cores,
            memory_limit_mib=used.memory_limit_mib,
            cpu=used.cpu,
            memory_mib=used.memory_mib,
        )
        for node_id, used in sample.nodes.items()
    }
    return UsageSample(time=sample.at_ms, load=sample.load, nodes=nodes)


def _describe(node: Node, taken: NodeResources | None) -> NodeDetails:
    return NodeDetails(
        node_id=node.node_id,
        role=node.role.value,
        node_type_id=node.node_type_id,
        state=node.state.value,
        num_cores=node.cores,
        memory_mb=node.memory_mib,
        address=str(node.backend_state.get("address", "")),
        created_time=node.created_ms,
        processes=tuple(ProcessDetails(**asdict(process)) for process in taken.processes) if taken else (),
        folder=taken.folder if taken else "",
        disk_mb=taken.disk_mib if taken else 0,
    )


ROUTES: list[Route] = [
    Route("GET", "dbx/clusters/{cluster_id}/metrics", metrics, on_cluster("CAN_ATTACH_TO")),
    Route("GET", "dbx/clusters/{cluster_id}/resources", resources, on_cluster("CAN_ATTACH_TO")),
]
