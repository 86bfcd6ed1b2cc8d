"""Logs that are delivered to the folder that a cluster names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from samples import CLUSTER_ID, sample_cluster, sample_node

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.controllers.logs import LogController
from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.node import Daemon
from jupyter_dbx.store import Store


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

    again = await controller.reconcile(CLUSTER_ID)

    assert again == controller.delivery_s
    delivered = tmp_path / "dbfs" / "logs" / CLUSTER_ID
    assert files(delivered) == ["driver/driver/stderr", "executor/worker-1/stderr"]
    assert (delivered / "driver/driver/stderr").read_bytes() == b"driver of driver\n"


async def test_logs_are_not_delivered_again_before_their_time(
    store: Store, backend: MemoryBackend, tmp_path: Path
) -> None:
    await run_daemons(backend)
    await save_cluster(store, cluster_log_conf={"file": {"destination": f"file:{tmp_path}/logs"}})
    controller = LogController(store, backend, tmp_path)
    await controller.reconcile(CLUSTER_ID)
    (tmp_path / "logs" / CLUSTER_ID / "driver/driver/stderr").unlink()

    again = await controller.reconcile(CLUSTER_ID)

    assert again is not None and 0 < again <= controller.delivery_s
    assert not (tmp_path / "logs" / CLUSTER_ID / "driver/driver/stderr").exists()


async def test_the_end_of_a_cluster_is_delivered_at_once_and_only_once(
    store: Store, backend: MemoryBackend, tmp_path: Path
) -> None:
    await run_daemons(backend)
    await save_cluster(store, cluster_log_conf={"volumes": {"destination": "/Volumes/a/b/logs"}})
    controller = LogController(store, backend, tmp_path)
    await controller.reconcile(CLUSTER_ID)
    target = tmp_path / "Volumes/a/b/logs" / CLUSTER_ID / "driver/driver/stderr"
    target.unlink()
    running = await store.clusters.get(CLUSTER_ID)
    assert running is not None
    await store.clusters.save(replace(running, state=ClusterState.TERMINATED))

    first = await controller.reconcile(CLUSTER_ID)
    was_delivered = target.exists()
    target.unlink()
    second = await controller.reconcile(CLUSTER_ID)

    assert (first, second) == (None, None)
    assert was_delivered and not target.exists()


async def test_a_folder_that_cannot_be_written_is_only_logged(
    store: Store, backend: MemoryBackend, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await run_daemons(backend)
    (tmp_path / "file").touch()
    await save_cluster(store, cluster_log_conf={"file": {"destination": f"file:{tmp_path}/file/logs"}})
    controller = LogController(store, backend, tmp_path)

    again = await controller.reconcile(CLUSTER_ID)

    assert again == controller.delivery_s
    assert "could not be delivered" in caplog.text


async def test_clusters_that_ask_for_nothing_are_no_business_of_it(
    store: Store, backend: MemoryBackend, tmp_path: Path
) -> None:
    await save_cluster(store)
    controller = LogController(store, backend, tmp_path)

    assert await controller.keys() == []
    assert await controller.reconcile(CLUSTER_ID) is None
