"""Answers about the resource usage of clusters."""

from __future__ import annotations

import msgspec

from jupyter_dbx.model.answers.answer import Answer
from jupyter_dbx.model.answers.logs import RoleName
from jupyter_dbx.model.driver import Load


class NodeUsage(Answer, frozen=True):
    """The resource usage of a node at one instant."""

    role: RoleName = ""
    #: limits: cores, count, and memory, MiB
    cores: int = 0
    memory_limit_mib: int = 0
    #: average number of cores in use since the previous sample
    cpu: float = 0.0
    #: resident memory of its processes, MiB
    memory_mib: float = 0.0


class UsageSample(Answer, frozen=True):
    """The load and resource usage of a cluster at one instant."""

    #: ms since the epoch
    time: int = 0
    #: None = the driver did not respond
    load: Load | None = None
    #: node ID → usage
    nodes: dict[str, NodeUsage] = msgspec.field(default_factory=dict)


class UsageHistory(Answer, frozen=True):
    """Samples of a cluster's load and resource usage, oldest first."""

    samples: tuple[UsageSample, ...] = ()


class ProcessDetails(Answer, frozen=True):
    """A process of a node: a daemon, or a process that a daemon started."""

    pid: int = 0
    #: name of the daemon that it belongs to
    daemon: str = ""
    name: str = ""
    #: CPU time so far, s
    cpu_s: float = 0.0
    memory_mib: float = 0.0
    #: addresses it listens on, e.g. "127.0.0.1:4040"
    ports: tuple[str, ...] = ()


class NodeDetails(Answer, frozen=True):
    """A node and the resources that it uses now."""

    node_id: str = ""
    role: RoleName = ""
    node_type_id: str = ""
    #: one of `model.node.NodeState`
    state: str = ""
    num_cores: int = 0
    memory_mb: int = 0
    address: str = ""
    #: ms since the epoch
    created_time: int = 0
    processes: tuple[ProcessDetails, ...] = ()
    #: location of its files, and their size, MiB
    folder: str = ""
    disk_mb: float = 0


class NodeList(Answer, frozen=True):
    """The nodes of a cluster, driver first."""

    nodes: tuple[NodeDetails, ...] = ()
