"""Update masks: the fields of a spec that a request changes, as one string.

Source: Databricks REST API, `clusters/update`; https://google.aip.dev/161.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping

from jupyter_dbx.model.errors import InvalidParameterValue, Reason
from jupyter_dbx.model.spec import FIELDS, Autoscale, ClusterSpec
from jupyter_dbx.model.wire import Json, read_object

#: Maps whose keys contain dots: everything after the field's name is one key.
_MAPS = frozenset({"spark_conf", "spark_env_vars", "custom_tags"})

#: Fields without fields of their own, and those of `autoscale`.
_PLAIN = frozenset(f.name for f in dataclasses.fields(ClusterSpec)) - _MAPS - {"autoscale", "extra"}
_BOUNDS = frozenset(f.name for f in dataclasses.fields(Autoscale))


def apply_mask(spec: ClusterSpec, mask: str, fields: Mapping[str, object]) -> ClusterSpec:
    """Return a spec in which the fields named by a mask have the values from `fields`.

    Parameters
    ----------
    mask : comma-separated paths, e.g. "num_workers,autoscale.max_workers,spark_conf.spark.executor.memory"; "*" = replace the
        whole spec with `fields`
    fields : part of a request body; a field that the mask names and that is missing here is reset

    Raises
    ------
    InvalidParameterValue : the mask is empty, invalid or names an unknown field, or the new spec would be invalid
    """
    paths = [_keys(path.strip()) for path in mask.split(",") if path.strip()]
    if not paths:
        raise InvalidParameterValue(
            'update_mask is missing: name the fields to change, e.g. "num_workers,spark_conf".',
            reason=Reason.MISSING_VALUE,
            field="update_mask",
        )
    if unknown := [".".join(keys) for keys in paths if not _is_known(keys)]:
        raise InvalidParameterValue(
            f"update_mask: {unknown[0]!r} is not a field of a cluster's configuration.", field="update_mask"
        )
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
        raise InvalidParameterValue(f"update_mask: {path!r} is not the path of a field.", field="update_mask")
    return keys


def _is_known(keys: list[str]) -> bool:
    field, inner = keys[0], keys[1:]
    if field in _PLAIN:
        return not inner
    if field == "autoscale":
        return not inner or (len(inner) == 1 and inner[0] in _BOUNDS)
    return field in FIELDS | {"*"}


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
