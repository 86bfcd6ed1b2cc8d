"""Clusters: intent, facts, and the table of states they move through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from jupyter_dbx.model.access import Grant
from jupyter_dbx.model.driver import PROTOCOL, Executor
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.node import Node, Role
from jupyter_dbx.model.spec import SINGLE_NODE_CONF, SINGLE_NODE_TAGS, ClusterSpec
from jupyter_dbx.model.wire import Json


class ClusterState(StrEnum):
    """Databricks' words, moved only by a controller. Clients know only those: never invent one."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    RESTARTING = "RESTARTING"
    RESIZING = "RESIZING"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"
    ERROR = "ERROR"

    @property
    def is_up(self) -> bool:
        """True if a driver is there that notebooks can use."""
        return self in (ClusterState.RUNNING, ClusterState.RESIZING)


class Target(StrEnum):
    """What people want of a cluster."""

    RUNNING = "RUNNING"
    TERMINATED = "TERMINATED"
    #: ended and forgotten
    GONE = "GONE"


@dataclass(frozen=True)
class Transition:
    """One allowed move of a cluster's state."""

    old: ClusterState
    new: ClusterState
    #: what a controller sees when it makes this move
    when: str
    #: the event it writes; None = the event depends on the cause, or there is none
    event: EventType | None = None


_S = ClusterState

#: Every move there is. A cluster is born PENDING (event CREATING).
TRANSITIONS: tuple[Transition, ...] = (
    Transition(_S.TERMINATED, _S.PENDING, "the target is RUNNING in a new generation", EventType.STARTING),
    Transition(_S.PENDING, _S.RUNNING, "the driver answers and the wanted workers registered", EventType.RUNNING),
    Transition(_S.PENDING, _S.TERMINATING, "the target is TERMINATED, or the start failed", EventType.TERMINATING),
    Transition(_S.RUNNING, _S.RESIZING, "the workers up are not the workers wanted"),
    Transition(_S.RESIZING, _S.RUNNING, "the workers up are the workers wanted"),
    Transition(
        _S.RUNNING,
        _S.RESTARTING,
        "a node of an older generation lives, or the driver node is gone",
        EventType.RESTARTING,
    ),
    Transition(
        _S.RESIZING,
        _S.RESTARTING,
        "a node of an older generation lives, or the driver node is gone",
        EventType.RESTARTING,
    ),
    Transition(_S.RESTARTING, _S.RUNNING, "the driver answers and the wanted workers registered", EventType.RUNNING),
    Transition(_S.RUNNING, _S.TERMINATING, "the target is TERMINATED, or the driver ended", EventType.TERMINATING),
    Transition(_S.RESIZING, _S.TERMINATING, "the target is TERMINATED, or the driver ended", EventType.TERMINATING),
    Transition(_S.RESTARTING, _S.TERMINATING, "the target is TERMINATED, or the start failed", EventType.TERMINATING),
    Transition(_S.TERMINATING, _S.TERMINATED, "no live node is left"),
    Transition(_S.TERMINATING, _S.ERROR, "a node could not be released for too long"),
    Transition(_S.ERROR, _S.TERMINATING, "it is tried again", EventType.TERMINATING),
)


def find_transition(old: ClusterState, new: ClusterState) -> Transition | None:
    """Return the edge from `old` to `new`, or None if there is none."""
    return next((t for t in TRANSITIONS if (t.old, t.new) == (old, new)), None)


#: Termination code → Databricks' type of it. Clients only know theirs: never invent one.
TERMINATION_TYPES = {
    **dict.fromkeys(("USER_REQUEST", "INACTIVITY", "JOB_FINISHED"), "SUCCESS"),
    **dict.fromkeys(
        (
            "INVALID_ARGUMENT",
            "INIT_SCRIPT_FAILURE",
            "GLOBAL_INIT_SCRIPT_FAILURE",
            "INVALID_SPARK_IMAGE",
            "SPARK_IMAGE_NOT_FOUND",
            "INSTANCE_POOL_NOT_FOUND",
            "INSTANCE_POOL_MAX_CAPACITY_REACHED",
            "SECRET_RESOLUTION_ERROR",
            "SECRET_PERMISSION_DENIED",
        ),
        "CLIENT_ERROR",
    ),
    **dict.fromkeys(
        ("CLOUD_PROVIDER_LAUNCH_FAILURE", "COMMUNICATION_LOST", "BOOTSTRAP_TIMEOUT", "INSTANCE_UNREACHABLE"),
        "CLOUD_FAILURE",
    ),
    **dict.fromkeys(
        (
            "DRIVER_UNREACHABLE",
            "DRIVER_UNRESPONSIVE",
            "DRIVER_LAUNCH_TIMEOUT",
            "DRIVER_OUT_OF_MEMORY",
            "DRIVER_UNHEALTHY",
            "SPARK_STARTUP_FAILURE",
            "SPARK_ERROR",
            "UNEXPECTED_LAUNCH_FAILURE",
            "REQUEST_REJECTED",
            "INTERNAL_ERROR",
            "UNKNOWN",
        ),
        "SERVICE_FAULT",
    ),
}


@dataclass(frozen=True)
class TerminationReason:
    """Why a cluster ended."""

    #: one of TERMINATION_TYPES
    code: str
    #: Databricks' parameter names: `username`, `inactivity_duration_min`, `databricks_error_message`, …
    parameters: dict[str, str] = field(default_factory=dict)

    def to_wire(self) -> Json:
        """Return it as `clusters/get` answers it."""
        return {
            "code": self.code,
            "type": TERMINATION_TYPES.get(self.code, "SERVICE_FAULT"),
            "parameters": self.parameters,
        }


@dataclass(frozen=True)
class DriverFacts:
    """What the store remembers of a cluster's driver once it answered."""

    #: of the driver daemon's own server, for kernels
    url: str
    incarnation: str
    application_id: str
    ui_url: str
    spark_version: str
    python_version: str
    #: ms since the epoch
    start_ms: int
    executors: tuple[Executor, ...] = ()
    #: of the master's pages; "" for a single node
    master_ui_url: str = ""
    #: of the daemon that answers; one that this version does not speak needs a restart of the cluster
    protocol: int = PROTOCOL


@dataclass(frozen=True)
class Cluster:
    """One cluster: what was asked for (spec, intent) and what is (state, facts)."""

    cluster_id: str
    spec: ClusterSpec
    creator_user_name: str
    #: CREATING event, ms since the epoch
    created_ms: int

    # Intent: the fields that managers write.
    target: Target = Target.RUNNING
    #: workers wanted now, count
    num_workers: int = 0
    #: +1 at start and restart; a node of an older one is replaced
    generation: int = 1
    #: who asked for the last change of `target` or `generation`
    requested_by: str = ""
    #: which place's servers look after it, as `Backend.place` has it
    place: str = ""
    #: why `num_workers` is what it is, in Databricks' words: USER_REQUEST or AUTOSCALE
    resize_cause: str = "USER_REQUEST"
    #: when somebody last used it in a way that only the server saw (resize, edit, extend), ms since the epoch, 0 = never
    touched_ms: int = 0
    #: when it was pinned, ms since the epoch; 0 = it is not
    pinned_ms: int = 0
    #: of the request that made it; another one with the same token gets this cluster
    idempotency_token: str = ""
    #: what others than the owner may do; kept for clients that manage permissions, a server works for one user
    grants: tuple[Grant, ...] = ()

    # Facts: the fields that controllers write.
    state: ClusterState = ClusterState.PENDING
    state_message: str = ""
    #: when `state` was entered, ms since the epoch
    state_since_ms: int = 0
    termination_reason: TerminationReason | None = None
    #: the generation whose start was begun last
    started_generation: int = 1
    #: the workers it had when it last became RUNNING, count
    settled_workers: int = 0
    #: first start, last start or restart, and last end; ms since the epoch, 0 = never
    start_ms: int = 0
    last_restarted_ms: int = 0
    terminated_ms: int = 0
    driver: DriverFacts | None = None
    #: when the warning of the coming end by idleness was written, ms since the epoch; 0 = it was not, or it was extended
    warned_ms: int = 0

    #: of the row, +1 at each save
    version: int = 0

    @property
    def shown_state(self) -> ClusterState:
        """Return the state as others see it: what was asked for counts at once, before a controller has looked.

        A client that asks for a restart and then waits for RUNNING would otherwise find it still RUNNING.
        """
        outdated = self.generation > self.started_generation
        if self.state in (_S.TERMINATED, _S.TERMINATING, _S.ERROR):
            starts = self.state is _S.TERMINATED and self.target is Target.RUNNING and outdated
            return _S.PENDING if starts else self.state
        if self.target is not Target.RUNNING:
            return _S.TERMINATING
        if self.state.is_up and outdated:
            return _S.RESTARTING
        if self.state is _S.RUNNING and self.num_workers != self.settled_workers:
            return _S.RESIZING
        return self.state

    def to_wire(self, nodes: Sequence[Node], *, with_spec: bool = False) -> Json:
        """Return the cluster as Databricks answers it.

        Parameters
        ----------
        nodes : this cluster's live nodes
        with_spec : also give what the user wrote, as `clusters/get` does
        """
        spec = self.spec
        wire = spec.to_wire()
        wire |= {
            "cluster_id": self.cluster_id,
            "cluster_name": spec.cluster_name,
            "driver_node_type_id": spec.driver_node_type_id or spec.node_type_id,
            "autotermination_minutes": spec.autotermination_minutes or 0,
            "creator_user_name": self.creator_user_name,
            "cluster_source": "API",
            "state": self.shown_state.value,
            "state_message": self.state_message,
            "start_time": self.created_ms,
            "jdbc_port": 10000,
            "default_tags": {
                "Vendor": "jupyter_dbx",
                "Creator": self.creator_user_name,
                "ClusterName": spec.cluster_name,
                "ClusterId": self.cluster_id,
            },
            "num_workers": self.num_workers,
        }
        if spec.is_single_node:
            # The service spells it both ways, whichever way the user did.
            wire["spark_conf"] = SINGLE_NODE_CONF | spec.spark_conf
            wire["custom_tags"] = SINGLE_NODE_TAGS | spec.custom_tags
        if nodes:
            wire["cluster_memory_mb"] = sum(n.memory_mib for n in nodes)
            wire["cluster_cores"] = float(sum(n.cores for n in nodes))
        if self.terminated_ms:
            wire["terminated_time"] = self.terminated_ms
        if self.last_restarted_ms:
            wire["last_restarted_time"] = self.last_restarted_ms
        if self.termination_reason and self.state in (_S.TERMINATING, _S.TERMINATED, _S.ERROR):
            wire["termination_reason"] = self.termination_reason.to_wire()
        if self.driver:
            wire["spark_context_id"] = self.driver.start_ms
            wire["effective_spark_version"] = version_key(self.driver.spark_version)
            wire["driver"] = next((_node_wire(n, self.driver.start_ms) for n in nodes if n.role is Role.DRIVER), {})
            added = {e.node_id: e.added_ms for e in self.driver.executors}
            wire["executors"] = [_node_wire(n, added[n.node_id]) for n in nodes if n.node_id in added]
        if with_spec:
            wire["spec"] = spec.to_wire()
        return wire


def version_key(spark_version: str) -> str:
    """Return the key that clients know a version of Spark by, e.g. "4.3.x-scala2.13" for "4.3.0"."""
    return f"{'.'.join(spark_version.split('.')[:2])}.x-scala2.13"


def _node_wire(node: Node, start_ms: int) -> Json:
    address = str(node.backend_state.get("address", "127.0.0.1"))
    return {
        "node_id": node.node_id,
        "instance_id": node.node_id,
        "private_ip": address,
        "host_private_ip": address,
        "public_dns": "",
        "start_timestamp": start_ms,
    }
