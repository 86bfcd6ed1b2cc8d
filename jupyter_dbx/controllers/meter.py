"""Samples the load of each running cluster and the resource use of its nodes, a few times a minute."""

from __future__ import annotations

from jupyter_dbx.controllers.actions import View
from jupyter_dbx.controllers.listing import SharedListing
from jupyter_dbx.model.node import Node
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.model.usage import NodeProcess, NodeSample, Sample
from jupyter_dbx.store import Store

#: Minimum time between two samples of a cluster, s.
SAMPLE_EVERY_S = 14.0

#: How long samples are kept, s before the newest one.
KEPT_S = 3600.0


class Meter:
    """Takes samples of running clusters.

    Parameters
    ----------
    processes : lists the processes of every node
    """

    def __init__(self, store: Store, processes: SharedListing[dict[str, list[NodeProcess]]]) -> None:
        self._store, self._processes = store, processes
        #: cluster id → when it was sampled, and the CPU time of each of its processes then, s
        self._last: dict[str, tuple[float, dict[tuple[str, int], float]]] = {}

    async def sample(self, view: View, due: float) -> None:
        """Write a sample if one is due; the first call after a start only records CPU times.

        Parameters
        ----------
        due : since when the cluster has been due (monotonic, s)
        """
        cluster_id = view.cluster.cluster_id
        before, cpu_before = self._last.get(cluster_id, (None, {}))
        if before is not None and due - before < SAMPLE_EVERY_S:
            return
        listing = await self._processes.since(due)
        processes = {n.node_id: listing.found[n.node_id] for n in view.nodes if n.node_id in listing.found}
        used = {(node_id, p.pid): p.cpu_s for node_id, running in processes.items() for p in running}
        self._last[cluster_id] = listing.began, used
        if before is None:
            return
        nodes = {
            node.node_id: _sample(node, processes[node.node_id], cpu_before, listing.began - before)
            for node in view.nodes
            if node.node_id in processes
        }
        sample = Sample(view.now_ms, view.driver.load if view.driver else None, nodes)
        await self._store.save_sample(Subject.cluster(cluster_id), sample, keep_ms=int(KEPT_S * 1000))

    def forget(self, cluster_id: str) -> None:
        """Forget a cluster that no longer runs."""
        self._last.pop(cluster_id, None)


def _sample(
    node: Node, processes: list[NodeProcess], cpu_before: dict[tuple[str, int], float], elapsed_s: float
) -> NodeSample:
    # The CPU time of processes that began and ended between two samples is unknown.
    used_s = sum(max(0.0, p.cpu_s - cpu_before.get((node.node_id, p.pid), 0.0)) for p in processes)
    memory_mib = sum(p.memory_mib for p in processes)
    return NodeSample(node.role, node.cores, node.memory_mib, round(used_s / elapsed_s, 3), round(memory_mib, 1))
