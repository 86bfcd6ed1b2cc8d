"""The cluster controller: looks at one cluster, mirrors, plans, acts."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from traitlets import Float, Int

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.controllers.base import Controller
from jupyter_dbx.controllers.plan import (
    Action,
    Forget,
    Healthy,
    Learn,
    Limits,
    Move,
    Provision,
    Release,
    Resume,
    StartDriver,
    StartWorker,
    Trouble,
    View,
    mirror,
    pause_ms,
    plan,
)
from jupyter_dbx.model.cluster import Cluster, ClusterState, find_transition, version_key
from jupyter_dbx.model.driver import DriverStatus
from jupyter_dbx.model.errors import NodeFailure
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.node import Daemon, Node, NodeState, NodeType, NodeTypes, Role
from jupyter_dbx.model.wire import Json
from jupyter_dbx.spark.daemons import DRIVER, WORKER, DaemonFactory
from jupyter_dbx.store import Store

#: Asks a driver for its status, given what it announced and its token; None = it cannot be asked now.
ReadStatus = Callable[[Json, str], Awaitable[DriverStatus | None]]

#: Longest wait before a node that could not be made is tried again, ms.
LONGEST_PROVISION_PAUSE_MS = 15_000

#: How many lines of a daemon's log are kept in the reason of a failed start, count.
LOG_LINES = 12


class ClusterController(Controller):
    """Brings every cluster to what its row wants."""

    busy_s = Float(0.25, help="How often a cluster that is changing is looked at, s.").tag(config=True)
    idle_s = Float(2.0, help="How often a cluster that is up is looked at, s.").tag(config=True)
    bootstrap_timeout_s = Int(600, help="How long a start may take before it is given up, s.").tag(config=True)
    action_timeout_s = Float(60.0, help="How long a backend may take for one action, s.").tag(config=True)

    def __init__(
        self,
        store: Store,
        backend: Backend,
        daemons: DaemonFactory,
        read_status: ReadStatus,
        **kwargs: object,
    ) -> None:
        super().__init__(store, **kwargs)
        self._backend, self._daemons, self._read_status = backend, daemons, read_status
        self._trouble: dict[str, Trouble] = {}
        #: cluster id → how often in a row nodes could not be made, and until when none is tried, ms since the epoch
        self._refusals: dict[str, tuple[int, int]] = {}

    async def keys(self) -> list[str]:
        return [cluster.cluster_id for cluster in await self.store.clusters.list()]

    async def sweep(self) -> None:
        """Release nodes that no row knows: their cluster was forgotten, or the store was lost."""
        there = await self._backend.list_nodes()
        # Asked for after what is there: a node that is made meanwhile has its row before it is seen.
        known = {node.node_id for node in await self.store.nodes.list()}
        for node_id, seen in there.items():
            if node_id not in known and not seen.elsewhere:
                self.log.warning("node %s belongs to no cluster and is released", node_id, extra={"action": "sweep"})
                stray = Node(node_id, seen.cluster_id, Role.WORKER, "", 0, 0, 0, 0)
                try:
                    await self._backend.release(stray)
                except NodeFailure as failure:
                    self.log.warning("node %s could not be released: %s", node_id, failure, extra={"action": "sweep"})

    async def reconcile(self, key: str) -> float:
        cluster = await self.store.clusters.get(key)
        if cluster is None:
            self._trouble.pop(key, None)
            self._refusals.pop(key, None)
            return self.longest_backoff_s
        view = await self._look(cluster)
        lost = mirror(view)
        for node in lost:
            await self.store.nodes.save(node)
        actions = [] if lost else plan(view)
        cluster = await self._act_on_cluster(cluster, view, actions)
        await self._act_on_nodes(cluster, actions)
        settled = cluster.state in (ClusterState.RUNNING, ClusterState.TERMINATED) and not actions and not lost
        return self.idle_s if settled else self.busy_s

    async def _look(self, cluster: Cluster) -> View:
        seen = await self._backend.list_nodes()
        view = View(
            cluster=cluster,
            nodes=await self.store.nodes.list(owner=cluster.cluster_id),
            seen=seen,
            driver=None,
            now_ms=self.store.now_ms(),
            trouble=self._trouble.get(cluster.cluster_id),
            provision_from_ms=self._refusals.get(cluster.cluster_id, (0, 0))[1],
            limits=Limits(bootstrap_ms=self.bootstrap_timeout_s * 1000),
        )
        node = view.driver_node
        daemon = view.daemon(node, DRIVER) if node else None
        if daemon is None or not daemon.running or daemon.announce is None:
            return view
        token = self._daemons.driver_token(cluster.cluster_id, cluster.generation)
        return replace(view, driver=await self._read_status(daemon.announce, token))

    async def _act_on_cluster(self, cluster: Cluster, view: View, actions: list[Action]) -> Cluster:
        """Carry out what changes the cluster's row, in order; return the row as it is then."""
        for action in actions:
            match action:
                case Learn(facts):
                    cluster = await self.store.clusters.save(replace(cluster, driver=facts))
                case Move():
                    cluster = await self._move(cluster, view, action)
                case StartDriver(healing=True):
                    event = self._event(cluster, EventType.DRIVER_NOT_RESPONDING)
                    cluster = await self.store.clusters.save(replace(cluster, driver=None), event)
                case Healthy(node) if node.role is Role.DRIVER and cluster.state.is_up:
                    cluster = await self.store.clusters.save(cluster, self._event(cluster, EventType.DRIVER_HEALTHY))
                case Forget():
                    await self.store.forget(cluster)
                case _:
                    pass
        return cluster

    async def _move(self, cluster: Cluster, view: View, move: Move) -> Cluster:
        assert find_transition(cluster.state, move.state), f"{cluster.state} → {move.state} is no transition"
        now, message, reason, details = self.store.now_ms(), move.message, move.reason, move.details
        if reason is not None and reason.code not in ("USER_REQUEST", "INACTIVITY"):
            message = await self._explain(view, message, move.explained_by or view.driver_node)
            reason = replace(reason, parameters=reason.parameters | {"databricks_error_message": message})
            details = {"reason": reason.to_wire()}
        changes: Json = {"state": move.state, "state_message": message, "state_since_ms": now}
        match move.state:
            case ClusterState.PENDING | ClusterState.RESTARTING:
                self._trouble.pop(cluster.cluster_id, None)
                self._refusals.pop(cluster.cluster_id, None)
                changes |= {"started_generation": cluster.generation, "driver": None}
                changes |= {"last_restarted_ms": now, "termination_reason": None, "terminated_ms": 0}
            case ClusterState.RUNNING:
                changes |= {"start_ms": cluster.start_ms or now, "state_message": describe_running(cluster)}
                changes |= {"settled_workers": cluster.num_workers}
            case ClusterState.TERMINATING:
                changes |= {"termination_reason": reason or cluster.termination_reason, "driver": None}
            case ClusterState.TERMINATED:
                changes |= {"terminated_ms": now}
        events = [self._event(cluster, move.event, details)] if move.event else []
        self.log.info(
            "cluster %s: %s → %s",
            cluster.cluster_id,
            cluster.state,
            move.state,
            extra={"action": "move", "cluster_id": cluster.cluster_id},
        )
        return await self.store.clusters.save(replace(cluster, **changes), *events)

    async def _explain(self, view: View, message: str, node: Node | None) -> str:
        """Return the message with the last lines that the daemon of this node wrote."""
        name = DRIVER if node is None or node.role is Role.DRIVER else WORKER
        if node is None or view.daemon(node, name).pid is None:
            return message
        lines = [line async for line in self._backend.logs(node, name, tail=LOG_LINES)]
        text = b"".join(lines).decode(errors="replace").strip()
        return f"{message}\nLast lines of the {name}'s log:\n{text}" if text else message

    async def _act_on_nodes(self, cluster: Cluster, actions: list[Action]) -> None:
        """Carry out what concerns nodes, all at once; remember the first failure."""
        types = await self._backend.node_types()
        work = [(a, coroutine) for a in actions if (coroutine := self._node_action(cluster, a, types)) is not None]
        if not work:
            if cluster.cluster_id not in self._refusals:
                self._trouble.pop(
                    cluster.cluster_id, None
                )  # what failed is not wanted any more, or came true after all
            return
        limited = [asyncio.wait_for(coroutine, self.action_timeout_s) for _, coroutine in work]
        results = await asyncio.gather(*limited, return_exceptions=True)
        self._pause_provisioning(cluster, [r for (a, _), r in zip(work, results, strict=True) if _makes_a_node(a)])
        troubles = [_trouble_of(result) for result in results if isinstance(result, BaseException)]
        if troubles:
            await self._note_trouble(cluster, troubles[0])
        else:
            self._trouble.pop(cluster.cluster_id, None)

    def _pause_provisioning(self, cluster: Cluster, results: list[BaseException | None]) -> None:
        """Wait longer and longer while nodes cannot be made: each try writes to the store, and thus makes news."""
        if any(results):
            failures = self._refusals.get(cluster.cluster_id, (0, 0))[0] + 1
            pause = pause_ms(failures, LONGEST_PROVISION_PAUSE_MS)
            self._refusals[cluster.cluster_id] = (failures, self.store.now_ms() + pause)
        elif results:
            self._refusals.pop(cluster.cluster_id, None)

    async def _note_trouble(self, cluster: Cluster, trouble: Trouble) -> None:
        known = self._trouble.get(cluster.cluster_id) == trouble
        self._trouble[cluster.cluster_id] = trouble
        self.log.warning("cluster %s: %s", cluster.cluster_id, trouble.message)
        if cluster.state is ClusterState.RESIZING and not known:
            event = self._event(cluster, EventType.ADD_NODES_FAILED, {"reason": {"code": trouble.code}})
            await self.store.clusters.save(replace(cluster, state_message=trouble.message), event)

    def _node_action(self, cluster: Cluster, action: Action, types: NodeTypes) -> Awaitable[None] | None:
        match action:
            case Provision(role):
                return self._provision_new(cluster, role, types)
            case Resume(node):
                return self._provision(node)
            case Release(node):
                return self._release(node)
            case StartDriver(node):
                return self._start(node, lambda: self._daemons.driver(cluster, node, *self._types(cluster, types)))
            case StartWorker(node, master_url, incarnation):
                return self._start(
                    node,
                    lambda: self._daemons.worker(cluster, node, master_url=master_url, incarnation=incarnation),
                )
            case Healthy(node):
                return self._save_node(replace(node, daemon_starts=0))
        return None

    async def _provision_new(self, cluster: Cluster, role: Role, types: NodeTypes) -> None:
        await self._provision(await self.store.nodes.save(self._new_node(cluster, role, types)))

    async def _provision(self, node: Node) -> None:
        try:
            async for state in self._backend.provision(node):
                node = await self.store.nodes.save(replace(node, backend_state=dict(state)))
        except NodeFailure:
            await self._release(node)
            raise
        await self.store.nodes.save(replace(node, state=NodeState.READY))

    async def _release(self, node: Node) -> None:
        await self._backend.release(node)
        await self.store.nodes.delete(node)

    async def _start(self, node: Node, make: Callable[[], Daemon]) -> None:
        # Noted before the start, so that a server that dies in between counts the start too.
        starts = node.daemon_starts + 1
        node = await self.store.nodes.save(replace(node, daemon_starts=starts, daemon_started_ms=self.store.now_ms()))
        await self._backend.start(node, make())

    async def _save_node(self, node: Node) -> None:
        await self.store.nodes.save(node)

    def _new_node(self, cluster: Cluster, role: Role, types: NodeTypes) -> Node:
        node_type = self._types(cluster, types)[0 if role is Role.DRIVER else 1]
        return Node(
            node_id=f"{cluster.cluster_id}-{role.value}-{secrets.token_hex(3)}",
            cluster_id=cluster.cluster_id,
            role=role,
            node_type_id=node_type.node_type_id,
            cores=node_type.num_cores,
            memory_mib=node_type.memory_mib,
            generation=cluster.generation,
            created_ms=self.store.now_ms(),
        )

    def _types(self, cluster: Cluster, types: NodeTypes) -> tuple[NodeType, NodeType]:
        """Return the node types of driver and workers."""
        spec = cluster.spec
        worker = types.get(spec.node_type_id)
        driver = types.get(spec.driver_node_type_id or spec.node_type_id)
        if worker is None or driver is None:
            raise NodeFailure(f"Node type {spec.node_type_id} is not offered any more.", code="INVALID_ARGUMENT")
        return driver, worker

    def _event(self, cluster: Cluster, kind: EventType, details: Mapping[str, object] | None = None) -> Event:
        return Event(cluster.cluster_id, self.store.now_ms(), kind, dict(details or {}))


def _makes_a_node(action: Action) -> bool:
    return isinstance(action, Provision | Resume)


def _trouble_of(failure: BaseException) -> Trouble:
    """Return what is told of a failed action; raise what is no failure of a backend."""
    if isinstance(failure, NodeFailure):
        return Trouble(failure.code, failure.message)
    if isinstance(failure, TimeoutError):
        return Trouble("CLOUD_PROVIDER_LAUNCH_FAILURE", "The backend took too long.")
    raise failure


def describe_running(cluster: Cluster) -> str:
    """Return what a user should know about a cluster that runs: what is not as the request had it."""
    notes = []
    runs, asked = cluster.driver.spark_version if cluster.driver else "", cluster.spec.spark_version
    if runs and asked and not asked.startswith(version_key(runs).partition("-")[0]):
        notes.append(f"Runs Apache Spark {runs}, which is installed; {asked} was asked for.")
    ignored = cluster.spec.without_effect()
    if ignored:
        notes.append(f"Without effect here: {', '.join(ignored)}.")
    return " ".join(notes)
