"""Answers about clusters. Instants are ms since the epoch."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from jupyter_dbx.model.answers.answer import UNSET, Answer, Omittable, OpenAnswer
from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.driver import Load
from jupyter_dbx.model.spec import Autoscale
from jupyter_dbx.model.wire import Json

#: One of `ClusterState`. Clients accept any string, as a newer server may send other states.
State = Annotated[str, Meta(extra_json_schema={"enum": [state.value for state in ClusterState]})]

#: A configuration as the user wrote it.
SpecJson = Annotated[Json, Meta(extra_json_schema={"$ref": "#/components/schemas/Spec"})]


class Termination(Answer, frozen=True):
    """Why a cluster was terminated."""

    #: one of `model.cluster.TERMINATION_TYPES`
    code: str = ""
    type: str = ""
    parameters: dict[str, str] = msgspec.field(default_factory=dict)


class SparkNode(Answer, frozen=True):
    """The node of a driver or an executor."""

    node_id: str = ""
    instance_id: str = ""
    private_ip: str = ""
    host_private_ip: str = ""
    public_dns: str = ""
    start_timestamp: int = 0


class ClusterDetails(OpenAnswer, frozen=True):
    """A cluster in Databricks' fields: its configuration and its state.

    Source: Databricks REST API, `clusters/get`.
    """

    cluster_id: str = ""
    cluster_name: str = ""
    creator_user_name: str = ""
    cluster_source: str = ""
    state: State = ""
    state_message: str = ""
    start_time: int = 0
    terminated_time: Omittable[int] = UNSET
    last_restarted_time: Omittable[int] = UNSET
    termination_reason: Omittable[Termination] = UNSET

    spark_version: Omittable[str] = UNSET
    effective_spark_version: Omittable[str] = UNSET
    node_type_id: Omittable[str] = UNSET
    driver_node_type_id: str = ""
    #: requested workers, count
    num_workers: int = 0
    autoscale: Omittable[Autoscale] = UNSET
    #: minutes of inactivity until it terminates; 0 = never
    autotermination_minutes: int = 0
    is_single_node: Omittable[bool] = UNSET
    spark_conf: Omittable[dict[str, str]] = UNSET
    spark_env_vars: Omittable[dict[str, str]] = UNSET
    custom_tags: Omittable[dict[str, str]] = UNSET
    default_tags: dict[str, str] = msgspec.field(default_factory=dict)

    #: total memory, MiB, and cores of its live nodes
    cluster_memory_mb: Omittable[int] = UNSET
    cluster_cores: Omittable[float] = UNSET
    jdbc_port: int = 0
    #: changes whenever the driver restarts
    spark_context_id: Omittable[int] = UNSET
    #: empty while the driver's node is unknown
    driver: Omittable[Json] = UNSET
    executors: Omittable[tuple[SparkNode, ...]] = UNSET
    #: present only if a single cluster is requested
    spec: Omittable[SpecJson] = UNSET


class Changes(Answer, frozen=True):
    """The number of changes to the workspace so far."""

    revision: int = 0


class NotebookSeat(Answer, frozen=True):
    """A kernel that has a seat on a cluster's driver."""

    kernel_id: str = ""
    pid: int = 0
    #: absolute path of its notebook; "" = it has none
    notebook: str = ""
    #: path of its notebook relative to this server's root folder; "" = outside of it
    path: str = ""
    since_ms: int = 0
    #: True while a cell runs
    busy: bool = False


class Live(Answer, frozen=True):
    """The last report of a cluster's driver."""

    #: time of the report
    time: int = 0
    load: Load = Load()
    #: time since the last activity, s
    idle_s: float = 0.0
    #: time until termination due to inactivity, s; None = never
    ends_in_s: float | None = None
    notebooks: tuple[NotebookSeat, ...] = ()


class ClusterView(ClusterDetails, frozen=True):
    """A cluster with the live status of its driver."""

    pinned: bool = False
    #: None = its driver has not reported
    live: Live | None = None
    #: "" = not available now
    spark_ui_url: str = ""
    master_ui_url: str = ""
    #: the version of Spark that its driver runs, e.g. "4.3.0"; "" = it is not known yet
    apache_spark_version: str = ""
    #: since when it has been up, ms since the epoch; 0 = it is not, or it was started by an earlier version
    running_since: int = 0
    #: what the caller may do with it, one of CLUSTER_LEVELS
    permission_level: str = ""

    @property
    def name(self) -> str:
        """Return the display name."""
        return self.cluster_name or self.cluster_id

    @property
    def notebooks(self) -> tuple[NotebookSeat, ...]:
        """Return the kernels that are attached to it."""
        return self.live.notebooks if self.live else ()


class Clusters(Answer, frozen=True):
    """All clusters."""

    clusters: tuple[ClusterView, ...] = ()
    #: number of changes so far
    revision: int = 0


class ClustersSeen(Clusters, frozen=True):
    """All clusters, and the cluster that one notebook is attached to."""

    #: ID of the cluster that the notebook is attached to, or ""
    attached: str = ""


class LiveClusters(Answer, frozen=True):
    """The last report of each driver."""

    #: cluster ID → report
    live: dict[str, Live] = msgspec.field(default_factory=dict)
    #: number of other changes so far
    revision: int = 0


class ClusterPage(Answer, frozen=True):
    """A page of clusters in Databricks' fields."""

    clusters: tuple[ClusterDetails, ...] = ()
    next_page_token: Omittable[str] = UNSET
    prev_page_token: Omittable[str] = UNSET


class ClusterCreated(Answer, frozen=True):
    """The ID of a new cluster."""

    cluster_id: str = ""
