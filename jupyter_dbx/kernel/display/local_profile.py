"""The profile of an in-memory frame, computed exactly by Arrow's functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_dbx.kernel.display.cells import Cell, encode, encode_value, kind_of
from jupyter_dbx.kernel.display.profile import QUANTILES, STEPS, TOP, ColumnProfile, Profile, histogram_of
from jupyter_dbx.kernel.display.rows import Column

if TYPE_CHECKING:
    import pyarrow as pa

#: Arrow's time unit → units per second.
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def profile(arrays: list[pa.ChunkedArray], columns: tuple[Column, ...], rows: int, left_out: int = 0) -> Profile:
    """Return the profile of columns.

    Parameters
    ----------
    arrays : the values, one array per column
    columns : name, type and kind of each
    rows : count
    left_out : further columns, count
    """
    return Profile(rows, tuple(_profile_of(a, c) for a, c in zip(arrays, columns, strict=True)), True, left_out)


def _profile_of(array: pa.ChunkedArray, column: Column) -> ColumnProfile:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    kind, nulls, nans = kind_of(array.type), array.null_count, 0
    if kind in ("nested", "binary") or nulls == len(array):
        return ColumnProfile(column, nulls)
    array = array.drop_null()
    if pa.types.is_floating(array.type):
        whole = array.filter(pc.invert(pc.is_nan(array)))
        nans, array = len(array) - len(whole), whole
    facts: dict[str, Any] = {"distinct": pc.count_distinct(array).as_py()}
    if kind in ("text", "boolean"):
        counts = sorted(pc.value_counts(array).to_pylist(), key=lambda found: -found["counts"])[:TOP]
        facts["top"] = tuple((str(found["values"]), found["counts"]) for found in counts)
    if kind != "boolean" and len(array):
        # Arrow cannot compare durations.
        ends = pc.min_max(array.cast(pa.int64()) if pa.types.is_duration(array.type) else array)
        both = pa.array([ends["min"].as_py(), ends["max"].as_py()], ends["min"].type).cast(array.type)
        facts["least"], facts["greatest"] = encode(pa.chunked_array([both]))
    if kind in ("number", "time") and len(array):
        facts |= _of_numbers(array) if kind == "number" else _of_times(array)
    return ColumnProfile(column, nulls, nans, **facts)


def _of_numbers(array: pa.ChunkedArray) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = array.cast(pa.float64(), safe=False)
    mean, deviation = pc.mean(numbers).as_py(), pc.stddev(numbers, ddof=1).as_py()
    return {
        "mean": encode_value(mean),
        "deviation": encode_value(deviation),
        "quantiles": tuple(encode_value(value) for value in pc.quantile(numbers, list(QUANTILES)).to_pylist()),
        "histogram": histogram_of(pc.quantile(numbers, list(STEPS)).to_pylist()),
    }


def _of_times(array: pa.ChunkedArray) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_date32(array.type):
        array = array.cast(pa.timestamp("s"))
    per_second = PER_SECOND[getattr(array.type, "unit", "ms")]
    numbers = array.cast(pa.int64()) if array.type.bit_width == 64 else array.cast(pa.int32()).cast(pa.int64())
    found = pc.quantile(numbers, list(QUANTILES), interpolation="lower")
    shown: list[Cell] = encode(pa.chunked_array([found.cast(array.type)]))
    steps = [value / per_second for value in pc.quantile(numbers, list(STEPS)).to_pylist()]
    return {"quantiles": tuple(shown), "histogram": histogram_of(steps)}
