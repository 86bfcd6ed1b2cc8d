"""Update masks: which fields of a spec a request changes, as one string.

Source: Databricks REST API, `clusters/update`; https://google.aip.dev/161.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.spec import ClusterSpec
from jupyter_dbx.model.wire import Json, read_object

#: Fields whose keys have dots: after their name, the rest of a path is one key.
_MAPS = frozenset({"spark_conf", "spark_env_vars", "custom_tags"})


def apply_mask(spec: ClusterSpec, mask: str, fields: Mapping[str, object]) -> ClusterSpec:
    """Return a spec with the fields that a mask names changed to what `fields` has for them.

    Parameters
    ----------
    mask : paths with commas between them, e.g. "num_workers,autoscale.max_workers,spark_conf.spark.executor.memory"; "*" =
        all of `fields` and nothing else
    fields : part of a request body; what is named and is not in here is reset

    Raises
    ------
    InvalidParameterValue : the mask names nothing, or the spec would be one that cannot be
    """
    paths = [_keys(path.strip()) for path in mask.split(",") if path.strip()]
    if not paths:
        raise InvalidParameterValue('update_mask is missing: name the fields to change, e.g. "num_workers,spark_conf".')
    if ["*"] in paths:
        return ClusterSpec.from_wire(fields)
    wire = copy.deepcopy(spec.to_wire())
    for keys in paths:
        _put(wire, keys, _find(fields, keys))
    for one, other in (("num_workers", "autoscale"), ("autoscale", "num_workers")):
        if fields.get(one) is not None and any(keys[0] == one for keys in paths) and [other] not in paths:
            wire.pop(other, None)
    return ClusterSpec.from_wire(wire)


def _keys(path: str) -> list[str]:
    head, dot, rest = path.partition(".")
    keys = [head, rest] if head in _MAPS and dot else path.split(".")
    if not all(keys):
        raise InvalidParameterValue(f"update_mask: {path!r} names no field.")
    return keys


def _find(fields: Mapping[str, object], keys: list[str]) -> object:
    for key in keys[:-1]:
        fields = read_object(fields, key) or {}
    return fields.get(keys[-1])


def _put(wire: Json, keys: list[str], value: object) -> None:
    for key in keys[:-1]:
        if not isinstance(wire.get(key), dict):
            wire[key] = {}
        wire = wire[key]
    if value is None:
        wire.pop(keys[-1], None)
    else:
        wire[keys[-1]] = value
