"""`/api/dbx/clusters/…`: clusters with what their drivers say of themselves, and extending them."""

from __future__ import annotations

from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.driver import Pulse
from jupyter_dbx.model.node import Node
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.listing import in_order
from jupyter_dbx.rest.routes import Call, ClusterId, Route


async def list_all(call: Call) -> Json:
    """Return every cluster, with what its driver says of itself."""
    clusters = call.services.clusters
    pulses = await clusters.pulses()
    return {"clusters": [_describe(c, nodes, pulses.get(c.cluster_id)) for c, nodes in in_order(await clusters.all())]}


async def get(call: Call, cluster_id: ClusterId) -> Json:
    """Return one cluster, with what its driver says of itself, and in `spec` what the user wrote."""
    clusters = call.services.clusters
    cluster = await clusters.get(cluster_id)
    nodes, pulses = await clusters.nodes(cluster_id), await clusters.pulses()
    return _describe(cluster, nodes, pulses.get(cluster_id), with_spec=True)


async def extend(call: Call, cluster_id: ClusterId) -> Json:
    """Let the idle time of a cluster begin anew."""
    await call.services.clusters.extend(cluster_id)
    return {}


def _describe(cluster: Cluster, nodes: list[Node], pulse: Pulse | None, *, with_spec: bool = False) -> Json:
    # A pulse that is older than the driver is another driver's.
    lives = pulse and cluster.shown_state.is_up and cluster.driver and pulse.at_ms >= cluster.driver.start_ms
    live = pulse.to_wire() if pulse and lives else None
    facts = {"pinned": bool(cluster.pinned_ms), "live": live}
    ui_url = cluster.driver.ui_url if cluster.driver and cluster.shown_state.is_up else ""
    return cluster.to_wire(nodes, with_spec=with_spec) | facts | {"spark_ui_url": ui_url}


ROUTES: list[Route] = [
    Route("GET", "dbx/clusters", list_all),
    Route("GET", "dbx/clusters/{cluster_id}", get),
    Route("POST", "dbx/clusters/{cluster_id}/extend", extend),
]
