"""The lifecycle of a cluster from creation to deletion."""

from __future__ import annotations

import pytest
from world import World

from jupyter_dbx.model.cluster import ClusterState

S = ClusterState


async def test_life_from_create_to_delete(world: World) -> None:
    manager, user = world.manager, {"user": "ada"}

    cluster_id = await world.run_cluster(workers=2)
    await world.resize(cluster_id, 3)
    await world.settle()
    await world.resize(cluster_id, 1)
    await world.settle()
    await manager.restart(cluster_id, **user)
    await world.settle()
    await manager.terminate(cluster_id, **user)
    await world.settle()
    await manager.start(cluster_id, **user)
    await world.settle()
    await world.check_settled()

    assert await world.events(cluster_id) == [
        *("CREATING", "RUNNING"),
        *("RESIZING", "UPSIZE_COMPLETED"),
        *("RESIZING", "DECOMMISSION_STARTED", "DECOMMISSION_STARTED", "DECOMMISSION_ENDED", "DECOMMISSION_ENDED"),
        *("RESTARTING", "RUNNING"),
        "TERMINATING",
        *("STARTING", "RUNNING"),
    ]
    assert world.states[cluster_id] == [
        *(S.PENDING, S.RUNNING, S.RESIZING, S.RUNNING, S.RESIZING, S.RUNNING, S.RESTARTING, S.RUNNING),
        *(S.TERMINATING, S.TERMINATED, S.PENDING, S.RUNNING),
    ]

    await manager.delete(cluster_id, **user)
    await world.settle()

    assert await world.row(cluster_id) is None
    assert await world.events(cluster_id) == []
    assert world.backend.nodes == {}


async def test_single_node_cluster_has_only_a_driver(world: World) -> None:
    cluster_id = await world.run_cluster(workers=0)

    assert list(world.backend.nodes) == [await world.driver_node(cluster_id)]
    await world.check_settled()


async def test_workers_start_only_once_the_driver_has_a_master(world: World) -> None:
    cluster_id = await world.create()
    world.drivers.mute = True
    for _ in range(5):
        await world.reconcile(cluster_id)

    before = [world.backend.nodes[w].daemons for w in await world.workers(cluster_id)]
    world.drivers.mute = False
    await world.settle()

    assert before == [{}, {}]
    assert await world.state(cluster_id) is S.RUNNING


async def test_restart_replaces_every_node(world: World) -> None:
    cluster_id = await world.run_cluster()
    before = set(world.backend.nodes)

    await world.manager.restart(cluster_id, user="ada")
    await world.settle()

    assert len(world.backend.nodes) == len(before)
    assert not before & set(world.backend.nodes)


async def test_uptime_begins_when_a_start_is_complete_and_not_when_a_resize_is(world: World) -> None:
    world.drivers.mute = True
    cluster_id = await world.create()
    await world.watch(cluster_id, 30)
    world.drivers.mute = False
    await world.settle()
    started = await world.the(cluster_id)
    await world.resize(cluster_id, 3)
    await world.settle()
    resized = await world.the(cluster_id)
    await world.manager.restart(cluster_id, user="ada")
    await world.settle()
    restarted = await world.the(cluster_id)

    assert started.up_ms >= started.created_ms + 30_000
    assert resized.up_ms == started.up_ms < restarted.last_restarted_ms <= restarted.up_ms


async def test_restart_clears_the_driver(world: World) -> None:
    cluster_id = await world.run_cluster()

    await world.manager.restart(cluster_id, user="ada")
    await world.reconcile(cluster_id)

    row = await world.row(cluster_id)
    assert row is not None
    assert (row.state, row.driver) == (S.RESTARTING, None)


async def test_resize_keeps_remaining_nodes(world: World) -> None:
    cluster_id = await world.run_cluster()
    before = set(world.backend.nodes)

    await world.resize(cluster_id, 4)
    await world.settle()

    assert before < set(world.backend.nodes)


@pytest.mark.parametrize("verb", ["terminate", "delete"])
async def test_start_can_be_cancelled(world: World, verb: str) -> None:
    cluster_id = await world.create()
    world.drivers.mute = True
    for _ in range(3):
        await world.reconcile(cluster_id)

    await getattr(world.manager, verb)(cluster_id, user="ada")
    await world.settle()

    row = await world.row(cluster_id)
    assert (row is None) if verb == "delete" else (row is not None and row.state is S.TERMINATED)
    assert world.backend.nodes == {}
