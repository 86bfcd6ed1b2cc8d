"""Workers that leave: when they are told, when they go, and what a user is told of it."""

from __future__ import annotations

import pytest
from world import World

from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.node import NodeState
from jupyter_dbx.spark.daemons import DRIVER, WORKER

S = ClusterState
BEGUN, ENDED = "DECOMMISSION_STARTED", "DECOMMISSION_ENDED"


async def test_worker_leaves_only_when_its_executor_has_gone(world: World) -> None:
    cluster_id = await world.run_cluster(workers=3)
    world.drivers.drain_s = 40
    await world.resize(cluster_id, 1)

    await world.watch(cluster_id, 39)
    while_they_leave = sorted(n.state for n in await world.nodes(cluster_id))
    state = await world.state(cluster_id)
    await world.watch(cluster_id, 5)

    assert (while_they_leave, state) == (["DRAINING", "DRAINING", "READY"], S.RESIZING)
    assert len(await world.workers(cluster_id)) == 1
    assert await world.state(cluster_id) is S.RUNNING
    told = [node_id for what, facts in world.drivers.told if what == "decommission" for node_id in facts["node_ids"]]
    begun = await world.events_of(cluster_id, EventType.DECOMMISSION_STARTED)
    assert sorted(told) == sorted(str(event.details["instance_id"]) for event in begun)
    await world.check_settled()


async def test_worker_that_never_gets_done_leaves_at_the_deadline(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.drivers.drain_s = 10_000
    await world.resize(cluster_id, 1)

    await world.watch(cluster_id, 120)
    before = len(await world.workers(cluster_id))
    await world.watch(cluster_id, 3)

    assert (before, len(await world.workers(cluster_id))) == (2, 1)
    assert (await world.events(cluster_id))[2:] == ["RESIZING", BEGUN, ENDED]


async def test_driver_that_was_not_reached_is_told_again(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.drivers.deaf = True
    await world.resize(cluster_id, 1)
    await world.watch(cluster_id, 10)
    untold = [n.drain_told for n in await world.nodes(cluster_id, NodeState.DRAINING)]

    world.drivers.deaf = False
    await world.watch(cluster_id, 10)

    assert untold == [False]
    assert len(await world.workers(cluster_id)) == 1
    assert (await world.events(cluster_id))[2:] == ["RESIZING", BEGUN, ENDED]


async def test_driver_that_cannot_be_told_makes_no_news(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.drivers.deaf = True
    await world.resize(cluster_id, 1)
    await world.watch(cluster_id, 3)
    revision = await world.store.revision()

    await world.watch(cluster_id, 30)

    assert await world.store.revision() == revision


async def test_server_that_dies_before_it_tells_the_driver_lets_the_next_one_tell(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.drivers.deaf = True
    await world.resize(cluster_id, 1)
    await world.watch(cluster_id, 2)

    world.controller = world.new_controller()
    world.drivers.deaf = False
    await world.settle()

    assert (await world.events(cluster_id))[2:] == ["RESIZING", BEGUN, ENDED]
    await world.check_settled()


async def test_worker_stays_while_the_driver_cannot_be_asked(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.drivers.mute = True
    await world.resize(cluster_id, 1)
    await world.watch(cluster_id, 100)
    kept = [n.state for n in await world.nodes(cluster_id)]

    world.drivers.mute = False
    await world.settle()

    assert kept == [NodeState.READY, NodeState.READY]
    assert (await world.events(cluster_id))[2:] == ["RESIZING", BEGUN, ENDED]
    await world.check_settled()


async def test_driver_that_dies_frees_the_workers_that_leave(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.drivers.drain_s = 100
    await world.resize(cluster_id, 1)
    await world.watch(cluster_id, 5)

    world.backend.end_daemon(await world.driver_node(cluster_id), DRIVER)
    await world.watch(cluster_id, 10)

    assert len(await world.workers(cluster_id)) == 1
    await world.settle()
    await world.check_settled()


async def test_worker_that_dies_while_it_leaves_is_not_started_again(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.drivers.drain_s = 100
    await world.resize(cluster_id, 1)
    await world.watch(cluster_id, 5)
    (leaving,) = await world.nodes(cluster_id, NodeState.DRAINING)

    world.backend.end_daemon(leaving.node_id, WORKER)
    await world.watch(cluster_id, 2)

    assert leaving.node_id not in world.backend.nodes
    assert (await world.events(cluster_id))[2:] == ["RESIZING", BEGUN, ENDED]


async def test_cluster_that_is_to_grow_again_does_not_wait_for_those_that_leave(world: World) -> None:
    cluster_id = await world.run_scaled()
    world.load(cluster_id, 3)
    await world.settle()
    world.drivers.drain_s = 100
    world.load(cluster_id, 0)
    await world.watch(cluster_id, 62)
    leaving = [n.node_id for n in await world.nodes(cluster_id, NodeState.DRAINING)]

    world.load(cluster_id, 3)
    await world.watch(cluster_id, 5)
    both = await world.nodes(cluster_id)
    await world.settle()

    assert len(leaving) == 2
    assert [n.state for n in both].count(NodeState.READY) == 3
    assert not set(leaving) & set(await world.workers(cluster_id))
    assert (await world.events(cluster_id))[-6:] == ["RESIZING", BEGUN, BEGUN, ENDED, ENDED, "UPSIZE_COMPLETED"]
    await world.check_settled()


@pytest.mark.parametrize("verb", ["terminate", "delete", "restart"])
async def test_cluster_does_not_wait_for_those_that_leave_when_it_ends_or_restarts(world: World, verb: str) -> None:
    cluster_id = await world.run_cluster(workers=3)
    world.drivers.drain_s = 100
    await world.resize(cluster_id, 1)
    await world.watch(cluster_id, 5)

    if verb == "restart":
        await world.edit(cluster_id, generation=2)  # the verb itself waits until it is RUNNING
    else:
        await getattr(world.manager, verb)(cluster_id, user="ada")
    await world.watch(cluster_id, 10)

    wanted = {"terminate": S.TERMINATED, "delete": None, "restart": S.RUNNING}[verb]
    assert await world.state(cluster_id) is wanted
    assert len(await world.workers(cluster_id)) == (1 if verb == "restart" else 0)
    await world.check_settled()


async def test_release_that_is_refused_is_told_once_it_is_done(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.backend.refuse.add("release")
    await world.resize(cluster_id, 1)
    await world.watch(cluster_id, 30)
    refused = (await world.events(cluster_id))[2:]

    world.backend.refuse.clear()
    await world.settle()

    assert refused == ["RESIZING", BEGUN]
    assert (await world.events(cluster_id))[2:] == [*refused, ENDED]
    await world.check_settled()


async def test_node_that_cannot_be_made_is_told_also_if_another_one_cannot_be_given_back(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.backend.refuse |= {"release", "provision"}
    await world.resize(cluster_id, 3)
    del world.backend.nodes[(await world.workers(cluster_id))[0]]

    await world.watch(cluster_id, 40)

    assert (await world.the(cluster_id)).state_message == "provision was refused"
    assert (await world.events(cluster_id)).count("ADD_NODES_FAILED") == 1
