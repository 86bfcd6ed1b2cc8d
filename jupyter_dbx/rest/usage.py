"""`/api/dbx/clusters/ID/metrics` and `…/resources`: what a cluster uses, over time and now."""

from __future__ import annotations

from typing import Annotated

from jupyter_dbx.model.node import Node
from jupyter_dbx.model.usage import NodeResources
from jupyter_dbx.model.wire import Json, to_document
from jupyter_dbx.rest.routes import Arg, Call, ClusterId, Route


async def metrics(
    call: Call,
    cluster_id: ClusterId,
    since: Annotated[int, Arg("Only later ones, ms since the epoch.", least=0)] = 0,
) -> Json:
    """Return how busy a cluster was in the last hour in which it was up, a few times a minute, oldest first."""
    samples = await call.services.usage.history(cluster_id, since_ms=since)
    return {"samples": [sample.to_wire() for sample in samples]}


async def resources(call: Call, cluster_id: ClusterId) -> Json:
    """Return a cluster's nodes with their processes, ports and disk space."""
    found = await call.services.usage.resources(cluster_id)
    return {"nodes": [_describe(node, taken) for node, taken in found]}


def _describe(node: Node, taken: NodeResources | None) -> Json:
    return {
        "node_id": node.node_id,
        "role": node.role.value,
        "node_type_id": node.node_type_id,
        "state": node.state.value,
        "num_cores": node.cores,
        "memory_mb": node.memory_mib,
        "address": str(node.backend_state.get("address", "")),
        "created_time": node.created_ms,
        "processes": to_document(taken.processes) if taken else [],
        "folder": taken.folder if taken else "",
        "disk_mb": taken.disk_mib if taken else 0,
    }


ROUTES: list[Route] = [
    Route("GET", "dbx/clusters/{cluster_id}/metrics", metrics),
    Route("GET", "dbx/clusters/{cluster_id}/resources", resources),
]
