"""Random requests and faults: states always follow the table, and clusters end in a consistent state."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest
from world import World

from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.errors import DbxError
from jupyter_dbx.model.node import Observation
from jupyter_dbx.model.protocol import EndedNote
from jupyter_dbx.model.spec import Autoscale
from jupyter_dbx.spark.daemons import DRIVER

#: A walk has so many storms; each is so many steps of intents and faults, and then a calm in which all has to end well.
STORMS, STEPS = 6, 20

#: What people want → how often, beside the others.
INTENTS = {
    "create": 3,
    "start": 4,
    "restart": 2,
    "resize": 4,
    "rescale": 2,
    "edit": 2,
    "extend": 2,
    "pin": 1,
    "unpin": 1,
    "terminate": 2,
    "delete": 2,
}

#: What goes wrong → how often.
FAULTS = {
    "vanish": 5,
    "reboot": 1,
    "die": 5,
    "flap": 2,
    "hang": 4,
    "note": 1,
    "failing_verbs": 8,
    "shrink": 2,
    "mute": 3,
    "deaf": 2,
    "blind": 1,
    "crash": 3,
    "server": 3,
    "stray": 3,
    "jump": 3,
}


class Walk:
    """One random walk."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)

    async def step(self) -> None:
        """Do one thing, and let the controller look a few times."""
        kinds = {"intent": 4, "meanwhile": 2, "fault": 3, "relief": 2, "work": 4, "nothing": 4}
        kind = self._choose(kinds)
        if kind == "intent":
            await self.request(self._choose(INTENTS))
        elif kind == "meanwhile":
            intent = self._choose(INTENTS)
            self.world.backend.meanwhile.append(lambda: self.request(intent))
        elif kind == "fault":
            self.break_something(self._choose(FAULTS))
        elif kind == "relief":
            self.end_faults()
        elif kind == "work":
            await self.work()
        for key in await self.world.controller.keys():
            for _ in range(self.random.choice((0, 1, 1, 3))):
                await self.world.reconcile(key)
        self.world.advance(self.random.choice((0.25, 0.25, 1, 1, 5, 60, 400)))

    async def work(self) -> None:
        """Let the load of a cluster change, and how long a worker takes to leave."""
        self.world.drivers.drain_s = self.random.choice((0, 5, 5, 50, 1000))
        for cluster, _ in await self.world.manager.all():
            self.world.load(cluster.cluster_id, self.random.choice((0, 0, 1, 4, 50)))

    async def request(self, verb: str) -> None:
        """State an intent; it may be refused."""
        world, clusters = self.world, [c.cluster_id for c, _ in await self.world.manager.all()]
        with contextlib.suppress(DbxError):
            if verb == "create" or not clusters:
                if len(clusters) < 3:
                    await world.create(**self._size(), autotermination_minutes=self.random.choice((0, 0, 10, 60)))
                return
            cluster_id = self.random.choice(clusters)
            if verb == "resize":
                await world.resize(cluster_id, self.random.randint(0, 9))
            elif verb == "rescale":
                await world.manager.resize(cluster_id, num_workers=None, autoscale=self._bounds(), user="bob")
            elif verb == "edit":
                await world.edit_spec(cluster_id, **self._size())
            elif verb == "extend":
                await world.extend(cluster_id)
            elif verb in ("pin", "unpin"):
                await getattr(world.definitions, verb)(cluster_id, user="bob")
            else:
                await getattr(world.manager, verb)(cluster_id, user="bob")

    def break_something(self, fault: str) -> None:
        """Let something go wrong."""
        world, backend = self.world, self.world.backend
        daemons = sorted((node_id, name) for node_id, seen in backend.nodes.items() for name in seen.daemons)
        match fault:
            case "vanish" if backend.nodes:
                del backend.nodes[self.random.choice(sorted(backend.nodes))]
            case "reboot":
                backend.reboot()
            case "die" | "flap" | "hang" if daemons:
                which = self.random.choice(daemons)
                if fault == "hang":
                    backend.hang(*which)
                else:
                    backend.end_daemon(*which)
                if fault == "flap":
                    backend.short_lived.add(which)
            case "note" if drivers := [node_id for node_id, name in daemons if name == DRIVER]:
                reason = self.random.choice(("INACTIVITY", "SPARK_STARTUP_FAILURE"))
                note = EndedNote(reason, "so it is", at=0)
                backend.end_daemon(self.random.choice(drivers), DRIVER, note)
            case "failing_verbs":
                backend.failing_verbs.add(self.random.choice(("provision", "release", "release", "start")))
            case "shrink":
                backend.memory_mib = self.random.randint(1, 5) * 2048
            case "mute":
                world.drivers.mute = True
            case "deaf":
                world.drivers.deaf = True
            case "blind":
                backend.tells_cpu = False
            case "crash":
                backend.crash_in_provision = True
            case "server":
                world.controller = world.new_controller()
            case "stray":
                backend.nodes[f"stray-{self.random.random()}"] = Observation("forgotten")
            case "jump":
                world.jump(self.random.choice((-3600, -60, 60, 3600)))

    def end_faults(self) -> None:
        """Let nothing go wrong any more."""
        backend, drivers = self.world.backend, self.world.drivers
        backend.failing_verbs.clear()
        backend.short_lived.clear()
        backend.memory_mib, backend.tells_cpu = 40 * 1024, True
        drivers.mute = drivers.deaf = False

    async def calm_down(self) -> None:
        """Let all that was begun come to its end."""
        self.end_faults()
        self.world.backend.meanwhile.clear()
        self.world.backend.crash_in_provision = False
        self.world.drivers.loads.clear()
        await self.world.settle()
        await self.world.controller.sweep()

    async def wake_up(self) -> None:
        """Let a cluster run, so that a storm has something to break."""
        await self.request("create")
        for cluster, _ in await self.world.manager.all():
            if cluster.state is ClusterState.TERMINATED:
                with contextlib.suppress(DbxError):  # there may be no room for all of them
                    await self.world.manager.start(cluster.cluster_id, user="ada")
        await self.world.settle()

    def _choose(self, weights: dict[str, int]) -> str:
        return self.random.choices(list(weights), list(weights.values()))[0]

    def _bounds(self) -> Autoscale:
        low = self.random.randint(0, 3)
        return Autoscale(low, max(1, low + self.random.randint(0, 4)))

    def _size(self) -> dict[str, Any]:
        if self.random.random() < 0.5:
            return {"autoscale": self._bounds()}
        return {"workers": self.random.choice((0, 1, 2, 5))}


@pytest.mark.parametrize("seed", range(8))
async def test_random_walk_ends_in_a_consistent_state(world: World, seed: int) -> None:
    walk = Walk(world, seed)

    for _ in range(STORMS):
        await walk.wake_up()
        for _ in range(STEPS):
            await walk.step()
        await walk.calm_down()
        await world.check_settled()

    for cluster, _ in await world.manager.all():
        await world.manager.delete(cluster.cluster_id, user="ada")
    await world.settle()

    assert await world.store.clusters.list() == []
    assert await world.store.nodes.list() == []
    assert world.backend.nodes == {}


async def test_walks_cover_all_states(world: World) -> None:
    walk = Walk(world, 0)
    visited: set[ClusterState] = set()

    for _ in range(50 * STEPS):
        await walk.step()
        visited = {state for states in world.states.values() for state in states}
        if visited == set(ClusterState):
            break

    assert visited == set(ClusterState)
