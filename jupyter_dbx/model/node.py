"""Nodes: machine slots of a cluster, what types there are, and what a backend sees of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from jupyter_dbx.model.wire import Json


class Role(StrEnum):
    """What a node is for."""

    DRIVER = "driver"
    WORKER = "worker"


class NodeState(StrEnum):
    """PROVISIONING → READY → DRAINING → RELEASED; any live one → LOST. RELEASED rows are deleted, so it is no value."""

    PROVISIONING = "PROVISIONING"
    READY = "READY"
    DRAINING = "DRAINING"
    LOST = "LOST"


@dataclass(frozen=True)
class NodeType:
    """What can be asked for: a size of node."""

    node_type_id: str
    #: cores, count
    num_cores: int
    #: memory of the whole node, MiB: daemons, JVM heap, its overhead and Python workers
    memory_mib: int


@dataclass(frozen=True)
class Capacity:
    """What a backend with a limit can hold in all."""

    #: memory that nodes may take together, MiB
    memory_mib: int
    #: cores that nodes may take together, count (over-committed ones included)
    cores: int
    #: what the machine really has: memory in MiB, and cores
    machine_memory_mib: int
    machine_cores: int


@dataclass(frozen=True)
class NodeTypes:
    """What a backend offers."""

    #: smallest first, at least one
    types: tuple[NodeType, ...]
    #: None = no limit known in advance
    capacity: Capacity | None = None

    def get(self, node_type_id: str) -> NodeType | None:
        """Return the type of this id, or None."""
        return next((t for t in self.types if t.node_type_id == node_type_id), None)


@dataclass(frozen=True)
class Node:
    """One machine slot that belongs to a cluster."""

    node_id: str
    cluster_id: str
    role: Role
    node_type_id: str
    #: cores, count
    cores: int
    #: memory, MiB
    memory_mib: int
    #: the cluster's generation it was made for
    generation: int
    #: when it was asked for, ms since the epoch
    created_ms: int
    state: NodeState = NodeState.PROVISIONING
    #: what the backend needs to find it again; only the backend reads it
    backend_state: Json = field(default_factory=dict)
    #: how often its daemon was started in a row without working for long, count
    daemon_starts: int = 0
    #: True once its daemon has worked since it was started last
    healthy: bool = False
    #: of a DRAINING node: True once the driver knows
    drain_told: bool = False
    #: of the row, +1 at each save
    version: int = 0


@dataclass(frozen=True)
class File:
    """A file that a daemon needs in its folder."""

    content: str
    executable: bool = False


@dataclass(frozen=True)
class Daemon:
    """A long-lived process to keep on a node.

    The words `{dir}` in argv, env, files and cwd stand for the daemon's own folder, which the backend chooses.
    The daemon may write `announce.json` (what others need to reach it) and `ended.json` (why it ended) there.
    """

    name: str
    argv: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    #: name → file, written with mode 0600 (0700 if executable) before the start
    files: dict[str, File] = field(default_factory=dict)
    #: made if missing; outside of every node folder
    cwd: str = "{dir}"
    #: which files of its folder are logs, as glob patterns; `stdout` and `stderr` always are
    logs: tuple[str, ...] = ()
    #: tells one life from another: a running daemon of a different incarnation is to be replaced
    incarnation: str = ""


@dataclass(frozen=True)
class DaemonObservation:
    """What a backend sees of a daemon that was started."""

    running: bool
    incarnation: str = ""
    pid: int | None = None
    #: CPU time of this very process so far, s; None = not known
    cpu_s: float | None = None
    #: what the daemon wrote about how to reach it
    announce: Json | None = None
    #: what the daemon wrote about why it ended: `reason`, `at` (ms), `message`
    ended: Json | None = None


@dataclass(frozen=True)
class Observation:
    """What a backend sees of a node."""

    cluster_id: str
    #: False = it is gone or of an earlier boot; it must be released and replaced
    alive: bool = True
    #: True = it belongs to a server on another host, which looks after its cluster
    elsewhere: bool = False
    daemons: dict[str, DaemonObservation] = field(default_factory=dict)


@dataclass(frozen=True)
class LogFile:
    """A log of a daemon, of a node that lives or of one that was released."""

    #: "NODE_ID/DAEMON/FILE"
    path: str
    #: bytes
    size: int
    #: when it was last written, ms since the epoch
    modified_ms: int
    #: False = its node has gone, and it is kept for a while
    live: bool
