"""Cells: the values of an Arrow column, encoded as JSON without loss.

A number is a JSON number if JavaScript reads it exactly; otherwise, and for NaN and the infinities, it is a string. Times are
strings, nested values are JSON strings, bytes are hexadecimal strings. Null is null.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

#: A cell in JSON.
Cell = int | float | str | bool | None

#: Longest string shown in a cell, characters, and longest binary value, bytes.
TEXT_CAP = 4_000
BYTES_CAP = 1_000

#: The largest integer that JavaScript represents exactly. Source: ECMAScript, Number.MAX_SAFE_INTEGER.
SAFE_INTEGER = 2**53 - 1

#: The zeros at the end of a time's fraction of a second, which has up to nine digits.
_ZEROS = re.compile(r"\.(\d{0,9}?)0+(?=$|[+-]|\s)")


def kind_of(arrow_type: pa.DataType) -> str:
    """Return the kind of a column: "number", "boolean", "text", "binary", "time" or "nested"."""
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


def encode(column: pa.ChunkedArray, *, whole: bool = False) -> list[Cell]:
    """Return the cells of a column, one per row, cut to the length shown unless `whole`."""
    from pyarrow import types

    cell = partial(encode_value, whole=whole)
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
            return [None if v is None else cell(json.dumps(_plain(v), ensure_ascii=False)) for v in values]
    return [cell(v) for v in column.to_pylist()]


def encode_value(value: object, *, whole: bool = False) -> Cell:
    """Return a value that is not nested as a cell, cut to the length shown unless `whole`."""
    match value:
        case None | bool():
            return value
        case str():
            return value if whole or len(value) <= TEXT_CAP else f"{value[:TEXT_CAP]}…"
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
            is_cut = not whole and len(value) > BYTES_CAP
            return f"0x{value[:BYTES_CAP].hex()}…" if is_cut else f"0x{value.hex()}"
    return str(value)


def _floats(column: pa.ChunkedArray) -> list[Cell]:
    import pyarrow as pa

    values: Iterable[float | None] = column.to_pylist()
    if column.type != pa.float64():
        # The shortest decimal text keeps a 32-bit 0.1 from becoming 0.10000000149011612.
        values = [None if v is None else float(v) for v in column.cast(pa.string()).to_pylist()]
    return [encode_value(v) for v in values]


def _times(column: pa.ChunkedArray) -> list[Cell]:
    import pyarrow as pa

    try:
        texts = [None if v is None else str(v) for v in column.to_pylist()]
    except (ValueError, OverflowError):  # outside the range of Python's dates
        texts = column.cast(pa.string()).to_pylist()
    return [None if text is None else _ZEROS.sub(_fraction, text) for text in texts]


def _fraction(found: re.Match[str]) -> str:
    return f".{found[1]}" if found[1] else ""


def _plain(value: Any) -> Any:  # any Python value that Arrow returns for a nested one
    """Return a nested value in types that `json` can serialize."""
    match value:
        case dict():
            return {str(k): _plain(v) for k, v in value.items()}
        case [(_, _), *_] if all(isinstance(pair, tuple) for pair in value):  # a map, as Arrow returns it
            return {str(k): _plain(v) for k, v in value}
        case list() | tuple():
            return [_plain(v) for v in value]
        case int():
            return value  # a JSON string keeps every digit
    return encode_value(value)
