"""Delivery of logs to the folder in a cluster's spec."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from passing_time import ManualClock
from samples import CLUSTER_ID, sample_cluster, sample_node

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.controllers.logs import LogController
from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.node import Daemon
from jupyter_dbx.store import Store


class BoundedBackend(MemoryBackend):
    """Counts how often its logs were truncated."""

    bounded = 0

    async def bound_logs(self) -> None:
        self.bounded += 1


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


async def run_daemons(backend: MemoryBackend) -> None:
    for node, daemon in ((sample_node("driver"), "driver"), (sample_node("worker-1"), "worker")):
        async for _ in backend.provision(node):
            pass
        await backend.start(node, Daemon(daemon, ("run",)))


async def save_cluster(store: Store, **extra: object) -> None:
    cluster = sample_cluster()
    await store.clusters.save(replace(cluster, spec=replace(cluster.spec, extra=dict(extra))))


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_logs_of_driver_and_workers_are_delivered(store: Store, backend: MemoryBackend, tmp_path: Path) -> None:
    await run_daemons(backend)
    await save_cluster(store, cluster_log_conf={"dbfs": {"destination": "dbfs:/logs"}})
    controller = LogController(store, backend, tmp_path)

    again = await controller.reconcile(CLUSTER_ID, 0.0)

    assert again == controller.delivery_s
    delivered = tmp_path / "dbfs" / "logs" / CLUSTER_ID
    assert files(delivered) == ["driver/driver/stderr", "executor/worker-1/stderr"]
    assert (delivered / "driver/driver/stderr").read_bytes() == b"driver of driver\n"


async def test_logs_are_not_delivered_again_before_their_time(
    store: Store, backend: MemoryBackend, tmp_path: Path
) -> None:
    await run_daemons(backend)
    await save_cluster(store, cluster_log_conf={"file": {"destination": f"file:{tmp_path}/logs"}})
    clock = ManualClock()
    controller = LogController(store, backend, tmp_path, clock=clock)
    await controller.reconcile(CLUSTER_ID, clock())
    delivered = tmp_path / "logs" / CLUSTER_ID / "driver/driver/stderr"
    delivered.unlink()

    clock.advance(controller.delivery_s - 100)
    again = await controller.reconcile(CLUSTER_ID, clock())
    too_early = delivered.exists()
    clock.advance(100)
    await controller.reconcile(CLUSTER_ID, clock())

    assert (again, too_early, delivered.exists()) == (100, False, True)


async def test_sweep_keeps_logs_small(store: Store, tmp_path: Path) -> None:
    backend = BoundedBackend()

    await LogController(store, backend, tmp_path).sweep()

    assert backend.bounded == 1


async def test_logs_of_a_terminated_cluster_are_delivered_at_once_and_only_once(
    store: Store, backend: MemoryBackend, tmp_path: Path
) -> None:
    await run_daemons(backend)
    await save_cluster(store, cluster_log_conf={"volumes": {"destination": "/Volumes/a/b/logs"}})
    controller = LogController(store, backend, tmp_path)
    await controller.reconcile(CLUSTER_ID, 0.0)
    target = tmp_path / "Volumes/a/b/logs" / CLUSTER_ID / "driver/driver/stderr"
    target.unlink()
    running = await store.clusters.get(CLUSTER_ID)
    assert running is not None
    await store.clusters.save(replace(running, state=ClusterState.TERMINATED))

    first = await controller.reconcile(CLUSTER_ID, 0.0)
    was_delivered = target.exists()
    target.unlink()
    second = await controller.reconcile(CLUSTER_ID, 0.0)

    assert (first, second) == (None, None)
    assert was_delivered and not target.exists()


async def test_unwritable_folder_is_only_logged(
    store: Store, backend: MemoryBackend, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await run_daemons(backend)
    (tmp_path / "file").touch()
    await save_cluster(store, cluster_log_conf={"file": {"destination": f"file:{tmp_path}/file/logs"}})
    controller = LogController(store, backend, tmp_path)

    again = await controller.reconcile(CLUSTER_ID, 0.0)

    assert again == controller.delivery_s
    assert "could not be delivered" in caplog.text


async def test_clusters_without_a_log_destination_are_ignored(
    store: Store, backend: MemoryBackend, tmp_path: Path
) -> None:
    await save_cluster(store)
    controller = LogController(store, backend, tmp_path)

    assert await controller.keys() == []
    assert await controller.reconcile(CLUSTER_ID, 0.0) is None
