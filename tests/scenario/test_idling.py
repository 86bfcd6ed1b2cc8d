"""Idle clusters: the warning, the extension, the termination and the deletion."""

from __future__ import annotations

from typing import Any

import pytest
from world import World

from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.protocol import TouchNotice

S = ClusterState
DAY_S = 24 * 3600.0


async def until_warned(world: World, cluster_id: str) -> None:
    """Let time pass until the cluster warns."""
    for _ in range(600):
        if (await world.the(cluster_id)).warned_ms:
            return
        await world.reconcile(cluster_id)
        world.advance(1 if world.drivers.idle_s(await world.driver_node(cluster_id)) > 290 else 10)
    raise AssertionError("no warning was emitted")


async def run_idle(world: World, minutes: int = 10) -> str:
    """Return the id of a running cluster that is about to be idle."""
    cluster_id = await world.create(autotermination_minutes=minutes)
    await world.watch(cluster_id, 20)
    assert await world.state(cluster_id) is S.RUNNING
    world.drivers.notices.clear()
    return cluster_id


async def warnings(world: World, cluster_id: str) -> list[dict[str, Any]]:
    return [dict(e.details) for e in await world.events_of(cluster_id, EventType.INACTIVITY_WARNING)]


async def test_idle_cluster_warns_and_terminates(world: World) -> None:
    cluster_id = await run_idle(world)

    await until_warned(world, cluster_id)
    await world.watch(cluster_id, 320, every=10)

    (warning,) = await warnings(world, cluster_id)
    assert warning["reason"] == {"code": "INACTIVITY", "parameters": {"inactivity_duration_min": "10"}}
    assert 299 <= warning["ends_in_s"] <= 300
    assert (await world.events(cluster_id))[2:] == ["INACTIVITY_WARNING", "TERMINATING"]
    row = await world.the(cluster_id)
    assert row.termination_reason is not None
    assert (row.state, row.termination_reason.code) == (S.TERMINATED, "INACTIVITY")
    assert row.termination_reason.parameters == {"inactivity_duration_min": "10"}
    assert world.backend.nodes == {}


async def test_busy_cluster_does_not_terminate(world: World) -> None:
    cluster_id = await run_idle(world)
    world.load(cluster_id, 1)

    await world.watch(cluster_id, 3600, every=20)

    assert await world.events(cluster_id) == ["CREATING", "RUNNING"]


async def test_job_after_the_warning_withdraws_it(world: World) -> None:
    cluster_id = await run_idle(world)
    await until_warned(world, cluster_id)

    world.load(cluster_id, 1)
    await world.watch(cluster_id, 5)

    row = await world.the(cluster_id)
    assert (row.state, row.warned_ms) == (S.RUNNING, 0)


async def test_extension_restarts_the_idle_time_and_the_warning(world: World) -> None:
    cluster_id = await run_idle(world)
    await until_warned(world, cluster_id)
    await world.watch(cluster_id, 200, every=10)

    await world.extend(cluster_id)
    await world.watch(cluster_id, 2)
    extended = await world.the(cluster_id)
    await world.watch(cluster_id, 290, every=10)
    still = await world.state(cluster_id)
    await until_warned(world, cluster_id)
    await world.watch(cluster_id, 320, every=10)

    assert (extended.state, extended.warned_ms, still) == (S.RUNNING, 0, S.RUNNING)
    assert len(await warnings(world, cluster_id)) == 2
    assert (await world.reason(cluster_id))[:2] == (S.TERMINATED, "INACTIVITY")


async def test_driver_is_notified_how_long_ago_the_cluster_was_used(world: World) -> None:
    cluster_id = await run_idle(world)
    world.drivers.deaf = True
    await world.extend(cluster_id)
    touched_ms = (await world.the(cluster_id)).touched_ms
    await world.watch(cluster_id, 40)

    world.drivers.deaf = False
    await world.watch(cluster_id, 5)

    assert world.drivers.notices == [TouchNotice(touched_ms, age_s=40.0)]


async def test_driver_unreachable_for_a_while_counts_from_the_touch(world: World) -> None:
    cluster_id = await run_idle(world)
    await world.watch(cluster_id, 400, every=10)
    world.drivers.deaf = True
    await world.extend(cluster_id)
    await world.watch(cluster_id, 100, every=5)
    world.drivers.deaf = False

    await world.watch(cluster_id, 450, every=10)
    before = await world.state(cluster_id)
    await world.watch(cluster_id, 70, every=5)

    assert before is S.RUNNING, "the touch was 550 s ago"
    assert (await world.reason(cluster_id))[1] == "INACTIVITY"


async def test_restarted_driver_is_notified_of_the_last_touch_once(world: World) -> None:
    cluster_id = await run_idle(world)
    await world.extend(cluster_id)
    await world.watch(cluster_id, 100, every=5)
    world.backend.end_daemon(await world.driver_node(cluster_id), "driver")

    await world.watch(cluster_id, 30)

    ages = [n.age_s for n in world.drivers.notices if isinstance(n, TouchNotice)]
    assert len(ages) == 2
    assert ages[0] == 0
    assert 100 <= ages[1] <= 110


async def test_cluster_terminates_without_a_server(world: World) -> None:
    cluster_id = await run_idle(world)

    world.advance(3600)
    world.controller = world.new_controller()
    await world.settle()

    assert (await world.reason(cluster_id))[:2] == (S.TERMINATED, "INACTIVITY")
    assert await warnings(world, cluster_id) == []


async def test_unresponsive_driver_is_not_idle(world: World) -> None:
    cluster_id = await run_idle(world, minutes=10_000)
    world.drivers.mute = True

    await world.watch(cluster_id, 3600, every=20)

    assert await world.state(cluster_id) is S.RUNNING
    assert await warnings(world, cluster_id) == []


async def test_cluster_that_starts_again_has_not_been_warned(world: World) -> None:
    cluster_id = await run_idle(world)
    await until_warned(world, cluster_id)
    await world.manager.terminate(cluster_id, user="ada")
    await world.settle()

    await world.manager.start(cluster_id, user="ada")
    await world.reconcile(cluster_id)

    row = await world.the(cluster_id)
    assert (row.state, row.warned_ms) == (S.PENDING, 0)


# -- retention ---------------------------------------------------------------------------------------------------------


async def end_by(world: World, cause: str) -> str:
    """Return the id of a cluster that was terminated by a user or by inactivity."""
    cluster_id = await world.create(autotermination_minutes=10 if cause == "INACTIVITY" else 0)
    await world.watch(cluster_id, 20)
    if cause == "USER_REQUEST":
        await world.manager.terminate(cluster_id, user="ada")
    elif cause == "INSTANCE_UNREACHABLE":
        world.backend.reboot()
    else:
        world.advance(700)
    await world.settle()
    assert (await world.reason(cluster_id))[:2] == (S.TERMINATED, cause)
    return cluster_id


@pytest.mark.parametrize("cause", ["USER_REQUEST", "INACTIVITY", "INSTANCE_UNREACHABLE"])
async def test_terminated_cluster_is_deleted_after_thirty_days(world: World, cause: str) -> None:
    cluster_id = await end_by(world, cause)

    world.advance(29.9 * DAY_S)
    await world.settle()
    before = await world.state(cluster_id)
    world.advance(0.1 * DAY_S)
    await world.settle()

    assert before is S.TERMINATED
    assert await world.row(cluster_id) is None
    assert await world.events(cluster_id) == []


async def test_terminated_cluster_is_not_reconciled_before_it_expires(world: World) -> None:
    cluster_id = await end_by(world, "INACTIVITY")

    at_rest = await world.controller.keys()
    world.advance(31 * DAY_S)

    assert (at_rest, await world.controller.keys()) == ([], [cluster_id])


async def test_pinned_cluster_is_not_deleted(world: World) -> None:
    cluster_id = await end_by(world, "USER_REQUEST")
    await world.definitions.pin(cluster_id, user="ada")

    world.advance(400 * DAY_S)
    at_rest = await world.controller.keys()
    await world.settle()
    pinned = await world.state(cluster_id)
    await world.definitions.unpin(cluster_id, user="ada")
    await world.settle()

    assert (at_rest, pinned) == ([], S.TERMINATED)
    assert await world.row(cluster_id) is None


async def test_cluster_with_a_requested_start_is_not_deleted(world: World) -> None:
    cluster_id = await end_by(world, "USER_REQUEST")
    world.advance(31 * DAY_S)

    await world.manager.start(cluster_id, user="ada")
    await world.settle()

    assert await world.state(cluster_id) is S.RUNNING


async def test_running_cluster_is_not_deleted(world: World) -> None:
    cluster_id = await world.run_cluster()

    world.advance(100 * DAY_S)
    await world.settle()

    assert await world.state(cluster_id) is S.RUNNING
