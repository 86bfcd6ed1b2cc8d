"""SpecChanges: the changes of a spec from options, for the command line and the magics."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_dbx.client.dialect import Workers
from jupyter_dbx.model.spec import DEFAULT_AUTOTERMINATION_MINUTES, SINGLE_NODE_CONF, SINGLE_NODE_TAGS
from jupyter_dbx.model.wire import Json

#: Spec of a cluster that is created without options.
DEFAULT_SPEC: Json = {"num_workers": 2, "autotermination_minutes": DEFAULT_AUTOTERMINATION_MINUTES}

#: Fields of a spec that define the number of workers.
SIZE_FIELDS = ("num_workers", "autoscale", "is_single_node", "kind")


class ContradictingSizes(ValueError):
    """Options specify several sizes, or only one bound of a range."""


@dataclass(frozen=True)
class SpecChanges:
    """Changes of a spec; None and {} change nothing."""

    cluster_name: str | None = None
    workers: Workers | None = None
    #: a missing bound is taken from the old spec
    min_workers: int | None = None
    max_workers: int | None = None
    single_node: bool = False
    node_type_id: str | None = None
    driver_node_type_id: str | None = None
    autotermination_minutes: int | None = None
    #: entries to add or to replace
    spark_conf: Mapping[str, str] = field(default_factory=dict)
    spark_env_vars: Mapping[str, str] = field(default_factory=dict)
    custom_tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, args: Namespace) -> SpecChanges:
        """Return the changes of a parsed line; options that the verb does not have change nothing."""
        sizes = [size for size in (getattr(args, name, None) for name in ("workers", "size")) if size is not None]
        if len(sizes) > 1:
            raise ContradictingSizes("Specify one size: SIZE or --workers.")
        return cls(
            cluster_name=getattr(args, "new_name", None),
            workers=sizes[0] if sizes else None,
            min_workers=args.min_workers,
            max_workers=args.max_workers,
            single_node=getattr(args, "single_node", False),
            node_type_id=getattr(args, "node_type", None),
            driver_node_type_id=getattr(args, "driver_node_type", None),
            autotermination_minutes=getattr(args, "idle", None),
            spark_conf=dict(getattr(args, "conf", ())),
            spark_env_vars=dict(getattr(args, "env", ())),
            custom_tags=dict(getattr(args, "tag", ())),
        )

    def size(self, old: Mapping[str, Any]) -> Json | None:
        """Return the fields of the new size, or None if the size does not change.

        Parameters
        ----------
        old : spec from which a missing bound is taken

        Raises
        ------
        ContradictingSizes : there are several sizes, or only one bound
        """
        given = {"min_workers": self.min_workers, "max_workers": self.max_workers}
        bounds = {name: bound for name, bound in given.items() if bound is not None}
        choices: list[Json] = []
        if self.workers is not None:
            choices.append(_size_of(self.workers))
        if bounds:
            choices.append({"autoscale": (old.get("autoscale") or {}) | bounds})
        if self.single_node:
            choices.append({"num_workers": 0, "is_single_node": True})
        if len(choices) > 1:
            raise ContradictingSizes(
                "Specify one size: a number of workers, --min-workers and --max-workers, or --single-node."
            )
        if bounds and len(choices[0]["autoscale"]) < len(given):
            raise ContradictingSizes("Specify both --min-workers and --max-workers.")
        return choices[0] if choices else None

    def apply(self, spec: Mapping[str, Any]) -> Json:
        """Return a spec with the changes; all other fields are kept, including unknown ones.

        Raises
        ------
        ContradictingSizes : as `size`
        """
        size = self.size(spec)
        changed = dict(spec) if size is None else without_size(spec) | size
        for name in ("cluster_name", "node_type_id", "driver_node_type_id", "autotermination_minutes"):
            if getattr(self, name) is not None:
                changed[name] = getattr(self, name)
        for name in ("spark_conf", "spark_env_vars", "custom_tags"):
            if getattr(self, name):
                changed[name] = (changed.get(name) or {}) | getattr(self, name)
        return changed


def without_size(spec: Mapping[str, Any]) -> Json:
    """Return a spec without the fields of its size, including both notations of a single node."""
    rest = {name: value for name, value in spec.items() if name not in SIZE_FIELDS}
    for name, marks in (("spark_conf", SINGLE_NODE_CONF), ("custom_tags", SINGLE_NODE_TAGS)):
        if rest.get(name):
            rest[name] = {k: v for k, v in rest[name].items() if marks.get(k) != v}
    return rest


def _size_of(workers: Workers) -> Json:
    if isinstance(workers, tuple):
        return {"autoscale": dict(zip(("min_workers", "max_workers"), workers, strict=True))}
    return {"num_workers": workers}
