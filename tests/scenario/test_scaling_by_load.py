"""Autoscaling, from the load to the events."""

from __future__ import annotations

from world import World

from jupyter_dbx.controllers.scaling import PAUSE_S
from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.spec import Autoscale

S = ClusterState
BEGUN, ENDED = "DECOMMISSION_STARTED", "DECOMMISSION_ENDED"


async def sizes(world: World, cluster_id: str, seconds: int) -> set[int]:
    """Return all requested numbers of workers within this time."""
    seen = set()
    for _ in range(seconds):
        await world.watch(cluster_id, 1)
        seen.add((await world.the(cluster_id)).num_workers)
    return seen


async def test_autoscaled_cluster_starts_with_min_workers(world: World) -> None:
    cluster_id = await world.run_scaled(low=2)

    assert len(await world.workers(cluster_id)) == 2
    await world.check_settled()


async def test_cluster_scales_up_to_max_workers_under_load_and_down_to_min_workers_afterwards(world: World) -> None:
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


async def test_cluster_scales_up_at_the_next_observation(world: World) -> None:
    cluster_id = await world.run_scaled()
    world.load(cluster_id, 2)

    await world.reconcile(cluster_id)

    assert (await world.the(cluster_id)).num_workers == 2


async def test_pause_between_two_jobs_does_not_scale_the_cluster_down(world: World) -> None:
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


async def test_restarted_server_waits_a_whole_window(world: World) -> None:
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


async def test_cluster_gets_the_workers_that_fit(world: World) -> None:
    world.backend.memory_mib = 4 * 2048
    cluster_id = await world.run_scaled(high=5)

    world.load(cluster_id, 50)
    await world.watch(cluster_id, PAUSE_S - 10)
    row, events = await world.the(cluster_id), await world.events(cluster_id)
    failed = await world.events_of(cluster_id, EventType.AUTOSCALING_FAILED)

    assert (row.state, row.num_workers, len(await world.workers(cluster_id))) == (S.RUNNING, 3, 3)
    assert events == ["CREATING", "RUNNING", "RESIZING", "ADD_NODES_FAILED", "AUTOSCALING_FAILED", "UPSIZE_COMPLETED"]
    assert [e.details for e in failed] == [{"driver_state_message": "Only 8192 MiB of memory are available."}]


async def test_new_capacity_is_used_after_a_pause(world: World) -> None:
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


async def test_full_backend_is_retried_once_a_minute(world: World) -> None:
    world.backend.memory_mib = 4 * 2048
    cluster_id = await world.run_scaled(high=5)
    world.load(cluster_id, 50)

    await world.watch(cluster_id, 10 * PAUSE_S, every=2)

    failed = (await world.events(cluster_id)).count("AUTOSCALING_FAILED")
    assert 8 <= failed <= 10
    assert len(await world.workers(cluster_id)) == 3


async def test_min_workers_are_retried_until_they_fit(world: World) -> None:
    cluster_id = await world.run_scaled(low=2)
    world.load(cluster_id, 3)
    await world.settle()
    world.backend.failing_verbs.add("provision")
    for node_id in (await world.workers(cluster_id))[:2]:
        del world.backend.nodes[node_id]

    await world.watch(cluster_id, 50)
    row, events = await world.the(cluster_id), await world.events(cluster_id)
    world.load(cluster_id, 0)
    world.backend.failing_verbs.clear()
    await world.settle()

    assert (row.state, row.num_workers) == (S.RESIZING, 2)
    assert events.count("AUTOSCALING_FAILED") == events.count("ADD_NODES_FAILED") == 1
    assert len(await world.workers(cluster_id)) == 2
    await world.check_settled()


async def test_restart_of_an_upsized_cluster_uses_the_available_capacity(world: World) -> None:
    cluster_id = await world.run_scaled(high=5)
    world.load(cluster_id, 5)
    await world.settle()
    world.backend.memory_mib = 3 * 2048

    await world.manager.restart(cluster_id, user="ada")
    await world.watch(cluster_id, 30)

    assert (await world.the(cluster_id)).state is S.RUNNING
    assert len(await world.workers(cluster_id)) == 2


async def test_cluster_with_zero_min_workers_adds_one_for_a_task(world: World) -> None:
    cluster_id = await world.run_scaled(low=0, high=2)
    before = await world.workers(cluster_id)

    world.load(cluster_id, 1)
    await world.settle()

    assert before == []
    assert len(await world.workers(cluster_id)) == 1
    await world.check_settled()


async def test_changed_bounds_take_effect(world: World) -> None:
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
