"""Groups of the rows of an in-memory frame, computed by Arrow's functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_dbx.kernel.display.cells import Cell, encode, encode_value, kind_of
from jupyter_dbx.kernel.display.grouping import ADDITIVE, GROUP_CAP, Grouping, Groups, Key, Step, step_of

if TYPE_CHECKING:
    import pyarrow as pa

#: Our name of an aggregation → Arrow's.
ARROW = {"sum": "sum", "avg": "mean", "min": "min", "max": "max", "median": "approximate_median"}


def groups(arrays: list[pa.ChunkedArray], grouping: Grouping) -> Groups:
    """Return the groups of columns' rows, the greatest ones if there are more than GROUP_CAP."""
    import pyarrow as pa
    import pyarrow.compute as pc

    keys, steps = zip(*(_key(arrays[key.column], key) for key in grouping.keys), strict=True)
    names = [f"k{i}" for i in range(len(keys))]
    table = pa.table(dict(zip(names, keys, strict=True)))
    if grouping.aggregate == "count" or grouping.value is None:
        found = table.group_by(names).aggregate([([], "count_all")])
    else:
        values = arrays[grouping.value].cast(pa.float64(), safe=False)
        found = table.append_column("v", values).group_by(names).aggregate([("v", ARROW[grouping.aggregate])])
    found = found.rename_columns([*found.column_names[:-1], "v"] if found.column_names[0] == "k0" else ["v", *names])
    total = whole = None
    if found.num_rows > GROUP_CAP:
        total, whole = pc.count_distinct(found["k0"], mode="all").as_py(), pc.sum(found["v"]).as_py()
        order = [("v", "descending"), *((name, "ascending") for name in names)]
        found = found.sort_by(order).slice(0, GROUP_CAP)
    return Groups(
        tuple(encode(found[name]) for name in names),
        [encode_value(value) for value in found["v"].to_pylist()],
        tuple(steps),
        total,
        float(whole) if whole is not None and grouping.aggregate in ADDITIVE else None,
    )


def _key(array: pa.ChunkedArray, key: Key) -> tuple[pa.ChunkedArray, Step]:
    """Return the key of each row, and its step."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    kind = kind_of(array.type)
    if kind == "number":
        numbers = array.cast(pa.float64(), safe=False)
        step = _step(kind, numbers.filter(pc.is_finite(numbers)), key.most)
        return (pc.multiply(pc.floor(pc.divide(numbers, step)), step) if step else array), step
    if pa.types.is_date(array.type) or pa.types.is_timestamp(array.type):
        times = array.cast(pa.timestamp("us", getattr(array.type, "tz", None)))
        seconds = pc.divide(times.cast(pa.int64()).drop_null().cast(pa.float64()), 1e6)
        step = _step(kind, seconds, key.most, "day" if pa.types.is_date(array.type) else "second")
        array = pc.floor_temporal(times, unit=step).cast(array.type, safe=False) if step else array
        return _texts(encode(array)), step
    return (array if kind == "boolean" else _texts(encode(array))), None


def _step(kind: str, numbers: pa.ChunkedArray, most: int, finest: str = "second") -> Step:
    import pyarrow.compute as pc

    ends = pc.min_max(numbers).as_py()
    return step_of(kind, (ends["min"], ends["max"]), pc.count_distinct(numbers).as_py(), most, finest)


def _texts(cells: list[Cell]) -> pa.ChunkedArray:
    import pyarrow as pa

    return pa.chunked_array([pa.array(cells, pa.string())])
