"""The profile of a Spark DataFrame, computed by a single aggregation: the cluster reads the data once.

Spark's approximate functions do the work: HyperLogLog for distinct counts, the Greenwald-Khanna summary for quantiles (the
histogram is drawn from a hundred of them), and a frequent-items sketch for the most frequent values (Spark 4.1 and later).
"""

from __future__ import annotations

import math
from typing import Any

from jupyter_dbx.kernel.display.cells import Cell, encode_value
from jupyter_dbx.kernel.display.profile import QUANTILES, STEPS, TOP, ColumnProfile, Profile, histogram_of
from jupyter_dbx.kernel.display.rows import Column

#: Accuracy of the quantiles: their relative error is at most 1/1000. A lower accuracy is not faster.
ACCURACY = 1000

# PySpark is not followed by mypy here, hence Any.


def profile(df: Any, columns: tuple[Column, ...], left_out: int = 0, *, precise: bool) -> Profile:
    """Return the profile of a DataFrame.

    Parameters
    ----------
    df : its columns are named by position: "0", "1", …
    columns : name, type and kind of each that is profiled
    left_out : further columns, count
    precise : compute distinct counts and quantiles exactly, which takes more memory and time
    """
    from pyspark.sql import functions as F

    has_top = df.sparkSession.catalog.functionExists("approx_top_k")
    measures = [F.count(F.lit(1)).alias("rows")]
    for i, column in enumerate(columns):
        found = _measures(F.col(str(i)), column, precise=precise, has_top=has_top)
        measures += [measure.alias(f"{i} {name}") for name, measure in found.items()]
    values = df.agg(*measures).collect()[0].asDict()
    rows = values["rows"]
    return Profile(
        rows,
        tuple(
            _profile_of(column, rows, {k.partition(" ")[2]: v for k, v in values.items() if k.startswith(f"{i} ")})
            for i, column in enumerate(columns)
        ),
        precise,
        left_out,
    )


def _measures(value: Any, column: Column, *, precise: bool, has_top: bool) -> dict[str, Any]:
    """Return the aggregates of a column, by name."""
    from pyspark.sql import functions as F

    measures = {"count": F.count(value)}
    if column.kind in ("nested", "binary") or column.type.startswith(("interval", "void", "time(")):
        return measures
    if column.type in ("double", "float"):
        measures["nans"] = F.count_if(F.isnan(value))
        value = F.nanvl(value, F.lit(None).cast(column.type))
    measures["distinct"] = F.count_distinct(value) if precise else F.approx_count_distinct(value)
    if column.kind in ("text", "boolean"):
        if has_top:
            found = F.call_function("approx_top_k", value, F.lit(TOP))
            measures["top"] = F.transform(found, lambda item: F.struct(item["item"].cast("string"), item["count"]))
    if column.kind in ("text", "number", "time"):
        measures |= {"least": _text(F.min(value), column), "greatest": _text(F.max(value), column)}
    if column.kind in ("number", "time"):
        measures |= _numeric_measures(value, column, precise=precise)
    return measures


def _numeric_measures(value: Any, column: Column, *, precise: bool) -> dict[str, Any]:
    from pyspark.sql import functions as F

    number = (value.cast("timestamp") if column.kind == "time" else value).cast("double")
    steps = F.array(*(F.lit(step) for step in (*STEPS, *QUANTILES)))
    found = F.percentile(number, steps) if precise else F.percentile_approx(number, steps, ACCURACY)
    measures = {"steps": found}
    if column.kind == "number":
        return measures | {"mean": F.avg(number), "deviation": F.stddev(number)}
    shown = F.slice(found, len(STEPS) + 1, len(QUANTILES))
    return measures | {"times": F.transform(shown, lambda s: s.cast("timestamp").cast(column.type).cast("string"))}


def _text(value: Any, column: Column) -> Any:
    """Return the expression by which a value is sent: times as Spark formats them, strings cut to 100 characters."""
    from pyspark.sql import functions as F

    if column.kind == "number":
        # The shortest decimal text keeps a 32-bit 0.1 from becoming 0.10000000149011612.
        return value.cast("string").cast("double") if column.type == "float" else value
    return F.substring(value.cast("string"), 1, 100)


def _profile_of(column: Column, rows: int, found: dict[str, Any]) -> ColumnProfile:
    steps = found.get("steps") or []
    quantiles: list[Cell] = found.get("times") or [encode_value(value) for value in steps[len(STEPS) :]]
    return ColumnProfile(
        column,
        rows - found["count"],
        found.get("nans") or 0,
        _at_most(found.get("distinct"), found["count"] - (found.get("nans") or 0)),
        encode_value(found.get("least")),
        encode_value(found.get("greatest")),
        encode_value(_finite(found.get("mean"))),
        encode_value(_finite(found.get("deviation"))),
        tuple(quantiles),
        histogram_of(steps[: len(STEPS)]),
        tuple((value, count) for value, count in found.get("top") or [] if value is not None),
    )


def _at_most(estimate: int | None, values: int) -> int | None:
    """Return an estimate of distinct values, which may exceed the number of values."""
    return None if estimate is None else min(estimate, values)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
