"""Draft: a cluster that somebody describes, in a form or in a magic's options, before the server sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_dbx.model.spec import (
    DEFAULT_AUTOTERMINATION_MINUTES,
    SINGLE_NODE_CONF,
    SINGLE_NODE_TAGS,
)
from jupyter_dbx.model.wire import Json

#: Words of the server's refusals → the field they are about; the one that comes first in a refusal counts.
FIELDS_BY_WORD = {
    "driver_node_type_id": "driver_node_type_id",
    "node_type_id": "node_type_id",
    "autotermination_minutes": "idle_minutes",
    "spark_env_vars": "env",
    "spark_conf": "conf",
    "spark.": "conf",
    "cluster_name": "name",
    "_workers": "workers",
    "autoscale": "workers",
    "Free are": "workers",
}


@dataclass(frozen=True)
class Draft:
    """What can be chosen of a cluster."""

    name: str = ""
    single_node: bool = False
    #: "" = the smallest
    node_type_id: str = ""
    #: "" = the same as `node_type_id`
    driver_node_type_id: str = ""
    #: workers, count; without effect with `autoscale`
    workers: int = 2
    #: least and most workers, count
    autoscale: tuple[int, int] | None = None
    #: idle minutes until it ends; 0 = never
    idle_minutes: int = DEFAULT_AUTOTERMINATION_MINUTES
    conf: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_spec(cls, spec: Mapping[str, object]) -> Draft:
        """Return the draft of a cluster that exists, from the `spec` that the server answers."""
        wire: Json = dict(spec)
        bounds = wire.get("autoscale")
        return cls(
            name=wire.get("cluster_name", ""),
            single_node=not bounds and not wire.get("num_workers"),
            node_type_id=wire.get("node_type_id", ""),
            driver_node_type_id=wire.get("driver_node_type_id", ""),
            workers=wire.get("num_workers") or cls.workers,
            autoscale=(bounds["min_workers"], bounds["max_workers"]) if bounds else None,
            idle_minutes=wire.get("autotermination_minutes") or 0,
            conf=_without(SINGLE_NODE_CONF, wire.get("spark_conf") or {}),
            env=dict(wire.get("spark_env_vars") or {}),
        )

    def to_spec(self, old: Mapping[str, object]) -> Json:
        """Return the body of a request to create or to edit the cluster.

        Parameters
        ----------
        old : the spec of the cluster that is edited, because what a draft knows nothing of is kept; for a new one at least its
            `spark_version`
        """
        spec: Json = dict(old)
        for name in ("num_workers", "autoscale", "is_single_node", "kind", "node_type_id", "driver_node_type_id"):
            spec.pop(name, None)
        spec |= {
            "cluster_name": self.name,
            "autotermination_minutes": self.idle_minutes,
            "spark_conf": self.conf,
            "spark_env_vars": self.env,
        }
        if "custom_tags" in spec:
            spec["custom_tags"] = _without(SINGLE_NODE_TAGS, spec["custom_tags"])
        types = {"node_type_id": self.node_type_id, "driver_node_type_id": self.driver_node_type_id}
        return spec | {name: value for name, value in types.items() if value} | self.size()

    def size(self) -> Json:
        """Return the fields of a request that say how many workers there are."""
        if self.single_node:
            return {"num_workers": 0, "is_single_node": True}
        if self.autoscale:
            return {"autoscale": {"min_workers": self.autoscale[0], "max_workers": self.autoscale[1]}}
        return {"num_workers": self.workers}

    def bounds(self) -> tuple[int, int]:
        """Return the least and the most number of its workers, count."""
        if self.single_node:
            return 0, 0
        return self.autoscale or (self.workers, self.workers)


def read_pairs(text: str) -> tuple[dict[str, str], str]:
    """Return the pairs in a text with one `key value` or `key=value` on each line, and what is wrong with it, or "".

    Empty lines and those that begin with `#` are left out.
    """
    pairs: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.strip().startswith("#"):
            continue
        found = re.fullmatch(r"([^\s=]+)(?:\s*=\s*|\s+(?=\S))(.*)", line.strip())
        if not found:
            return pairs, f"Line {number}: write a name and its value, with a space or = between them."
        if found[1] in pairs:
            return pairs, f"Line {number}: {found[1]} is there twice."
        pairs[found[1]] = found[2]
    return pairs, ""


def field_of(message: str) -> str:
    """Return the name of the draft's field that a refusal is about, or "" if it is about none."""
    found = [(message.index(word), name) for word, name in FIELDS_BY_WORD.items() if word in message]
    return min(found, default=(0, ""))[1]


def _without(marks: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Return values without those that spell a single node in Databricks' older way."""
    return {name: value for name, value in values.items() if marks.get(name) != value}
