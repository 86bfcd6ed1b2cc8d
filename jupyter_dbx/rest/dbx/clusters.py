"""`/api/dbx/clusters/…`: clusters with the live status of their drivers, and extending the time to termination."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from jupyter_dbx.model.access import level_of
from jupyter_dbx.model.answers.answer import Done
from jupyter_dbx.model.answers.clusters import Clusters, ClusterView, Live, LiveClusters, NotebookSeat
from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.driver import Pulse, SeatStatus
from jupyter_dbx.model.node import Node
from jupyter_dbx.rest.databricks.cluster_answers import describe_cluster
from jupyter_dbx.rest.databricks.cluster_list import in_order
from jupyter_dbx.rest.framework.endpoint import Call, ClusterId, Notebooks, Route
from jupyter_dbx.rest.framework.needs import Role, on_cluster


async def list_all(call: Call) -> Clusters:
    """Return all clusters that the caller may see with the live status of their drivers, and the number of changes so far."""
    clusters = call.services.clusters
    revision = await clusters.revision()  # read first, so that the next poll sees a change that happens meanwhile
    pulses = await clusters.pulses()
    found = in_order([found for found in await clusters.all() if call.may_see(found[0])])
    notebooks = await _notebooks(call, pulses)
    described = [_describe(call, c, nodes, pulses.get(c.cluster_id), notebooks) for c, nodes in found]
    return Clusters(revision=revision, clusters=tuple(described))


async def live(call: Call) -> LiveClusters:
    """Return the last report of each driver by cluster ID, and the number of other changes so far.

    For clients that poll every few seconds: the answer is small, and all clusters need to be requested again only if `revision`
    differs. Reports from before a cluster was terminated or restarted are included.
    """
    clusters = call.services.clusters
    seen = {cluster.cluster_id for cluster, _ in await clusters.all() if call.may_see(cluster)}
    pulses = {cluster_id: pulse for cluster_id, pulse in (await clusters.pulses()).items() if cluster_id in seen}
    notebooks = await _notebooks(call, pulses)
    reported = {cluster_id: _describe_pulse(pulse, notebooks) for cluster_id, pulse in pulses.items()}
    return LiveClusters(revision=await clusters.revision(), live=reported)


async def get(call: Call, cluster_id: ClusterId) -> ClusterView:
    """Return a cluster with the live status of its driver; `spec` is its configuration as the user wrote it."""
    clusters = call.services.clusters
    cluster = await clusters.get(cluster_id)
    nodes, pulses = await clusters.nodes(cluster_id), await clusters.pulses()
    notebooks = await _notebooks(call, pulses)
    return _describe(call, cluster, nodes, pulses.get(cluster_id), notebooks, with_spec=True)


async def extend(call: Call, cluster_id: ClusterId) -> Done:
    """Extend the time to automatic termination: the idle time of a running cluster restarts at 0."""
    await call.services.clusters.extend(cluster_id)
    return Done()


async def _notebooks(call: Call, pulses: Mapping[str, Pulse]) -> Notebooks:
    """Return where the notebooks are now; drivers report the paths at which their kernels began."""
    kernel_ids = [seat.kernel_id for pulse in pulses.values() for seat in pulse.seats]
    return await call.notebooks(kernel_ids) if kernel_ids else Notebooks({}, "")


def _describe(
    call: Call,
    cluster: Cluster,
    nodes: list[Node],
    pulse: Pulse | None,
    notebooks: Notebooks,
    *,
    with_spec: bool = False,
) -> ClusterView:
    # A pulse that is older than the driver is from a previous driver.
    is_current = pulse and cluster.shown_state.is_up and cluster.driver and pulse.at_ms >= cluster.driver.start_ms
    driver = cluster.driver if cluster.shown_state.is_up else None
    base = f"{call.root}api/dbx/clusters/{cluster.cluster_id}"
    return ClusterView(
        **msgspec.structs.asdict(describe_cluster(cluster, nodes, with_spec=with_spec)),
        pinned=bool(cluster.pinned_ms),
        permission_level=level_of(call.principal, cluster.guarded),
        live=_describe_pulse(pulse, notebooks) if pulse and is_current else None,
        spark_ui_url=f"{base}/spark-ui/" if driver and driver.ui_url else "",
        master_ui_url=f"{base}/master-ui/" if driver and driver.master_ui_url else "",
        running_since=cluster.up_ms if cluster.shown_state.is_up else 0,
        apache_spark_version=cluster.driver.spark_version if cluster.driver else "",
    )


def _describe_pulse(pulse: Pulse, notebooks: Notebooks) -> Live:
    return Live(
        time=pulse.at_ms,
        load=pulse.load,
        idle_s=pulse.idle_s,
        ends_in_s=pulse.ends_in_s,
        notebooks=tuple(_describe_seat(seat, notebooks) for seat in pulse.seats),
    )


def _describe_seat(seat: SeatStatus, notebooks: Notebooks) -> NotebookSeat:
    return NotebookSeat(
        kernel_id=seat.kernel_id,
        pid=seat.pid,
        notebook=notebooks.path(seat.kernel_id, seat.notebook),
        path=notebooks.relative_path(seat.kernel_id, seat.notebook),
        since_ms=seat.since_ms,
        busy=seat.busy,
    )


ROUTES: list[Route] = [
    Route("GET", "dbx/clusters", list_all, Role.ANYBODY),
    Route("GET", "dbx/live", live, Role.ANYBODY),
    Route("GET", "dbx/clusters/{cluster_id}", get, on_cluster("CAN_ATTACH_TO")),
    Route("POST", "dbx/clusters/{cluster_id}/extend", extend, on_cluster("CAN_RESTART")),
]
