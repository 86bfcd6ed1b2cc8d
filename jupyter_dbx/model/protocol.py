"""The driver protocol: typed messages between server, driver daemon and kernel; `codec` encodes and decodes them.

Terms
-----
seat : a kernel's place on a driver; it lasts as long as its websocket. On the kernel's side `kernel.session.seat.Seat`, on the
    driver's `driver.seats.Seat`, in its status `SeatStatus`. *Session* means SparkSession only.
contact : an address with its credentials. `KernelContact` is what a kernel receives when it starts: its identity and its
    server's URL; it is in `model.kernel_contact`, because each kernel loads that, and this only with Spark. `DriverContact` is
    the server's response to a kernel that requests a seat: the driver's URL and a ticket.
hello, welcome : a kernel's first message on its seat's websocket, and the driver's reply, unless that is `Refused`.

Messages
--------
server → driver : `DriverConfig`, a file; `DriverNotice`, the body of `POST /OP`
driver → server : `Announcement` and `EndedNote`, files; `DriverStatus` (in `model.driver`), the response of `GET /status`;
    `RecentJobs` of `GET /jobs?since=MS`; `ExecutorTasks` of `GET /executors`
server → kernel : `KernelContact`, environment variables; `DriverContact`, a response of the REST API
kernel → driver : `KernelMessage`, on the websocket `/seats/KERNEL_ID`
driver → kernel : `DriverMessage`, on the same websocket

Versions
--------
`PROTOCOL` counts incompatible changes. A newer server adopts a driver with the same number. If the number differs, the server
reports that a restart of the cluster upgrades it, and the driver refuses kernels with the same message. `Hello` and
`DriverStatus`, which carry the number, must therefore stay readable: every field that a later version may omit has a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, get_args

from jupyter_dbx.model.driver import Load

#: Version of the protocol.
PROTOCOL = 1

#: Session property with the id of the kernel that a SparkSession belongs to.
KERNEL_CONF = "spark.dbx.kernelId"

#: Local properties of Spark's threads and tasks: the notebook's path, its working folder, and its `sys.path` as a JSON list.
NOTEBOOK_PROPERTY = "spark.dbx.notebook"
FOLDER_PROPERTY = "spark.dbx.folder"
MODULE_PATH_PROPERTY = "spark.dbx.modulePath"

#: Environment variable of a notebook's Python workers: the kernel they work for.
SEAT_VARIABLE = "DBX_SEAT"

#: Attribute of an executor: the node it runs on.
NODE_ATTRIBUTE = "DBX_NODE"


@dataclass(frozen=True)
class DriverConfig:
    """The configuration of a driver daemon, in a file of mode 0600."""

    FILE: ClassVar[str] = "driver.json"

    protocol: int
    cluster_id: str
    cluster_name: str
    generation: int
    #: with which the Jupyter server authenticates to the daemon's server
    token: str
    #: secret of `spark.authenticate`
    spark_secret: str
    #: signing key for access to Spark's web UIs, base64url
    ui_key: str
    #: command line of the JVM
    jvm: list[str]
    #: properties of the SparkContext
    conf: dict[str, str]
    #: False for a single-node cluster
    with_master: bool
    #: 0 = never
    autotermination_minutes: int
    #: how long the JVM may neither respond nor use CPU before it counts as hung, s
    hung_after_s: float = 60.0


@dataclass(frozen=True)
class Announcement:
    """How to reach a daemon; written by the daemon once it listens."""

    FILE: ClassVar[str] = "announce.json"

    #: URL of its HTTP server
    url: str
    protocol: int = PROTOCOL


@dataclass(frozen=True)
class EndedNote:
    """Why a daemon ended by itself; a daemon that crashes writes none."""

    FILE: ClassVar[str] = "ended.json"

    #: one of Databricks' termination codes
    reason: str
    message: str
    #: ms since the epoch
    at: int = 0


@dataclass(frozen=True)
class TouchNotice:
    """The cluster was used: its idle time restarts."""

    op: ClassVar[str] = "touch"

    #: when, ms since the epoch by the sender's clock
    at_ms: int
    #: how long ago that was, s
    age_s: float


@dataclass(frozen=True)
class DecommissionNotice:
    """The workers on these nodes accept no more tasks and migrate their blocks."""

    op: ClassVar[str] = "decommission"

    node_ids: tuple[str, ...]


@dataclass(frozen=True)
class DetachNotice:
    """A notebook was detached from the cluster, or attached to another one. Accepted only if its kernel has a seat."""

    op: ClassVar[str] = "detach"

    kernel_id: str


DriverNotice = TouchNotice | DecommissionNotice | DetachNotice
"""Notices from the server to a driver."""

DRIVER_NOTICES: Mapping[str, type[DriverNotice]] = {kind.op: kind for kind in get_args(DriverNotice)}


@dataclass(frozen=True)
class Hello:
    """A kernel takes its seat."""

    op: ClassVar[str] = "hello"

    protocol: int
    #: process id and start time of the kernel, in clock ticks after boot: they tell it apart from a later process with this pid
    pid: int = 0
    start_ticks: int = 0
    #: the notebook's path, or ""
    notebook: str = ""
    #: versions, e.g. "4.0.1" and "3.11"
    pyspark: str = ""
    python: str = ""
    #: tells this start of the kernel from others with the same id, in which cells are numbered from 1, too; "" = an older kernel
    start: str = ""


@dataclass(frozen=True)
class Bound:
    """The kernel has its SparkSession."""

    op: ClassVar[str] = "bound"

    #: its folder for PySpark's temporary files, which are deleted with the seat
    temp_dir: str


@dataclass(frozen=True)
class RunningCell:
    """The cells that run, after one has begun or ended."""

    op: ClassVar[str] = "cell"

    #: the one that began last, counts from 1; 0 = none runs
    cell: int
    #: its title, shown to users
    title: str
    #: others that run, in subshells or as callbacks
    others: tuple[int, ...] = ()


@dataclass(frozen=True)
class Interrupt:
    """Cancel the jobs of the kernel that run now, except those of streaming queries that cells before started."""

    op: ClassVar[str] = "interrupt"

    #: cancel only the jobs of this cell, which may have ended; 0 = those of all cells, and those that belong to none
    cell: int = 0


@dataclass(frozen=True)
class CachedRdd:
    """The kernel is about to cache an RDD, which Spark itself associates with no SparkSession."""

    op: ClassVar[str] = "cached_rdd"

    #: Spark's id of the RDD
    id: int


SeatMessage = Bound | RunningCell | Interrupt | CachedRdd
"""What a kernel sends once it has its seat."""

KernelMessage = Hello | SeatMessage
"""What a kernel sends to its driver."""

KERNEL_MESSAGES: Mapping[str, type[KernelMessage]] = {kind.op: kind for kind in get_args(KernelMessage)}


@dataclass(frozen=True)
class Welcome:
    """The kernel has its seat: how to connect to the JVM."""

    op: ClassVar[str] = "seat"

    cluster_id: str
    cluster_name: str
    gateway_port: int
    gateway_secret: str
    #: job tag of every job of this kernel
    tag: str
    #: first part of the job tag of a cell's jobs, before a colon and the cell's number; "" = that is `tag`, of an older driver
    cells_tag: str = ""


@dataclass(frozen=True)
class Refused:
    """The kernel gets no seat."""

    op: ClassVar[str] = "refused"

    #: why, and what to do
    message: str


@dataclass(frozen=True)
class StageProgress:
    """The progress of one stage of a job."""

    stage_id: int
    attempt: int
    name: str
    #: Spark's: ACTIVE, COMPLETE, FAILED, PENDING; of ended jobs also SKIPPED, its result already existed
    status: str
    #: tasks, count
    tasks: int
    done: int
    running: int
    failed: int
    #: start and end, ms since the epoch; None = not yet, or never
    began_ms: int | None = None
    ended_ms: int | None = None


@dataclass(frozen=True)
class JobProgress:
    """The progress of one Spark job."""

    job_id: int
    name: str
    #: Spark's: RUNNING, SUCCEEDED, FAILED, UNKNOWN; or CANCELLED, which is no failure for Spark's users
    status: str
    #: start and end, ms since the epoch; None = not yet
    began_ms: int | None
    ended_ms: int | None
    #: tasks that have to run, count
    tasks: int
    done: int
    running: int
    failed: int
    #: in execution order
    stages: tuple[StageProgress, ...] = ()


@dataclass(frozen=True)
class Progress:
    """The progress of the jobs of a cell."""

    op: ClassVar[str] = "progress"

    cell: int
    #: True = the cell has ended, and this is its last report
    over: bool
    cluster_id: str = ""
    #: oldest first; () = unchanged
    jobs: tuple[JobProgress, ...] = ()


@dataclass(frozen=True)
class NotebookJob:
    """A job, and the notebook that began it."""

    job: JobProgress
    #: "" = no notebook did
    kernel_id: str = ""
    #: the notebook's path as its kernel reported it
    notebook: str = ""


@dataclass(frozen=True)
class RecentJobs:
    """The newest jobs of all notebooks that run, or ended since some time."""

    #: now, ms since the epoch
    at_ms: int
    #: Spark's id of the application that the jobs belong to; their ids begin at 0 in each
    application_id: str
    #: newest first
    jobs: tuple[NotebookJob, ...] = ()


@dataclass(frozen=True)
class ExecutorLoad:
    """The tasks of an executor."""

    executor_id: str
    #: the node it runs on; "" where Spark has no such attribute (local mode)
    node_id: str
    #: cores, count
    cores: int
    #: tasks, count; `done` and `failed` since it registered
    running: int
    done: int
    failed: int


@dataclass(frozen=True)
class ExecutorTasks:
    """The load of the cluster, and of each executor, at one instant."""

    #: ms since the epoch
    at_ms: int
    load: Load
    executors: tuple[ExecutorLoad, ...] = ()


@dataclass(frozen=True)
class Leave:
    """The kernel's notebook was detached: it is to release its seat as soon as no cell is running."""

    op: ClassVar[str] = "leave"


DriverMessage = Welcome | Refused | Progress | Leave
"""What a driver sends to a kernel."""

DRIVER_MESSAGES: Mapping[str, type[DriverMessage]] = {kind.op: kind for kind in get_args(DriverMessage)}


@dataclass(frozen=True)
class DriverContact:
    """How a kernel reaches the driver of its cluster; `url` and `ticket` are empty while the driver is not running."""

    cluster_id: str
    cluster_name: str
    #: Databricks' cluster state
    state: str
    state_message: str
    #: URL of the driver's server; "" = not yet
    url: str = ""
    #: valid for this kernel only; "" = not yet
    ticket: str = ""
