"""Python values as SQL parameters."""

from __future__ import annotations

import datetime
import decimal
import enum
import os
import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

#: What can be bound, for messages.
KINDS = "a number, string, Boolean, date or time, bytes, None, or a list, dict or Row of them"

_PLAIN = (
    *(str, bool, int, float, bytes, bytearray, decimal.Decimal),
    *(datetime.date, datetime.time, datetime.timedelta),
)

#: The numbers that are literals of Spark's INT and BIGINT.
_INT, _BIGINT = range(-(2**31), 2**31), range(-(2**63), 2**63)


class NotBindable(TypeError):
    """Spark has no SQL literal for a value of this type."""

    def __init__(self, value: object) -> None:
        super().__init__(f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins."))


def bindable(value: Any) -> Any:  # anything a notebook's variable can hold
    """Return a value in the form in which Spark takes it as a parameter: plain, or as a Column if it contains others.

    Raises
    ------
    NotBindable : there is none
    """
    value = _plain(value)
    if value is None or isinstance(value, _PLAIN):
        return decimal.Decimal(value) if isinstance(value, int) and value not in _BIGINT else value
    from pyspark.sql import functions

    if isinstance(value, Mapping):
        return functions.map_from_arrays(_array([*value]), _array([*value.values()]))
    if isinstance(value, tuple) and hasattr(value, "__fields__"):
        fields = zip(value.__fields__, value, strict=True)
        return functions.struct(*(functions.lit(bindable(item)).alias(name) for name, item in fields))
    if isinstance(value, list | tuple):
        return _array(value)
    raise NotBindable(value)


def _array(values: Sequence[Any]) -> Any:  # a Column
    """Return an array whose numbers have one type, because Spark would insert casts and reject them in a parameter."""
    from pyspark.sql import functions

    plain = [_plain(value) for value in values]
    kinds = {type(value) for value in plain}
    if kinds == {int} and not all(value in _INT for value in plain) and all(value in _BIGINT for value in plain):
        return functions.lit(_longs(plain))
    if kinds == {int, float}:
        plain = [float(value) for value in plain]
    return functions.array(*(functions.lit(bindable(value)) for value in plain))


def _longs(values: list[int]) -> Any:  # py4j objects have any attribute
    """Return an array of Java's `long`; PySpark makes an `int` of each small number."""
    from pyspark.sql.utils import get_active_spark_context

    gateway: Any = get_active_spark_context()._gateway
    array = gateway.new_array(gateway.jvm.long, len(values))
    for i, value in enumerate(values):
        array[i] = value
    return array


def _plain(value: Any) -> Any:
    """Return a value of NumPy, pandas or an Enum as the Python value that it stands for."""
    if isinstance(value, enum.Enum):
        return _plain(value.value)
    if isinstance(value, os.PathLike | uuid.UUID):
        return str(value)
    if isinstance(value, AbstractSet | range):
        return list(value)
    package, kind = type(value).__module__.partition(".")[0], type(value).__name__
    if package == "numpy":
        return _of_numpy(value, kind)
    if package == "pandas":
        if kind in ("NaTType", "NAType"):
            return None
        for method in ("to_pydatetime", "to_pytimedelta", "tolist"):
            if kind != "DataFrame" and hasattr(value, method):
                return getattr(value, method)()
    return value


def _of_numpy(value: Any, kind: str) -> Any:
    if kind in ("datetime64", "timedelta64"):
        return value.astype(f"{kind}[us]").item()
    if kind == "ndarray":
        return (
            value.tolist() if value.dtype.kind not in "mM" else [_of_numpy(item, type(item).__name__) for item in value]
        )
    return value.item() if hasattr(value, "item") else value
