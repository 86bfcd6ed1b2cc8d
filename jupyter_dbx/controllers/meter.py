"""Writes down, a few times a minute, how busy each cluster that is up is, and what its nodes use."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.controllers.actions import View
from jupyter_dbx.model.node import Node
from jupyter_dbx.model.usage import NodeProcess, NodeSample, Sample
from jupyter_dbx.store import Store

#: Least time between two samples of a cluster, s.
SAMPLE_EVERY_S = 14.0

#: For how long before the newest sample others are kept, s.
KEPT_S = 3600.0


class Meter:
    """Takes samples of clusters that are up.

    Parameters
    ----------
    clock : monotonic, s
    """

    def __init__(self, store: Store, backend: Backend, clock: Callable[[], float]) -> None:
        self._store, self._backend, self._clock = store, backend, clock
        #: cluster id → when it was looked at, and the CPU time of each of its processes then, s
        self._last: dict[str, tuple[float, dict[tuple[str, int], float]]] = {}

    async def note(self, view: View) -> None:
        """Write a sample if it is time for one; the first look after a start only begins to count CPU time."""
        cluster_id, now = view.cluster.cluster_id, self._clock()
        before, cpu_before = self._last.get(cluster_id, (None, {}))
        if before is not None and now - before < SAMPLE_EVERY_S:
            return
        found = await self._backend.list_processes()
        processes = {node.node_id: found[node.node_id] for node in view.nodes if node.node_id in found}
        self._last[cluster_id] = now, {(n, p.pid): p.cpu_s for n, running in processes.items() for p in running}
        if before is None:
            return
        nodes = {
            node.node_id: _sample(node, processes[node.node_id], cpu_before, now - before)
            for node in view.nodes
            if node.node_id in processes
        }
        sample = Sample(cluster_id, view.now_ms, view.driver.load if view.driver else None, nodes)
        await self._store.save_sample(sample, keep_ms=int(KEPT_S * 1000))

    def forget(self, cluster_id: str) -> None:
        """Forget a cluster that is not up any more."""
        self._last.pop(cluster_id, None)


def _sample(
    node: Node, processes: list[NodeProcess], cpu_before: dict[tuple[str, int], float], elapsed_s: float
) -> NodeSample:
    # What a process used that began and ended between two looks is not known.
    used_s = sum(max(0.0, p.cpu_s - cpu_before.get((node.node_id, p.pid), 0.0)) for p in processes)
    memory_mib = sum(p.memory_mib for p in processes)
    return NodeSample(node.role, node.cores, node.memory_mib, round(used_s / elapsed_s, 3), round(memory_mib, 1))
