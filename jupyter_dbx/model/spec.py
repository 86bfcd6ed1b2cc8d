"""ClusterSpec: a cluster's configuration as the user wrote it, in Databricks' fields."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

from jupyter_dbx.model.errors import InvalidParameterValue, Reason
from jupyter_dbx.model.spec_limits import check_limits
from jupyter_dbx.model.wire import Json, read_bool, read_int, read_map, read_object, read_str

T = TypeVar("T")

#: Default of the UI, the CLI and the magics: minutes of inactivity until a cluster terminates.
DEFAULT_AUTOTERMINATION_MINUTES = 60

#: Bounds of `autotermination_minutes` when it is not 0, minutes; a server can be configured to accept less, for testing.
#: Source: Databricks REST API, `clusters/create`.
AUTOTERMINATION_BOUNDS = (10, 10_000)

#: How Databricks' clients spell a single-node cluster in `spark_conf` and `custom_tags`.
SINGLE_NODE_CONF = {"spark.databricks.cluster.profile": "singleNode", "spark.master": "local[*]"}
SINGLE_NODE_TAGS = {"ResourceClass": "SingleNode"}

#: Fields that change how a cloud cluster runs but have no effect here; a cluster's `state_message` reports them.
WITHOUT_EFFECT = (
    "init_scripts",
    "docker_image",
    "instance_pool_id",
    "driver_instance_pool_id",
    "policy_id",
    "ssh_public_keys",
)

#: Fields of Databricks' API that are accepted silently because nothing here depends on them.
HARMLESS = frozenset(
    "apply_policy_default_values aws_attributes azure_attributes clone_from cluster_log_conf cluster_source "
    "data_security_mode dependency_mode enable_elastic_disk enable_local_disk_encryption gcp_attributes idempotency_token kind "
    "remote_disk_throughput runtime_engine single_user_name total_initial_remote_disk_size use_ml_runtime "
    "workload_type worker_node_type_flexibility driver_node_type_flexibility libraries".split()
)

#: Kind of destination in `cluster_log_conf` → prefix of its path. S3 is accepted without effect.
LOG_DESTINATIONS = {"dbfs": "dbfs:/", "volumes": "/Volumes/", "file": "file:/"}


@dataclass(frozen=True)
class Autoscale:
    """Bounds of the number of workers, both included, count."""

    min_workers: int
    max_workers: int


@dataclass(frozen=True)
class ClusterSpec:
    """The requested configuration of a cluster.

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
    #: minutes of inactivity until the cluster terminates; 0 or None = never
    autotermination_minutes: int | None = None
    is_single_node: bool | None = None
    spark_conf: dict[str, str] = field(default_factory=dict)
    spark_env_vars: dict[str, str] = field(default_factory=dict)
    custom_tags: dict[str, str] = field(default_factory=dict)
    #: all other fields of the request: stored and returned, without effect
    extra: Json = field(default_factory=dict)

    @classmethod
    def from_wire(cls, body: Mapping[str, object]) -> ClusterSpec:
        """Return the spec in a request body.

        Raises
        ------
        InvalidParameterValue : a field has the wrong type, is out of bounds, or contradicts another; names the field
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
        check_limits(body)
        return spec

    def check(self) -> None:
        """Raise InvalidParameterValue unless the fields are in bounds and agree with each other."""
        if self.num_workers is not None and self.autoscale is not None:
            raise InvalidParameterValue("Specify either num_workers or autoscale, not both.", field="num_workers")
        if self.num_workers is None and self.autoscale is None and not self._requests_single_node:
            raise InvalidParameterValue(
                "Specify the number of workers: num_workers, autoscale (min_workers and max_workers), or is_single_node.",
                reason=Reason.MISSING_VALUE,
                field="num_workers",
            )
        if self.num_workers is not None and self.num_workers < 0:
            raise InvalidParameterValue(f"num_workers must be 0 or more, not {self.num_workers}", field="num_workers")
        if self._requests_single_node and (self.num_workers or self.autoscale):
            raise InvalidParameterValue(
                "A single-node cluster has no workers: omit num_workers or set it to 0.",
                field="autoscale" if self.autoscale else "num_workers",
            )
        minutes, maximum = self.autotermination_minutes or 0, AUTOTERMINATION_BOUNDS[1]
        if not 0 <= minutes <= maximum:
            raise InvalidParameterValue(
                f"autotermination_minutes must be between 0 (never) and {maximum}, not {minutes}",
                field="autotermination_minutes",
            )
        _log_folder(self.extra)

    @property
    def _requests_single_node(self) -> bool:
        profile = self.spark_conf.get("spark.databricks.cluster.profile")
        return bool(self.is_single_node) or profile == "singleNode"

    @property
    def single_node(self) -> bool:
        """True if the driver is the whole cluster. With 0 workers it must be, as no job could run otherwise."""
        return self._requests_single_node or (self.autoscale is None and not self.num_workers)

    @property
    def initial_workers(self) -> int:
        """The number of workers at the start: the fixed number, or the minimum of autoscaling."""
        if self.single_node:
            return 0
        return self.autoscale.min_workers if self.autoscale else self.num_workers or 0

    def is_same_as(self, other: ClusterSpec) -> bool:
        """Return whether a cluster of this spec is the same as one of the other, however each of them is written."""
        return self._written_once() == other._written_once()

    def _written_once(self) -> ClusterSpec:
        """Return the spec without what says the same as a default, or is said twice, as in the answers of `clusters/get`."""
        single = self.single_node
        return dataclasses.replace(
            self,
            driver_node_type_id=self.driver_node_type_id or self.node_type_id,
            num_workers=self.num_workers or (None if self.autoscale else 0),
            autotermination_minutes=self.autotermination_minutes or 0,
            is_single_node=single,
            spark_conf=_without(self.spark_conf, SINGLE_NODE_CONF if single else {}),
            custom_tags=_without(self.custom_tags, SINGLE_NODE_TAGS if single else {}),
            extra=_without(self.extra, {"kind": "CLASSIC_PREVIEW"}),
        )

    def size_wire(self) -> Json:
        """Return the requested number of workers in the format of events."""
        return (
            {"autoscale": dataclasses.asdict(self.autoscale)}
            if self.autoscale
            else {"num_workers": self.initial_workers}
        )

    def without_effect(self) -> list[str]:
        """Return the names of the fields that the user set but that have no effect here."""
        names = [name for name in self.extra if name in WITHOUT_EFFECT or name not in HARMLESS]
        names = [name for name in names if self.extra[name]]
        undelivered = self.extra.get("cluster_log_conf") and _log_folder(self.extra) is None
        return [*names, "cluster_log_conf"] if undelivered else names

    def to_wire(self) -> Json:
        """Return the spec as a request body; `from_wire` is the inverse."""
        wire: Json = dict(self.extra)
        for f in dataclasses.fields(self):
            value = getattr(self, f.name)
            if f.name != "extra" and value is not None and value != "" and value != {}:
                wire[f.name] = dataclasses.asdict(value) if isinstance(value, Autoscale) else value
        return wire


#: Every field of a spec that is known: those with an effect, and those that are stored and returned.
FIELDS = frozenset({*WITHOUT_EFFECT, *HARMLESS, *(f.name for f in dataclasses.fields(ClusterSpec))} - {"extra"})


def read_autoscale(body: Mapping[str, object]) -> Autoscale | None:
    """Return the `autoscale` bounds of a request body, or None.

    Raises
    ------
    InvalidParameterValue : a bound is missing or negative, or min_workers is greater than max_workers
    """
    raw = read_object(body, "autoscale")
    if raw is None:
        return None
    try:
        low, high = read_int(raw, "min_workers"), read_int(raw, "max_workers")
    except InvalidParameterValue as error:
        raise InvalidParameterValue(error.message, field=f"autoscale.{error.field}") from None
    if low is None or high is None:
        missing = "min_workers" if low is None else "max_workers"
        raise InvalidParameterValue(
            "autoscale requires both min_workers and max_workers",
            reason=Reason.MISSING_VALUE,
            field=f"autoscale.{missing}",
        )
    if low < 0 or high < max(low, 1):
        raise InvalidParameterValue(
            f"autoscale.max_workers must be at least 1 and at least min_workers; min_workers is {low} and max_workers is {high}",
            field="autoscale.min_workers" if low < 0 else "autoscale.max_workers",
        )
    return Autoscale(low, high)


def _without(fields: Mapping[str, T], implied: Mapping[str, object]) -> dict[str, T]:
    return {name: value for name, value in fields.items() if implied.get(name) != value}


def log_destination(spec: ClusterSpec, data_dir: Path) -> Path | None:
    """Return the folder that a cluster's logs are delivered to, or None if the spec does not request delivery.

    Parameters
    ----------
    data_dir : the workspace's folder, which contains `dbfs:/` and `/Volumes/`
    """
    found = _log_folder(spec.extra)
    if found is None:
        return None
    kind, folder = found
    return {"dbfs": data_dir / "dbfs", "volumes": data_dir / "Volumes", "file": Path("/")}[kind] / folder


def _log_folder(extra: Json) -> tuple[str, PurePosixPath] | None:
    """Return the kind of destination in `cluster_log_conf` and the folder relative to its root, or None.

    Raises
    ------
    InvalidParameterValue : the destination is not a valid folder of its kind
    """
    conf = read_object(extra, "cluster_log_conf") or {}
    given = [kind for kind in LOG_DESTINATIONS if conf.get(kind) is not None]
    if len(given) > 1:
        raise InvalidParameterValue(
            f"cluster_log_conf takes one destination, not {' and '.join(given)}", field="cluster_log_conf"
        )
    for kind in given:
        destination, root = read_str(read_object(conf, kind) or {}, "destination"), LOG_DESTINATIONS[kind]
        folder = PurePosixPath(destination.removeprefix(root).strip("/"))
        if not destination.startswith(root) or not folder.parts or ".." in folder.parts or "\0" in destination:
            raise InvalidParameterValue(
                f"cluster_log_conf.{kind}.destination must be a folder like {root}cluster-logs, not {destination!r}",
                field=f"cluster_log_conf.{kind}.destination",
            )
        return kind, folder
    return None
