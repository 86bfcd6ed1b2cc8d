"""`/api/dbx/clusters/…`: clusters with what their drivers say of themselves, and extending them."""

from __future__ import annotations

from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.driver import Pulse
from jupyter_dbx.model.node import Node
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.listing import in_order
from jupyter_dbx.rest.routes import Call, ClusterId, Route


async def list_all(call: Call) -> Json:
    """Return every cluster, with what its driver says of itself, and the count of changes until then."""
    clusters = call.services.clusters
    revision = await clusters.revision()  # first, so that a change that comes in between is seen by the next look
    pulses = await clusters.pulses()
    found = in_order(await clusters.all())
    described = [_describe(call, c, nodes, pulses.get(c.cluster_id)) for c, nodes in found]
    return {"revision": revision, "clusters": described}


async def live(call: Call) -> Json:
    """Return what every driver said last, by its cluster's id, and the count of changes of all else.

    For those who look every few seconds: it is small, and only another count is a reason to ask for all clusters. What a driver
    said before its cluster ended, or before it was started anew, is still there.
    """
    pulses = await call.services.clusters.pulses()
    said = {cluster_id: _say(call, pulse) for cluster_id, pulse in pulses.items()}
    return {"revision": await call.services.clusters.revision(), "live": said}


async def get(call: Call, cluster_id: ClusterId) -> Json:
    """Return one cluster, with what its driver says of itself, and in `spec` what the user wrote."""
    clusters = call.services.clusters
    cluster = await clusters.get(cluster_id)
    nodes, pulses = await clusters.nodes(cluster_id), await clusters.pulses()
    return _describe(call, cluster, nodes, pulses.get(cluster_id), with_spec=True)


async def extend(call: Call, cluster_id: ClusterId) -> Json:
    """Let the idle time of a cluster begin anew."""
    await call.services.clusters.extend(cluster_id)
    return {}


def _describe(call: Call, cluster: Cluster, nodes: list[Node], pulse: Pulse | None, *, with_spec: bool = False) -> Json:
    # A pulse that is older than the driver is another driver's.
    lives = pulse and cluster.shown_state.is_up and cluster.driver and pulse.at_ms >= cluster.driver.start_ms
    facts = {"pinned": bool(cluster.pinned_ms), "live": _say(call, pulse) if pulse and lives else None}
    driver = cluster.driver if cluster.shown_state.is_up else None
    ours = f"{call.root}api/dbx/clusters/{cluster.cluster_id}"
    pages = {
        "spark_ui_url": f"{ours}/spark-ui/" if driver and driver.ui_url else "",
        "master_ui_url": f"{ours}/master-ui/" if driver and driver.master_ui_url else "",
    }
    return cluster.to_wire(nodes, with_spec=with_spec) | facts | pages


def _say(call: Call, pulse: Pulse) -> Json:
    said = pulse.to_wire()
    for seat in said["notebooks"]:
        seat["path"] = _below(call.services.root_dir, seat["notebook"])
    return said


def _below(root_dir: str, path: str) -> str:
    """Return a path as this server's pages have it, or "" if it is none of theirs."""
    return path.removeprefix(f"{root_dir}/") if root_dir and path.startswith(f"{root_dir}/") else ""


ROUTES: list[Route] = [
    Route("GET", "dbx/clusters", list_all),
    Route("GET", "dbx/live", live),
    Route("GET", "dbx/clusters/{cluster_id}", get),
    Route("POST", "dbx/clusters/{cluster_id}/extend", extend),
]
