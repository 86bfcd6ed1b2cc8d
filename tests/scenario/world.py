"""A workspace with everything but Spark: real store, managers and controller; nodes and drivers are made up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.controllers.cluster import ClusterController
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.model.cluster import Cluster, ClusterState, Target, find_transition
from jupyter_dbx.model.driver import DriverStatus, Executor
from jupyter_dbx.model.errors import Conflict, NodeFailure
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.node import Daemon, Node, NodeState, NodeType, NodeTypes, Role
from jupyter_dbx.model.spec import ClusterSpec
from jupyter_dbx.model.wire import Json
from jupyter_dbx.spark.conf import check_spark_conf
from jupyter_dbx.spark.daemons import DRIVER, WORKER
from jupyter_dbx.store import Store

#: How long a made-up driver takes until it has a SparkContext, s.
DRIVER_START_S = 3.0

#: How long a daemon waits for its next start at most, s.
LONGEST_PAUSE_S = 60.0


class Crash(Exception):
    """The server dies here."""


class FragileBackend(MemoryBackend):
    """A memory backend that tells the lives of drivers apart, and while it looks other things may happen."""

    def __init__(self, clock: Callable[[], float], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._clock = clock
        #: node id → (which driver life this is, when it began)
        self.lives: dict[str, tuple[int, float]] = {}
        #: True = no node fits, and each is refused in other words
        self.full = False
        #: node types that are not offered any more
        self.withdrawn: set[str] = set()
        #: True = the server dies after the first step of making a node
        self.crash_in_provision = False
        #: happens while a controller looks, between its reading of a row and its writing
        self.meanwhile: list[Callable[[], Awaitable[Any]]] = []

    async def node_types(self) -> NodeTypes:
        offered = await super().node_types()
        return replace(offered, types=tuple(t for t in offered.types if t.node_type_id not in self.withdrawn))

    async def provision(self, node: Node) -> AsyncIterator[Json]:
        if self.full:
            raise NodeFailure(f"There is no room for {node.node_id}.")
        async for state in super().provision(node):
            yield state
            if self.crash_in_provision:
                self.crash_in_provision = False
                raise Crash

    async def start(self, node: Node, daemon: Daemon) -> None:
        await super().start(node, daemon)
        if daemon.name == DRIVER:
            count = len(self.lives) + sum(life for life, _ in self.lives.values())
            self.lives[node.node_id] = (count, self._clock())

    async def list_nodes(self) -> dict[str, Any]:
        while self.meanwhile:
            await self.meanwhile.pop()()
        return await super().list_nodes()

    def change(self, node_id: str, **changes: Any) -> None:
        """Let a node be seen as something else."""
        self.nodes[node_id] = replace(self.nodes[node_id], **changes)

    def end_daemon(self, node_id: str, name: str, ended: Json | None = None) -> None:
        """Let a daemon die, with a note if it says why."""
        daemons = self.nodes[node_id].daemons
        self.change(node_id, daemons=daemons | {name: replace(daemons[name], running=False, ended=ended)})


@dataclass(frozen=True)
class FakeDaemons:
    """Makes daemons without Java."""

    def driver(self, cluster: Cluster, node: Node, driver: NodeType, worker: NodeType) -> Daemon:
        return Daemon(DRIVER, ("driver",), incarnation=str(node.generation))

    def worker(self, cluster: Cluster, node: Node, *, master_url: str, incarnation: str) -> Daemon:
        return Daemon(WORKER, ("worker", master_url), incarnation=incarnation)

    def driver_token(self, cluster_id: str, generation: int) -> str:
        return f"{cluster_id}/{generation}"


class World:
    """One workspace and the servers that look after it."""

    def __init__(self, store: Store, clock: Any) -> None:
        self.store, self.clock = store, clock
        self.backend = FragileBackend(clock, memory_mib=40 * 1024)
        self.manager = ClusterManager(store, self.backend, check_spark_conf)
        self.controller = self.new_controller()
        #: True = no driver answers
        self.mute = False
        #: cluster id → every state it was seen in, without repetitions
        self.states: dict[str, list[ClusterState]] = {}

    def new_controller(self, **settings: Any) -> ClusterController:
        """Return what a server makes when it starts: it remembers nothing."""
        daemons: Any = FakeDaemons()
        return ClusterController(self.store, self.backend, daemons, self.read_status, **settings)

    async def create(self, workers: int = 2, **changes: Any) -> str:
        """Return the id of a new cluster."""
        spec = ClusterSpec("demo", node_type_id="memory-1c", num_workers=workers, **changes)
        return (await self.manager.create(spec, user="ada")).cluster_id

    async def run_cluster(self, workers: int = 2, **changes: Any) -> str:
        """Return the id of a new cluster that has settled, in whatever state."""
        cluster_id = await self.create(workers, **changes)
        await self.settle()
        return cluster_id

    async def read_status(self, announce: Json, token: str) -> DriverStatus | None:
        """Answer as the driver on this node would."""
        node_id = str(announce["url"]).removeprefix("memory://")
        seen = self.backend.nodes.get(node_id)
        if self.mute or seen is None or not seen.alive or not seen.daemons[DRIVER].running:
            return None
        generation = int(seen.daemons[DRIVER].incarnation)
        assert token == f"{seen.cluster_id}/{generation}", "a driver knows the token of its own generation only"
        life, began = self.backend.lives[node_id]
        ready = self.clock() >= began + DRIVER_START_S
        workers = [
            other_id
            for other_id, other in self.backend.nodes.items()
            if other.cluster_id == seen.cluster_id and other.alive and WORKER in other.daemons
            if other.daemons[WORKER].running and other.daemons[WORKER].incarnation == f"life-{life}"
        ]
        return DriverStatus(
            protocol=1,
            cluster_id=seen.cluster_id,
            generation=generation,
            ready=ready,
            incarnation=f"life-{life}",
            master_url="spark://memory",
            application_id=f"app-{life}",
            start_ms=int(began * 1000),
            executors=tuple(Executor(str(n), w, 1, 512, int(began * 1000)) for n, w in enumerate(workers) if ready),
        )

    async def row(self, cluster_id: str) -> Cluster | None:
        return await self.store.clusters.get(cluster_id)

    async def state(self, cluster_id: str) -> ClusterState | None:
        row = await self.row(cluster_id)
        return row.state if row else None

    async def reason(self, cluster_id: str) -> tuple[ClusterState, str, str]:
        """Return a cluster's state, the code of the reason it ended for, and the sentence for the user."""
        row = await self.row(cluster_id)
        assert row is not None
        assert row.termination_reason is not None
        message = row.termination_reason.parameters.get("databricks_error_message", "")
        return row.state, row.termination_reason.code, message

    async def driver_node(self, cluster_id: str) -> str:
        """Return the id of the cluster's driver node."""
        nodes = await self.store.nodes.list(owner=cluster_id)
        return next(n.node_id for n in nodes if n.role is Role.DRIVER)

    async def workers(self, cluster_id: str) -> list[str]:
        """Return the ids of the cluster's worker nodes."""
        return [n.node_id for n in await self.store.nodes.list(owner=cluster_id) if n.role is Role.WORKER]

    async def events(self, cluster_id: str) -> list[str]:
        """Return the types of all events of a cluster, oldest first."""
        events, _ = await self.store.events(cluster_id, newest_first=False, limit=10_000)
        return [event.type.value for event in events]

    async def reconcile(self, cluster_id: str) -> bool:
        """Let the controller look at a cluster once, as its loop would; return whether it found nothing to do."""
        before = await self.state(cluster_id)
        settled = False
        try:
            settled = await self.controller.reconcile(cluster_id) == self.controller.idle_s
        except Conflict:
            pass  # somebody else wrote meanwhile; the loop looks again
        except Crash:
            self.controller = self.new_controller()
        after = await self.state(cluster_id)
        await self._check(cluster_id, before, after)
        return settled or after is None

    async def _check(self, cluster_id: str, before: ClusterState | None, after: ClusterState | None) -> None:
        """Assert that the state moved along the table only, and that each move is told once, in its order."""
        if before is None or after is None:
            assert before in (None, ClusterState.TERMINATED), "only an ended cluster is forgotten"
            return
        assert before is after or find_transition(before, after), f"{before} → {after} is no edge of the table"
        seen = self.states.setdefault(cluster_id, [ClusterState.PENDING])
        assert before is seen[-1]
        if before is after:
            return
        seen.append(after)
        edges = [find_transition(old, new) for old, new in pairwise(seen)]
        told = [EventType.CREATING, *(edge.event for edge in edges if edge and edge.event)]
        of_edges = set(told) - {EventType.RESIZING, EventType.NODES_LOST}
        assert [e for e in await self.events(cluster_id) if e in of_edges] == told

    async def settle(self, rounds: int = 1000) -> None:
        """Let time pass until nothing has been left to do for longer than the longest pause there is."""
        quiet_since = None
        for _ in range(rounds):
            clusters = await self.store.clusters.list()
            quiet = all([await self.reconcile(c.cluster_id) for c in clusters])
            quiet_since = (quiet_since or self.clock.now) if quiet else None
            if quiet_since is not None and self.clock.now > quiet_since + LONGEST_PAUSE_S:
                return
            self.clock.advance(10 if quiet else 1)
        states = [(c.cluster_id, c.state, c.state_message) for c in await self.store.clusters.list()]
        raise AssertionError(f"not settled after {rounds} rounds: {states}")

    async def check_settled(self) -> None:
        """Assert that the world is what the rows want, and nothing more."""
        known = {}
        for cluster in await self.store.clusters.list():
            nodes = await self.store.nodes.list(owner=cluster.cluster_id)
            known |= {n.node_id: n for n in nodes}
            assert cluster.shown_state is cluster.state
            if cluster.state is ClusterState.TERMINATED:
                assert nodes == []
                assert cluster.termination_reason is not None
                if cluster.target is Target.RUNNING:
                    assert cluster.termination_reason.code != "USER_REQUEST"
                continue
            assert (cluster.state, cluster.target) == (ClusterState.RUNNING, Target.RUNNING)
            workers = {n.node_id for n in nodes if n.role is Role.WORKER}
            assert len(workers) == cluster.num_workers == len(nodes) - 1
            assert {n.generation for n in nodes} == {cluster.generation} == {cluster.started_generation}
            assert {n.state for n in nodes} == {NodeState.READY}
            assert cluster.driver is not None
            assert {e.node_id for e in cluster.driver.executors} == workers
        assert set(self.backend.nodes) == set(known)
