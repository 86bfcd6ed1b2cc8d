"""Cells: the values of an Arrow column as JSON can carry them without loss.

A number is a JSON number if JavaScript reads it exactly, and otherwise its digits in a string, as NaN and the infinities are.
Times are text, nested values are their own JSON text, bytes are hexadecimal. Null is null.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

#: What a cell is in JSON.
Cell = int | float | str | bool | None

#: Characters of a text and bytes of a binary value that are shown, counts.
TEXT_CAP = 4_000
BYTES_CAP = 1_000

#: The greatest integer below which JavaScript reads all exactly. Source: ECMAScript, Number.MAX_SAFE_INTEGER.
SAFE_INTEGER = 2**53 - 1

_ZEROS = re.compile(r"\.(\d*?)0+(?=$|[+-]|\s)")


def kind_of(arrow_type: pa.DataType) -> str:
    """Return what a column holds: "number", "boolean", "text", "binary", "time" or "nested"."""
    from pyarrow import types

    if types.is_dictionary(arrow_type):
        return kind_of(arrow_type.value_type)
    tests = {
        "boolean": (types.is_boolean,),
        "number": (types.is_integer, types.is_floating, types.is_decimal),
        "text": (types.is_string, types.is_large_string, types.is_string_view, types.is_null),
        "binary": (types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary),
        "time": (types.is_temporal,),
    }
    return next((kind for kind, found in tests.items() if any(test(arrow_type) for test in found)), "nested")


def encode(column: pa.ChunkedArray) -> list[Cell]:
    """Return the cells of a column, one a row."""
    from pyarrow import types

    if types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    match kind_of(column.type):
        case "number" if types.is_floating(column.type):
            return _floats(column)
        case "time":
            return _times(column)
        case "nested":
            values = column.to_pylist()
            if types.is_map(column.type):
                values = [v if v is None else dict(v) for v in values]
            return [None if v is None else encode_value(json.dumps(_plain(v), ensure_ascii=False)) for v in values]
    return [encode_value(v) for v in column.to_pylist()]


def encode_value(value: object) -> Cell:
    """Return one value that is not nested as a cell."""
    match value:
        case None | bool():
            return value
        case str():
            return value if len(value) <= TEXT_CAP else f"{value[:TEXT_CAP]}…"
        case int():
            return value if abs(value) <= SAFE_INTEGER else str(value)
        case float():
            return (
                value
                if math.isfinite(value)
                else "NaN"
                if math.isnan(value)
                else "Infinity"
                if value > 0
                else "-Infinity"
            )
        case Decimal():
            return format(value, "f")
        case bytes() | bytearray():
            return f"0x{value[:BYTES_CAP].hex()}" + ("…" if len(value) > BYTES_CAP else "")
    return str(value)


def _floats(column: pa.ChunkedArray) -> list[Cell]:
    import pyarrow as pa

    values: Iterable[float | None] = column.to_pylist()
    if column.type != pa.float64():
        # By their shortest text: 0.1 of 32 bits is not 0.10000000149011612.
        values = [None if v is None else float(v) for v in column.cast(pa.string()).to_pylist()]
    return [encode_value(v) for v in values]


def _times(column: pa.ChunkedArray) -> list[Cell]:
    import pyarrow as pa

    try:
        texts = [None if v is None else str(v) for v in column.to_pylist()]
    except (ValueError, OverflowError):  # beyond the years of Python
        texts = column.cast(pa.string()).to_pylist()
    return [None if text is None else _ZEROS.sub(_fraction, text) for text in texts]


def _fraction(found: re.Match[str]) -> str:
    return f".{found[1]}" if found[1] else ""


def _plain(value: Any) -> Any:  # whatever Arrow makes of a nested value
    """Return a nested value as `json` can write it."""
    match value:
        case dict():
            return {str(k): _plain(v) for k, v in value.items()}
        case [(_, _), *_] if all(isinstance(pair, tuple) for pair in value):  # how Arrow gives a map
            return {str(k): _plain(v) for k, v in value}
        case list() | tuple():
            return [_plain(v) for v in value]
        case int():
            return value  # as its digits, which JSON in a text keeps
    return encode_value(value)
