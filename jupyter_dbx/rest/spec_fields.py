"""The fields of a cluster's spec, as requests that make or change one are described."""

from __future__ import annotations

from typing import Annotated

from jupyter_dbx.model.spec import AUTOTERMINATION_BOUNDS
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.routes import Rest

_MAP: Json = {"type": "object", "additionalProperties": {"type": "string"}}
_COUNT: Json = {"type": "integer", "minimum": 0}


def _of(schema: Json, doc: str) -> Json:
    return schema | {"description": doc}


def _text(doc: str) -> Json:
    return _of({"type": "string"}, doc)


#: Of what has an effect, and of what is taken and echoed without one, what clients send most.
SPEC: Json = {
    "type": "object",
    "properties": {
        "cluster_name": _text("Need not be unique."),
        "spark_version": _text("Any is taken; the Spark that is installed runs."),
        "node_type_id": _text("Size of the workers; by default the smallest."),
        "driver_node_type_id": _text("Size of the driver; by default the workers'."),
        "num_workers": _of(_COUNT, "Workers; 0 = the driver is the whole cluster. Instead of autoscale."),
        "autoscale": {
            "type": "object",
            "description": "Least and most workers. Instead of num_workers.",
            "properties": {"min_workers": _COUNT, "max_workers": {"type": "integer", "minimum": 1}},
            "required": ["min_workers", "max_workers"],
        },
        "autotermination_minutes": _of(
            {"type": "integer", "minimum": 0, "maximum": AUTOTERMINATION_BOUNDS[1]},
            f"Idle minutes after which the cluster ends: 0 = never, else {AUTOTERMINATION_BOUNDS[0]} or more "
            "(DbxApp.least_autotermination_minutes).",
        ),
        "is_single_node": _of({"type": "boolean"}, "The driver is the whole cluster."),
        "kind": _text("CLASSIC_PREVIEW, as clients send it with is_single_node."),
        "spark_conf": _of(_MAP, "Spark's properties."),
        "spark_env_vars": _of(_MAP, "Environment of the cluster's processes."),
        "custom_tags": _of(_MAP, "At most 45."),
        "cluster_log_conf": {
            "type": "object",
            "description": "A folder that logs are delivered to. One of dbfs (dbfs:/…), volumes (/Volumes/…), file (file:/…).",
            "additionalProperties": {"type": "object", "properties": {"destination": {"type": "string"}}},
        },
        "apply_policy_default_values": _of({"type": "boolean"}, "Kept, without effect: there are no policies."),
    },
    "additionalProperties": True,
    "description": "Other fields are kept and echoed, without effect.",
}

#: The annotation of an argument that gets the fields of a spec.
SpecFields = Annotated[Json, Rest(SPEC)]
