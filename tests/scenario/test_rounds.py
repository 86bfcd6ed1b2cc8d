"""Clusters that are due together share one listing, and none acts on a listing older than its own actions."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from passing_time import PluggableStore, RunningClock, Time
from samples import sample_cluster
from world import World

from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.node import Daemon, Node
from jupyter_dbx.model.wire import Json


@contextlib.asynccontextmanager
async def served(folder: Path, wall: Any) -> AsyncIterator[tuple[World, Time]]:
    """A workspace whose controller runs as time passes."""
    store = PluggableStore(f"sqlite:///{folder}/dbx.db", clock=wall)
    await store.open()
    world = World(store, wall, RunningClock())
    world.backend.memory_mib = 10**7
    time = Time(wall, world.clock, world.drivers.end_idle_drivers)
    time.stores.append(store)
    await world.controller.open()
    yield world, time
    await world.controller.close()
    await store.close()


async def run(world: World, time: Time, count: int) -> list[str]:
    """Return the ids of this many running clusters."""
    created = [await world.create(1) for _ in range(count)]
    await until_all(world, time, ClusterState.RUNNING)
    await time.pass_by(20)
    return created


async def until_all(world: World, time: Time, state: ClusterState) -> None:
    """Let time pass until every cluster is in a state."""
    for _ in range(120):
        if {cluster.state for cluster in await world.store.clusters.list()} == {state}:
            return
        await time.pass_by(1)
    raise AssertionError(f"not every cluster became {state}")


@pytest.mark.parametrize("count", [1, 20], ids="{} clusters".format)
async def test_backend_is_listed_once_per_round_for_all_clusters(tmp_path: Path, clock: Any, count: int) -> None:
    async with served(tmp_path, clock) as (world, time):
        await run(world, time, count)
        looks, listings = world.drivers.requests, world.backend.listings

        await world.store.clusters.save(sample_cluster(place="elsewhere"))
        await time.settle()

        assert world.drivers.requests - looks == count > 0
        assert world.backend.listings - listings == 1


async def test_cluster_never_acts_on_a_listing_older_than_its_last_action(tmp_path: Path, clock: Any) -> None:
    made: list[str] = []
    starts: Counter[tuple[str, str]] = Counter()
    async with served(tmp_path, clock) as (world, time):
        provision, start = world.backend.provision, world.backend.start

        async def provision_slowly(node: Node) -> AsyncIterator[Json]:
            made.append(node.node_id)
            await time.steady.sleep(0.5 + len(made) % 4)
            async for state in provision(node):
                yield state

        async def start_slowly(node: Node, daemon: Daemon) -> None:
            starts[node.node_id, daemon.name] += 1
            await time.steady.sleep(0.5 + len(starts) % 4)
            await start(node, daemon)

        world.backend.provision = provision_slowly  # type: ignore[method-assign]
        world.backend.start = start_slowly  # type: ignore[method-assign]
        world.backend.listing_s = 1.0

        created = await run(world, time, 10)
        for cluster_id in created[::2]:
            await world.resize(cluster_id, 2)
        await time.pass_by(60)
        await until_all(world, time, ClusterState.RUNNING)

        # Each node was made once and each daemon started once: none was missed in a listing that was too old.
        assert len(made) == 10 * 2 + 5
        assert starts == {(node, "driver" if "-driver-" in node else "worker"): 1 for node in made}
        await world.check_settled()
