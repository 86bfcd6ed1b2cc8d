"""ClusterSpec: what a user wrote about a cluster, in Databricks' fields, unchanged by us."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.wire import Json, read_bool, read_int, read_map, read_object, read_str

#: What our own surfaces write when the user says nothing: idle minutes until a cluster ends.
DEFAULT_AUTOTERMINATION_MINUTES = 60

#: Bounds of `autotermination_minutes` when it is not 0, minutes; a server may be set to a lower one, for trials.
#: Source: Databricks REST API, `clusters/create`.
AUTOTERMINATION_BOUNDS = (10, 10_000)

#: How Databricks' clients spell a single-node cluster in `spark_conf` and `custom_tags`.
SINGLE_NODE_CONF = {"spark.databricks.cluster.profile": "singleNode", "spark.master": "local[*]"}
SINGLE_NODE_TAGS = {"ResourceClass": "SingleNode"}

#: Fields that change how a cloud cluster runs and that have no effect here; a cluster says so in its `state_message`.
WITHOUT_EFFECT = (
    "init_scripts",
    "docker_image",
    "instance_pool_id",
    "driver_instance_pool_id",
    "policy_id",
    "ssh_public_keys",
)

#: Fields of Databricks' API that are taken and say nothing that a cluster here would have to do.
HARMLESS = frozenset(
    "apply_policy_default_values aws_attributes azure_attributes clone_from cluster_log_conf cluster_source "
    "data_security_mode dependency_mode enable_elastic_disk enable_local_disk_encryption gcp_attributes idempotency_token kind "
    "remote_disk_throughput runtime_engine single_user_name total_initial_remote_disk_size use_ml_runtime "
    "workload_type worker_node_type_flexibility driver_node_type_flexibility libraries".split()
)

#: Kind of a destination in `cluster_log_conf` → what its path begins with. S3 is taken and has no effect.
LOG_DESTINATIONS = {"dbfs": "dbfs:/", "volumes": "/Volumes/", "file": "file:/"}


@dataclass(frozen=True)
class Autoscale:
    """Bounds of the number of workers, both included, count."""

    min_workers: int
    max_workers: int


@dataclass(frozen=True)
class ClusterSpec:
    """A cluster as asked for.

    Source: Databricks REST API, `clusters/create`.
    """

    cluster_name: str = ""
    spark_version: str = ""
    node_type_id: str = ""
    #: "" = the same as `node_type_id`
    driver_node_type_id: str = ""
    #: workers, count; None when `autoscale` is given
    num_workers: int | None = None
    autoscale: Autoscale | None = None
    #: idle minutes until the cluster ends; 0 or None = never
    autotermination_minutes: int | None = None
    is_single_node: bool | None = None
    spark_conf: dict[str, str] = field(default_factory=dict)
    spark_env_vars: dict[str, str] = field(default_factory=dict)
    custom_tags: dict[str, str] = field(default_factory=dict)
    #: every other field of the request: kept and echoed, without effect
    extra: Json = field(default_factory=dict)

    @classmethod
    def from_wire(cls, body: Mapping[str, object]) -> ClusterSpec:
        """Return the spec in a request body.

        Raises
        ------
        InvalidParameterValue : a field has the wrong type, is out of bounds, or contradicts another; says which
        """
        typed = {f.name for f in dataclasses.fields(cls)} - {"extra"}
        spec = cls(
            cluster_name=read_str(body, "cluster_name"),
            spark_version=read_str(body, "spark_version"),
            node_type_id=read_str(body, "node_type_id"),
            driver_node_type_id=read_str(body, "driver_node_type_id"),
            num_workers=read_int(body, "num_workers"),
            autoscale=read_autoscale(body),
            autotermination_minutes=read_int(body, "autotermination_minutes"),
            is_single_node=read_bool(body, "is_single_node"),
            spark_conf=read_map(body, "spark_conf"),
            spark_env_vars=read_map(body, "spark_env_vars"),
            custom_tags=read_map(body, "custom_tags"),
            extra={k: v for k, v in body.items() if k not in typed and v is not None},
        )
        spec.check()
        return spec

    def check(self) -> None:
        """Raise InvalidParameterValue unless the fields are in bounds and agree with each other."""
        if self.num_workers is not None and self.autoscale is not None:
            raise InvalidParameterValue("Give either num_workers or autoscale, not both.")
        if self.num_workers is None and self.autoscale is None and not self._asks_for_single_node:
            raise InvalidParameterValue(
                "Say how many workers: num_workers, autoscale.min_workers and max_workers, or is_single_node."
            )
        if self.num_workers is not None and self.num_workers < 0:
            raise InvalidParameterValue(f"num_workers must be 0 or more, not {self.num_workers}")
        if self._asks_for_single_node and (self.num_workers or self.autoscale):
            raise InvalidParameterValue("A single-node cluster has no workers: leave num_workers out or 0.")
        minutes, most = self.autotermination_minutes or 0, AUTOTERMINATION_BOUNDS[1]
        if not 0 <= minutes <= most:
            raise InvalidParameterValue(f"autotermination_minutes must be between 0 (never) and {most}, not {minutes}")
        if len(self.custom_tags) > 45:
            raise InvalidParameterValue(f"At most 45 custom_tags are allowed, not {len(self.custom_tags)}")
        _log_folder(self.extra)

    @property
    def _asks_for_single_node(self) -> bool:
        profile = self.spark_conf.get("spark.databricks.cluster.profile")
        return bool(self.is_single_node) or profile == "singleNode"

    @property
    def single_node(self) -> bool:
        """True if the driver is the whole cluster. A cluster of 0 workers could run no job otherwise."""
        return self._asks_for_single_node or (self.autoscale is None and not self.num_workers)

    @property
    def initial_workers(self) -> int:
        """How many workers a start brings up, count: the fixed number, or the least of autoscaling."""
        if self.single_node:
            return 0
        return self.autoscale.min_workers if self.autoscale else self.num_workers or 0

    @property
    def largest_workers(self) -> int:
        """How many workers the cluster may have at most, count."""
        return self.autoscale.max_workers if self.autoscale else self.initial_workers

    def size_wire(self) -> Json:
        """Return how many workers it asks for, as events tell it."""
        return (
            {"autoscale": dataclasses.asdict(self.autoscale)}
            if self.autoscale
            else {"num_workers": self.initial_workers}
        )

    def without_effect(self) -> list[str]:
        """Return the names of fields the user set that change nothing here."""
        names = [name for name in self.extra if name in WITHOUT_EFFECT or name not in HARMLESS]
        names = [name for name in names if self.extra[name]]
        undelivered = self.extra.get("cluster_log_conf") and _log_folder(self.extra) is None
        return [*names, "cluster_log_conf"] if undelivered else names

    def to_wire(self) -> Json:
        """Return the fields as a request body that gives this spec again."""
        wire: Json = dict(self.extra)
        for f in dataclasses.fields(self):
            value = getattr(self, f.name)
            if f.name != "extra" and value is not None and value != "" and value != {}:
                wire[f.name] = dataclasses.asdict(value) if isinstance(value, Autoscale) else value
        return wire


def read_autoscale(body: Mapping[str, object]) -> Autoscale | None:
    """Return the `autoscale` bounds of a request body, or None.

    Raises
    ------
    InvalidParameterValue : a bound is missing, negative, or the least is above the most
    """
    raw = read_object(body, "autoscale")
    if raw is None:
        return None
    low, high = read_int(raw, "min_workers"), read_int(raw, "max_workers")
    if low is None or high is None:
        raise InvalidParameterValue("autoscale needs both min_workers and max_workers")
    if low < 0 or high < max(low, 1):
        raise InvalidParameterValue(
            f"autoscale.max_workers must be at least 1 and not below min_workers, not {low}–{high}"
        )
    return Autoscale(low, high)


def log_destination(spec: ClusterSpec, data_dir: Path) -> Path | None:
    """Return the folder below which a cluster's logs are to be delivered, or None if nobody asked for them.

    Parameters
    ----------
    data_dir : the workspace, which `dbfs:/` and `/Volumes/` are folders of
    """
    found = _log_folder(spec.extra)
    if found is None:
        return None
    kind, folder = found
    return {"dbfs": data_dir / "dbfs", "volumes": data_dir / "Volumes", "file": Path("/")}[kind] / folder


def _log_folder(extra: Json) -> tuple[str, PurePosixPath] | None:
    """Return the kind of destination in `cluster_log_conf`, and the folder below its root.

    Raises
    ------
    InvalidParameterValue : the destination is no folder of its kind
    """
    conf = read_object(extra, "cluster_log_conf") or {}
    given = [kind for kind in LOG_DESTINATIONS if conf.get(kind) is not None]
    if len(given) > 1:
        raise InvalidParameterValue(f"cluster_log_conf takes one destination, not {' and '.join(given)}")
    for kind in given:
        destination, root = read_str(read_object(conf, kind) or {}, "destination"), LOG_DESTINATIONS[kind]
        folder = PurePosixPath(destination.removeprefix(root).strip("/"))
        if not destination.startswith(root) or not folder.parts or ".." in folder.parts or "\0" in destination:
            raise InvalidParameterValue(
                f"cluster_log_conf.{kind}.destination must be a folder like {root}cluster-logs, not {destination!r}"
            )
        return kind, folder
    return None
