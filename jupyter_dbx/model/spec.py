"""ClusterSpec: what a user wrote about a cluster, in Databricks' fields, unchanged by us."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.wire import Json, read_bool, read_int, read_map, read_object, read_str

#: What our own surfaces write when the user says nothing: idle minutes until a cluster ends.
DEFAULT_AUTOTERMINATION_MINUTES = 60

#: Bounds of `autotermination_minutes` when it is not 0, minutes. Source: Databricks REST API, `clusters/create`.
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
    "cluster_log_conf",
    "ssh_public_keys",
)


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
        minutes, (low, high) = self.autotermination_minutes, AUTOTERMINATION_BOUNDS
        if minutes and not low <= minutes <= high:
            raise InvalidParameterValue(
                f"autotermination_minutes must be 0 (never) or between {low} and {high}, not {minutes}"
            )
        if len(self.custom_tags) > 45:
            raise InvalidParameterValue(f"At most 45 custom_tags are allowed, not {len(self.custom_tags)}")

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

    def without_effect(self) -> list[str]:
        """Return the names of fields the user set that change nothing here."""
        return [name for name in WITHOUT_EFFECT if self.extra.get(name)]

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
