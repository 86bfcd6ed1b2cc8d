"""plan(view) → actions: what to do next about one cluster. Pure: no clock, no I/O, no memory.

Mirroring facts (`mirror`) and deciding (`plan`) are two passes over the same view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from jupyter_dbx.model.cluster import Cluster, ClusterState, DriverFacts, Target, TerminationReason
from jupyter_dbx.model.driver import DriverStatus
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.node import DaemonObservation, Node, NodeState, Observation, Role
from jupyter_dbx.model.wire import Json
from jupyter_dbx.spark.daemons import DRIVER, WORKER

_S = ClusterState


@dataclass(frozen=True)
class Limits:
    """How patient a controller is."""

    #: from the begin of a start or restart until RUNNING, ms
    bootstrap_ms: int = 10 * 60_000
    #: until a node that cannot be made ends the start, ms
    provision_ms: int = 20_000
    #: from TERMINATING until ERROR, and from ERROR until it is tried again, ms
    release_ms: int = 5 * 60_000
    retry_release_ms: int = 60_000
    #: starts of a daemon in a row, count
    daemon_starts: int = 4


@dataclass(frozen=True)
class Trouble:
    """The last failure of an action on this cluster."""

    code: str
    message: str


@dataclass(frozen=True)
class View:
    """Everything a plan depends on."""

    cluster: Cluster
    nodes: Sequence[Node]
    #: node id → what the backend sees of it
    seen: Mapping[str, Observation]
    #: None = the driver cannot be asked now
    driver: DriverStatus | None
    #: ms since the epoch
    now_ms: int
    trouble: Trouble | None = None
    #: no node is made before this instant, because the last ones could not be; ms since the epoch
    provision_from_ms: int = 0
    limits: Limits = Limits()

    def daemon(self, node: Node, name: str) -> DaemonObservation:
        """Return what is seen of a daemon; one that was never started counts as not running."""
        observation = self.seen.get(node.node_id)
        return observation.daemons.get(name, _NEVER) if observation else _NEVER

    @property
    def driver_node(self) -> Node | None:
        """Return the driver node of the current generation, if it is not lost."""
        return next((n for n in self._current if n.role is Role.DRIVER), None)

    @property
    def workers(self) -> list[Node]:
        """Return the worker nodes of the current generation that are not lost, oldest first."""
        found = [n for n in self._current if n.role is Role.WORKER]
        return sorted(found, key=lambda n: (n.created_ms, n.node_id))

    @property
    def workers_up(self) -> list[Node]:
        """Return the workers with an executor on this very driver."""
        if self.driver is None or not self.driver.ready:
            return []
        with_executor = {e.node_id for e in self.driver.executors}
        return [n for n in self.workers if n.node_id in with_executor and self.daemon(n, WORKER).running]

    @property
    def _current(self) -> list[Node]:
        return [n for n in self.nodes if n.generation == self.cluster.generation and n.state is not NodeState.LOST]


_NEVER = DaemonObservation(running=False)


@dataclass(frozen=True)
class Provision:
    """Make a node of this role."""

    role: Role


@dataclass(frozen=True)
class Resume:
    """Go on with a node that was being made when the server stopped."""

    node: Node


@dataclass(frozen=True)
class Release:
    """Give a node back."""

    node: Node


@dataclass(frozen=True)
class StartDriver:
    """Start the driver daemon; `healing` if it ran before."""

    node: Node
    healing: bool = False


@dataclass(frozen=True)
class StartWorker:
    """Start a worker for the driver of this incarnation."""

    node: Node
    master_url: str
    incarnation: str


@dataclass(frozen=True)
class Healthy:
    """Note that a node's daemon works again."""

    node: Node


@dataclass(frozen=True)
class Learn:
    """Note what the driver says of itself."""

    facts: DriverFacts


@dataclass(frozen=True)
class Move:
    """Move the cluster's state."""

    state: ClusterState
    event: EventType | None = None
    details: Json = field(default_factory=dict)
    message: str = ""
    reason: TerminationReason | None = None
    #: whose daemon's log explains the move; None = the driver's
    explained_by: Node | None = None


@dataclass(frozen=True)
class Forget:
    """Delete the cluster for good."""


Action = Provision | Resume | Release | StartDriver | StartWorker | Healthy | Learn | Move | Forget


def mirror(view: View) -> list[Node]:
    """Return the nodes whose rows no longer say what is: READY ones that are gone become LOST."""
    lost = []
    for node in view.nodes:
        observation = view.seen.get(node.node_id)
        gone = observation is None and node.state is not NodeState.PROVISIONING
        if node.state is not NodeState.LOST and (gone or (observation is not None and not observation.alive)):
            lost.append(replace(node, state=NodeState.LOST))
    return lost


def plan(view: View) -> list[Action]:
    """Return what to do now. After the actions the world is looked at again, so a plan need not be complete."""
    if any(o.elsewhere for n in view.nodes if (o := view.seen.get(n.node_id))):
        return []  # A server on that other host looks after it.
    match view.cluster.state:
        case _S.TERMINATED:
            return _plan_terminated(view)
        case _S.TERMINATING | _S.ERROR:
            return _plan_ending(view)
        case _:
            return _plan_end(view) or _plan_restart(view) or _plan_up(view)


def _plan_terminated(view: View) -> list[Action]:
    cluster = view.cluster
    if view.nodes:
        return [Release(n) for n in view.nodes]
    if cluster.target is Target.GONE:
        return [Forget()]
    if cluster.target is Target.RUNNING and cluster.generation > cluster.started_generation:
        return [Move(_S.PENDING, EventType.STARTING, {"user": cluster.requested_by}, "Starting the driver.")]
    return []


def _plan_ending(view: View) -> list[Action]:
    cluster, waited = view.cluster, view.now_ms - view.cluster.state_since_ms
    if cluster.state is _S.ERROR:
        # A cluster can be found empty here too, but the table leads through TERMINATING.
        if view.nodes and waited < view.limits.retry_release_ms:
            return []
        return [Move(_S.TERMINATING, EventType.TERMINATING, _reason_details(cluster.termination_reason))]
    if not view.nodes:
        return [Move(_S.TERMINATED, message=cluster.state_message)]
    if waited > view.limits.release_ms:
        why = view.trouble.message if view.trouble else "Its nodes did not end."
        return [Move(_S.ERROR, message=f"The cluster could not be ended: {why}")]
    return [Release(n) for n in view.nodes]


def _plan_end(view: View) -> list[Action]:
    """Return the move that ends the cluster, if anything asks for it."""
    cluster, node = view.cluster, view.driver_node
    if cluster.target is not Target.RUNNING:
        return [_end("USER_REQUEST", "", username=cluster.requested_by)]
    rebooted = [n for n in view.nodes if (o := view.seen.get(n.node_id)) and not o.alive and n.role is Role.DRIVER]
    if rebooted:
        return [_end("INSTANCE_UNREACHABLE", "The machine of the driver was restarted.")]
    if node is not None:
        daemon = view.daemon(node, DRIVER)
        if daemon.ended and not daemon.running and daemon.incarnation == str(cluster.generation):
            return [_end(str(daemon.ended["reason"]), str(daemon.ended["message"]), cluster=cluster)]
        if node.daemon_starts >= view.limits.daemon_starts and not daemon.running:
            why = view.trouble or Trouble(
                "DRIVER_UNREACHABLE", f"The driver ended {node.daemon_starts} times in a row."
            )
            return [_end(why.code, why.message)]
    if cluster.state not in (_S.PENDING, _S.RESTARTING):
        return []
    waited = view.now_ms - cluster.state_since_ms
    if view.trouble and (view.trouble.code == "SPARK_STARTUP_FAILURE" or waited > view.limits.provision_ms):
        return [_end(view.trouble.code, view.trouble.message)]
    hopeless = [
        n for n in view.workers if n.daemon_starts >= view.limits.daemon_starts and not view.daemon(n, WORKER).running
    ]
    if hopeless:
        message = f"A worker ended {hopeless[0].daemon_starts} times in a row."
        return [replace(_end("SPARK_STARTUP_FAILURE", message), explained_by=hopeless[0])]
    if waited > view.limits.bootstrap_ms:
        up = f"{len(view.workers_up)} of {cluster.num_workers} workers"
        driver = "The driver answers" if view.driver and view.driver.ready else "The driver does not answer"
        return [
            _end(
                "BOOTSTRAP_TIMEOUT",
                f"{driver} and {up} registered within {view.limits.bootstrap_ms // 1000} s.",
            )
        ]
    return []


def _end(code: str, message: str, *, username: str = "", cluster: Cluster | None = None) -> Move:
    parameters = {}
    if username:
        parameters["username"] = username
    if message:
        parameters["databricks_error_message"] = message
    if code == "INACTIVITY" and cluster:
        parameters = {"inactivity_duration_min": str(cluster.spec.autotermination_minutes)}
    reason = TerminationReason(code, parameters)
    return Move(_S.TERMINATING, EventType.TERMINATING, _reason_details(reason), message, reason)


def _reason_details(reason: TerminationReason | None) -> Json:
    return {"reason": reason.to_wire()} if reason else {}


def _plan_restart(view: View) -> list[Action]:
    """Return what replaces nodes of an older generation, or a driver node that is gone."""
    cluster = view.cluster
    old = [n for n in view.nodes if n.generation < cluster.generation]
    if cluster.state.is_up and (old or view.driver_node is None):
        return [Move(_S.RESTARTING, EventType.RESTARTING, {"user": cluster.requested_by}, "Restarting the driver.")]
    # All of the old generation goes before anything of the new one comes: their sum might not fit.
    return [Release(n) for n in old]


def _plan_up(view: View) -> list[Action]:
    lost = [n for n in view.nodes if n.state is NodeState.LOST]
    return [
        *(Release(n) for n in lost),
        *_plan_nodes(view),
        *_plan_daemons(view),
        *_plan_facts(view),
        *_plan_state(view, lost),
    ]


def _plan_nodes(view: View) -> list[Action]:
    cluster, workers = view.cluster, view.workers
    # A worker without an executor goes before one that works; then the youngest, whose caches are the smallest.
    up = {n.node_id for n in view.workers_up}
    by_worth = sorted(workers, key=lambda n: (n.node_id in up, -n.created_ms))
    surplus = by_worth[: max(0, len(workers) - cluster.num_workers)]
    actions: list[Action] = [Release(n) for n in surplus]
    if view.now_ms < view.provision_from_ms:
        return actions
    actions += [Resume(n) for n in view.nodes if n.state is NodeState.PROVISIONING and n not in surplus]
    if view.driver_node is None:
        actions.append(Provision(Role.DRIVER))
    return actions + [Provision(Role.WORKER)] * (cluster.num_workers - len(workers))


def _plan_daemons(view: View) -> list[Action]:
    actions: list[Action] = []
    cluster, driver, node = view.cluster, view.driver, view.driver_node
    if node and node.state is NodeState.READY:
        daemon = view.daemon(node, DRIVER)
        if not daemon.running and _may_start(node, view.now_ms):
            actions.append(StartDriver(node, healing=cluster.state.is_up))
        elif driver and driver.ready and node.daemon_starts and daemon.running:
            actions.append(Healthy(node))
    if driver is None or not driver.master_url:
        return actions
    up = {n.node_id for n in view.workers_up}
    for worker in view.workers[: cluster.num_workers]:
        daemon = view.daemon(worker, WORKER)
        current = daemon.running and daemon.incarnation == driver.incarnation
        if worker.state is NodeState.READY and not current and _may_start(worker, view.now_ms):
            actions.append(StartWorker(worker, driver.master_url, driver.incarnation))
        elif worker.node_id in up and worker.daemon_starts:
            actions.append(Healthy(worker))
    return actions


def _may_start(node: Node, now_ms: int) -> bool:
    return now_ms >= node.daemon_started_ms + pause_ms(node.daemon_starts)


def pause_ms(failures: int, longest_ms: int = 60_000) -> int:
    """Return how long to wait after so many failures in a row: nothing, then 1, 2, 4 … s up to the longest, ms."""
    return min(longest_ms, 500 * 2**failures) if failures else 0


def _plan_facts(view: View) -> list[Action]:
    driver, node = view.driver, view.driver_node
    if driver is None or not driver.ready or node is None:
        return []
    announce = view.daemon(node, DRIVER).announce or {}
    facts = DriverFacts(
        url=str(announce.get("url", "")),
        incarnation=driver.incarnation,
        application_id=driver.application_id,
        ui_url=driver.ui_url,
        spark_version=driver.spark_version,
        python_version=driver.python_version,
        start_ms=driver.start_ms,
        executors=driver.executors,
    )
    return [] if facts == view.cluster.driver else [Learn(facts)]


def _plan_state(view: View, lost: Sequence[Node]) -> list[Action]:
    cluster, driver = view.cluster, view.driver
    complete = len(view.workers) == cluster.num_workers == len(view.workers_up)
    sizes = {"current_num_workers": len(view.workers_up), "target_num_workers": cluster.num_workers}
    match cluster.state:
        case _S.PENDING | _S.RESTARTING if driver and driver.ready and complete:
            return [Move(_S.RUNNING, EventType.RUNNING, sizes)]
        case _S.RUNNING if not len(view.workers) == cluster.num_workers == cluster.settled_workers:
            event = EventType.NODES_LOST if lost else EventType.RESIZING
            cause = "AUTORECOVERY" if lost else "USER_REQUEST"
            message = f"Going from {len(view.workers)} to {cluster.num_workers} workers."
            return [Move(_S.RESIZING, event, sizes | {"cause": cause}, message)]
        case _S.RESIZING if driver and driver.ready and complete:
            began_with = {e.node_id for e in cluster.driver.executors} if cluster.driver else set()
            grew = any(n.node_id not in began_with for n in view.workers_up)
            return [Move(_S.RUNNING, EventType.UPSIZE_COMPLETED if grew else None, sizes)]
    return []
