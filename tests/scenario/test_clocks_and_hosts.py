"""Clock jumps, reboots, and clusters of other hosts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from world import World

from jupyter_dbx.model.cluster import ClusterState, Target
from jupyter_dbx.model.event import EventType
from jupyter_dbx.spark.daemons import DRIVER, WORKER

S = ClusterState
HOUR_S = 3600.0

Reach = Callable[[World], Awaitable[str]]


async def pending(world: World) -> str:
    cluster_id = await world.create()
    await world.watch(cluster_id, 1)
    return cluster_id


async def running(world: World) -> str:
    return await world.run_cluster()


async def resizing(world: World) -> str:
    cluster_id = await world.run_cluster()
    world.backend.failing_verbs.add("provision")
    await world.resize(cluster_id, 3)
    await world.watch(cluster_id, 1)
    return cluster_id


async def draining(world: World) -> str:
    cluster_id = await world.run_cluster(workers=3)
    world.drivers.drain_s = 60
    await world.resize(cluster_id, 2)
    await world.watch(cluster_id, 1)
    return cluster_id


async def restarting(world: World) -> str:
    cluster_id = await world.run_cluster()
    await world.manager.restart(cluster_id, user="ada")
    await world.watch(cluster_id, 2)
    return cluster_id


async def healing(world: World) -> str:
    """Start a driver three times in a row, so that the next start has to wait."""
    cluster_id = await world.run_cluster()
    node_id = await world.driver_node(cluster_id)
    world.backend.short_lived.add((node_id, DRIVER))
    world.backend.end_daemon(node_id, DRIVER)
    while await _starts(world, node_id) < 3:
        await world.watch(cluster_id, 0.5, every=0.5)
    world.backend.short_lived.clear()
    return cluster_id


async def _starts(world: World, node_id: str) -> int:
    node = await world.store.nodes.get(node_id)
    assert node is not None
    return node.daemon_starts


async def terminating(world: World) -> str:
    cluster_id = await world.run_cluster()
    world.backend.failing_verbs.add("release")
    await world.manager.terminate(cluster_id, user="ada")
    await world.watch(cluster_id, 2)
    return cluster_id


@pytest.mark.parametrize("jump_s", [-HOUR_S, HOUR_S])
@pytest.mark.parametrize("reach", [pending, running, resizing, draining, restarting, healing, terminating])
async def test_wall_clock_jump_changes_nothing(world: World, reach: Reach, jump_s: float) -> None:
    cluster_id = await reach(world)
    before = await world.state(cluster_id)

    world.jump(jump_s)
    await world.reconcile(cluster_id)
    right_after = await world.state(cluster_id)
    world.backend.failing_verbs.clear()
    began = world.clock.now
    for _ in range(100):
        if await world.reconcile(cluster_id):
            break
        world.advance(1)

    assert right_after in (before, S.RUNNING)
    assert S.ERROR not in world.states[cluster_id]
    assert world.clock.now - began <= 65, "nothing waits for the clock to catch up"
    reasons = [e.details["reason"]["code"] for e in await world.events_of(cluster_id, EventType.TERMINATING)]  # type: ignore[index]
    assert reasons == (["USER_REQUEST"] if reach is terminating else [])
    await world.settle()
    await world.check_settled()


@pytest.mark.parametrize("jump_s", [-HOUR_S, HOUR_S])
async def test_clock_jump_does_not_affect_idle_termination(world: World, jump_s: float) -> None:
    cluster_id = await world.create(autotermination_minutes=30)
    await world.watch(cluster_id, 20)

    world.jump(jump_s)
    await world.watch(cluster_id, 29 * 60, every=20)
    early = await world.state(cluster_id)
    await world.watch(cluster_id, 90, every=5)

    assert early is S.RUNNING
    assert (await world.reason(cluster_id))[:2] == (S.TERMINATED, "INACTIVITY")


@pytest.mark.parametrize("jump_s", [-HOUR_S, HOUR_S])
async def test_extension_after_a_jump_counts(world: World, jump_s: float) -> None:
    cluster_id = await world.create(autotermination_minutes=10)
    await world.watch(cluster_id, 20)
    await world.extend(cluster_id)
    await world.watch(cluster_id, 400, every=20)

    world.jump(jump_s)
    await world.extend(cluster_id)
    await world.watch(cluster_id, 400, every=20)

    assert await world.state(cluster_id) is S.RUNNING


@pytest.mark.parametrize("jump_s", [-HOUR_S, HOUR_S])
async def test_clock_jump_shortens_no_timeout(world: World, jump_s: float) -> None:
    cluster_id = await draining(world)
    staying = next(n.node_id for n in await world.nodes(cluster_id) if n.state == "READY")
    world.backend.hang(staying, WORKER)

    world.jump(jump_s)
    await world.watch(cluster_id, 40)

    assert len(await world.workers(cluster_id)) == 3
    assert "NODES_LOST" not in await world.events(cluster_id)


# -- reboots ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reach", [pending, running, resizing, draining, restarting])
async def test_nothing_starts_by_itself_after_a_reboot(world: World, reach: Reach) -> None:
    cluster_id = await reach(world)
    world.backend.failing_verbs.clear()

    world.backend.reboot()
    world.controller = world.new_controller()
    await world.settle()

    assert await world.reason(cluster_id) == (
        S.TERMINATED,
        "INSTANCE_UNREACHABLE",
        "The driver's machine restarted.",
    )
    assert world.backend.nodes == {}
    assert (await world.the(cluster_id)).target is Target.RUNNING
    world.advance(HOUR_S)
    world.controller = world.new_controller()
    await world.settle()
    assert await world.state(cluster_id) is S.TERMINATED


async def test_cluster_can_be_started_again_after_a_reboot(world: World) -> None:
    cluster_id = await world.run_cluster()
    world.backend.reboot()
    await world.settle()

    await world.manager.start(cluster_id, user="ada")
    await world.settle()

    assert await world.state(cluster_id) is S.RUNNING
    await world.check_settled()


async def test_start_requested_before_a_reboot_happens_after_it(world: World) -> None:
    cluster_id = await world.run_cluster()
    await world.manager.terminate(cluster_id, user="ada")
    await world.settle()
    await world.manager.start(cluster_id, user="ada")

    world.backend.reboot()
    world.controller = world.new_controller()
    await world.settle()

    assert await world.state(cluster_id) is S.RUNNING


async def test_cluster_that_is_terminating_during_a_reboot_terminates(world: World) -> None:
    cluster_id = await terminating(world)
    world.backend.failing_verbs.clear()

    world.backend.reboot()
    world.controller = world.new_controller()
    await world.settle()

    assert (await world.reason(cluster_id))[:2] == (S.TERMINATED, "USER_REQUEST")


# -- hosts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", S)
async def test_cluster_of_another_host_is_ignored(world: World, state: S) -> None:
    cluster_id = await world.run_cluster()
    await world.edit(cluster_id, place="another", state=state, target=Target.GONE)
    there = dict(world.backend.nodes)

    keys = await world.controller.keys()
    await world.controller.sweep()

    assert keys == []
    assert world.backend.nodes == there


async def test_cluster_moved_to_another_host_is_no_longer_managed(world: World) -> None:
    cluster_id = await world.create()

    await world.edit(cluster_id, place="another")
    again = await world.controller.reconcile(cluster_id, world.clock())

    assert again is None
    assert world.backend.nodes == {}


async def test_clusters_of_this_host_and_of_no_host_are_managed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(world.backend), "place", "here")
    ids = [await world.create(workers=0) for _ in range(3)]
    for cluster_id, place in zip(ids, ("", "here", "another"), strict=True):
        await world.edit(cluster_id, place=place)

    assert await world.controller.keys() == sorted(ids[:2])


async def test_cluster_with_nodes_on_another_host_is_ignored(world: World) -> None:
    cluster_id = await world.run_cluster()
    for node_id in world.backend.nodes:
        world.backend.change(node_id, elsewhere=True)
    await world.manager.terminate(cluster_id, user="ada")

    await world.watch(cluster_id, 30)
    await world.controller.sweep()

    assert await world.state(cluster_id) is S.RUNNING
    assert len(world.backend.nodes) == 3
