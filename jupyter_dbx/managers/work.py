"""What a cluster's driver works on: the newest jobs, and the tasks of each executor.

Both are read from the driver at each request, and nothing of them is stored.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.derived_secrets import cluster_secret
from jupyter_dbx.model.protocol import Announcement, ExecutorTasks, RecentJobs

#: Reads the jobs that run or ended since some time, ms since the epoch, from the driver at this address, with its token.
ReadJobs = Callable[[Announcement, str, int], Awaitable[RecentJobs | None]]

#: Reads the tasks of each executor.
ReadTasks = Callable[[Announcement, str], Awaitable[ExecutorTasks | None]]


class WorkManager:
    """Reads what clusters work on. Its methods return None if the cluster is not running, or its driver does not respond."""

    def __init__(
        self, clusters: ClusterManager, workspace_key: bytes, read_jobs: ReadJobs, read_tasks: ReadTasks
    ) -> None:
        self._clusters, self._key = clusters, workspace_key
        self._read_jobs, self._read_tasks = read_jobs, read_tasks

    async def jobs(self, cluster_id: str, *, since_ms: int) -> RecentJobs | None:
        """Return the newest jobs that run or ended later than `since_ms`, newest first.

        Raises
        ------
        ClusterDoesNotExist : no cluster has this id
        """
        cluster = await self._clusters.get(cluster_id)
        driver = _driver_of(cluster)
        return await self._read_jobs(driver, self._token(cluster), since_ms) if driver else None

    async def tasks(self, cluster_id: str) -> ExecutorTasks | None:
        """Return the tasks of each executor.

        Raises
        ------
        ClusterDoesNotExist : no cluster has this id
        """
        cluster = await self._clusters.get(cluster_id)
        driver = _driver_of(cluster)
        return await self._read_tasks(driver, self._token(cluster)) if driver else None

    def _token(self, cluster: Cluster) -> str:
        return cluster_secret(self._key, cluster.cluster_id, cluster.generation, "driver")


def _driver_of(cluster: Cluster) -> Announcement | None:
    return Announcement(cluster.driver.url) if cluster.driver and cluster.shown_state.is_up else None
