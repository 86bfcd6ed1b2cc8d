"""The contract of every backend: idempotent, eventually consistent, complete, independent of Spark.

A new backend is one more class in `places.py`. What is specific to this machine
(files, processes, boots) is in `test_local_backend.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from places import ALL_MIB, NODE_MIB, PLACES, Local, Memory, daemon, provision
from samples import sample_node

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.model.errors import NodeFailure, ResourceDoesNotExist
from jupyter_dbx.model.node import DaemonObservation, LogFile, Node, NodeState, Observation
from jupyter_dbx.model.protocol import Announcement, EndedNote


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Memory | Local:
    monkeypatch.setattr("jupyter_dbx.backends.local.machine_memory_mib", lambda: ALL_MIB)
    return PLACES[request.param](tmp_path / "nodes")


@pytest.fixture
async def backend(place: Memory | Local) -> AsyncIterator[Backend]:
    backend = place.backend()
    await backend.open()
    yield backend
    await release_all(backend)
    await backend.close()


async def release_all(backend: Backend) -> None:
    for node_id in await backend.list_nodes():
        await backend.release(sample_node(node_id))


def a_node(node_id: str = "worker-1", **changes: Any) -> Node:
    return sample_node(node_id, state=NodeState.PROVISIONING, memory_mib=NODE_MIB, cores=1, **changes)


async def seen(
    backend: Backend, node: Node, name: str, condition: Callable[[DaemonObservation], bool]
) -> DaemonObservation:
    """Return the observation of a daemon once the condition holds."""
    for _ in range(1000):
        found = (await backend.list_nodes())[node.node_id].daemons.get(name)
        if found is not None and condition(found):
            return found
        await asyncio.sleep(0.01)
    raise AssertionError(f"{name} is in an unexpected state: {found}")


async def text_of(backend: Backend, cluster_id: str) -> str:
    """Return the contents of all logs of a cluster."""
    texts = [
        await backend.read_log(cluster_id, log.path, start=0, length=log.size)
        for log in await backend.list_logs(cluster_id)
    ]
    return b"".join(texts).decode()


async def a_log(backend: Backend, node: Node) -> tuple[LogFile, bytes]:
    """Return a nonempty log of a node, and its content."""
    for _ in range(1000):
        for log in await backend.list_logs(node.cluster_id):
            if log.size and log.path.startswith(f"{node.node_id}/"):
                return log, await backend.read_log(node.cluster_id, log.path, start=0, length=log.size)
        await asyncio.sleep(0.01)
    raise AssertionError("no log was written")


async def test_node_types_are_listed_smallest_first_with_the_capacity(backend: Backend) -> None:
    types = await backend.node_types()

    assert types.types
    assert [t.memory_mib for t in types.types] == sorted(t.memory_mib for t in types.types)
    assert types.capacity is not None
    assert types.capacity.memory_mib == ALL_MIB


async def test_new_backend_has_no_nodes(backend: Backend) -> None:
    assert await backend.list_nodes() == {}


async def test_provisioned_node_is_listed(backend: Backend) -> None:
    node = await provision(backend, a_node())

    assert node.backend_state
    assert await backend.list_nodes() == {node.node_id: Observation(node.cluster_id)}


async def test_provisioning_twice_creates_one_node(backend: Backend) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon())

    again = await provision(backend, replace(node, state=NodeState.PROVISIONING))

    assert again == node
    assert list(await backend.list_nodes()) == [node.node_id]
    assert (await seen(backend, node, "worker", lambda d: d.running)).incarnation == "1"


@pytest.mark.parametrize("steps", [0, 1])
async def test_provisioning_of_a_half_created_node_continues(backend: Backend, steps: int) -> None:
    node = a_node()
    making = backend.provision(node)
    for _ in range(steps):
        node = replace(node, backend_state=dict(await anext(making)))
    await making.aclose()

    await provision(backend, node)

    assert list(await backend.list_nodes()) == [node.node_id]


@pytest.mark.parametrize("steps", [0, 1])
async def test_half_created_node_is_released(backend: Backend, steps: int) -> None:
    node = a_node()
    making = backend.provision(node)
    for _ in range(steps):
        node = replace(node, backend_state=dict(await anext(making)))
    await making.aclose()

    await backend.release(node)

    assert await backend.list_nodes() == {}


async def test_released_node_is_gone_with_its_processes(backend: Backend) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon("worker"))
    await backend.start(node, daemon("other"))

    await backend.release(node)
    await backend.release(node)

    assert await backend.list_nodes() == {}
    assert [log for log in await backend.list_logs(node.cluster_id) if log.live] == []


async def test_orphaned_node_is_released_by_its_id_alone(backend: Backend) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon())

    await backend.release(sample_node(node.node_id, backend_state={}))

    assert await backend.list_nodes() == {}


async def test_released_capacity_can_be_reused(backend: Backend) -> None:
    for n in range(5):
        node = await provision(backend, a_node(f"worker-{n}"))
        await backend.release(node)

    await provision(backend, a_node())

    assert len(await backend.list_nodes()) == 1


async def test_node_without_capacity_fails_and_leaves_nothing_behind(backend: Backend) -> None:
    held = [await provision(backend, a_node(f"worker-{n}")) for n in range(ALL_MIB // NODE_MIB)]

    with pytest.raises(NodeFailure, match=str(ALL_MIB)) as error:
        await provision(backend, a_node("worker-9"))

    assert error.value.code == "CLOUD_PROVIDER_LAUNCH_FAILURE"
    assert sorted(await backend.list_nodes()) == [n.node_id for n in held]


async def test_remaining_capacity_is_used_once(backend: Backend) -> None:
    wanted = [provision(backend, a_node(f"worker-{n}")) for n in range(5)]

    made = await asyncio.gather(*wanted, return_exceptions=True)

    assert len(await backend.list_nodes()) == ALL_MIB // NODE_MIB
    assert sum(isinstance(result, NodeFailure) for result in made) == 5 - ALL_MIB // NODE_MIB


async def test_started_daemon_runs_and_announces_itself(backend: Backend) -> None:
    node = await provision(backend, a_node())

    await backend.start(node, daemon(incarnation="life-7"))

    found = await seen(backend, node, "worker", lambda d: d.announce is not None)
    assert (found.running, found.incarnation, found.ended) == (True, "life-7", None)
    assert found.announce == Announcement(f"memory://{node.node_id}")
    assert found.pid


async def test_daemon_does_not_start_on_a_missing_node(backend: Backend) -> None:
    with pytest.raises(NodeFailure):
        await backend.start(a_node("worker-404"), daemon())

    assert await backend.list_nodes() == {}


async def test_daemons_of_a_node_are_independent(backend: Backend) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon("one", "1"))
    await backend.start(node, daemon("two", "2"))

    await backend.stop(node, "one", grace_s=1)

    await seen(backend, node, "one", lambda d: not d.running)
    assert (await seen(backend, node, "two", lambda d: d.running)).incarnation == "2"


async def test_start_replaces_the_earlier_daemon(backend: Backend, place: Memory | Local) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon(incarnation="1"))
    await seen(backend, node, "worker", lambda d: d.announce is not None)
    place.kill(node, "worker", EndedNote("INACTIVITY", ""))
    await seen(backend, node, "worker", lambda d: not d.running)

    await backend.start(node, replace(daemon(incarnation="2"), argv=("/bin/sleep", "100")))

    found = await seen(backend, node, "worker", lambda d: d.running)
    assert (found.incarnation, found.ended) == ("2", None)


async def test_running_daemon_is_replaced_too(backend: Backend) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon(incarnation="1"))

    await backend.start(node, daemon(incarnation="2"))

    assert (await seen(backend, node, "worker", lambda d: d.running)).incarnation == "2"


@pytest.mark.parametrize("note", [None, EndedNote("INACTIVITY", "Nothing ran.", at=1)])
async def test_exit_of_a_daemon_is_observed_with_its_note(
    backend: Backend, place: Memory | Local, note: EndedNote | None
) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon(incarnation="3"))

    place.kill(node, "worker", note)

    found = await seen(backend, node, "worker", lambda d: not d.running)
    assert (found.incarnation, found.ended) == ("3", note)


@pytest.mark.parametrize("grace_s", [0, 5])
async def test_stopped_daemon_is_dead_when_the_call_returns(backend: Backend, grace_s: float) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon())

    await backend.stop(node, "worker", grace_s=grace_s)
    await backend.stop(node, "worker", grace_s=grace_s)

    assert not (await backend.list_nodes())[node.node_id].daemons["worker"].running


async def test_stopping_and_reading_a_daemon_that_never_ran_is_harmless(backend: Backend) -> None:
    node = await provision(backend, a_node())

    await backend.stop(node, "worker", grace_s=0)

    assert await backend.list_logs(node.cluster_id) == []
    assert (await backend.list_nodes())[node.node_id].daemons == {}


async def test_output_of_a_daemon_is_in_its_logs(backend: Backend) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon("worker"))

    log, text = await a_log(backend, node)

    assert log.path.split("/")[:2] == [node.node_id, "worker"]
    assert log.live
    assert b"worker" in text
    assert await text_of(backend, "another cluster") == ""


@pytest.mark.parametrize(
    ("start", "length", "part"),
    [
        (0, 3, slice(0, 3)),
        (2, 3, slice(2, 5)),
        (2, 10_000, slice(2, None)),
        (-4, 10_000, slice(-4, None)),
        (-4, 2, slice(-4, -2)),
        (-10_000, 10_000, slice(0, None)),
        (10_000, 5, slice(0, 0)),
        (0, 0, slice(0, 0)),
    ],
)
async def test_log_is_read_in_pieces_from_its_start_or_end(
    backend: Backend, start: int, length: int, part: slice
) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon())
    log, text = await a_log(backend, node)

    piece = await backend.read_log(node.cluster_id, log.path, start=start, length=length)

    assert piece == text[part]


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "{node}",
        "{node}/worker",
        "{node}/worker/announce.json",
        "{node}/node.json",
        "{node}/worker/../../x",
        "/etc/passwd",
    ],
)
async def test_other_files_than_logs_are_not_readable(backend: Backend, path: str) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon())
    await a_log(backend, node)

    with pytest.raises(ResourceDoesNotExist, match="has no log"):
        await backend.read_log(node.cluster_id, path.format(node=node.node_id), start=0, length=10)


async def test_log_is_read_by_its_own_cluster_only(backend: Backend) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon())
    log, _ = await a_log(backend, node)

    with pytest.raises(ResourceDoesNotExist):
        await backend.read_log("another cluster", log.path, start=0, length=10)


async def test_truncation_leaves_small_logs_unchanged(backend: Backend) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon())
    log, text = await a_log(backend, node)

    await backend.bound_logs()

    assert await backend.read_log(node.cluster_id, log.path, start=0, length=log.size) == text


async def test_deleted_cluster_has_no_logs(backend: Backend) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon())
    await a_log(backend, node)
    await backend.release(node)

    await backend.forget(node.cluster_id)
    await backend.forget(node.cluster_id)

    assert await backend.list_logs(node.cluster_id) == []


async def test_nodes_outlive_the_server(backend: Backend, place: Memory | Local) -> None:
    node = await provision(backend, a_node())
    await backend.start(node, daemon(incarnation="5"))
    before = await seen(backend, node, "worker", lambda d: d.announce is not None)
    await backend.close()

    second = place.backend()
    await second.open()
    after = (await second.list_nodes())[node.node_id]

    assert after == Observation(node.cluster_id, daemons={"worker": before})
    await second.release(node)
    await second.close()
    assert await backend.list_nodes() == {}
