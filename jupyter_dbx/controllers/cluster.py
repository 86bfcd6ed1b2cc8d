"""The cluster controller: observes one cluster, mirrors, plans, acts."""

from __future__ import annotations

import functools
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import assert_never

from traitlets import Float, Int

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.controllers.actions import (
    Ages,
    ClusterAction,
    Emit,
    Forget,
    Limits,
    LoseDriver,
    Move,
    NodeAction,
    RecordDriver,
    Recover,
    Scale,
    Touch,
    View,
    Warn,
)
from jupyter_dbx.controllers.base import Controller
from jupyter_dbx.controllers.clock import Clock
from jupyter_dbx.controllers.listing import SharedListing
from jupyter_dbx.controllers.meter import Meter
from jupyter_dbx.controllers.nodes import Nodes
from jupyter_dbx.controllers.plan import mirror, plan
from jupyter_dbx.controllers.scaling import Scaling
from jupyter_dbx.controllers.steady import Steady
from jupyter_dbx.model.cluster import Cluster, ClusterState, DriverFacts, Target, find_transition
from jupyter_dbx.model.driver import DriverStatus, Pulse
from jupyter_dbx.model.errors import NodeFailure
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.node import Node, Role
from jupyter_dbx.model.protocol import PROTOCOL, Announcement, DriverNotice, TouchNotice
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.model.versions import is_installed
from jupyter_dbx.model.wire import Json
from jupyter_dbx.spark.daemons import DRIVER, WORKER, DaemonFactory
from jupyter_dbx.store import Store

#: Reads a driver's status, given its announcement and its token; None = it does not respond.
ReadStatus = Callable[[Announcement, str], Awaitable[DriverStatus | None]]

#: Notifies a driver, given its announcement and its token; returns whether it accepted the notice.
NotifyDriver = Callable[[Announcement, str, DriverNotice], Awaitable[bool]]

#: Lines of a daemon's log that are appended to the message of a failed start, count.
LOG_LINES = 12

#: How often the event log is pruned, s.
PRUNE_EVERY_S = 3600.0

#: How much of a log is read for these lines, bytes.
LOG_BYTES = 8192


class ClusterController(Controller):
    """Brings every cluster to the state that its row requests.

    The backend is listed once for all clusters that are due together; see `SharedListing` for what makes a listing fresh
    enough. `sweep` makes its own listing, because it compares with all rows.
    """

    busy_s = Float(0.25, help="How often a changing cluster is reconciled, s.").tag(config=True)
    idle_s = Float(3.0, help="How often a running cluster is reconciled, s; half as often if nothing runs on it.").tag(
        config=True
    )
    bootstrap_timeout_s = Int(600, help="How long a start may take before the cluster terminates, s.").tag(config=True)
    action_timeout_s = Float(60.0, help="How long a backend may take for one action, s.").tag(config=True)
    drain_timeout_s = Float(
        120.0, help="How long a draining worker may take to finish its tasks and migrate its blocks, s."
    ).tag(config=True)
    scale_down_window_s = Float(
        60.0, help="How long an autoscaled cluster must have spare workers before it scales down, s."
    ).tag(config=True)
    retention_days = Float(
        30.0, help="After how many days a terminated cluster that is not pinned is deleted, days."
    ).tag(config=True)

    def __init__(
        self,
        store: Store,
        backend: Backend,
        daemons: DaemonFactory,
        read_status: ReadStatus,
        notify_driver: NotifyDriver,
        *,
        hung_after_s: float = 60.0,
        clock: Clock | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(store, place=backend.place, clock=clock, **kwargs)
        self._backend, self._daemons = backend, daemons
        self._read_status, self._notify_driver = read_status, notify_driver
        self._hung_after_s = hung_after_s
        self._prune_at = -math.inf
        self._seen = SharedListing(backend.list_nodes, self.clock)
        self._steady = Steady(self.clock)
        #: cluster id → the kernels with a seat, at the last look
        self._seated: dict[str, frozenset[str]] = {}
        self._scaling = Scaling(self.clock)
        self._nodes = Nodes(store, backend, daemons, self.clock)
        self._meter = Meter(store, SharedListing(backend.list_processes, self.clock))

    async def keys(self) -> list[str]:
        """Return the clusters of this server's machines that need work; terminated ones need none."""
        owners = {node.cluster_id for node in await self.store.nodes.list()}
        return [
            c.cluster_id
            for c in await self.store.clusters.list()
            if self._is_ours(c) and (c.cluster_id in owners or not self._is_done(c))
        ]

    def _is_ours(self, cluster: Cluster) -> bool:
        return cluster.place in ("", self._backend.place)

    def _is_done(self, cluster: Cluster) -> bool:
        outdated = cluster.generation > cluster.started_generation
        needs_work = cluster.target is Target.GONE or (cluster.target is Target.RUNNING and outdated)
        kept = cluster.pinned_ms or self.store.now_ms() - cluster.terminated_ms < self._limits.retention_ms
        return cluster.state is ClusterState.TERMINATED and not needs_work and bool(kept)

    async def sweep(self) -> None:
        """Release nodes without a row (their cluster was deleted, or the store was lost); prune the event log."""
        if self.clock() >= self._prune_at:
            self._prune_at = self.clock() + PRUNE_EVERY_S
            await self.store.prune()
        listed = (await self._seen.since(self.clock())).found
        # Read the rows after the listing: a new node has its row before it is listed.
        known = {node.node_id for node in await self.store.nodes.list()}
        for node_id, seen in listed.items():
            if node_id not in known and not seen.elsewhere:
                self.log.warning("node %s belongs to no cluster and is released", node_id, extra={"action": "sweep"})
                stray = Node(node_id, seen.cluster_id, Role.WORKER, "", 0, 0, 0, 0)
                try:
                    await self._backend.release(stray)
                except NodeFailure as failure:
                    self.log.warning("node %s could not be released: %s", node_id, failure, extra={"action": "sweep"})

    async def reconcile(self, key: str, due: float) -> float | None:
        cluster = await self.store.clusters.get(key)
        if cluster is None or not self._is_ours(cluster):
            self._steady.keep(key, ())
            self._seated.pop(key, None)
            self._scaling.forget(key)
            self._nodes.forget(key)
            return None
        view = await self._observe(cluster, due)
        if cluster.state.is_up:
            await self._meter.sample(view, due)
        else:
            self._meter.forget(key)
        lost = mirror(view)
        for node in lost:
            await self.store.nodes.save(node, *self._loss(view, node, is_first=node is lost[0]))
        actions = [] if lost else plan(view)
        for action in actions:
            if isinstance(action, ClusterAction):
                cluster = await self._act_on(cluster, view, action)
        failure = await self._nodes.act(
            cluster,
            [action for action in actions if isinstance(action, NodeAction)],
            timeout_s=self.action_timeout_s,
            notify=functools.partial(self._notify, view),
        )
        if failure is not None:
            self.log.warning("cluster %s: %s", cluster.cluster_id, failure.message)
            if cluster.state is ClusterState.RESIZING and not failure.of_release:
                event = self._event(cluster, EventType.ADD_NODES_FAILED, {"reason": {"code": failure.code}})
                await self.store.clusters.save(replace(cluster, state_message=failure.message), event)
        if self._is_done(cluster) and not view.nodes:
            return None
        settled = cluster.state in (ClusterState.RUNNING, ClusterState.TERMINATED) and not actions and not lost
        if not settled:
            return self.busy_s
        # An idle cluster of fixed size does not change soon, so it is observed less often.
        is_idle = view.driver is not None and view.driver.idle_s > self.idle_s and cluster.spec.autoscale is None
        return 2 * self.idle_s if is_idle else self.idle_s

    def _loss(self, view: View, node: Node, *, is_first: bool) -> list[Event]:
        """Return the event for a lost worker of a RESIZING cluster; a RUNNING one reports the loss with its change of state."""
        if view.cluster.state is not ClusterState.RESIZING or node.role is Role.DRIVER or not is_first:
            return []
        sizes = {"current_num_workers": len(view.ready_workers), "target_num_workers": view.cluster.num_workers}
        return [self._event(view.cluster, EventType.NODES_LOST, sizes | {"cause": "AUTORECOVERY"})]

    @property
    def _limits(self) -> Limits:
        return Limits(
            bootstrap_ms=self.bootstrap_timeout_s * 1000,
            hung_ms=int(self._hung_after_s * 1000),
            drain_ms=int(self.drain_timeout_s * 1000),
            retention_ms=int(self.retention_days * 24 * 3_600_000),
        )

    async def _observe(self, cluster: Cluster, due: float) -> View:
        cluster_id = cluster.cluster_id
        view = View(
            cluster=cluster,
            nodes=await self.store.nodes.list(owner=cluster_id),
            seen=(await self._seen.since(due)).found,
            driver=None,
            now_ms=self.store.now_ms(),
            waited_ms=self._steady.ms(cluster_id, "", "state", (cluster.state, cluster.state_since_ms)),
            failure=self._nodes.last_failure(cluster_id),
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
            kernels = frozenset(seat.kernel_id for seat in view.driver.seats)
            before, self._seated[cluster_id] = self._seated.get(cluster_id), kernels
            pulse = _pulse(view.driver, view.now_ms)
            # Pages show at once which notebooks came and went.
            await self.store.save_pulse(Subject.cluster(cluster_id), pulse, changes=kernels != before)
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

    def _announce(self, view: View) -> Announcement | None:
        """Return the announcement of the running driver, or None."""
        node = view.driver_node
        daemon = view.daemon(node, DRIVER) if node else None
        return daemon.announce if daemon and daemon.running else None

    def _token(self, cluster: Cluster) -> str:
        return self._daemons.driver_token(cluster.cluster_id, cluster.generation)

    async def _notify(self, view: View, notice: DriverNotice) -> bool:
        announce = self._announce(view)
        return announce is not None and await self._notify_driver(announce, self._token(view.cluster), notice)

    async def _act_on(self, cluster: Cluster, view: View, action: ClusterAction) -> Cluster:
        """Carry out an action on the cluster; return the updated cluster."""
        match action:
            case Emit(kind, details, message, node):
                if message:
                    cluster = replace(cluster, state_message=await self._explain(view, message, node))
                return await self.store.clusters.save(cluster, self._event(cluster, kind, details))
            case RecordDriver(facts):
                return await self.store.clusters.save(_with_driver(cluster, facts))
            case LoseDriver():
                event = self._event(cluster, EventType.DRIVER_NOT_RESPONDING)
                return await self.store.clusters.save(replace(cluster, driver=None), event)
            case Recover():
                recovered = replace(cluster, state_message=describe_running(cluster))
                return await self.store.clusters.save(recovered, self._event(cluster, EventType.UPSIZE_COMPLETED))
            case Touch():
                age_s = max(0, view.now_ms - cluster.touched_ms) / 1000
                await self._notify(view, TouchNotice(cluster.touched_ms, age_s))
            case Warn(ends):
                return await self._warn(cluster, view, ends)
            case Scale():
                return await self._scale(cluster, action)
            case Move():
                return await self._move(cluster, view, action)
            case Forget():
                await self._backend.forget(cluster.cluster_id)
                await self.store.forget(cluster)
            case _:
                assert_never(action)
        return cluster

    async def _move(self, cluster: Cluster, view: View, move: Move) -> Cluster:
        assert find_transition(cluster.state, move.state), f"{cluster.state} → {move.state} is not a transition"
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
                changes |= {} if cluster.state is ClusterState.RESIZING else {"up_ms": now}
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
            failure = self._nodes.last_failure(cluster.cluster_id)
            message = failure.message if failure else ""
            events = [self._event(cluster, EventType.AUTOSCALING_FAILED, {"driver_state_message": message})]
        changed = replace(cluster, num_workers=scale.num_workers, resize_cause="AUTOSCALE")
        return await self.store.clusters.save(changed, *events)

    async def _explain(self, view: View, message: str, node: Node | None) -> str:
        """Return the message with the last lines of the log of this node's daemon."""
        name = DRIVER if node is None or node.role is Role.DRIVER else WORKER
        if node is None or view.daemon(node, name).pid is None:
            return message
        for log in await self._backend.list_logs(node.cluster_id):  # newest first: the last one written shows the cause
            if log.live and log.size and log.path.startswith(f"{node.node_id}/{name}/"):
                piece = await self._backend.read_log(node.cluster_id, log.path, start=-LOG_BYTES, length=LOG_BYTES)
                text = "\n".join(piece.decode(errors="replace").strip().splitlines()[-LOG_LINES:])
                if text:
                    return f"{message}\nLast lines of the {name}'s {log.path.rpartition('/')[2]}:\n{text}"
        return message

    def _event(self, cluster: Cluster, kind: EventType, details: Mapping[str, object] | None = None) -> Event:
        return Event(Subject.cluster(cluster.cluster_id), self.store.now_ms(), kind, dict(details or {}))


def _pulse(driver: DriverStatus, now_ms: int) -> Pulse:
    return Pulse(now_ms, driver.load, driver.idle_s, driver.ends_in_s, driver.seats)


def _with_driver(cluster: Cluster, facts: DriverFacts) -> Cluster:
    known = cluster.driver
    cluster = replace(cluster, driver=facts)
    adopted = known is not None and known.protocol != facts.protocol
    return replace(cluster, state_message=describe_running(cluster)) if adopted else cluster


def describe_running(cluster: Cluster) -> str:
    """Return the notes for a user about a running cluster: how it differs from the request."""
    notes = []
    running, requested = cluster.driver.spark_version if cluster.driver else "", cluster.spec.spark_version
    if running and requested and not is_installed(requested, running):
        notes.append(f"Runs Apache Spark {running}, which is installed; {requested} was requested.")
    if cluster.driver and cluster.driver.protocol != PROTOCOL:
        notes.append("Its driver runs another version of jupyter_dbx: restart the cluster to upgrade it.")
    ignored = cluster.spec.without_effect()
    if ignored:
        notes.append(f"Ignored settings: {', '.join(ignored)}.")
    return " ".join(notes)
