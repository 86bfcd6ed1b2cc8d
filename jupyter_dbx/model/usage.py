"""What nodes use of their machines: by process now, and over time."""

from __future__ import annotations

from dataclasses import dataclass, field

from jupyter_dbx.model.driver import Load
from jupyter_dbx.model.node import Role
from jupyter_dbx.model.wire import Json, to_document


@dataclass(frozen=True)
class NodeProcess:
    """A process of a node: a daemon, or one that it started."""

    pid: int
    #: of the daemon that it belongs to
    daemon: str
    #: of the program, e.g. "java"
    name: str
    #: CPU time so far, s
    cpu_s: float
    #: resident memory, MiB; what processes share counts for each of them
    memory_mib: float
    #: where it listens, e.g. "127.0.0.1:4040"
    ports: tuple[str, ...] = ()


@dataclass(frozen=True)
class NodeResources:
    """Everything that a node takes of its machine now."""

    processes: tuple[NodeProcess, ...]
    #: where its files are, as a person would look for them
    folder: str
    #: of these files, MiB
    disk_mib: float


@dataclass(frozen=True)
class NodeSample:
    """How much a node used at one instant."""

    role: Role
    #: what it may take: cores, count, and memory, MiB
    cores: int
    memory_limit_mib: int
    #: cores in use on average since the sample before, count
    cpu: float
    #: resident memory of its processes, MiB
    memory_mib: float


@dataclass(frozen=True)
class Sample:
    """How busy a cluster was at one instant."""

    cluster_id: str
    #: ms since the epoch
    at_ms: int
    #: None = its driver did not answer
    load: Load | None
    #: node id → its usage
    nodes: dict[str, NodeSample] = field(default_factory=dict)

    def to_wire(self) -> Json:
        """Return it as `/api/dbx/clusters/ID/metrics` answers it."""
        return {"time": self.at_ms, "load": to_document(self.load), "nodes": to_document(self.nodes)}
