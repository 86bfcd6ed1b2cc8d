"""What a plan is made of: everything it depends on (`View`), and everything it can ask for (`Action`)."""

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
    #: a daemon that worked for so long is no part of such a row any more, ms
    proven_ms: int = 120_000
    #: until a daemon that does not work and uses no CPU time counts as hung, ms
    hung_ms: int = 60_000
    #: until a worker that leaves is stopped even if its executor still runs tasks, ms
    drain_ms: int = 120_000
    #: until a terminated cluster that is not pinned is forgotten, ms
    retention_ms: int = 30 * 24 * 3_600_000


@dataclass(frozen=True)
class Trouble:
    """The last failure of an action on this cluster."""

    code: str
    message: str
    #: True = the driver's daemon could not be started
    of_driver: bool = False
    #: True = a node could not be given back
    of_release: bool = False


@dataclass(frozen=True)
class Ages:
    """For how long some facts of a node have been the same, as far as this server has seen, ms.

    They are taken by the server's own monotonic clock: the wall clock may be set at any time.
    """

    #: since its daemon was started last
    started_ms: int = 0
    #: since its daemon has worked
    healthy_ms: int = 0
    #: since its daemon has used CPU time
    still_ms: int = 0
    #: since it is to leave
    draining_ms: int = 0


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
    #: for how long the cluster has been in its state, as far as this server has seen, ms
    waited_ms: int = 0
    #: node id → for how long what is so has been so
    ages: Mapping[str, Ages] = field(default_factory=dict)
    trouble: Trouble | None = None
    #: False = the last nodes could not be made, and the next ones are not yet tried
    may_provision: bool = True
    #: how many workers autoscaling wants, count; None = it does not decide
    scale_to: int | None = None
    limits: Limits = field(default_factory=Limits)

    def daemon(self, node: Node, name: str) -> DaemonObservation:
        """Return what is seen of a daemon; one that was never started counts as not running."""
        observation = self.seen.get(node.node_id)
        return observation.daemons.get(name, _NEVER) if observation else _NEVER

    def age(self, node: Node) -> Ages:
        """Return for how long what is so of a node has been so."""
        return self.ages.get(node.node_id, _NEW)

    @property
    def driver_node(self) -> Node | None:
        """Return the driver node of the current generation, if it is not lost."""
        return next((n for n in self._current if n.role is Role.DRIVER), None)

    @property
    def workers(self) -> list[Node]:
        """Return the worker nodes of the current generation that are neither lost nor to leave, oldest first."""
        found = [n for n in self._current if n.role is Role.WORKER and n.state is not NodeState.DRAINING]
        return sorted(found, key=lambda n: (n.created_ms, n.node_id))

    @property
    def draining(self) -> list[Node]:
        """Return the worker nodes that are to leave."""
        return [n for n in self._current if n.state is NodeState.DRAINING]

    @property
    def with_executor(self) -> set[str]:
        """Return the ids of nodes with an executor on this very driver."""
        if self.driver is None or not self.driver.ready:
            return set()
        return {e.node_id for e in self.driver.executors}

    @property
    def workers_up(self) -> list[Node]:
        """Return the workers that work for this very driver."""
        return [n for n in self.workers if n.node_id in self.with_executor and self.daemon(n, WORKER).running]

    def is_hung(self, node: Node) -> bool:
        """Return whether a node's daemon runs, has used no CPU time for too long, and does not do its work."""
        is_driver = node.role is Role.DRIVER
        daemon = self.daemon(node, DRIVER if is_driver else WORKER)
        works = self.driver is not None if is_driver else node.node_id in self.with_executor
        # Where CPU time is not known, nothing is ever hung.
        stands_still = daemon.cpu_s is not None and self.age(node).still_ms >= self.limits.hung_ms
        return daemon.running and not works and stands_still

    def is_dead(self, node: Node) -> bool:
        """Return whether a node's daemon is to be started anew: it does not run, or is hung."""
        name = DRIVER if node.role is Role.DRIVER else WORKER
        return not self.daemon(node, name).running or self.is_hung(node)

    @property
    def _current(self) -> list[Node]:
        return [n for n in self.nodes if n.generation == self.cluster.generation and n.state is not NodeState.LOST]


_NEVER = DaemonObservation(running=False)
_NEW = Ages()


@dataclass(frozen=True)
class Provision:
    """Make a node of this role."""

    role: Role


@dataclass(frozen=True)
class Resume:
    """Go on with a node that was being made when the server stopped."""

    node: Node


@dataclass(frozen=True)
class Drain:
    """Let a worker leave: its executor takes no more tasks and hands its blocks on."""

    node: Node


@dataclass(frozen=True)
class Release:
    """Give a node back."""

    node: Node


@dataclass(frozen=True)
class StartDriver:
    """Start the driver daemon, in place of one that does not answer; `healing` if notebooks may have used it."""

    node: Node
    healing: bool = False


@dataclass(frozen=True)
class StartWorker:
    """Start a worker for the driver of this incarnation, in place of one that does not work."""

    node: Node
    master_url: str
    incarnation: str
    #: True = it ran for this very driver, False = it is new, or its driver is
    failed: bool = False


@dataclass(frozen=True)
class Healthy:
    """Note that a node's daemon works; `proven` = for so long that its earlier failures do not count any more."""

    node: Node
    proven: bool = False


@dataclass(frozen=True)
class Tell:
    """Write an event, and no change of state."""

    event: EventType
    details: Json = field(default_factory=dict)
    #: what the cluster's `state_message` becomes; "" = it stays
    message: str = ""
    #: whose daemon's log explains it
    explained_by: Node | None = None


@dataclass(frozen=True)
class Learn:
    """Note what the driver says of itself."""

    facts: DriverFacts


@dataclass(frozen=True)
class Touch:
    """Tell the driver that somebody used the cluster."""


@dataclass(frozen=True)
class Warn:
    """Tell that the cluster will end because nothing runs, or (`False`) that it will not after all."""

    ends: bool


@dataclass(frozen=True)
class Scale:
    """Want another number of workers; `failed` = fewer than autoscaling wanted, because no more can be had."""

    num_workers: int
    failed: bool = False


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


NodeAction = Provision | Resume | Drain | Release | StartDriver | StartWorker | Healthy
Action = NodeAction | Tell | Learn | Touch | Warn | Scale | Move | Forget
