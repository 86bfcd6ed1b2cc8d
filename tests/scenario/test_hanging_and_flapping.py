"""Daemons that hang, are only busy, or end again and again; and what a user is told of them."""

from __future__ import annotations

import pytest
from world import World

from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.event import EventType
from jupyter_dbx.spark.daemons import DRIVER, WORKER

S = ClusterState
UP = ["CREATING", "RUNNING"]


async def kill_again_and_again(world: World, cluster_id: str, node_id: str, name: str, *, after_s: float) -> None:
    """Let a daemon end so long after each of its starts, for ten minutes or until its node has gone."""
    end = world.clock.now + 600
    while world.clock.now < end and node_id in world.backend.nodes:
        if world.backend.works(node_id, name) and world.clock.now >= world.backend.starts[node_id, name][0] + after_s:
            world.backend.end_daemon(node_id, name)
        await world.reconcile(cluster_id)
        world.advance(1 if after_s < 60 else 5)
    await world.watch(cluster_id, 1)


# -- hung or busy ------------------------------------------------------------------------------------------------------


async def test_hung_driver_is_healed_after_a_minute(world: World) -> None:
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


async def test_busy_driver_is_left_alone_however_long_it_takes(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.drivers.mute = True

    await world.watch(cluster_id, 3600, every=20)
    world.drivers.mute = False
    await world.settle()

    assert await world.events(cluster_id) == UP
    await world.check_settled()


@pytest.mark.parametrize("daemon", [DRIVER, WORKER])
async def test_daemon_whose_cpu_time_is_unknown_is_never_taken_for_hung(world: World, daemon: str) -> None:
    cluster_id = await world.run_cluster()
    node_id = await world.driver_node(cluster_id) if daemon == DRIVER else (await world.workers(cluster_id))[0]
    world.backend.tells_cpu = False
    started = world.backend.starts[node_id, daemon]

    world.backend.hang(node_id, daemon)
    await world.watch(cluster_id, 3600, every=20)

    assert world.backend.starts[node_id, daemon] == started
    assert await world.events(cluster_id) == UP


async def test_hung_worker_is_told_as_lost_and_healed(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.backend.hang((await world.workers(cluster_id))[0], WORKER)

    await world.watch(cluster_id, 59)
    early = await world.events(cluster_id)
    await world.settle()

    assert early == UP
    assert await world.events(cluster_id) == [*UP, "NODES_LOST", "UPSIZE_COMPLETED"]
    await world.check_settled()


async def test_server_that_comes_back_waits_another_minute_for_a_driver_that_hangs(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.backend.hang(await world.driver_node(cluster_id), DRIVER)
    await world.watch(cluster_id, 50)

    world.controller = world.new_controller()
    await world.watch(cluster_id, 59)
    early = await world.events(cluster_id)
    await world.settle()

    assert early == UP
    assert await world.events(cluster_id) == [*UP, "DRIVER_NOT_RESPONDING", "DRIVER_HEALTHY"]


async def test_driver_that_hangs_at_its_start_is_started_again(world: World) -> None:
    cluster_id = await world.create()
    while not world.backend.starts:
        await world.reconcile(cluster_id)
    world.backend.hang(await world.driver_node(cluster_id), DRIVER)

    await world.settle()

    assert await world.events(cluster_id) == UP
    await world.check_settled()


async def test_driver_that_hangs_after_its_note_ends_the_cluster_for_the_noted_reason(world: World) -> None:
    cluster_id = await world.run_cluster(autotermination_minutes=30)
    node_id = await world.driver_node(cluster_id)
    world.backend.end_daemon(node_id, DRIVER, {"reason": "INACTIVITY", "message": "Nothing ran.", "at": 1})
    daemons = world.backend.nodes[node_id].daemons
    world.backend.change(node_id, daemons={DRIVER: type(daemons[DRIVER])(**vars(daemons[DRIVER]) | {"running": True})})
    world.backend.hang(node_id, DRIVER)

    await world.settle()

    assert (await world.reason(cluster_id))[:2] == (S.TERMINATED, "INACTIVITY")
    assert world.backend.nodes == {}


async def test_driver_that_hangs_again_and_again_ends_the_cluster(world: World) -> None:
    cluster_id = await world.run_cluster()
    node_id = await world.driver_node(cluster_id)

    for _ in range(120):
        if node_id in world.backend.nodes and world.backend.works(node_id, DRIVER):
            world.backend.hang(node_id, DRIVER)
        await world.watch(cluster_id, 5, every=5)

    state, code, message = await world.reason(cluster_id)
    assert (state, code) == (S.TERMINATED, "DRIVER_UNREACHABLE")
    assert message.startswith("The driver ended 4 times in a row.")


# -- flapping ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after_s", [0, 10, 110])
async def test_driver_that_ends_within_two_minutes_of_each_start_ends_the_cluster(world: World, after_s: float) -> None:
    cluster_id = await world.run_cluster()

    await kill_again_and_again(world, cluster_id, await world.driver_node(cluster_id), DRIVER, after_s=after_s)

    state, code, message = await world.reason(cluster_id)
    events = await world.events(cluster_id)
    assert (state, code) == (S.TERMINATED, "DRIVER_UNREACHABLE")
    assert message.startswith("The driver ended 4 times in a row.\nLast lines of the driver's stderr:")
    assert events.count("DRIVER_NOT_RESPONDING") == 4
    assert events[-1] == "TERMINATING"
    assert world.backend.nodes == {}


async def test_driver_that_worked_for_longer_than_two_minutes_begins_anew(world: World) -> None:
    cluster_id = await world.run_cluster()

    await kill_again_and_again(world, cluster_id, await world.driver_node(cluster_id), DRIVER, after_s=140)
    await world.settle()

    events = await world.events(cluster_id)
    assert events.count("DRIVER_NOT_RESPONDING") == events.count("DRIVER_HEALTHY") >= 3
    assert not {"NODES_LOST", "UPSIZE_COMPLETED", "ADD_NODES_FAILED"} & set(events), "the workers are not to blame"
    await world.check_settled()


async def test_driver_that_cannot_be_started_again_ends_the_cluster_with_the_backends_words(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.backend.refuse.add("start")
    world.backend.end_daemon(await world.driver_node(cluster_id), DRIVER)

    await world.settle()

    assert await world.reason(cluster_id) == (
        S.TERMINATED,
        "CLOUD_PROVIDER_LAUNCH_FAILURE",
        f"start was refused\nLast lines of the driver's stderr:\ndriver of {cluster_id}-driver-000002",
    )


async def test_driver_that_flaps_while_there_is_no_room_for_a_worker_ends_for_its_own_reason(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.backend.refuse.add("provision")
    await world.resize(cluster_id, 4)

    await kill_again_and_again(world, cluster_id, await world.driver_node(cluster_id), DRIVER, after_s=5)

    state, code, message = await world.reason(cluster_id)
    assert (state, code) == (S.TERMINATED, "DRIVER_UNREACHABLE")
    assert message.startswith("The driver ended 4 times in a row.")


async def test_flapping_worker_is_told_once_and_tried_again_and_again(world: World) -> None:
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
    assert row.state_message.startswith(
        "A worker ended 4 times in a row; it is tried again once a minute.\nLast lines of"
    )
    assert 10 <= starts <= 17, "it is tried after 1, 2, 4 … 60 s"
    assert (await world.events(cluster_id))[4:] == ["UPSIZE_COMPLETED"]
    await world.check_settled()


async def test_worker_that_works_for_a_moment_each_time_is_told_of_as_failing_once(world: World) -> None:
    cluster_id = await world.run_cluster()

    await kill_again_and_again(world, cluster_id, (await world.workers(cluster_id))[0], WORKER, after_s=2)
    await world.settle()

    events = await world.events(cluster_id)
    assert events.count("ADD_NODES_FAILED") == 1
    assert events.count("NODES_LOST") + 1 == events.count("UPSIZE_COMPLETED")
    assert set(world.states[cluster_id]) == {S.PENDING, S.RUNNING}
    await world.check_settled()


async def test_worker_that_works_for_a_while_each_time_is_told_as_lost_each_time(world: World) -> None:
    cluster_id = await world.run_cluster()
    node_id = (await world.workers(cluster_id))[0]

    await kill_again_and_again(world, cluster_id, node_id, WORKER, after_s=140)
    await world.settle()

    events = await world.events(cluster_id)
    assert events.count("NODES_LOST") == events.count("UPSIZE_COMPLETED") >= 3
    assert events == [*UP, *["NODES_LOST", "UPSIZE_COMPLETED"] * events.count("NODES_LOST")]


async def test_worker_that_dies_while_another_one_leaves_is_told_as_lost_and_as_back(world: World) -> None:
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


async def test_worker_node_lost_while_another_one_comes_is_told_once(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    await world.resize(cluster_id, 3)
    await world.reconcile(cluster_id)
    world.backend.refuse.add("release")

    del world.backend.nodes[(await world.workers(cluster_id))[0]]
    await world.watch(cluster_id, 20)
    world.backend.refuse.clear()
    await world.settle()

    events = await world.events(cluster_id)
    assert events[:4] == [*UP, "RESIZING", "NODES_LOST"]
    assert events[-1] == "UPSIZE_COMPLETED"
    assert events.count("NODES_LOST") == 1
    details = (await world.events_of(cluster_id, EventType.NODES_LOST))[0].details
    assert details["cause"] == "AUTORECOVERY"
    assert details["target_num_workers"] == 3
    await world.check_settled()


async def test_crashed_driver_is_healed_while_the_cluster_resizes(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    await world.resize(cluster_id, 3)
    await world.reconcile(cluster_id)

    world.backend.end_daemon(await world.driver_node(cluster_id), DRIVER)
    await world.settle()

    assert (await world.events(cluster_id))[2:] == [
        *("RESIZING", "DRIVER_NOT_RESPONDING", "DRIVER_HEALTHY", "UPSIZE_COMPLETED")
    ]
    await world.check_settled()
