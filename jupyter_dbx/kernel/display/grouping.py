"""Grouping: the groups of a table's rows that a chart shows, counted or aggregated where the rows are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_dbx.kernel.display.cells import Cell
from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.wire import Json, read_int, read_objects, read_str

#: Maximum number of groups sent to the page, the greatest ones, count.
GROUP_CAP = 10_000

AGGREGATES = ("count", "sum", "avg", "min", "max", "median")

#: Those whose value for several groups is the sum of theirs.
ADDITIVE = ("count", "sum")

#: Unit of time, finest first → its length, s.
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "month": 2_629_746, "year": 31_556_952}

#: The width of a bin: a number, or a unit of time; None = each value is a group.
Step = float | str | None


@dataclass(frozen=True)
class Key:
    """A column by which rows are grouped."""

    #: position in the table
    column: int
    #: number of distinct numbers or times, count, above which they are put into at most so many bins
    most: int


@dataclass(frozen=True)
class Grouping:
    """How rows are grouped, and what is computed of each group."""

    keys: tuple[Key, ...]
    #: one of AGGREGATES
    aggregate: str
    #: position of the column that is aggregated; None = rows are counted
    value: int | None = None


@dataclass(frozen=True)
class Groups:
    """Groups of a table's rows."""

    #: of each key, a cell per group: a value, or the start of a bin
    keys: tuple[list[Cell], ...]
    #: of each group
    values: list[Cell]
    #: of each key
    steps: tuple[Step, ...]
    #: number of different first keys, count, and sum of the values, also of the groups that are left out; None = none are
    total: int | None = None
    whole: float | None = None

    def content(self) -> Json:
        """Return the groups as the page reads them."""
        return {
            "keys": self.keys,
            "values": self.values,
            "steps": self.steps,
            "total": self.total,
            "whole": self.whole,
        }


def read_grouping(request: Mapping[str, Any], columns: int) -> Grouping:
    """Return the grouping that the page requests of a table with so many columns."""
    keys = tuple(
        Key(read_int(key, "column", -1) or 0, read_int(key, "most", 1) or 1) for key in read_objects(request, "keys")
    )
    grouping = Grouping(keys, read_str(request, "aggregate"), read_int(request, "value"))
    used = [key.column for key in keys] + [grouping.value or 0]
    if not keys or grouping.aggregate not in AGGREGATES or not all(0 <= column < columns for column in used):
        raise InvalidParameterValue("The chart has a column or an aggregation that the table does not have.")
    return grouping


def bin_width(low: float, high: float, most: int) -> float:
    """Return the width of at most `most` bins from `low` to `high`: 1, 2 or 5 times a power of ten."""
    least = (high - low) / max(1, most - 1)  # bins start at multiples of the width, so that one more is needed
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def time_unit(span_s: float, most: int, finest: str = "second") -> str:
    """Return the finest unit of time, from `finest` on, of which a span has at most `most`."""
    names = list(UNITS)[list(UNITS).index(finest) :]
    return next((name for name in names if span_s / UNITS[name] < most), "year")


def step_of(kind: str, ends: Sequence[float | None], distinct: int, most: int, finest: str = "second") -> Step:
    """Return the step of a key, given its minimum and maximum, in s for times, and its number of distinct values."""
    low, high = ends
    if distinct <= most or low is None or high is None or not low < high or not math.isfinite(high - low):
        return None
    return bin_width(low, high, most) if kind == "number" else time_unit(high - low, most, finest)
