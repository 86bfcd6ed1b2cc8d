"""Draft: the settings of a cluster in a form or in a magic's options, before they are sent to the server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_dbx.client.spec_changes import without_size
from jupyter_dbx.model.spec import DEFAULT_AUTOTERMINATION_MINUTES
from jupyter_dbx.model.wire import Json

#: Field of a spec → the corresponding field of a draft.
_DRAFTED = {
    "cluster_name": "name",
    "is_single_node": "single_node",
    "node_type_id": "node_type_id",
    "driver_node_type_id": "driver_node_type_id",
    "num_workers": "workers",
    "autoscale": "workers",
    "autotermination_minutes": "idle_minutes",
    "spark_conf": "conf",
    "spark_env_vars": "env",
}


@dataclass(frozen=True)
class Draft:
    """The settings of a cluster that a form offers."""

    name: str = ""
    single_node: bool = False
    #: "" = the smallest
    node_type_id: str = ""
    #: "" = the same as `node_type_id`
    driver_node_type_id: str = ""
    #: workers, count; ignored with `autoscale`
    workers: int = 2
    #: minimum and maximum number of workers
    autoscale: tuple[int, int] | None = None
    #: idle minutes until it terminates; 0 = never
    idle_minutes: int = DEFAULT_AUTOTERMINATION_MINUTES
    conf: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_spec(cls, spec: Mapping[str, object]) -> Draft:
        """Return the draft of an existing cluster, from the `spec` in the server's answer."""
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
            conf=dict(without_size(wire).get("spark_conf") or {}),
            env=dict(wire.get("spark_env_vars") or {}),
        )

    def to_spec(self, old: Mapping[str, object]) -> Json:
        """Return the body of a request to create or to edit the cluster.

        Parameters
        ----------
        old : the spec of the edited cluster, whose other settings are kept; for a new one, at least its `spark_version`
        """
        spec = without_size(old)
        for name in ("node_type_id", "driver_node_type_id"):
            spec.pop(name, None)
        spec |= {
            "cluster_name": self.name,
            "autotermination_minutes": self.idle_minutes,
            "spark_conf": self.conf,
            "spark_env_vars": self.env,
        }
        types = {"node_type_id": self.node_type_id, "driver_node_type_id": self.driver_node_type_id}
        return spec | {name: value for name, value in types.items() if value} | self.size()

    def size(self) -> Json:
        """Return the fields of a request that set the number of workers."""
        if self.single_node:
            return {"num_workers": 0, "is_single_node": True}
        if self.autoscale:
            return {"autoscale": {"min_workers": self.autoscale[0], "max_workers": self.autoscale[1]}}
        return {"num_workers": self.workers}

    def bounds(self) -> tuple[int, int]:
        """Return the minimum and maximum number of workers."""
        if self.single_node:
            return 0, 0
        return self.autoscale or (self.workers, self.workers)


def read_pairs(text: str) -> tuple[dict[str, str], str]:
    """Return the pairs of a text with one `key value` or `key=value` per line, and its error, or "".

    Empty lines and lines that begin with `#` are ignored.
    """
    pairs: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.strip().startswith("#"):
            continue
        found = re.fullmatch(r"([^\s=]+)(?:\s*=\s*|\s+(?=\S))(.*)", line.strip())
        if not found:
            return pairs, f"Line {number}: enter a key and a value, separated by a space or =."
        if found[1] in pairs:
            return pairs, f"Line {number}: {found[1]} is set more than once."
        pairs[found[1]] = found[2]
    return pairs, ""


def drafted_field(field: str) -> str:
    """Return the draft's field that corresponds to a field of a spec, such as `autoscale.max_workers`, or ""."""
    return _DRAFTED.get(field.partition(".")[0], "")
