"""Cells: Arrow values of every type as JSON, without loss."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from jupyter_dbx.kernel.display.cells import BYTES_CAP, TEXT_CAP, encode, kind_of

BERLIN = ZoneInfo("Europe/Berlin")
NAN, INFINITY = float("nan"), float("inf")

#: Type, values, kind, cells.
VALUES: list[tuple[pa.DataType, list[Any], str, list[Any]]] = [
    (pa.int32(), [1, None, -3], "number", [1, None, -3]),
    (pa.int64(), [2**53 - 1, 1 - 2**53], "number", [2**53 - 1, 1 - 2**53]),
    (pa.int64(), [2**53 + 1, None, -1], "number", ["9007199254740993", None, -1]),
    (pa.uint64(), [2**64 - 1], "number", ["18446744073709551615"]),
    (pa.float64(), [0.1, None, NAN, INFINITY, -INFINITY], "number", [0.1, None, "NaN", "Infinity", "-Infinity"]),
    (pa.float32(), [0.1, NAN], "number", [0.1, "NaN"]),
    (pa.decimal128(38, 10), [Decimal("1E-10"), None], "number", ["0.0000000001", None]),
    (pa.decimal128(38, 0), [Decimal(10**37)], "number", [str(10**37)]),
    (pa.bool_(), [True, None, False], "boolean", [True, None, False]),
    (pa.string(), ["", None, "null", "<b>"], "text", ["", None, "null", "<b>"]),
    (pa.dictionary(pa.int8(), pa.string()), ["a", None, "a"], "text", ["a", None, "a"]),
    (pa.null(), [None, None], "text", [None, None]),
    (pa.binary(), [b"\x00\xff", b"", None], "binary", ["0x00ff", "0x", None]),
    (pa.date32(), [date(1, 1, 1), date(1899, 12, 31), None], "time", ["0001-01-01", "1899-12-31", None]),
    (pa.date32(), [3_000_000], "time", ["10183-09-21"]),
    (pa.time64("us"), [time(1, 2, 3, 500_000)], "time", ["01:02:03.5"]),
    (pa.timestamp("us"), [datetime(1, 1, 1), None], "time", ["0001-01-01 00:00:00", None]),
    (pa.timestamp("ns"), [1_500_000_001], "time", ["1970-01-01 00:00:01.500000001"]),
    (pa.timestamp("us", "Europe/Berlin"), [datetime(2026, 7, 1, tzinfo=BERLIN)], "time", ["2026-07-01 00:00:00+02:00"]),
    (pa.duration("us"), [timedelta(days=1, seconds=1.5)], "time", ["1 day, 0:00:01.5"]),
    (pa.list_(pa.int64()), [[1, 2**60], [], None], "nested", ["[1, 1152921504606846976]", "[]", None]),
    (pa.map_(pa.string(), pa.int8()), [[("a", 1)], [], None], "nested", ['{"a": 1}', "{}", None]),
    (
        pa.struct({"n": pa.float64(), "b": pa.binary(), "d": pa.list_(pa.date32())}),
        [{"n": NAN, "b": b"\x01", "d": [date(2026, 1, 2), None]}],
        "nested",
        ['{"n": "NaN", "b": "0x01", "d": ["2026-01-02", null]}'],
    ),
]


@pytest.mark.parametrize(("arrow_type", "values", "kind", "cells"), VALUES, ids=[str(v[0]) for v in VALUES])
def test_values_of_every_type_are_encoded(
    arrow_type: pa.DataType, values: list[Any], kind: str, cells: list[Any]
) -> None:
    column = pa.chunked_array([pa.array(values, arrow_type)])

    found = encode(column)

    assert kind_of(arrow_type) == kind
    assert found == cells
    assert json.loads(json.dumps(found, allow_nan=False)) == cells


def test_huge_values_are_cut_with_an_ellipsis() -> None:
    text, raw = encode(pa.chunked_array([["x" * 10**6]])), encode(pa.chunked_array([[b"a" * 10**6]]))

    assert text == ["x" * TEXT_CAP + "…"]
    assert raw == ["0x" + "61" * BYTES_CAP + "…"]
