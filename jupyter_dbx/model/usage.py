"""The resource usage of nodes: by process now, and over time."""

from __future__ import annotations

from dataclasses import dataclass, field

from jupyter_dbx.model.driver import Load
from jupyter_dbx.model.node import Role


@dataclass(frozen=True)
class NodeProcess:
    """A process of a node: a daemon, or a process that a daemon started."""

    pid: int
    #: name of the daemon that it belongs to
    daemon: str
    #: name of the program, e.g. "java"
    name: str
    #: CPU time so far, s
    cpu_s: float
    #: resident memory, MiB; memory shared between processes counts for each of them
    memory_mib: float
    #: addresses it listens on, e.g. "127.0.0.1:4040"
    ports: tuple[str, ...] = ()


@dataclass(frozen=True)
class NodeResources:
    """The resources that a node uses now."""

    processes: tuple[NodeProcess, ...]
    #: location of its files, for users
    folder: str
    #: size of these files, MiB
    disk_mib: float


@dataclass(frozen=True)
class NodeSample:
    """The resource usage of a node at one instant."""

    role: Role
    #: limits: cores, count, and memory, MiB
    cores: int
    memory_limit_mib: int
    #: average number of cores in use since the previous sample
    cpu: float
    #: resident memory of its processes, MiB
    memory_mib: float


@dataclass(frozen=True)
class Sample:
    """The load and resource usage of a cluster at one instant."""

    #: ms since the epoch
    at_ms: int
    #: None = the driver did not respond
    load: Load | None
    #: node id → its usage
    nodes: dict[str, NodeSample] = field(default_factory=dict)
