"""A workspace without Spark: real store, managers and controller; simulated nodes and drivers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

from fragile_backend import Crash, FragileBackend
from passing_time import ManualClock
from simulated_drivers import FakeDaemons, SimulatedDrivers

from jupyter_dbx.controllers.cluster import ClusterController
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.managers.definitions import DefinitionManager
from jupyter_dbx.model.cluster import Cluster, ClusterState, Target, find_transition
from jupyter_dbx.model.driver import Load
from jupyter_dbx.model.errors import Conflict
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.node import Node, NodeState, Role
from jupyter_dbx.model.spec import Autoscale, ClusterSpec
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.spark.conf import check_spark_conf
from jupyter_dbx.spark.daemons import DRIVER, WORKER
from jupyter_dbx.store import Store

#: Longer than any timeout of a controller: pauses, windows, and the time until a daemon counts as proven, s.
LONGEST_PAUSE_S = 130.0


class World:
    """One workspace and the servers that manage it.

    Parameters
    ----------
    wall : wall clock of the store's timestamps; it may jump
    clock : monotonic
    """

    def __init__(self, store: Store, wall: Any, clock: ManualClock) -> None:
        self.store, self.wall, self.clock = store, wall, clock
        self.backend = FragileBackend(clock, memory_mib=40 * 1024)
        self.drivers = SimulatedDrivers(self.backend, clock)
        self.manager = ClusterManager(store, self.backend, check_spark_conf)
        self.definitions = DefinitionManager(store, self.manager)
        self.controller = self.new_controller()
        #: cluster id → the sequence of its observed states
        self.states: dict[str, list[ClusterState]] = {}
        #: node id → since when it has been draining, s on this world's clock
        self._draining: dict[str, float] = {}

    def new_controller(self, **settings: Any) -> ClusterController:
        """Return the controller of a newly started server, without memory."""
        daemons: Any = FakeDaemons()
        read_status, notify = self.drivers.read_status, self.drivers.notify
        return ClusterController(self.store, self.backend, daemons, read_status, notify, clock=self.clock, **settings)

    def advance(self, seconds: float) -> None:
        """Advance the time of servers and drivers."""
        self.clock.advance(seconds)
        self.wall.advance(seconds)
        self.drivers.end_idle_drivers()

    def jump(self, seconds: float) -> None:
        """Set the wall clock without advancing time."""
        self.wall.advance(seconds)

    # -- user actions ---------------------------------------------------------------------------------------------------

    async def create(self, workers: int = 2, **changes: Any) -> str:
        """Return the id of a new cluster; one with `autoscale` has no fixed number of workers."""
        spec = _spec(workers, **changes)
        cluster_id = (await self.manager.create(spec, user="ada")).cluster_id
        self.drivers.minutes[cluster_id] = spec.autotermination_minutes or 0
        return cluster_id

    async def run_cluster(self, workers: int = 2, **changes: Any) -> str:
        """Return the id of a new cluster that has settled in any state."""
        cluster_id = await self.create(workers, **changes)
        await self.settle()
        return cluster_id

    async def run_scaled(self, low: int = 1, high: int = 3) -> str:
        """Return the id of an autoscaled cluster that has settled at min workers."""
        return await self.run_cluster(autoscale=Autoscale(low, high))

    async def resize(self, cluster_id: str, workers: int) -> None:
        """Request another number of workers."""
        await self.manager.resize(cluster_id, num_workers=workers, autoscale=None, user="ada")

    async def edit_spec(self, cluster_id: str, workers: int = 2, **changes: Any) -> None:
        """Request a replacement of the whole spec."""
        spec = _spec(workers, **changes)
        await self.definitions.edit(cluster_id, spec, user="ada")
        self.drivers.minutes[cluster_id] = spec.autotermination_minutes or 0

    async def edit(self, cluster_id: str, **changes: Any) -> None:
        """Change a cluster's row at once, as a manager does."""
        row = await self.row(cluster_id)
        assert row is not None
        await self.store.clusters.save(replace(row, **changes))

    async def extend(self, cluster_id: str) -> None:
        """Extend the idle time of a cluster."""
        await self.manager.extend(cluster_id)

    def load(self, cluster_id: str, tasks: int) -> None:
        """Set the number of running and pending tasks."""
        running = min(tasks, 1)
        self.drivers.loads[cluster_id] = Load(running, tasks - running)

    # -- observations -------------------------------------------------------------------------------------------------

    async def row(self, cluster_id: str) -> Cluster | None:
        return await self.store.clusters.get(cluster_id)

    async def the(self, cluster_id: str) -> Cluster:
        """Return the row of an existing cluster."""
        row = await self.row(cluster_id)
        assert row is not None
        return row

    async def state(self, cluster_id: str) -> ClusterState | None:
        row = await self.row(cluster_id)
        return row.state if row else None

    async def reason(self, cluster_id: str) -> tuple[ClusterState, str, str]:
        """Return a cluster's state, its termination code, and the message to the user."""
        row = await self.the(cluster_id)
        assert row.termination_reason is not None
        message = row.termination_reason.parameters.get("databricks_error_message", "")
        return row.state, row.termination_reason.code, message

    async def driver_node(self, cluster_id: str) -> str:
        """Return the id of the cluster's driver node."""
        nodes = await self.store.nodes.list(owner=cluster_id)
        return next(n.node_id for n in nodes if n.role is Role.DRIVER)

    async def nodes(self, cluster_id: str, *states: NodeState) -> list[Node]:
        """Return the cluster's worker nodes in these states, or all, oldest first."""
        nodes = await self.store.nodes.list(owner=cluster_id)
        found = [n for n in nodes if n.role is Role.WORKER and (not states or n.state in states)]
        return sorted(found, key=lambda n: (n.created_ms, n.node_id))

    async def workers(self, cluster_id: str) -> list[str]:
        """Return the ids of the cluster's worker nodes, oldest first."""
        return [n.node_id for n in await self.nodes(cluster_id)]

    async def events_of(self, cluster_id: str, *types: EventType) -> list[Event]:
        """Return the events of these types, or all, oldest first."""
        events, _ = await self.store.events(Subject.cluster(cluster_id), types=types, newest_first=False, limit=10_000)
        return events

    async def events(self, cluster_id: str) -> list[str]:
        """Return the types of all events of a cluster, oldest first."""
        return [event.type.value for event in await self.events_of(cluster_id)]

    # -- simulation ----------------------------------------------------------------------------------------------------

    async def reconcile(self, cluster_id: str) -> bool:
        """Reconcile a cluster once, as the loop does; return whether there was nothing to do."""
        before, busy = await self.row(cluster_id), self._executors_by_driver()
        settled = False
        try:
            pause = await self.controller.reconcile(cluster_id, self.clock())
            settled = pause is None or pause >= self.controller.idle_s
        except Conflict:
            pass  # changed meanwhile; the loop reconciles again
        except Crash:
            self.controller = self.new_controller()
        after = await self.row(cluster_id)
        await self._check(cluster_id, before.state if before else None, after.state if after else None)
        if after and (bounds := after.spec.autoscale):
            assert bounds.min_workers <= after.num_workers <= bounds.max_workers
        if before and after:
            await self._check_leaving(before, after, busy)
        return settled or after is None

    async def watch(self, cluster_id: str, seconds: float, *, every: float = 1.0) -> None:
        """Reconcile a cluster repeatedly for this time."""
        end = self.clock.now + seconds
        while self.clock.now < end:
            await self.reconcile(cluster_id)
            self.advance(every)
        await self.reconcile(cluster_id)

    async def settle(self, rounds: int = 2000) -> None:
        """Let time pass until there has been nothing to do for longer than any pause."""
        quiet_since = None
        for _ in range(rounds):
            quiet = all([await self.reconcile(key) for key in await self.controller.keys()])
            quiet_since = (quiet_since or self.clock.now) if quiet else None
            if quiet_since is not None and self.clock.now > quiet_since + LONGEST_PAUSE_S:
                return
            self.advance(20 if quiet else 1)
        states = [(c.cluster_id, c.state, c.state_message) for c in await self.store.clusters.list()]
        raise AssertionError(f"not settled after {rounds} rounds: {states}")

    def _executors_by_driver(self) -> dict[str, set[str]]:
        """Return the responsive drivers: driver node → nodes of its executors."""
        backend = self.backend
        return {n: set(self.drivers.executors(n)) for n in list(backend.nodes) if self.drivers.responds(n)}

    async def _check(self, cluster_id: str, before: ClusterState | None, after: ClusterState | None) -> None:
        """Assert that the state followed the table, and that each move has one event, in order."""
        if before is None or after is None:
            assert before in (None, ClusterState.TERMINATED), "only a terminated cluster is deleted"
            return
        assert before is after or find_transition(before, after), f"{before} → {after} is not in the table"
        seen = self.states.setdefault(cluster_id, [ClusterState.PENDING])
        assert before is seen[-1]
        if before is after:
            return
        seen.append(after)
        edges = [find_transition(old, new) for old, new in pairwise(seen)]
        expected = [EventType.CREATING, *(edge.event for edge in edges if edge and edge.event)]
        of_edges = set(expected) - {EventType.RESIZING, EventType.NODES_LOST}
        assert [e for e in await self.events(cluster_id) if e in of_edges] == expected

    async def _check_leaving(self, before: Cluster, after: Cluster, busy: dict[str, set[str]]) -> None:
        """Assert that no worker of a running cluster was released while its executor was active."""
        rows = {n.node_id: n for n in await self.store.nodes.list(owner=after.cluster_id)}
        for node_id, row in rows.items():
            if row.state is NodeState.DRAINING:
                self._draining.setdefault(node_id, self.clock.now)
        if not (before.state.is_up and after.state.is_up and before.generation == after.generation):
            return
        driver = next((n for n in rows if n in busy), None)
        for node_id in busy.get(driver or "", set()) - set(self.backend.nodes):
            waited_s = self.clock.now - self._draining.get(node_id, self.clock.now)
            assert waited_s >= self.controller.drain_timeout_s, f"{node_id} still had an executor"

    async def check_settled(self) -> None:
        """Assert that nodes and drivers match the rows exactly."""
        known = {}
        for cluster in await self.store.clusters.list():
            nodes = await self.store.nodes.list(owner=cluster.cluster_id)
            known |= {n.node_id: n for n in nodes}
            assert cluster.shown_state is cluster.state
            await self._check_drains(cluster.cluster_id)
            if cluster.state is ClusterState.TERMINATED:
                assert nodes == []
                assert cluster.termination_reason is not None
                if cluster.target is Target.RUNNING:
                    assert cluster.termination_reason.code != "USER_REQUEST"
                continue
            assert (cluster.state, cluster.target) == (ClusterState.RUNNING, Target.RUNNING)
            bounds = cluster.spec.autoscale or Autoscale(cluster.num_workers, cluster.num_workers)
            assert bounds.min_workers <= cluster.num_workers <= bounds.max_workers
            workers = {n.node_id for n in nodes if n.role is Role.WORKER}
            assert len(workers) == cluster.num_workers == len(nodes) - 1
            assert {n.generation for n in nodes} == {cluster.generation} == {cluster.started_generation}
            assert {n.state for n in nodes} == {NodeState.READY}
            assert all(n.healthy for n in nodes)
            assert all(self.backend.works(n.node_id, DRIVER if n.role is Role.DRIVER else WORKER) for n in nodes)
            assert cluster.driver is not None
            assert {e.node_id for e in cluster.driver.executors} == workers
            assert cluster.state_message == ""
        assert set(self.backend.nodes) == set(known)

    async def _check_drains(self, cluster_id: str) -> None:
        """Assert one event per drained worker and phase, and that each end follows a start."""
        begun, ended = EventType.DECOMMISSION_STARTED, EventType.DECOMMISSION_ENDED
        phases = Counter((e.type, e.details["instance_id"]) for e in await self.events_of(cluster_id, begun, ended))
        assert set(phases.values()) <= {1}
        assert {node for kind, node in phases if kind == ended} <= {node for kind, node in phases if kind == begun}


def _spec(workers: int, **changes: Any) -> ClusterSpec:
    size = None if "autoscale" in changes else workers
    return ClusterSpec("demo", node_type_id="memory-1c", num_workers=size, **changes)
