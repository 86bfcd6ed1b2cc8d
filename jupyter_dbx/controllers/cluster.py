"""The cluster controller: looks at one cluster, mirrors, plans, acts."""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from traitlets import Float, Int

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.controllers.actions import (
    Action,
    Ages,
    Forget,
    Healthy,
    Learn,
    Limits,
    Move,
    Scale,
    StartDriver,
    Tell,
    Touch,
    View,
    Warn,
)
from jupyter_dbx.controllers.base import Controller
from jupyter_dbx.controllers.meter import Meter
from jupyter_dbx.controllers.nodes import Nodes
from jupyter_dbx.controllers.plan import mirror, plan
from jupyter_dbx.controllers.scaling import Scaling
from jupyter_dbx.controllers.steady import Steady
from jupyter_dbx.model.cluster import Cluster, ClusterState, DriverFacts, Target, find_transition, version_key
from jupyter_dbx.model.driver import PROTOCOL, DriverStatus, Pulse
from jupyter_dbx.model.errors import NodeFailure
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.node import Node, Role
from jupyter_dbx.model.wire import Json
from jupyter_dbx.spark.daemons import DRIVER, WORKER, DaemonFactory
from jupyter_dbx.store import Store

#: Asks a driver for its status, given what it announced and its token; None = it cannot be asked now.
ReadStatus = Callable[[Json, str], Awaitable[DriverStatus | None]]

#: Tells a driver something, given what it announced, its token, what, and the facts; returns whether it has taken it.
TellDriver = Callable[[Json, str, str, Json], Awaitable[bool]]

#: How many lines of a daemon's log are kept in the reason of a failed start, count.
LOG_LINES = 12

#: How often the event log is made smaller, s.
PRUNE_EVERY_S = 3600.0

#: How much of a log is looked at for them, bytes.
LOG_BYTES = 8192


class ClusterController(Controller):
    """Brings every cluster to what its row wants."""

    busy_s = Float(0.25, help="How often a cluster that is changing is looked at, s.").tag(config=True)
    idle_s = Float(
        3.0, help="How often a cluster that is up is looked at, s; half as often if nothing runs on it."
    ).tag(config=True)
    bootstrap_timeout_s = Int(600, help="How long a start may take before it is given up, s.").tag(config=True)
    action_timeout_s = Float(60.0, help="How long a backend may take for one action, s.").tag(config=True)
    drain_timeout_s = Float(
        120.0, help="How long a worker that leaves may finish its tasks and hand on its blocks, s."
    ).tag(config=True)
    scale_down_window_s = Float(
        60.0, help="How long an autoscaled cluster must have workers to spare before it shrinks, s."
    ).tag(config=True)
    retention_days = Float(
        30.0, help="After how many days a terminated cluster that is not pinned is forgotten, days."
    ).tag(config=True)

    def __init__(
        self,
        store: Store,
        backend: Backend,
        daemons: DaemonFactory,
        read_status: ReadStatus,
        tell_driver: TellDriver,
        *,
        hung_after_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        **kwargs: object,
    ) -> None:
        super().__init__(store, place=backend.place, **kwargs)
        self._backend, self._daemons = backend, daemons
        self._read_status, self._tell_driver = read_status, tell_driver
        self._hung_after_s = hung_after_s
        self._clock, self._prune_at = clock, 0.0
        self._steady = Steady(clock)
        self._scaling = Scaling(clock)
        self._nodes = Nodes(store, backend, daemons, clock)
        self._meter = Meter(store, backend, clock)

    async def keys(self) -> list[str]:
        """Return the clusters of this place that have anything left to do; one that has ended costs nothing."""
        owners = {node.cluster_id for node in await self.store.nodes.list()}
        return [
            c.cluster_id
            for c in await self.store.clusters.list()
            if self._is_ours(c) and (c.cluster_id in owners or not self._rests(c))
        ]

    def _is_ours(self, cluster: Cluster) -> bool:
        return cluster.place in ("", self._backend.place)

    def _rests(self, cluster: Cluster) -> bool:
        outdated = cluster.generation > cluster.started_generation
        wants = cluster.target is Target.GONE or (cluster.target is Target.RUNNING and outdated)
        kept = cluster.pinned_ms or self.store.now_ms() - cluster.terminated_ms < self._limits.retention_ms
        return cluster.state is ClusterState.TERMINATED and not wants and bool(kept)

    async def sweep(self) -> None:
        """Release nodes that no row knows (their cluster was forgotten, or the store was lost); keep the event log small."""
        if self._clock() >= self._prune_at:
            self._prune_at = self._clock() + PRUNE_EVERY_S
            await self.store.prune()
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

    async def reconcile(self, key: str) -> float | None:
        cluster = await self.store.clusters.get(key)
        if cluster is None or not self._is_ours(cluster):
            self._steady.keep(key, ())
            self._scaling.forget(key)
            self._nodes.forget(key)
            return None
        view = await self._look(cluster)
        if cluster.state.is_up:
            await self._meter.note(view)
        else:
            self._meter.forget(key)
        lost = mirror(view)
        for node in lost:
            await self.store.nodes.save(node, *self._loss(view, node, is_first=node is lost[0]))
        actions = [] if lost else plan(view)
        cluster = await self._act_on_cluster(cluster, view, actions)
        trouble = await self._nodes.act(
            cluster, actions, timeout_s=self.action_timeout_s, tell=functools.partial(self._tell, view)
        )
        if trouble is not None:
            self.log.warning("cluster %s: %s", cluster.cluster_id, trouble.message)
            if cluster.state is ClusterState.RESIZING and not trouble.of_release:
                event = self._event(cluster, EventType.ADD_NODES_FAILED, {"reason": {"code": trouble.code}})
                await self.store.clusters.save(replace(cluster, state_message=trouble.message), event)
        if self._rests(cluster) and not view.nodes:
            return None
        settled = cluster.state in (ClusterState.RUNNING, ClusterState.TERMINATED) and not actions and not lost
        if not settled:
            return self.busy_s
        # Where nothing runs and nothing can grow, nothing is missed by a longer pause.
        rests = view.driver is not None and view.driver.idle_s > self.idle_s and cluster.spec.autoscale is None
        return 2 * self.idle_s if rests else self.idle_s

    def _loss(self, view: View, node: Node, *, is_first: bool) -> list[Event]:
        """Return what is told of a lost node: a cluster that is RUNNING tells of its loss as it moves."""
        if view.cluster.state is not ClusterState.RESIZING or node.role is Role.DRIVER or not is_first:
            return []
        sizes = {"current_num_workers": len(view.workers_up), "target_num_workers": view.cluster.num_workers}
        return [self._event(view.cluster, EventType.NODES_LOST, sizes | {"cause": "AUTORECOVERY"})]

    @property
    def _limits(self) -> Limits:
        return Limits(
            bootstrap_ms=self.bootstrap_timeout_s * 1000,
            hung_ms=int(self._hung_after_s * 1000),
            drain_ms=int(self.drain_timeout_s * 1000),
            retention_ms=int(self.retention_days * 24 * 3_600_000),
        )

    async def _look(self, cluster: Cluster) -> View:
        cluster_id = cluster.cluster_id
        view = View(
            cluster=cluster,
            nodes=await self.store.nodes.list(owner=cluster_id),
            seen=await self._backend.list_nodes(),
            driver=None,
            now_ms=self.store.now_ms(),
            waited_ms=self._steady.ms(cluster_id, "", "state", (cluster.state, cluster.state_since_ms)),
            trouble=self._nodes.trouble(cluster_id),
            may_provision=self._nodes.may_provision(cluster_id),
            limits=self._limits,
        )
        self._steady.keep(cluster_id, {"", *(n.node_id for n in view.nodes)})
        view = replace(view, ages={n.node_id: self._ages(view, n) for n in view.nodes})
        announce = self._announce(view)
        if announce is None:
            return view
        view = replace(view, driver=await self._read_status(announce, self._token(cluster)))
        if view.driver and view.driver.ready and cluster.state.is_up:
            await self.store.save_pulse(_pulse(cluster_id, view.driver, view.now_ms))
        return replace(view, scale_to=self._scaling.target(view, window_ms=int(self.scale_down_window_s * 1000)))

    def _ages(self, view: View, node: Node) -> Ages:
        cpu_s = view.daemon(node, DRIVER if node.role is Role.DRIVER else WORKER).cpu_s

        def ms(fact: str, value: object) -> int:
            return self._steady.ms(node.cluster_id, node.node_id, fact, value)

        return Ages(
            started_ms=ms("starts", node.daemon_starts),
            healthy_ms=ms("healthy", node.healthy),
            still_ms=ms("cpu", cpu_s),
            draining_ms=ms("state", node.state),
        )

    def _announce(self, view: View) -> Json | None:
        """Return what the driver that runs has announced, or None."""
        node = view.driver_node
        daemon = view.daemon(node, DRIVER) if node else None
        return daemon.announce if daemon and daemon.running else None

    def _token(self, cluster: Cluster) -> str:
        return self._daemons.driver_token(cluster.cluster_id, cluster.generation)

    async def _tell(self, view: View, what: str, facts: Json) -> bool:
        announce = self._announce(view)
        return announce is not None and await self._tell_driver(announce, self._token(view.cluster), what, facts)

    async def _act_on_cluster(self, cluster: Cluster, view: View, actions: list[Action]) -> Cluster:
        """Carry out what changes the cluster's row, in order; return the row as it is then."""
        for action in actions:
            match action:
                case Learn(facts):
                    cluster = await self.store.clusters.save(_with_driver(cluster, facts))
                case Touch():
                    age_s = max(0, view.now_ms - cluster.touched_ms) / 1000
                    await self._tell(view, "touch", {"at_ms": cluster.touched_ms, "age_s": age_s})
                case Warn(ends):
                    cluster = await self._warn(cluster, view, ends)
                case Scale():
                    cluster = await self._scale(cluster, action)
                case Tell(kind, details, message, node):
                    if message:
                        cluster = replace(cluster, state_message=await self._explain(view, message, node))
                    cluster = await self.store.clusters.save(cluster, self._event(cluster, kind, details))
                case Move():
                    cluster = await self._move(cluster, view, action)
                case StartDriver(healing=True):
                    event = self._event(cluster, EventType.DRIVER_NOT_RESPONDING)
                    cluster = await self.store.clusters.save(replace(cluster, driver=None), event)
                case Healthy(node, False) if node.role is Role.DRIVER and cluster.state.is_up:
                    cluster = await self.store.clusters.save(cluster, self._event(cluster, EventType.DRIVER_HEALTHY))
                case Healthy(_, False) if cluster.state is ClusterState.RUNNING:
                    # A worker is back. While it resizes, the end of that is told, and no single worker.
                    well = replace(cluster, state_message=describe_running(cluster))
                    cluster = await self.store.clusters.save(well, self._event(cluster, EventType.UPSIZE_COMPLETED))
                case Forget():
                    await self._backend.forget(cluster.cluster_id)
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
                self._nodes.forget(cluster.cluster_id)
                changes |= {"started_generation": cluster.generation, "driver": None, "warned_ms": 0}
                changes |= {"last_restarted_ms": now, "termination_reason": None, "terminated_ms": 0}
            case ClusterState.RUNNING:
                changes |= {"start_ms": cluster.start_ms or now, "state_message": describe_running(cluster)}
                changes |= {"settled_workers": cluster.num_workers}
                if cluster.spec.autoscale is None:
                    changes |= {"resize_cause": "USER_REQUEST"}
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

    async def _warn(self, cluster: Cluster, view: View, ends: bool) -> Cluster:
        events = []
        if ends and view.driver is not None:
            minutes = str(cluster.spec.autotermination_minutes)
            reason = {"code": "INACTIVITY", "parameters": {"inactivity_duration_min": minutes}}
            facts = {"reason": reason, "ends_in_s": view.driver.ends_in_s}
            events = [self._event(cluster, EventType.INACTIVITY_WARNING, facts)]
        return await self.store.clusters.save(replace(cluster, warned_ms=view.now_ms if ends else 0), *events)

    async def _scale(self, cluster: Cluster, scale: Scale) -> Cluster:
        events = []
        if scale.failed:
            self._scaling.pause(cluster.cluster_id)
            trouble = self._nodes.trouble(cluster.cluster_id)
            message = trouble.message if trouble else ""
            events = [self._event(cluster, EventType.AUTOSCALING_FAILED, {"driver_state_message": message})]
        changed = replace(cluster, num_workers=scale.num_workers, resize_cause="AUTOSCALE")
        return await self.store.clusters.save(changed, *events)

    async def _explain(self, view: View, message: str, node: Node | None) -> str:
        """Return the message with the last lines that the daemon of this node wrote."""
        name = DRIVER if node is None or node.role is Role.DRIVER else WORKER
        if node is None or view.daemon(node, name).pid is None:
            return message
        for log in await self._backend.list_logs(node.cluster_id):  # the one that was written last tells why
            if log.live and log.size and log.path.startswith(f"{node.node_id}/{name}/"):
                piece = await self._backend.read_log(node.cluster_id, log.path, start=-LOG_BYTES, length=LOG_BYTES)
                text = "\n".join(piece.decode(errors="replace").strip().splitlines()[-LOG_LINES:])
                return f"{message}\nLast lines of the {name}'s {log.path.rpartition('/')[2]}:\n{text}"
        return message

    def _event(self, cluster: Cluster, kind: EventType, details: Mapping[str, object] | None = None) -> Event:
        return Event(cluster.cluster_id, self.store.now_ms(), kind, dict(details or {}))


def _pulse(cluster_id: str, driver: DriverStatus, now_ms: int) -> Pulse:
    return Pulse(cluster_id, now_ms, driver.load, driver.idle_s, driver.ends_in_s, driver.seats)


def _with_driver(cluster: Cluster, facts: DriverFacts) -> Cluster:
    known = cluster.driver
    cluster = replace(cluster, driver=facts)
    adopted = known is not None and known.protocol != facts.protocol
    return replace(cluster, state_message=describe_running(cluster)) if adopted else cluster


def describe_running(cluster: Cluster) -> str:
    """Return what a user should know about a cluster that runs: what is not as the request had it."""
    notes = []
    runs, asked = cluster.driver.spark_version if cluster.driver else "", cluster.spec.spark_version
    if runs and asked and not asked.startswith(version_key(runs).partition("-")[0]):
        notes.append(f"Runs Apache Spark {runs}, which is installed; {asked} was asked for.")
    if cluster.driver and cluster.driver.protocol != PROTOCOL:
        notes.append("Its driver is of another version of jupyter_dbx: restart the cluster to upgrade it.")
    ignored = cluster.spec.without_effect()
    if ignored:
        notes.append(f"Without effect here: {', '.join(ignored)}.")
    return " ".join(notes)
