"""Profile: summary statistics of a table's columns, and how they are shown."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from jupyter_dbx.kernel.display.cells import Cell
from jupyter_dbx.kernel.display.rows import Column
from jupyter_dbx.kernel.display.text_table import Table
from jupyter_dbx.model.wire import Json

#: MIME type that JupyterLab shows with our renderer.
MIME_TYPE = "application/vnd.jupyter-dbx.profile+json"

#: Probabilities of the quantiles shown.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

#: Probabilities of the quantiles a histogram is drawn from, exact to one percent in a single pass, and its number of bars.
STEPS = tuple(i / 100 for i in range(101))
BARS = 20

#: Most frequent values reported, count.
TOP = 5

#: Maximum columns in a profile, count: each has a dozen measures.
PROFILE_CAP = 200

_BLOCKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Histogram:
    """The distribution of values between minimum and maximum, in bars of equal width."""

    #: minimum and maximum; for times, s since the epoch
    low: float
    high: float
    #: share of each bar, 0…1
    shares: tuple[float, ...]


@dataclass(frozen=True)
class ColumnProfile:
    """Statistics of one column; None = not defined for its type, or the column has no values."""

    column: Column
    nulls: int
    #: NaN counts neither as null nor as a value
    nans: int = 0
    distinct: int | None = None
    #: minimum and maximum
    least: Cell = None
    greatest: Cell = None
    mean: Cell = None
    #: sample standard deviation
    deviation: Cell = None
    #: see QUANTILES
    quantiles: tuple[Cell, ...] = ()
    histogram: Histogram | None = None
    #: the most frequent values with their counts, in descending order
    top: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Profile:
    """Statistics of a table."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    #: whether distinct counts and quantiles are exact
    is_precise: bool
    #: columns of the table that are left out, count
    left_out: int = 0

    def content(self) -> Json:
        """Return the profile as the page reads it."""
        columns = [asdict(column) for column in self.columns]
        return {"rows": self.rows, "precise": self.is_precise, "left_out": self.left_out, "columns": columns}

    def as_table(self) -> Table:
        """Return the profile as a table for front ends without our extension."""
        heads = ["column", "type", "nulls", "distinct", "min", "median", "max", "mean", "std", "distribution"]
        about = "" if self.is_precise else "; distinct values and quantiles are approximate"
        if self.left_out:
            about += f". First {len(self.columns):,} of {len(self.columns) + self.left_out:,} columns"
        numbers = [head not in ("column", "type", "min", "median", "max", "distribution") for head in heads]
        rows = [_line(profile, self.rows) for profile in self.columns]
        return Table(heads, rows, f"{self.rows:,} rows{about}", numbers)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        table = self.as_table()
        return {MIME_TYPE: self.content(), "text/html": table._repr_html_(), "text/plain": repr(table)}


def histogram_of(values: Sequence[float]) -> Histogram | None:
    """Return a column's histogram from its quantiles at STEPS, or None if they are all equal or not finite."""
    if not values or not all(map(math.isfinite, values)) or values[0] == values[-1]:
        return None
    low, high = values[0], values[-1]
    width = (high - low) / BARS
    edges = [low + width * i for i in range(1, BARS)]
    below = [0.0, *(_share_below(edge, values) for edge in edges), 1.0]
    return Histogram(low, high, tuple(round(b - a, 6) for a, b in pairwise(below)))


def _share_below(edge: float, values: Sequence[float]) -> float:
    """Return the share of the values below `edge`, interpolated between two quantiles."""
    right = bisect_left(values, edge)
    left, steps = right - 1, len(values) - 1
    return (left + (edge - values[left]) / (values[right] - values[left])) / steps


def _line(profile: ColumnProfile, rows: int) -> list[Any]:
    nulls = f"{profile.nulls / rows:.1%}" if rows else "–"
    median = profile.quantiles[len(QUANTILES) // 2] if profile.quantiles else None
    values = [profile.distinct, profile.least, median, profile.greatest, profile.mean, profile.deviation]
    texts = [
        "–" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)[:40] for value in values
    ]
    return [profile.column.name, profile.column.type, nulls, *texts, _distribution(profile, rows)]


def _distribution(profile: ColumnProfile, rows: int) -> str:
    """Return the histogram as block characters, or the most frequent values."""
    if profile.histogram is not None:
        highest = max(profile.histogram.shares)
        return "".join(_BLOCKS[min(7, math.ceil(share / highest * 7))] for share in profile.histogram.shares)
    return ", ".join(f"{value[:30]} ({count / rows:.1%})" for value, count in profile.top[:3])
