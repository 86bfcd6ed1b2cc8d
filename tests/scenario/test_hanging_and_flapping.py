"""Daemons that hang, are busy, or fail repeatedly; and the events about them."""

from __future__ import annotations

import asyncio

import pytest
from world import World

from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.protocol import EndedNote
from jupyter_dbx.spark.daemons import DRIVER, WORKER

S = ClusterState
UP = ["CREATING", "RUNNING"]


async def kill_again_and_again(world: World, cluster_id: str, node_id: str, name: str, *, after_s: float) -> None:
    """End a daemon this long after each start, for ten minutes or until its node is gone."""
    end = world.clock.now + 600
    while world.clock.now < end and node_id in world.backend.nodes:
        if world.backend.works(node_id, name) and world.clock.now >= world.backend.starts[node_id, name][0] + after_s:
            world.backend.end_daemon(node_id, name)
        await world.reconcile(cluster_id)
        world.advance(1 if after_s < 60 else 5)
    await world.watch(cluster_id, 1)


# -- hung or busy ------------------------------------------------------------------------------------------------------


async def test_hung_driver_is_restarted_after_a_minute(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.backend.hang(await world.driver_node(cluster_id), DRIVER)

    await world.watch(cluster_id, 59)
    early = await world.events(cluster_id)
    await world.watch(cluster_id, 30)

    assert early == UP
    assert await world.events(cluster_id) == [*UP, "DRIVER_NOT_RESPONDING", "DRIVER_HEALTHY"]
    assert world.states[cluster_id] == [S.PENDING, S.RUNNING]
    await world.settle()
    await world.check_settled()


async def test_busy_driver_is_never_restarted(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.drivers.mute = True

    await world.watch(cluster_id, 3600, every=20)
    world.drivers.mute = False
    await world.settle()

    assert await world.events(cluster_id) == UP
    await world.check_settled()


@pytest.mark.parametrize("daemon", [DRIVER, WORKER])
async def test_daemon_with_unknown_cpu_time_never_counts_as_hung(world: World, daemon: str) -> None:
    cluster_id = await world.run_cluster()
    node_id = await world.driver_node(cluster_id) if daemon == DRIVER else (await world.workers(cluster_id))[0]
    world.backend.tells_cpu = False
    started = world.backend.starts[node_id, daemon]

    world.backend.hang(node_id, daemon)
    await world.watch(cluster_id, 3600, every=20)

    assert world.backend.starts[node_id, daemon] == started
    assert await world.events(cluster_id) == UP


async def test_hung_worker_is_reported_as_lost_and_restarted(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.backend.hang((await world.workers(cluster_id))[0], WORKER)

    await world.watch(cluster_id, 59)
    early = await world.events(cluster_id)
    await world.settle()

    assert early == UP
    assert await world.events(cluster_id) == [*UP, "NODES_LOST", "UPSIZE_COMPLETED"]
    await world.check_settled()


async def test_restarted_server_waits_another_minute_for_a_hung_driver(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.backend.hang(await world.driver_node(cluster_id), DRIVER)
    await world.watch(cluster_id, 50)

    world.controller = world.new_controller()
    await world.watch(cluster_id, 59)
    early = await world.events(cluster_id)
    await world.settle()

    assert early == UP
    assert await world.events(cluster_id) == [*UP, "DRIVER_NOT_RESPONDING", "DRIVER_HEALTHY"]


async def test_driver_that_hangs_during_startup_is_restarted(world: World) -> None:
    cluster_id = await world.create()
    while not world.backend.starts:
        await world.reconcile(cluster_id)
    world.backend.hang(await world.driver_node(cluster_id), DRIVER)

    await world.settle()

    assert await world.events(cluster_id) == UP
    await world.check_settled()


async def test_driver_that_hangs_after_its_note_terminates_the_cluster_with_the_noted_reason(world: World) -> None:
    cluster_id = await world.run_cluster(autotermination_minutes=30)
    node_id = await world.driver_node(cluster_id)
    world.backend.end_daemon(node_id, DRIVER, EndedNote("INACTIVITY", "Nothing ran.", at=1))
    daemons = world.backend.nodes[node_id].daemons
    world.backend.change(node_id, daemons={DRIVER: type(daemons[DRIVER])(**vars(daemons[DRIVER]) | {"running": True})})
    world.backend.hang(node_id, DRIVER)

    await world.settle()

    assert (await world.reason(cluster_id))[:2] == (S.TERMINATED, "INACTIVITY")
    assert world.backend.nodes == {}


async def test_repeatedly_hanging_driver_terminates_the_cluster(world: World) -> None:
    cluster_id = await world.run_cluster()
    node_id = await world.driver_node(cluster_id)

    for _ in range(120):
        if node_id in world.backend.nodes and world.backend.works(node_id, DRIVER):
            world.backend.hang(node_id, DRIVER)
        await world.watch(cluster_id, 5, every=5)

    state, code, message = await world.reason(cluster_id)
    assert (state, code) == (S.TERMINATED, "DRIVER_UNREACHABLE")
    assert message.startswith("The driver failed 4 times in a row.")


# -- flapping ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after_s", [0, 10, 110])
async def test_driver_that_fails_within_two_minutes_of_each_start_terminates_the_cluster(
    world: World, after_s: float
) -> None:
    cluster_id = await world.run_cluster()

    await kill_again_and_again(world, cluster_id, await world.driver_node(cluster_id), DRIVER, after_s=after_s)

    state, code, message = await world.reason(cluster_id)
    events = await world.events(cluster_id)
    assert (state, code) == (S.TERMINATED, "DRIVER_UNREACHABLE")
    assert message.startswith("The driver failed 4 times in a row.\nLast lines of the driver's stderr:")
    assert events.count("DRIVER_NOT_RESPONDING") == 4
    assert events[-1] == "TERMINATING"
    assert world.backend.nodes == {}


async def test_driver_healthy_for_two_minutes_resets_its_count_of_starts(world: World) -> None:
    cluster_id = await world.run_cluster()

    await kill_again_and_again(world, cluster_id, await world.driver_node(cluster_id), DRIVER, after_s=140)
    await world.settle()

    events = await world.events(cluster_id)
    assert events.count("DRIVER_NOT_RESPONDING") == events.count("DRIVER_HEALTHY") >= 3
    assert not {"NODES_LOST", "UPSIZE_COMPLETED", "ADD_NODES_FAILED"} & set(events), "the workers are healthy"
    await world.check_settled()


async def test_failed_restart_of_the_driver_terminates_the_cluster_with_the_message_of_the_backend(
    world: World,
) -> None:
    cluster_id = await world.run_cluster()
    world.backend.failing_verbs.add("start")
    world.backend.end_daemon(await world.driver_node(cluster_id), DRIVER)

    await world.settle()

    assert await world.reason(cluster_id) == (
        S.TERMINATED,
        "CLOUD_PROVIDER_LAUNCH_FAILURE",
        f"start failed\nLast lines of the driver's stderr:\ndriver of {cluster_id}-driver-000002",
    )


async def test_flapping_driver_terminates_with_its_own_reason_despite_missing_capacity(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.backend.failing_verbs.add("provision")
    await world.resize(cluster_id, 4)

    await kill_again_and_again(world, cluster_id, await world.driver_node(cluster_id), DRIVER, after_s=5)

    state, code, message = await world.reason(cluster_id)
    assert (state, code) == (S.TERMINATED, "DRIVER_UNREACHABLE")
    assert message.startswith("The driver failed 4 times in a row.")


async def test_flapping_worker_is_reported_once_and_retried(world: World) -> None:
    cluster_id = await world.run_cluster()
    node_id = (await world.workers(cluster_id))[0]
    first = world.backend.starts[node_id, WORKER][1]

    world.backend.short_lived.add((node_id, WORKER))
    world.backend.end_daemon(node_id, WORKER)
    await world.watch(cluster_id, 600, every=2)
    row, events = await world.the(cluster_id), await world.events(cluster_id)
    starts = world.backend.starts[node_id, WORKER][1] - first
    world.backend.short_lived.clear()
    await world.settle()

    assert world.states[cluster_id] == [S.PENDING, S.RUNNING]
    assert events == [*UP, "NODES_LOST", "ADD_NODES_FAILED"]
    assert row.state_message.startswith("A worker failed 4 times in a row; it is retried once a minute.\nLast lines of")
    assert 10 <= starts <= 17, "it is retried after 1, 2, 4 … 60 s"
    assert (await world.events(cluster_id))[4:] == ["UPSIZE_COMPLETED"]
    await world.check_settled()


async def test_worker_that_works_only_briefly_is_reported_as_failing_once(world: World) -> None:
    cluster_id = await world.run_cluster()

    await kill_again_and_again(world, cluster_id, (await world.workers(cluster_id))[0], WORKER, after_s=2)
    await world.settle()

    events = await world.events(cluster_id)
    assert events.count("ADD_NODES_FAILED") == 1
    assert events.count("NODES_LOST") + 1 == events.count("UPSIZE_COMPLETED")
    assert set(world.states[cluster_id]) == {S.PENDING, S.RUNNING}
    await world.check_settled()


async def test_worker_that_works_for_a_while_is_reported_as_lost_each_time(world: World) -> None:
    cluster_id = await world.run_cluster()
    node_id = (await world.workers(cluster_id))[0]

    await kill_again_and_again(world, cluster_id, node_id, WORKER, after_s=140)
    await world.settle()

    events = await world.events(cluster_id)
    assert events.count("NODES_LOST") == events.count("UPSIZE_COMPLETED") >= 3
    assert events == [*UP, *["NODES_LOST", "UPSIZE_COMPLETED"] * events.count("NODES_LOST")]


async def test_worker_that_dies_while_another_drains_is_reported_as_lost_and_recovered(world: World) -> None:
    cluster_id = await world.run_cluster(workers=3)
    world.drivers.drain_s = 60
    await world.resize(cluster_id, 2)
    await world.watch(cluster_id, 5)
    staying = next(n.node_id for n in await world.nodes(cluster_id) if n.state == "READY")

    world.backend.end_daemon(staying, WORKER)
    await world.settle()

    assert (await world.events(cluster_id))[2:] == [
        *("RESIZING", "DECOMMISSION_STARTED", "NODES_LOST", "DECOMMISSION_ENDED", "UPSIZE_COMPLETED")
    ]
    await world.check_settled()


async def test_worker_node_lost_during_an_upsize_is_reported_once(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    await world.resize(cluster_id, 3)
    await world.reconcile(cluster_id)
    world.backend.failing_verbs.add("release")

    del world.backend.nodes[(await world.workers(cluster_id))[0]]
    await world.watch(cluster_id, 20)
    world.backend.failing_verbs.clear()
    await world.settle()

    events = await world.events(cluster_id)
    assert events[:4] == [*UP, "RESIZING", "NODES_LOST"]
    assert events[-1] == "UPSIZE_COMPLETED"
    assert events.count("NODES_LOST") == 1
    details = (await world.events_of(cluster_id, EventType.NODES_LOST))[0].details
    assert details["cause"] == "AUTORECOVERY"
    assert details["target_num_workers"] == 3
    await world.check_settled()


async def test_crashed_driver_is_restarted_while_the_cluster_resizes(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    await world.resize(cluster_id, 3)
    await world.reconcile(cluster_id)

    world.backend.end_daemon(await world.driver_node(cluster_id), DRIVER)
    await world.settle()

    assert (await world.events(cluster_id))[2:] == [
        *("RESIZING", "DRIVER_NOT_RESPONDING", "DRIVER_HEALTHY", "UPSIZE_COMPLETED")
    ]
    await world.check_settled()


async def test_node_that_takes_too_long_to_create_fails_the_start(world: World) -> None:
    world.backend.stuck = True
    cluster_id = await world.create()
    look = asyncio.create_task(world.reconcile(cluster_id))
    while not look.done():
        world.advance(1)
        await asyncio.sleep(0.001)  # the store responds from a thread

    await world.settle()

    assert world.clock.now - 5000 >= world.controller.action_timeout_s
    assert (await world.reason(cluster_id))[:2] == (S.TERMINATED, "CLOUD_PROVIDER_LAUNCH_FAILURE")
    assert not world.backend.nodes
