"""Operations on the resource usage of clusters: history of the last hour, and current usage."""

from __future__ import annotations

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.model.node import Node
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.model.usage import NodeResources, Sample
from jupyter_dbx.store import Store


class UsageManager:
    """Reads the resource usage of clusters."""

    def __init__(self, store: Store, clusters: ClusterManager, backend: Backend) -> None:
        self._store, self._clusters, self._backend = store, clusters, backend

    async def history(self, cluster_id: str, *, since_ms: int = 0) -> list[Sample]:
        """Return the samples later than `since_ms` of the last hour in which the cluster was running, oldest first.

        Raises
        ------
        ClusterDoesNotExist : no cluster has this id
        """
        cluster = await self._clusters.get(cluster_id)
        return await self._store.samples(Subject.cluster(cluster.cluster_id), since_ms=since_ms)

    async def resources(self, cluster_id: str) -> list[tuple[Node, NodeResources | None]]:
        """Return the cluster's nodes, driver first, with the resources that each uses; None = it does not exist yet or any more.

        Raises
        ------
        ClusterDoesNotExist : no cluster has this id
        """
        nodes = await self._clusters.nodes((await self._clusters.get(cluster_id)).cluster_id)
        found = await self._backend.inspect(cluster_id) if nodes else {}
        nodes = sorted(nodes, key=lambda node: (node.role, node.created_ms, node.node_id))
        return [(node, found.get(node.node_id)) for node in nodes]
