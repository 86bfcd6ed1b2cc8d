"""Random intents and faults: whatever happens, states move along the table only, and all of it ends well."""

from __future__ import annotations

import contextlib
import random

import pytest
from world import World

from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.errors import DbxError
from jupyter_dbx.model.node import Observation
from jupyter_dbx.spark.daemons import DRIVER

#: A walk has so many storms; each is so many steps of intents and faults, and then a calm in which all has to end well.
STORMS, STEPS = 8, 15

INTENTS = ("create", "start", "start", "restart", "resize", "resize", "terminate", "delete")
#: Fault → how often it comes, beside the others.
FAULTS = {
    "vanish": 5,
    "reboot": 1,
    "die": 5,
    "note": 1,
    "refuse": 3,
    "mute": 3,
    "crash": 3,
    "server": 3,
    "stray": 3,
}


class Walk:
    """One random walk."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)

    async def step(self) -> None:
        """Do one thing, and let the controller look a few times."""
        kind = self.random.choices(("intent", "meanwhile", "fault", "relief", "nothing"), (4, 2, 3, 3, 6))[0]
        if kind == "intent":
            await self.ask(self.random.choice(INTENTS))
        elif kind == "meanwhile":
            intent = self.random.choice(INTENTS)
            self.world.backend.meanwhile.append(lambda: self.ask(intent))
        elif kind == "fault":
            self.break_something(self.random.choices(list(FAULTS), FAULTS.values())[0])
        elif kind == "relief":
            self.world.backend.refuse.clear()
            self.world.mute = False
        for cluster in await self.world.store.clusters.list():
            for _ in range(self.random.choice((0, 1, 1, 3))):
                await self.world.reconcile(cluster.cluster_id)
        self.world.clock.advance(self.random.choice((0.25, 0.25, 1, 1, 5, 60, 400)))

    async def ask(self, verb: str) -> None:
        """State an intent; it may be refused."""
        manager = self.world.manager
        clusters = [c.cluster_id for c, _ in await manager.all()]
        try:
            if verb == "create" or not clusters:
                if len(clusters) < 3:
                    await self.world.create(self.random.choice((0, 1, 2, 5)))
                return
            cluster_id = self.random.choice(clusters)
            if verb == "resize":
                await manager.resize(cluster_id, num_workers=self.random.randint(0, 9), autoscale=None, user="bob")
            else:
                await getattr(manager, verb)(cluster_id, user="bob")
        except DbxError:
            pass

    def break_something(self, fault: str) -> None:
        """Let something go wrong."""
        backend = self.world.backend
        ids = sorted(backend.nodes)
        node_id = self.random.choice(ids) if ids else None
        daemons = sorted(backend.nodes[node_id].daemons) if node_id else []
        if fault == "vanish" and node_id:
            del backend.nodes[node_id]
        elif fault == "reboot":
            for node_id in ids:
                backend.change(node_id, alive=False)
                for name in backend.nodes[node_id].daemons:
                    backend.end_daemon(node_id, name)
        elif fault == "die" and node_id and daemons:
            backend.end_daemon(node_id, self.random.choice(daemons))
        elif fault == "note" and node_id and DRIVER in daemons:
            reason = self.random.choice(("INACTIVITY", "SPARK_STARTUP_FAILURE"))
            backend.end_daemon(node_id, DRIVER, {"reason": reason, "message": "so it is", "at": 0})
        elif fault == "refuse":
            backend.refuse.add(self.random.choice(("provision", "release", "start", "stop")))
        elif fault == "mute":
            self.world.mute = True
        elif fault == "crash":
            backend.crash_in_provision = True
        elif fault == "server":
            self.world.controller = self.world.new_controller()
        elif fault == "stray":
            backend.nodes[f"stray-{self.random.random()}"] = Observation("forgotten")

    async def wake_up(self) -> None:
        """Let a cluster run, so that a storm has something to break."""
        await self.ask("create")
        for cluster, _ in await self.world.manager.all():
            if cluster.state is ClusterState.TERMINATED:
                with contextlib.suppress(DbxError):  # there may be no room for all of them
                    await self.world.manager.start(cluster.cluster_id, user="ada")
        await self.world.settle()

    def end_faults(self) -> None:
        """Let nothing more go wrong."""
        backend = self.world.backend
        backend.refuse.clear()
        backend.meanwhile.clear()
        backend.crash_in_provision = False
        self.world.mute = False


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_happens_ends_well(world: World, seed: int) -> None:
    walk = Walk(world, seed)

    for _ in range(STORMS):
        await walk.wake_up()
        for _ in range(STEPS):
            await walk.step()
        walk.end_faults()
        await world.settle()
        await world.controller.sweep()
        await world.check_settled()

    for cluster, _ in await world.manager.all():
        await world.manager.delete(cluster.cluster_id, user="ada")
    await world.settle()

    assert await world.store.clusters.list() == []
    assert await world.store.nodes.list() == []
    assert world.backend.nodes == {}


async def test_walks_go_everywhere(world: World) -> None:
    walk = Walk(world, 0)
    visited: set[ClusterState] = set()

    for _ in range(50 * STEPS):
        await walk.step()
        visited = {state for states in world.states.values() for state in states}
        if visited == set(ClusterState):
            break

    assert visited == set(ClusterState)
