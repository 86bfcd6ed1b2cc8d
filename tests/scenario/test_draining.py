"""Draining workers: when they are notified, when they are released, and the events about them."""

from __future__ import annotations

import pytest
from world import World

from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.node import NodeState
from jupyter_dbx.model.protocol import DecommissionNotice
from jupyter_dbx.spark.daemons import DRIVER, WORKER

S = ClusterState
BEGUN, ENDED = "DECOMMISSION_STARTED", "DECOMMISSION_ENDED"


async def test_draining_worker_is_released_after_its_executor_is_gone(world: World) -> None:
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
    notified = [id_ for n in world.drivers.notices if isinstance(n, DecommissionNotice) for id_ in n.node_ids]
    begun = await world.events_of(cluster_id, EventType.DECOMMISSION_STARTED)
    assert sorted(notified) == sorted(str(event.details["instance_id"]) for event in begun)
    await world.check_settled()


async def test_draining_worker_that_stays_busy_is_released_at_the_deadline(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.drivers.drain_s = 10_000
    await world.resize(cluster_id, 1)

    await world.watch(cluster_id, 120)
    before = len(await world.workers(cluster_id))
    await world.watch(cluster_id, 3)

    assert (before, len(await world.workers(cluster_id))) == (2, 1)
    assert (await world.events(cluster_id))[2:] == ["RESIZING", BEGUN, ENDED]


async def test_unreached_driver_is_notified_again(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.drivers.deaf = True
    await world.resize(cluster_id, 1)
    await world.watch(cluster_id, 10)
    notified = [n.drain_notified for n in await world.nodes(cluster_id, NodeState.DRAINING)]

    world.drivers.deaf = False
    await world.watch(cluster_id, 10)

    assert notified == [False]
    assert len(await world.workers(cluster_id)) == 1
    assert (await world.events(cluster_id))[2:] == ["RESIZING", BEGUN, ENDED]


async def test_failed_notice_to_the_driver_changes_no_row(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.drivers.deaf = True
    await world.resize(cluster_id, 1)
    await world.watch(cluster_id, 3)
    revision = await world.store.revision()

    await world.watch(cluster_id, 30)

    assert await world.store.revision() == revision


async def test_next_server_sends_the_notice_that_a_dead_server_did_not(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.drivers.deaf = True
    await world.resize(cluster_id, 1)
    await world.watch(cluster_id, 2)

    world.controller = world.new_controller()
    world.drivers.deaf = False
    await world.settle()

    assert (await world.events(cluster_id))[2:] == ["RESIZING", BEGUN, ENDED]
    await world.check_settled()


async def test_draining_worker_stays_while_the_driver_does_not_respond(world: World) -> None:
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


async def test_draining_workers_are_released_when_the_driver_dies(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.drivers.drain_s = 100
    await world.resize(cluster_id, 1)
    await world.watch(cluster_id, 5)

    world.backend.end_daemon(await world.driver_node(cluster_id), DRIVER)
    await world.watch(cluster_id, 10)

    assert len(await world.workers(cluster_id)) == 1
    await world.settle()
    await world.check_settled()


async def test_worker_that_dies_while_draining_is_not_restarted(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.drivers.drain_s = 100
    await world.resize(cluster_id, 1)
    await world.watch(cluster_id, 5)
    (leaving,) = await world.nodes(cluster_id, NodeState.DRAINING)

    world.backend.end_daemon(leaving.node_id, WORKER)
    await world.watch(cluster_id, 2)

    assert leaving.node_id not in world.backend.nodes
    assert (await world.events(cluster_id))[2:] == ["RESIZING", BEGUN, ENDED]


async def test_upsize_does_not_wait_for_draining_workers(world: World) -> None:
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
async def test_termination_and_restart_do_not_wait_for_draining_workers(world: World, verb: str) -> None:
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


async def test_failed_release_is_reported_once_it_succeeds(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.backend.failing_verbs.add("release")
    await world.resize(cluster_id, 1)
    await world.watch(cluster_id, 30)
    refused = (await world.events(cluster_id))[2:]

    world.backend.failing_verbs.clear()
    await world.settle()

    assert refused == ["RESIZING", BEGUN]
    assert (await world.events(cluster_id))[2:] == [*refused, ENDED]
    await world.check_settled()


async def test_failed_provisioning_is_reported_even_if_a_release_fails_too(world: World) -> None:
    cluster_id = await world.run_cluster(workers=2)
    world.backend.failing_verbs |= {"release", "provision"}
    await world.resize(cluster_id, 3)
    del world.backend.nodes[(await world.workers(cluster_id))[0]]

    await world.watch(cluster_id, 40)

    assert (await world.the(cluster_id)).state_message == "provision failed"
    assert (await world.events(cluster_id)).count("ADD_NODES_FAILED") == 1
