"""The profile of a Spark DataFrame, by one aggregation over it: the cluster reads the data once, whatever is asked of it.

Spark's own approximate functions do the work: HyperLogLog for distinct values, Greenwald and Khanna's summary for quantiles (the
histogram is drawn from a hundred of them), and a frequent-items sketch for the most frequent values, if this Spark has it (4.1).
"""

from __future__ import annotations

import math
from typing import Any

from jupyter_dbx.kernel.display.cells import Cell, encode_value
from jupyter_dbx.kernel.display.profile import QUANTILES, STEPS, TOP, ColumnProfile, Profile, histogram_of
from jupyter_dbx.kernel.display.source import Column

#: Of the quantiles: each is wrong by a thousandth of the rows at most, and finding them takes no more time than that.
ACCURACY = 1000

# PySpark is not followed by mypy here, hence Any.


def profile(df: Any, columns: tuple[Column, ...], *, precise: bool) -> Profile:
    """Return the profile of a DataFrame.

    Parameters
    ----------
    df : whose columns are named by their places: "0", "1", …
    columns : what they are
    precise : count distinct values and find quantiles exactly, which takes more memory and time
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
    )


def _measures(value: Any, column: Column, *, precise: bool, has_top: bool) -> dict[str, Any]:
    """Return what is measured of a column."""
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
    """Return a value as it comes best: times in Spark's words, long texts in short."""
    from pyspark.sql import functions as F

    if column.kind == "number":
        # By its shortest text: 0.1 of 32 bits is not 0.10000000149011612.
        return value.cast("string").cast("double") if column.type == "float" else value
    return F.substring(value.cast("string"), 1, 100)


def _profile_of(column: Column, rows: int, found: dict[str, Any]) -> ColumnProfile:
    steps = found.get("steps") or []
    quantiles: list[Cell] = found.get("times") or [encode_value(value) for value in steps[len(STEPS) :]]
    return ColumnProfile(
        column,
        rows - found["count"],
        found.get("nans") or 0,
        found.get("distinct"),
        encode_value(found.get("least")),
        encode_value(found.get("greatest")),
        encode_value(_finite(found.get("mean"))),
        encode_value(_finite(found.get("deviation"))),
        tuple(quantiles),
        histogram_of(steps[: len(STEPS)]),
        tuple((value, count) for value, count in found.get("top") or [] if value is not None),
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
