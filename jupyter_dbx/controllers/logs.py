"""Truncates logs, and delivers those of clusters with a `cluster_log_conf` to a folder."""

from __future__ import annotations

import asyncio
from pathlib import Path

from traitlets import Float

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.controllers.base import Controller
from jupyter_dbx.controllers.clock import Clock
from jupyter_dbx.model.cluster import Cluster, ClusterState
from jupyter_dbx.model.node import LogFile
from jupyter_dbx.model.spec import log_destination
from jupyter_dbx.store import MAX_LEASE_S, Store

#: How much of a log is in memory at once, bytes.
CHUNK = 2**20


class LogController(Controller):
    """Copies changed logs to `DESTINATION/CLUSTER_ID/{driver,executor}/NODE/…` every few minutes and after termination.

    Its sweep truncates the logs of running daemons, so that reading them changes nothing.
    """

    delivery_s = Float(300.0, help="How often the logs of a running cluster are delivered, s.").tag(config=True)

    # No user waits for a delivery, so it checks for changes less often than other controllers.
    news_s = Float(5.0, help="How often to check for changes, s.").tag(config=True)
    resync_s = Float(300.0, help="How often to reconcile every cluster even without changes, s.").tag(config=True)
    sweep_s = Float(5.0, help="How often to truncate the logs of running daemons, s.").tag(config=True)
    lease_s = Float(
        30.0, max=MAX_LEASE_S, help="How long another server waits before it takes over if this one dies, s."
    ).tag(config=True)

    def __init__(
        self, store: Store, backend: Backend, data_dir: Path, *, clock: Clock | None = None, **kwargs: object
    ) -> None:
        super().__init__(store, place=backend.place, clock=clock, **kwargs)
        self._backend, self._data_dir = backend, data_dir
        #: cluster id → its state at the last delivery of its logs, and when that was (monotonic, s)
        self._delivered: dict[str, tuple[ClusterState, float]] = {}

    async def keys(self) -> list[str]:
        """Return the clusters of this server's machines with log delivery, and forget deleted ones."""
        clusters = await self.store.clusters.list()
        known = {c.cluster_id for c in clusters}
        self._delivered = {key: when for key, when in self._delivered.items() if key in known}
        return [
            c.cluster_id
            for c in clusters
            if c.place in ("", self._backend.place) and log_destination(c.spec, self._data_dir)
        ]

    async def sweep(self) -> None:
        """Truncate the logs of running daemons."""
        await self._backend.bound_logs()

    async def reconcile(self, key: str, due: float) -> float | None:
        cluster = await self.store.clusters.get(key)
        folder = log_destination(cluster.spec, self._data_dir) if cluster else None
        if cluster is None or folder is None:
            return None
        state, at = self._delivered.get(key, (None, 0.0))
        wait_s = at + self.delivery_s - self.clock()
        if state is cluster.state and (wait_s > 0 or state is ClusterState.TERMINATED):
            return None if state is ClusterState.TERMINATED else wait_s
        self._delivered[key] = (cluster.state, self.clock())
        await self._deliver(cluster, folder / key)
        return None if cluster.state is ClusterState.TERMINATED else self.delivery_s

    async def _deliver(self, cluster: Cluster, folder: Path) -> None:
        for log in await self._backend.list_logs(cluster.cluster_id):
            try:
                await self._copy(cluster.cluster_id, log, folder / _target_of(log))
            except OSError as error:
                self.log.warning(
                    "The logs of cluster %s could not be delivered to %s: %s", cluster.cluster_id, folder, error
                )
                return

    async def _copy(self, cluster_id: str, log: LogFile, target: Path) -> None:
        draft = target.with_name(target.name + ".draft")
        if not await asyncio.to_thread(_begin, draft, target, log):
            return
        start = 0
        while piece := await self._backend.read_log(cluster_id, log.path, start=start, length=CHUNK):
            await asyncio.to_thread(_append, draft, piece)
            start += len(piece)
        await asyncio.to_thread(draft.rename, target)


def _begin(draft: Path, target: Path, log: LogFile) -> bool:
    """Return whether a log has changed since its last delivery; if so, create an empty draft."""
    if target.exists() and target.stat().st_mtime * 1000 >= log.modified_ms:
        return False
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_bytes(b"")
    return True


def _append(path: Path, piece: bytes) -> None:
    with path.open("ab") as file:
        file.write(piece)


def _target_of(log: LogFile) -> Path:
    """Return the relative path of a delivered log as on Databricks: `driver/…`, or `executor/…` for workers and executors."""
    node, daemon, *rest = log.path.split("/")
    return Path("driver" if daemon == "driver" else "executor", node, *rest)
