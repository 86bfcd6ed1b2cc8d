"""Nodes: machine slots of a cluster, their types, and what a backend observes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from jupyter_dbx.model.protocol import Announcement, EndedNote
from jupyter_dbx.model.wire import Json


class Role(StrEnum):
    """The role of a node in its cluster."""

    DRIVER = "driver"
    WORKER = "worker"


class NodeState(StrEnum):
    """PROVISIONING → READY → DRAINING → released; any live state → LOST. Released nodes have no row, so no state."""

    PROVISIONING = "PROVISIONING"
    READY = "READY"
    DRAINING = "DRAINING"
    LOST = "LOST"


@dataclass(frozen=True)
class NodeType:
    """A node size that can be requested."""

    node_type_id: str
    #: cores, count
    num_cores: int
    #: memory of the whole node, MiB: daemons, JVM heap and overhead, Python workers
    memory_mib: int


@dataclass(frozen=True)
class Capacity:
    """The total capacity of a backend that has a limit."""

    #: memory for all nodes together, MiB
    memory_mib: int
    #: cores for all nodes together, count (overcommitted ones included)
    cores: int
    #: what the machine physically has: memory in MiB, and cores
    machine_memory_mib: int
    machine_cores: int


@dataclass(frozen=True)
class NodeTypes:
    """The node types that a backend offers."""

    #: smallest first, at least one
    types: tuple[NodeType, ...]
    #: None = no limit is known in advance
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
    #: the cluster's generation that it was created for
    generation: int
    #: when it was requested, ms since the epoch
    created_ms: int
    state: NodeState = NodeState.PROVISIONING
    #: what the backend needs to find the node again; only the backend reads it
    backend_state: Json = field(default_factory=dict)
    #: consecutive starts of its daemon that did not last, count
    daemon_starts: int = 0
    #: True once its daemon has been healthy since its last start
    healthy: bool = False
    #: DRAINING only: True once the driver has been notified
    drain_notified: bool = False
    #: row version, +1 on each save
    version: int = 0


@dataclass(frozen=True)
class File:
    """A file that a daemon needs in its folder."""

    content: str
    executable: bool = False


@dataclass(frozen=True)
class Daemon:
    """A long-running process of a node.

    `{dir}` in argv, env, files and cwd stands for the daemon's own folder, which the backend chooses.
    The daemon may write `announce.json` (how to reach it) and `ended.json` (why it ended) there.
    """

    name: str
    argv: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    #: name → file, written with mode 0600 (0700 if executable) before the start
    files: dict[str, File] = field(default_factory=dict)
    #: created if missing; outside the node folders
    cwd: str = "{dir}"
    #: glob patterns of the log files in its folder; `stdout` and `stderr` are always logs
    logs: tuple[str, ...] = ()
    #: unique per run: a running daemon of a different incarnation is replaced
    incarnation: str = ""


@dataclass(frozen=True)
class DaemonObservation:
    """What a backend observes of a daemon that was started."""

    running: bool
    incarnation: str = ""
    pid: int | None = None
    #: CPU time of this process so far, s; None = unknown
    cpu_s: float | None = None
    #: how to reach the daemon, written by the daemon
    announce: Announcement | None = None
    #: why the daemon ended, written by the daemon
    ended: EndedNote | None = None


@dataclass(frozen=True)
class Observation:
    """What a backend observes of a node."""

    cluster_id: str
    #: False = it is gone or from an earlier boot; it must be released and replaced
    alive: bool = True
    #: True = it belongs to a server on another host, which manages its cluster
    elsewhere: bool = False
    daemons: dict[str, DaemonObservation] = field(default_factory=dict)


@dataclass(frozen=True)
class LogFile:
    """A log of a daemon on a live or a released node."""

    #: "NODE_ID/DAEMON/FILE"
    path: str
    #: bytes
    size: int
    #: when it was last written, ms since the epoch
    modified_ms: int
    #: False = its node is gone; the log is kept for a while
    live: bool
