"""Groups of a Spark DataFrame's rows, aggregated on the cluster: only the groups are sent to the kernel."""

from __future__ import annotations

from typing import Any

from jupyter_dbx.kernel.display.cells import encode_value
from jupyter_dbx.kernel.display.grouping import ADDITIVE, GROUP_CAP, Grouping, Groups, Key, Step, step_of
from jupyter_dbx.kernel.display.rows import Column

#: Longest text that is a key, characters.
KEY_CAP = 100

#: Accuracy of the median: its relative error is at most 1/1000.
ACCURACY = 1000

# PySpark is not followed by mypy here, hence Any.


def groups(df: Any, columns: tuple[Column, ...], grouping: Grouping) -> Groups:
    """Return the groups of a DataFrame, the greatest ones if there are more than GROUP_CAP.

    Parameters
    ----------
    df : its columns are named by position: "0", "1", …
    columns : name, type and kind of each
    """
    from pyspark.sql import functions as F

    steps = _steps(df, columns, grouping.keys)
    names = [f"k{i}" for i in range(len(grouping.keys))]
    keys = [
        _key(columns[key.column], F.col(str(key.column)), step).alias(name)
        for key, step, name in zip(grouping.keys, steps, names, strict=True)
    ]
    grouped = df.select(*keys, _value(grouping).alias("v")).groupBy(*names).agg(_aggregate(grouping).alias("v"))
    found = grouped.limit(GROUP_CAP + 1).collect()
    total = whole = None
    if len(found) > GROUP_CAP:
        found = grouped.orderBy(F.col("v").desc_nulls_last(), *names).limit(GROUP_CAP).collect()
        total, whole = grouped.agg(F.count_distinct(F.struct("k0")), F.sum("v")).collect()[0]
    return Groups(
        tuple([encode_value(line[name]) for line in found] for name in names),
        [encode_value(line["v"]) for line in found],
        steps,
        total,
        float(whole) if whole is not None and grouping.aggregate in ADDITIVE else None,
    )


def _steps(df: Any, columns: tuple[Column, ...], keys: tuple[Key, ...]) -> tuple[Step, ...]:
    """Return the steps of keys; numbers and times are read once for them."""
    from pyspark.sql import functions as F

    binned = [key for key in keys if _is_binned(columns[key.column])]
    if not binned:
        return (None,) * len(keys)
    measures = []
    for key in binned:
        value = F.col(str(key.column))
        number = (value.cast("timestamp") if columns[key.column].kind == "time" else value).cast("double")
        number = F.nanvl(number, F.lit(None).cast("double"))
        measures += [F.min(number), F.max(number), F.approx_count_distinct(number)]
    found = list(df.agg(*measures).collect()[0])
    steps = {}
    for i, key in enumerate(binned):
        low, high, distinct = found[3 * i : 3 * i + 3]
        column = columns[key.column]
        steps[key] = step_of(column.kind, (low, high), distinct, key.most, "day" if column.type == "date" else "second")
    return tuple(steps.get(key) for key in keys)


def _is_binned(column: Column) -> bool:
    return column.kind == "number" or (column.kind == "time" and not column.type.startswith("time("))


def _key(column: Column, value: Any, step: Step) -> Any:
    """Return the expression of a group's key: a number, a boolean, or a text."""
    from pyspark.sql import functions as F

    if isinstance(step, str):
        value = F.date_trunc(step, value).cast(column.type)
    elif step is not None:
        return F.floor(value.cast("double") / step) * F.lit(float(step))
    if column.kind in ("number", "boolean"):
        return value.cast("string").cast("double") if column.type == "float" else value
    if column.kind == "nested" and column.type != "variant":
        value = F.to_json(value) if column.type.startswith(("array", "map", "struct")) else value
    return F.substring(value.cast("string"), 1, KEY_CAP)


def _value(grouping: Grouping) -> Any:
    from pyspark.sql import functions as F

    return F.lit(1) if grouping.value is None else F.col(str(grouping.value)).cast("double")


def _aggregate(grouping: Grouping) -> Any:
    from pyspark.sql import functions as F

    if grouping.aggregate == "count" or grouping.value is None:
        return F.count(F.lit(1))
    if grouping.aggregate == "median":
        return F.percentile_approx("v", 0.5, ACCURACY)
    return {"sum": F.sum, "avg": F.avg, "min": F.min, "max": F.max}[grouping.aggregate]("v")
