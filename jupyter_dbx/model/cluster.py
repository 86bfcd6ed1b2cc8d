"""Clusters: intent, facts, and the state transitions."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from jupyter_dbx.model.access import CLUSTER_LEVELS, Grant, Guarded
from jupyter_dbx.model.driver import Executor
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.principal import Principal, is_same_name
from jupyter_dbx.model.protocol import PROTOCOL
from jupyter_dbx.model.spec import ClusterSpec
from jupyter_dbx.model.wire import Json

#: Access modes in which a cluster serves one user or group only.
DEDICATED_MODES = (
    "SINGLE_USER",
    "DATA_SECURITY_MODE_DEDICATED",
    "LEGACY_SINGLE_USER",
    "LEGACY_SINGLE_USER_STANDARD",
)


class ClusterState(StrEnum):
    """Databricks' cluster states, set only by a controller. Clients know no others, so never add one."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    RESTARTING = "RESTARTING"
    RESIZING = "RESIZING"
    TERMINATING = "TERMINATING"
    TERMINATED = "TERMINATED"
    ERROR = "ERROR"

    @property
    def is_up(self) -> bool:
        """True if notebooks can use the driver."""
        return self in (ClusterState.RUNNING, ClusterState.RESIZING)


class Target(StrEnum):
    """The state that users request of a cluster."""

    RUNNING = "RUNNING"
    TERMINATED = "TERMINATED"
    #: terminated and deleted
    GONE = "GONE"


@dataclass(frozen=True)
class Transition:
    """One allowed change of a cluster's state."""

    old: ClusterState
    new: ClusterState
    #: the condition under which a controller makes it
    when: str
    #: the event it records; None = the event depends on the cause, or there is none
    event: EventType | None = None


_S = ClusterState

#: Every transition. A new cluster is PENDING (event CREATING).
TRANSITIONS: tuple[Transition, ...] = (
    Transition(_S.TERMINATED, _S.PENDING, "the target is RUNNING in a new generation", EventType.STARTING),
    Transition(_S.PENDING, _S.RUNNING, "the driver answers and the wanted workers registered", EventType.RUNNING),
    Transition(_S.PENDING, _S.TERMINATING, "the target is TERMINATED, or the start failed", EventType.TERMINATING),
    Transition(_S.RUNNING, _S.RESIZING, "the running workers differ from the requested workers"),
    Transition(_S.RESIZING, _S.RUNNING, "the running workers are the requested workers"),
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
    Transition(_S.TERMINATING, _S.ERROR, "a node could not be released within the time limit"),
    Transition(_S.ERROR, _S.TERMINATING, "the release is retried", EventType.TERMINATING),
)


def find_transition(old: ClusterState, new: ClusterState) -> Transition | None:
    """Return the transition from `old` to `new`, or None if it is not allowed."""
    return next((t for t in TRANSITIONS if (t.old, t.new) == (old, new)), None)


#: Termination code → Databricks' type. Clients know no others, so never add one. jupyter_dbx emits only some of these codes; the
#: rest are kept because clients and the event log must be able to read them.
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
    """Why a cluster was terminated."""

    #: one of TERMINATION_TYPES
    code: str
    #: Databricks' parameter names: `username`, `inactivity_duration_min`, `databricks_error_message`, …
    parameters: dict[str, str] = field(default_factory=dict)

    def to_wire(self) -> Json:
        """Return it in the format of `clusters/get`."""
        return {
            "code": self.code,
            "type": TERMINATION_TYPES.get(self.code, "SERVICE_FAULT"),
            "parameters": self.parameters,
        }


@dataclass(frozen=True)
class DriverFacts:
    """What the store keeps about a cluster's driver once the driver has responded."""

    #: URL of the driver daemon's server, for kernels
    url: str
    incarnation: str
    application_id: str
    ui_url: str
    spark_version: str
    python_version: str
    #: ms since the epoch
    start_ms: int
    executors: tuple[Executor, ...] = ()
    #: URL of the master UI; "" for a single node
    master_ui_url: str = ""
    #: protocol version of the daemon; if this version of jupyter_dbx does not support it, the cluster must be restarted
    protocol: int = PROTOCOL


@dataclass(frozen=True)
class Cluster:
    """One cluster: what was requested (spec, intent) and what exists (state, facts)."""

    cluster_id: str
    spec: ClusterSpec
    creator_user_name: str
    #: when it was created (event CREATING), ms since the epoch
    created_ms: int

    # Intent: the fields that managers write.
    target: Target = Target.RUNNING
    #: requested workers, count
    num_workers: int = 0
    #: +1 on each start and restart; nodes of an older generation are replaced
    generation: int = 1
    #: the user who last changed `target` or `generation`
    requested_by: str = ""
    #: the site whose servers manage it, see `Backend.place`
    place: str = ""
    #: Databricks' cause of the last change of `num_workers`: USER_REQUEST or AUTOSCALE
    resize_cause: str = "USER_REQUEST"
    #: the last use that only the server can see (resize, edit, extend), ms since the epoch; 0 = never
    touched_ms: int = 0
    #: when it was pinned, ms since the epoch; 0 = not pinned
    pinned_ms: int = 0
    #: token of the request that created it; another request with the same token returns this cluster
    idempotency_token: str = ""
    #: permissions of others than the owner
    grants: tuple[Grant, ...] = ()

    # Facts: the fields that controllers write.
    state: ClusterState = ClusterState.PENDING
    state_message: str = ""
    #: when `state` was entered, ms since the epoch
    state_since_ms: int = 0
    termination_reason: TerminationReason | None = None
    #: the latest generation that a controller began to start
    started_generation: int = 1
    #: workers when it last became RUNNING, count
    settled_workers: int = 0
    #: first start, last start or restart, and last termination; ms since the epoch, 0 = never
    start_ms: int = 0
    last_restarted_ms: int = 0
    terminated_ms: int = 0
    #: when the last start or restart was complete, ms since the epoch; 0 = unknown
    up_ms: int = 0
    driver: DriverFacts | None = None
    #: when the inactivity warning was recorded, ms since the epoch; 0 = no warning, or the time was extended since
    warned_ms: int = 0

    #: row version, +1 on each save
    version: int = 0

    @property
    def default_tags(self) -> dict[str, str]:
        """Return the tags that every cluster has."""
        return {
            "Vendor": "jupyter_dbx",
            "Creator": self.creator_user_name,
            "ClusterName": self.spec.cluster_name,
            "ClusterId": self.cluster_id,
        }

    @property
    def guarded(self) -> Guarded:
        """Return what decides who may do what with it."""
        name = self.spec.cluster_name or self.cluster_id
        return Guarded("cluster", name, CLUSTER_LEVELS, self.creator_user_name, self.grants)

    @property
    def dedicated_to(self) -> str:
        """Return the only user, or group, whose notebooks may use it; "" = everybody who may attach.

        Source: Databricks REST API, `data_security_mode` and `single_user_name`.
        """
        is_dedicated = self.spec.extra.get("data_security_mode") in DEDICATED_MODES
        return str(self.spec.extra.get("single_user_name") or self.creator_user_name) if is_dedicated else ""

    def is_for(self, principal: Principal) -> bool:
        """Return whether its access mode lets the principal's notebooks use it; administrators are no exception."""
        names = (principal.user_name, *principal.all_groups)
        return not self.dedicated_to or any(is_same_name(self.dedicated_to, name) for name in names)

    @property
    def shown_state(self) -> ClusterState:
        """Return the state that users see: a request takes effect at once, before a controller acts on it.

        Otherwise a client that requests a restart and then waits for RUNNING would see the old RUNNING.
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
