"""Resource use of nodes: what every backend observes, and what the store keeps."""

from __future__ import annotations

import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from places import NODE_MIB, PLACES, daemon, provision, until
from samples import CLUSTER, NOW, sample_cluster, sample_node

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.backends.local import LocalBackend
from jupyter_dbx.model.driver import Load
from jupyter_dbx.model.node import Daemon, Node, NodeState, Role
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.model.usage import NodeSample, Sample
from jupyter_dbx.store import Store

#: Works for a while, writes 8 MiB, listens, starts a child and records its address.
_BUSY = """
import os, socket, subprocess, sys, time
while time.process_time() < 0.3:
    pass
with open("large", "wb") as file:
    file.write(os.urandom(8 * 2**20))
server = socket.create_server(("127.0.0.1", 0))
child = subprocess.Popen(["/bin/sleep", "100"])
with open("draft", "w") as file:
    file.write(str(server.getsockname()[1]))
os.rename("draft", "port")
time.sleep(100)
"""


@pytest.fixture(params=PLACES)
async def backend(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Backend]:
    backend = PLACES[request.param](tmp_path / "nodes").backend()
    await backend.open()
    yield backend
    for node_id in await backend.list_nodes():
        await backend.release(sample_node(node_id))
    await backend.close()


def a_node(node_id: str) -> Node:
    return sample_node(node_id, state=NodeState.PROVISIONING, memory_mib=NODE_MIB, cores=1)


async def test_every_live_node_lists_its_processes(backend: Backend) -> None:
    busy, idle = await provision(backend, a_node("busy")), await provision(backend, a_node("idle"))
    await backend.start(busy, daemon("worker"))

    found = await backend.list_processes()

    assert set(found) == {"busy", "idle"}
    assert found["idle"] == []
    assert {process.daemon for process in found["busy"]} == {"worker"}
    assert all(process.pid and process.name for process in found["busy"])
    assert max(process.memory_mib for process in found["busy"]) > 0  # it may be 0 for a process that has just started
    await backend.release(busy)
    await backend.release(idle)
    assert await backend.list_processes() == await backend.list_nodes() == {}


async def test_only_a_clusters_own_nodes_are_inspected(backend: Backend, tmp_path: Path) -> None:
    node = await provision(backend, a_node("worker-1"))
    await backend.start(node, daemon("worker"))

    assert await backend.inspect("another") == {}
    found = (await backend.inspect(node.cluster_id))["worker-1"]
    assert [process.daemon for process in found.processes][:1] == ["worker"]
    assert found.folder in ("memory", str(tmp_path / "nodes" / "worker-1"))


async def test_processes_children_ports_and_disk_space_are_reported(tmp_path: Path) -> None:
    backend = LocalBackend(folder=str(tmp_path))
    await backend.open()
    node = await provision(backend, a_node("worker-1"))
    await backend.start(node, Daemon("worker", (sys.executable, "-c", _BUSY)))
    port = await until(lambda: next((p.read_text() for p in tmp_path.rglob("port")), ""))

    found = (await backend.inspect(node.cluster_id))["worker-1"]

    parent = next(process for process in found.processes if process.name != "sleep")
    child = next(process for process in found.processes if process.name == "sleep")
    assert parent.ports == (f"127.0.0.1:{port}",) and child.ports == ()
    assert parent.cpu_s >= 0.3 > child.cpu_s
    assert parent.memory_mib > 1
    assert 8 <= found.disk_mib < 9
    with socket.create_connection(("127.0.0.1", int(port)), timeout=5):
        pass  # it is listening
    await backend.release(node)
    assert await backend.inspect(node.cluster_id) == await backend.list_nodes() == {}


ANOTHER = Subject.cluster("another")


def a_sample(at_ms: int) -> Sample:
    nodes = {"n1": NodeSample(Role.DRIVER, 2, 4096, 1.5, 900.0)}
    return Sample(at_ms, Load(1, 2, 3, 4), nodes)


async def test_recent_samples_are_kept(store: Store, other: Store) -> None:
    for at_ms in (NOW, NOW + 10, NOW + 20):
        await store.save_sample(CLUSTER, a_sample(at_ms), keep_ms=15)
        await other.save_sample(ANOTHER, a_sample(at_ms), keep_ms=1000)

    assert await store.samples(CLUSTER) == [a_sample(NOW + 10), a_sample(NOW + 20)]
    assert await other.samples(CLUSTER, since_ms=NOW + 10) == [a_sample(NOW + 20)]
    assert len(await store.samples(ANOTHER)) == 3


async def test_sample_without_load_is_kept(store: Store) -> None:
    await store.save_sample(CLUSTER, Sample(NOW, None), keep_ms=1000)
    await store.save_sample(CLUSTER, a_sample(NOW), keep_ms=1000)  # same timestamp, from another server

    assert await store.samples(CLUSTER) == [Sample(NOW, None)]


async def test_sample_does_not_count_as_a_change_and_is_deleted_with_its_cluster(store: Store) -> None:
    cluster = await store.clusters.save(sample_cluster())
    revision = await store.revision()

    await store.save_sample(CLUSTER, a_sample(NOW), keep_ms=1000)
    assert await store.revision() == revision
    await store.forget(cluster)

    assert await store.samples(CLUSTER) == []
