"""What a driver daemon reports about itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Executor:
    """One executor registered with the driver."""

    executor_id: str
    #: the node it runs on; "" where Spark has no such attribute (local mode)
    node_id: str
    #: cores, count
    cores: int
    #: storage memory, MiB
    memory_mib: int
    #: when it registered, ms since the epoch
    added_ms: int


@dataclass(frozen=True)
class Load:
    """How busy the cluster is at one instant."""

    #: tasks, count
    running_tasks: int = 0
    pending_tasks: int = 0
    #: cores, count
    busy_cores: int = 0
    total_cores: int = 0


@dataclass(frozen=True)
class SeatStatus:
    """One kernel's seat on the driver, without its secrets."""

    kernel_id: str
    #: process id of the kernel
    pid: int
    #: the notebook's path as the kernel reported it
    notebook: str
    since_ms: int
    #: True while a cell runs
    busy: bool


@dataclass(frozen=True)
class DriverStatus:
    """The response of the driver daemon's `GET /status`."""

    protocol: int
    cluster_id: str
    generation: int
    #: True once the SparkContext exists
    ready: bool
    #: False while no job has shown yet that tasks run
    proven: bool = True
    #: unique per run of the driver process; workers of another incarnation are replaced
    incarnation: str = ""
    #: `spark://…` once the master accepts connections; "" before that, and for single-node clusters
    master_url: str = ""
    application_id: str = ""
    ui_url: str = ""
    #: URL of the master UI; "" for single-node clusters
    master_ui_url: str = ""
    spark_version: str = ""
    #: e.g. "3.11"
    python_version: str = ""
    #: when the SparkContext started, ms since the epoch
    start_ms: int = 0
    jvm_pid: int = 0
    #: time since the last activity, s; 0 while something runs
    idle_s: float = 0.0
    #: time until it terminates due to inactivity, s; None = never
    ends_in_s: float | None = None
    #: the last touch it received, ms since the epoch by the sender's clock; 0 = none
    touched_ms: int = 0
    executors: tuple[Executor, ...] = ()
    seats: tuple[SeatStatus, ...] = ()
    load: Load = Load()


@dataclass(frozen=True)
class Pulse:
    """What a driver last reported about itself: facts that change every second."""

    #: time of the report, ms since the epoch
    at_ms: int
    load: Load
    idle_s: float
    ends_in_s: float | None
    seats: tuple[SeatStatus, ...] = ()
