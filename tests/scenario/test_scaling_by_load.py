"""Autoscaling, from the load to the last event."""

from __future__ import annotations

from world import World

from jupyter_dbx.controllers.scaling import PAUSE_S
from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.spec import Autoscale

S = ClusterState
BEGUN, ENDED = "DECOMMISSION_STARTED", "DECOMMISSION_ENDED"


async def sizes(world: World, cluster_id: str, seconds: int) -> set[int]:
    """Return every number of workers that is wanted in so long."""
    seen = set()
    for _ in range(seconds):
        await world.watch(cluster_id, 1)
        seen.add((await world.the(cluster_id)).num_workers)
    return seen


async def test_scaled_cluster_begins_with_the_least(world: World) -> None:
    cluster_id = await world.run_scaled(low=2)

    assert len(await world.workers(cluster_id)) == 2
    await world.check_settled()


async def test_cluster_under_load_grows_to_the_most_and_shrinks_to_the_least_when_all_is_done(world: World) -> None:
    cluster_id = await world.run_scaled()

    world.load(cluster_id, 64)
    await world.settle()
    most = await world.workers(cluster_id)
    world.load(cluster_id, 0)
    await world.settle()

    assert len(most) == 3
    assert await world.workers(cluster_id) == most[:1], "the oldest one stays"
    assert await world.events(cluster_id) == [
        *("CREATING", "RUNNING"),
        *("RESIZING", "UPSIZE_COMPLETED"),
        *("RESIZING", BEGUN, BEGUN, ENDED, ENDED),
    ]
    causes = [e.details["cause"] for e in await world.events_of(cluster_id, EventType.RESIZING)]
    assert causes == ["AUTOSCALE", "AUTOSCALE"]
    await world.check_settled()


async def test_cluster_grows_at_the_next_look(world: World) -> None:
    cluster_id = await world.run_scaled()
    world.load(cluster_id, 2)

    await world.reconcile(cluster_id)

    assert (await world.the(cluster_id)).num_workers == 2


async def test_pause_between_two_jobs_does_not_shrink_the_cluster(world: World) -> None:
    cluster_id = await world.run_scaled()
    world.load(cluster_id, 3)
    await world.settle()

    seen = set()
    for _ in range(4):
        world.load(cluster_id, 0)
        seen |= await sizes(world, cluster_id, 50)
        world.load(cluster_id, 3)
        seen |= await sizes(world, cluster_id, 5)

    assert seen == {3}


async def test_server_that_comes_back_waits_a_whole_window(world: World) -> None:
    cluster_id = await world.run_scaled()
    world.load(cluster_id, 3)
    await world.settle()
    world.load(cluster_id, 0)
    before = await sizes(world, cluster_id, 50)

    world.controller = world.new_controller()
    after = await sizes(world, cluster_id, 55)
    await world.settle()

    assert before == after == {3}
    assert len(await world.workers(cluster_id)) == 1


async def test_place_without_room_gives_what_it_has(world: World) -> None:
    world.backend.memory_mib = 4 * 2048
    cluster_id = await world.run_scaled(high=5)

    world.load(cluster_id, 50)
    await world.watch(cluster_id, PAUSE_S - 10)
    row, events = await world.the(cluster_id), await world.events(cluster_id)
    failed = await world.events_of(cluster_id, EventType.AUTOSCALING_FAILED)

    assert (row.state, row.num_workers, len(await world.workers(cluster_id))) == (S.RUNNING, 3, 3)
    assert events == ["CREATING", "RUNNING", "RESIZING", "ADD_NODES_FAILED", "AUTOSCALING_FAILED", "UPSIZE_COMPLETED"]
    assert [e.details for e in failed] == [{"driver_state_message": "Only 8192 MiB of memory exist."}]


async def test_place_that_gets_room_is_asked_again_after_a_pause(world: World) -> None:
    world.backend.memory_mib = 4 * 2048
    cluster_id = await world.run_scaled(high=5)
    world.load(cluster_id, 50)
    await world.watch(cluster_id, 20)

    world.backend.memory_mib = 64 * 2048
    early = await sizes(world, cluster_id, int(PAUSE_S) - 25)
    await world.settle()

    assert early == {3}
    assert len(await world.workers(cluster_id)) == 5
    assert (await world.events(cluster_id)).count("AUTOSCALING_FAILED") == 1
    await world.check_settled()


async def test_place_that_stays_full_is_asked_once_a_minute(world: World) -> None:
    world.backend.memory_mib = 4 * 2048
    cluster_id = await world.run_scaled(high=5)
    world.load(cluster_id, 50)

    await world.watch(cluster_id, 10 * PAUSE_S, every=2)

    failed = (await world.events(cluster_id)).count("AUTOSCALING_FAILED")
    assert 8 <= failed <= 10
    assert len(await world.workers(cluster_id)) == 3


async def test_least_number_of_workers_is_tried_until_it_can_be_had(world: World) -> None:
    cluster_id = await world.run_scaled(low=2)
    world.load(cluster_id, 3)
    await world.settle()
    world.backend.refuse.add("provision")
    for node_id in (await world.workers(cluster_id))[:2]:
        del world.backend.nodes[node_id]

    await world.watch(cluster_id, 50)
    row, events = await world.the(cluster_id), await world.events(cluster_id)
    world.load(cluster_id, 0)
    world.backend.refuse.clear()
    await world.settle()

    assert (row.state, row.num_workers) == (S.RESIZING, 2)
    assert events.count("AUTOSCALING_FAILED") == events.count("ADD_NODES_FAILED") == 1
    assert len(await world.workers(cluster_id)) == 2
    await world.check_settled()


async def test_restart_of_a_grown_cluster_does_with_what_can_be_had(world: World) -> None:
    cluster_id = await world.run_scaled(high=5)
    world.load(cluster_id, 5)
    await world.settle()
    world.backend.memory_mib = 3 * 2048

    await world.manager.restart(cluster_id, user="ada")
    await world.watch(cluster_id, 30)

    assert (await world.the(cluster_id)).state is S.RUNNING
    assert len(await world.workers(cluster_id)) == 2


async def test_cluster_with_no_worker_at_least_wakes_one_for_a_task(world: World) -> None:
    cluster_id = await world.run_scaled(low=0, high=2)
    before = await world.workers(cluster_id)

    world.load(cluster_id, 1)
    await world.settle()

    assert before == []
    assert len(await world.workers(cluster_id)) == 1
    await world.check_settled()


async def test_bounds_that_are_changed_hold(world: World) -> None:
    cluster_id = await world.run_scaled(high=5)
    world.load(cluster_id, 50)
    await world.settle()

    await world.manager.resize(cluster_id, num_workers=None, autoscale=Autoscale(1, 2), user="ada")
    await world.settle()
    fewer = await world.workers(cluster_id)
    await world.manager.resize(cluster_id, num_workers=None, autoscale=Autoscale(4, 6), user="ada")
    world.load(cluster_id, 0)
    await world.settle()

    assert len(fewer) == 2
    assert len(await world.workers(cluster_id)) == 4
    await world.check_settled()


async def test_cluster_of_fixed_size_is_not_scaled(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)

    world.load(cluster_id, 64)
    await world.settle()
    world.load(cluster_id, 0)
    await world.settle()

    assert await world.events(cluster_id) == ["CREATING", "RUNNING"]
