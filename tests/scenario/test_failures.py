"""Failures in a cluster's life: recovery, events and reasons; and servers that stop and start."""

from __future__ import annotations

import pytest
from samples import sample_node
from world import World

from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.node import Observation
from jupyter_dbx.model.protocol import EndedNote
from jupyter_dbx.spark.daemons import DRIVER, WORKER

S = ClusterState


@pytest.mark.parametrize("verb", ["provision", "start"])
async def test_impossible_start_ends_with_the_message_of_the_backend(world: World, verb: str) -> None:
    world.backend.failing_verbs.add(verb)

    cluster_id = await world.run_cluster()

    state, code, message = await world.reason(cluster_id)
    assert (state, code) == (S.TERMINATED, "CLOUD_PROVIDER_LAUNCH_FAILURE")
    assert f"{verb} failed" in message
    assert await world.events(cluster_id) == ["CREATING", "TERMINATING"]
    assert world.backend.nodes == {}


async def test_temporary_failure_only_delays_the_start(world: World) -> None:
    cluster_id = await world.create()
    world.backend.failing_verbs.add("provision")
    for _ in range(10):
        await world.reconcile(cluster_id)
        world.advance(1)

    world.backend.failing_verbs.clear()
    await world.settle()

    assert await world.events(cluster_id) == ["CREATING", "RUNNING"]


async def test_driver_that_never_responds_fails_the_start(world: World) -> None:
    world.drivers.mute = True

    cluster_id = await world.run_cluster()

    state, code, message = await world.reason(cluster_id)
    assert (state, code) == (S.TERMINATED, "BOOTSTRAP_TIMEOUT")
    assert message.startswith(
        "Startup timed out after 600 s: the driver is not responding; 0 of 2 workers are registered."
    )


async def test_note_of_the_driver_is_the_termination_reason(world: World) -> None:
    cluster_id = await world.run_cluster(autotermination_minutes=30)
    node_id = await world.driver_node(cluster_id)

    world.backend.end_daemon(node_id, DRIVER, EndedNote("INACTIVITY", "Nothing ran.", at=1))
    await world.settle()

    assert (await world.reason(cluster_id))[:2] == (S.TERMINATED, "INACTIVITY")
    assert await world.events(cluster_id) == ["CREATING", "RUNNING", "TERMINATING"]


async def test_log_of_a_driver_that_failed_to_start_is_in_the_reason(world: World) -> None:
    cluster_id = await world.create()
    world.drivers.mute = True
    for _ in range(3):
        await world.reconcile(cluster_id)
    node_id = await world.driver_node(cluster_id)

    world.backend.end_daemon(node_id, DRIVER, EndedNote("SPARK_STARTUP_FAILURE", "bad", at=1))
    await world.settle()

    assert await world.reason(cluster_id) == (
        S.TERMINATED,
        "SPARK_STARTUP_FAILURE",
        f"bad\nLast lines of the driver's stderr:\ndriver of {node_id}",
    )


async def test_crashed_driver_is_restarted_while_the_cluster_stays_running(world: World) -> None:
    cluster_id = await world.run_cluster()
    before = set(world.backend.nodes)

    world.backend.end_daemon(await world.driver_node(cluster_id), DRIVER)
    await world.settle()

    assert await world.events(cluster_id) == ["CREATING", "RUNNING", "DRIVER_NOT_RESPONDING", "DRIVER_HEALTHY"]
    assert world.states[cluster_id] == [S.PENDING, S.RUNNING]
    assert set(world.backend.nodes) == before
    await world.check_settled()


async def test_repeatedly_crashing_driver_terminates_the_cluster(world: World) -> None:
    cluster_id = await world.run_cluster()

    for _ in range(60):
        if await world.state(cluster_id) is S.RUNNING:
            node_id = await world.driver_node(cluster_id)
            world.backend.end_daemon(node_id, DRIVER)
            await world.reconcile(cluster_id)
            world.advance(1)
    await world.settle()

    assert (await world.reason(cluster_id))[:2] == (S.TERMINATED, "DRIVER_UNREACHABLE")
    assert (await world.events(cluster_id)).count("DRIVER_NOT_RESPONDING") == 4


async def test_crashed_worker_is_reported_and_restarted_while_the_cluster_stays_running(world: World) -> None:
    cluster_id = await world.run_cluster()
    before = set(world.backend.nodes)

    world.backend.end_daemon((await world.workers(cluster_id))[0], WORKER)
    await world.settle()

    assert await world.events(cluster_id) == ["CREATING", "RUNNING", "NODES_LOST", "UPSIZE_COMPLETED"]
    assert world.states[cluster_id] == [S.PENDING, S.RUNNING]
    assert set(world.backend.nodes) == before
    await world.check_settled()


async def test_lost_worker_is_replaced(world: World) -> None:
    cluster_id = await world.run_cluster()
    lost = (await world.workers(cluster_id))[0]

    del world.backend.nodes[lost]
    await world.settle()

    assert await world.events(cluster_id) == ["CREATING", "RUNNING", "NODES_LOST", "UPSIZE_COMPLETED"]
    assert lost not in await world.workers(cluster_id)
    await world.check_settled()


async def test_worker_lost_during_a_release_leaves_the_cluster_running(world: World) -> None:
    cluster_id = await world.run_cluster(workers=3)

    del world.backend.nodes[(await world.workers(cluster_id))[0]]
    await world.resize(cluster_id, 2)
    await world.settle()

    await world.check_settled()
    await world.manager.restart(cluster_id, user="ada")


async def test_lost_driver_node_restarts_the_cluster_on_its_workers(world: World) -> None:
    cluster_id = await world.run_cluster()
    workers = await world.workers(cluster_id)

    del world.backend.nodes[await world.driver_node(cluster_id)]
    await world.settle()

    assert await world.events(cluster_id) == ["CREATING", "RUNNING", "RESTARTING", "RUNNING"]
    assert await world.workers(cluster_id) == workers
    await world.check_settled()


async def test_nothing_starts_by_itself_after_a_reboot(world: World) -> None:
    cluster_id = await world.run_cluster()

    for node_id, seen in world.backend.nodes.items():
        world.backend.nodes[node_id] = Observation(seen.cluster_id, alive=False)
    await world.settle()

    state, code, message = await world.reason(cluster_id)
    assert (state, code, message) == (
        S.TERMINATED,
        "INSTANCE_UNREACHABLE",
        "The driver's machine restarted.",
    )
    assert world.backend.nodes == {}


async def test_node_that_cannot_be_released_is_an_error_until_it_can(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.backend.failing_verbs.add("release")
    await world.manager.terminate(cluster_id, user="ada")

    for _ in range(400):
        await world.reconcile(cluster_id)
        world.advance(1)
    row = await world.row(cluster_id)
    world.backend.failing_verbs.clear()
    await world.settle()

    assert row is not None
    assert S.ERROR in world.states[cluster_id]
    assert (await world.reason(cluster_id))[:2] == (S.TERMINATED, "USER_REQUEST")
    assert world.backend.nodes == {}


async def test_resize_without_capacity_is_reported_once_and_retried(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.backend.failing_verbs.add("provision")

    await world.resize(cluster_id, 4)
    for _ in range(30):
        await world.reconcile(cluster_id)
        world.advance(1)
    events, row, workers = await world.events(cluster_id), await world.row(cluster_id), await world.workers(cluster_id)
    world.backend.failing_verbs.clear()
    await world.settle()

    assert len(workers) == 2
    assert events == ["CREATING", "RUNNING", "RESIZING", "ADD_NODES_FAILED"]
    assert row is not None
    assert (row.state, row.state_message) == (S.RESIZING, "provision failed")
    await world.check_settled()


async def test_resize_without_capacity_is_retried_with_backoff(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.backend.failing_verbs.add("provision")
    began = world.clock.now

    await world.resize(cluster_id, 3)
    tried = []
    while world.clock.now < began + 60:
        revision = await world.store.revision()
        await world.reconcile(cluster_id)
        if await world.store.revision() != revision:
            tried.append(world.clock.now - began)
        world.advance(0.5)

    assert tried == [0, 1, 3, 7, 15, 30, 45]


async def test_resize_without_capacity_is_reported_once_despite_other_failures(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.backend.failing_verbs.add("provision")
    await world.resize(cluster_id, 4)
    await world.watch(cluster_id, 20)

    world.backend.end_daemon((await world.workers(cluster_id))[0], WORKER)
    await world.watch(cluster_id, 150, every=2)

    assert (await world.events(cluster_id))[2:] == ["RESIZING", "ADD_NODES_FAILED", "NODES_LOST"]


async def test_concurrent_failures_are_reported_as_one(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.backend.full = True

    await world.resize(cluster_id, 4)
    await world.controller.reconcile(cluster_id, world.clock())

    assert await world.events(cluster_id) == ["CREATING", "RUNNING", "RESIZING", "ADD_NODES_FAILED"]


async def test_node_type_that_is_no_longer_available_fails_the_restart(world: World) -> None:
    cluster_id = await world.run_cluster()

    world.backend.withdrawn.add("memory-1c")
    await world.manager.restart(cluster_id, user="ada")
    await world.settle()

    state, code, message = await world.reason(cluster_id)
    assert (state, code) == (S.TERMINATED, "INVALID_ARGUMENT")
    assert message == "Node type memory-1c is no longer available."


async def test_new_server_adopts_running_clusters(world: World) -> None:
    cluster_id = await world.run_cluster()
    nodes = dict(world.backend.nodes)

    world.controller = world.new_controller()
    await world.controller.sweep()
    await world.settle()

    assert world.backend.nodes == nodes
    assert await world.events(cluster_id) == ["CREATING", "RUNNING"]


async def test_server_that_died_while_creating_a_node_leaves_nothing_behind(world: World) -> None:
    cluster_id = await world.create()
    world.backend.crash_in_provision = True
    await world.reconcile(cluster_id)
    half_made = list(world.backend.nodes)

    await world.settle()

    assert half_made
    assert set(half_made) <= set(world.backend.nodes)
    await world.check_settled()


async def test_node_without_a_row_is_released(world: World) -> None:
    await world.run_cluster()
    known = set(world.backend.nodes)
    world.backend.nodes["stray"] = Observation("forgotten")
    world.backend.nodes["foreign"] = Observation("other", elsewhere=True)

    await world.controller.sweep()

    assert set(world.backend.nodes) == known | {"foreign"}


async def test_node_created_during_a_sweep_is_not_released(world: World) -> None:
    async def make_a_node() -> None:
        node = await world.store.nodes.save(sample_node("worker-new", memory_mib=1))
        world.backend.nodes[node.node_id] = Observation(node.cluster_id)

    world.backend.meanwhile.append(make_a_node)

    await world.controller.sweep()

    assert "worker-new" in world.backend.nodes


async def test_request_during_reconciliation_is_not_lost(world: World) -> None:
    cluster_id = await world.create()
    world.backend.meanwhile.append(lambda: world.manager.terminate(cluster_id, user="bob"))

    await world.settle()

    assert (await world.reason(cluster_id))[:2] == (S.TERMINATED, "USER_REQUEST")
