"""The input of a plan (`View`) and its output (`Action`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_dbx.model.cluster import Cluster, ClusterState, DriverFacts, TerminationReason
from jupyter_dbx.model.driver import DriverStatus
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.node import DaemonObservation, Node, NodeState, Observation, Role
from jupyter_dbx.model.wire import Json
from jupyter_dbx.spark.daemons import DRIVER, WORKER


@dataclass(frozen=True)
class Limits:
    """Timeouts and retry limits of a controller."""

    #: from the beginning of a start or restart until RUNNING, ms
    bootstrap_ms: int = 10 * 60_000
    #: until failing to create a node fails the start, ms
    provision_ms: int = 20_000
    #: from TERMINATING until ERROR, and from ERROR until the next attempt, ms
    release_ms: int = 5 * 60_000
    retry_release_ms: int = 60_000
    #: consecutive starts of a daemon, count
    daemon_starts: int = 4
    #: after working for this long, a daemon's count of starts is reset, ms
    proven_ms: int = 120_000
    #: until a daemon that does not respond and uses no CPU time counts as hung, ms
    hung_ms: int = 60_000
    #: until a draining worker is stopped even if its executor still runs tasks, ms
    drain_ms: int = 120_000
    #: until a terminated cluster that is not pinned is deleted, ms
    retention_ms: int = 30 * 24 * 3_600_000


@dataclass(frozen=True)
class Failure:
    """The last failure of an action on this cluster."""

    code: str
    message: str
    #: True = the driver daemon failed to start
    of_driver: bool = False
    #: True = a node could not be released
    of_release: bool = False


@dataclass(frozen=True)
class Ages:
    """How long some facts of a node have been unchanged, as observed by this server, ms.

    Measured on the server's monotonic clock, because the wall clock may be set at any time.
    """

    #: since the last start of its daemon
    started_ms: int = 0
    #: since its daemon became healthy
    healthy_ms: int = 0
    #: since its daemon last used CPU time
    still_ms: int = 0
    #: since it began to drain
    draining_ms: int = 0


@dataclass(frozen=True)
class View:
    """Everything a plan depends on."""

    cluster: Cluster
    nodes: Sequence[Node]
    #: node id → the backend's observation of it
    seen: Mapping[str, Observation]
    #: None = the driver does not respond
    driver: DriverStatus | None
    #: ms since the epoch
    now_ms: int
    #: how long the cluster has been in its state, as observed by this server, ms
    waited_ms: int = 0
    #: node id → how long its facts have been unchanged
    ages: Mapping[str, Ages] = field(default_factory=dict)
    failure: Failure | None = None
    #: False = creating nodes failed, and it is too early to try again
    may_provision: bool = True
    #: number of workers that autoscaling requests; None = no decision
    scale_to: int | None = None
    limits: Limits = field(default_factory=Limits)

    def daemon(self, node: Node, name: str) -> DaemonObservation:
        """Return the observation of a daemon; one that was never started counts as not running."""
        observation = self.seen.get(node.node_id)
        return observation.daemons.get(name, _NEVER) if observation else _NEVER

    def age(self, node: Node) -> Ages:
        """Return how long the facts of a node have been unchanged."""
        return self.ages.get(node.node_id, _NEW)

    @property
    def driver_node(self) -> Node | None:
        """Return the driver node of the current generation, or None if there is none or it is lost."""
        return next((n for n in self._current if n.role is Role.DRIVER), None)

    @property
    def workers(self) -> list[Node]:
        """Return the worker nodes of the current generation that are neither lost nor draining, oldest first."""
        found = [n for n in self._current if n.role is Role.WORKER and n.state is not NodeState.DRAINING]
        return sorted(found, key=lambda n: (n.created_ms, n.node_id))

    @property
    def draining(self) -> list[Node]:
        """Return the worker nodes that are draining."""
        return [n for n in self._current if n.state is NodeState.DRAINING]

    @property
    def nodes_with_executor(self) -> set[str]:
        """Return the ids of nodes whose executor is registered with the current driver."""
        if self.driver is None or not self.driver.ready:
            return set()
        return {e.node_id for e in self.driver.executors}

    @property
    def ready_workers(self) -> list[Node]:
        """Return the workers that serve the current driver."""
        return [n for n in self.workers if n.node_id in self.nodes_with_executor and self.daemon(n, WORKER).running]

    def is_hung(self, node: Node) -> bool:
        """Return whether a node's daemon runs but neither responds nor has used CPU time for too long."""
        is_driver = node.role is Role.DRIVER
        daemon = self.daemon(node, DRIVER if is_driver else WORKER)
        works = self.driver is not None if is_driver else node.node_id in self.nodes_with_executor
        # Where CPU time is unknown, no daemon counts as hung.
        stalled = daemon.cpu_s is not None and self.age(node).still_ms >= self.limits.hung_ms
        return daemon.running and not works and stalled

    def is_dead(self, node: Node) -> bool:
        """Return whether a node's daemon must be restarted: it does not run, or is hung."""
        name = DRIVER if node.role is Role.DRIVER else WORKER
        return not self.daemon(node, name).running or self.is_hung(node)

    @property
    def _current(self) -> list[Node]:
        return [n for n in self.nodes if n.generation == self.cluster.generation and n.state is not NodeState.LOST]


_NEVER = DaemonObservation(running=False)
_NEW = Ages()


@dataclass(frozen=True)
class Provision:
    """Create a node of this role."""

    role: Role


@dataclass(frozen=True)
class Resume:
    """Continue to create a node whose creation a server stop interrupted."""

    node: Node


@dataclass(frozen=True)
class Drain:
    """Decommission a worker: its executor accepts no more tasks and migrates its blocks."""

    node: Node


@dataclass(frozen=True)
class Release:
    """Release a node."""

    node: Node


@dataclass(frozen=True)
class StartDriver:
    """Start the driver daemon, replacing one that does not respond."""

    node: Node


@dataclass(frozen=True)
class StartWorker:
    """Start a worker for the driver of this incarnation, replacing one that has failed."""

    node: Node
    master_url: str
    incarnation: str
    #: True = a worker of this driver failed; False = the worker or its driver is new
    failed: bool = False


@dataclass(frozen=True)
class MarkHealthy:
    """Record that a node's daemon is healthy; `proven` = for long enough to reset its count of starts."""

    node: Node
    proven: bool = False


NodeAction = Provision | Resume | Drain | Release | StartDriver | StartWorker | MarkHealthy
"""Changes one node; `Nodes` runs all of them concurrently."""


@dataclass(frozen=True)
class Emit:
    """Write an event without a change of state."""

    event: EventType
    details: Json = field(default_factory=dict)
    #: the cluster's new `state_message`; "" = unchanged
    message: str = ""
    #: node whose daemon's log explains the event
    explained_by: Node | None = None


@dataclass(frozen=True)
class RecordDriver:
    """Record the facts that the driver reports."""

    facts: DriverFacts


@dataclass(frozen=True)
class LoseDriver:
    """Clear the recorded driver: it no longer responds."""


@dataclass(frozen=True)
class Recover:
    """Record that a missing worker is back, and clear the message about it."""


@dataclass(frozen=True)
class Touch:
    """Notify the driver that the cluster was used."""


@dataclass(frozen=True)
class Warn:
    """Warn that the cluster will terminate due to inactivity, or (`False`) withdraw the warning."""

    ends: bool


@dataclass(frozen=True)
class Scale:
    """Change the number of workers; `failed` = fewer than autoscaling requested, because no more are available."""

    num_workers: int
    failed: bool = False


@dataclass(frozen=True)
class Move:
    """Change the cluster's state."""

    state: ClusterState
    event: EventType | None = None
    details: Json = field(default_factory=dict)
    message: str = ""
    reason: TerminationReason | None = None
    #: node whose daemon's log explains the move; None = the driver
    explained_by: Node | None = None


@dataclass(frozen=True)
class Forget:
    """Delete the cluster permanently."""


ClusterAction = Emit | RecordDriver | LoseDriver | Recover | Touch | Warn | Scale | Move | Forget
"""Changes the cluster's row, or concerns its driver; the cluster controller runs these in order."""

Action = ClusterAction | NodeAction
