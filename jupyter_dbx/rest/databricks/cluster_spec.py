"""The fields of a cluster's spec in requests that create or edit a cluster."""

from __future__ import annotations

from typing import Annotated

from jupyter_dbx.model.spec import AUTOTERMINATION_BOUNDS
from jupyter_dbx.model.spec_limits import LONGEST_NAME, MOST_TAGS, WORDS
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest.framework.endpoint import Rest

_MAP: Json = {"type": "object", "additionalProperties": {"type": "string"}}
_COUNT: Json = {"type": "integer", "minimum": 0}


def _of(schema: Json, doc: str) -> Json:
    return schema | {"description": doc}


def _text(doc: str) -> Json:
    return _of({"type": "string"}, doc)


#: The fields with an effect, and the most common ones that are accepted without effect.
SPEC: Json = {
    "type": "object",
    "properties": {
        "cluster_name": _text("Name of the cluster. It need not be unique.") | {"maxLength": LONGEST_NAME},
        "spark_version": _text("Any version is accepted; the installed version of Spark is used."),
        "node_type_id": _text("Node type of the workers; by default the smallest."),
        "driver_node_type_id": _text("Node type of the driver; by default that of the workers."),
        "num_workers": _of(_COUNT, "Number of workers; 0 = single node. Excludes autoscale."),
        "autoscale": {
            "type": "object",
            "description": "Minimum and maximum number of workers. Excludes num_workers.",
            "properties": {"min_workers": _COUNT, "max_workers": {"type": "integer", "minimum": 1}},
            "required": ["min_workers", "max_workers"],
        },
        "autotermination_minutes": _of(
            {"type": "integer", "minimum": 0, "maximum": AUTOTERMINATION_BOUNDS[1]},
            f"Minutes of inactivity after which the cluster terminates: 0 = never, else {AUTOTERMINATION_BOUNDS[0]} or more "
            "(DbxApp.least_autotermination_minutes).",
        ),
        "is_single_node": _of({"type": "boolean"}, "True = single node: a driver without workers."),
        **{
            field: {"type": "string", "enum": list(words), "description": "No effect."}
            for field, words in WORDS.items()
        },
        "spark_conf": _of(_MAP, "Spark properties, key to value."),
        "spark_env_vars": _of(_MAP, "Environment variables of the cluster's processes."),
        "custom_tags": _of(_MAP, f"Tags, at most {MOST_TAGS}."),
        "cluster_log_conf": {
            "type": "object",
            "description": "Destination of log delivery: one of dbfs (dbfs:/…), volumes (/Volumes/…), file (file:/…).",
            "additionalProperties": {"type": "object", "properties": {"destination": {"type": "string"}}},
        },
        "apply_policy_default_values": _of({"type": "boolean"}, "Accepted without effect, as there are no policies."),
    },
    "additionalProperties": True,
    "description": "Configuration of a cluster. Other fields are stored and returned, without effect.",
}

#: An argument that receives the fields of a spec.
SpecFields = Annotated[Json, Rest("Spec", SPEC)]
