"""Profile: what the columns of a table hold, in numbers, and how it is shown."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from jupyter_dbx.kernel.display.cells import Cell
from jupyter_dbx.kernel.display.source import Column
from jupyter_dbx.kernel.display.text_table import Table
from jupyter_dbx.model.wire import Json

#: What JupyterLab shows with our renderer.
MIME_TYPE = "application/vnd.jupyter-dbx.profile+json"

#: Which parts of a column's values lie below its quantiles that are shown.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

#: Which quantiles a histogram is drawn from, and how many bars it has: one that is exact to a percent in a single pass.
STEPS = tuple(i / 100 for i in range(101))
BARS = 20

#: The most frequent values that are told, count.
TOP = 5

_BLOCKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Histogram:
    """How values spread between the least and the greatest one, in bars of one width."""

    #: for times, s since the epoch
    low: float
    high: float
    #: share of each bar, 0…1
    shares: tuple[float, ...]


@dataclass(frozen=True)
class ColumnProfile:
    """What one column holds; None = makes no sense for its type, or there is no value."""

    column: Column
    nulls: int
    #: NaN is told apart and counts neither as null nor as a value
    nans: int = 0
    distinct: int | None = None
    least: Cell = None
    greatest: Cell = None
    mean: Cell = None
    #: standard deviation of the sample
    deviation: Cell = None
    #: see QUANTILES
    quantiles: tuple[Cell, ...] = ()
    histogram: Histogram | None = None
    #: values and how often each occurs, the most frequent one first
    top: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Profile:
    """What a table holds."""

    rows: int
    columns: tuple[ColumnProfile, ...]
    #: whether numbers of distinct values and quantiles are exact
    is_precise: bool

    def content(self) -> Json:
        """Return it as the page reads it."""
        return {"rows": self.rows, "precise": self.is_precise, "columns": [asdict(column) for column in self.columns]}

    def as_table(self) -> Table:
        """Return it for front ends without our extension."""
        heads = ["column", "type", "nulls", "distinct", "min", "median", "max", "mean", "std", "distribution"]
        about = "" if self.is_precise else "; distinct values and quantiles are approximate"
        numbers = [head not in ("column", "type", "min", "median", "max", "distribution") for head in heads]
        rows = [_line(profile, self.rows) for profile in self.columns]
        return Table(heads, rows, f"{self.rows:,} rows{about}", numbers)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        table = self.as_table()
        return {MIME_TYPE: self.content(), "text/html": table._repr_html_(), "text/plain": repr(table)}


def histogram_of(values: Sequence[float]) -> Histogram | None:
    """Return the histogram of a column, from its quantiles at STEPS: None if they are all one, or are not finite."""
    if not values or not all(map(math.isfinite, values)) or values[0] == values[-1]:
        return None
    low, high = values[0], values[-1]
    width = (high - low) / BARS
    edges = [low + width * i for i in range(1, BARS)]
    below = [0.0, *(_share_below(edge, values) for edge in edges), 1.0]
    return Histogram(low, high, tuple(round(b - a, 6) for a, b in pairwise(below)))


def _share_below(edge: float, values: Sequence[float]) -> float:
    """Return which part of the values is below `edge`, between two quantiles in proportion."""
    right = bisect_left(values, edge)
    left, steps = right - 1, len(values) - 1
    return (left + (edge - values[left]) / (values[right] - values[left])) / steps


def _line(profile: ColumnProfile, rows: int) -> list[Any]:
    nulls = f"{profile.nulls / rows:.1%}" if rows else "–"
    median = profile.quantiles[len(QUANTILES) // 2] if profile.quantiles else None
    found = [profile.distinct, profile.least, median, profile.greatest, profile.mean, profile.deviation]
    words = [
        "–" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)[:40] for value in found
    ]
    return [profile.column.name, profile.column.type, nulls, *words, _distribution(profile, rows)]


def _distribution(profile: ColumnProfile, rows: int) -> str:
    """Return the histogram as a row of blocks, or the most frequent values."""
    if profile.histogram is not None:
        most = max(profile.histogram.shares)
        return "".join(_BLOCKS[min(7, math.ceil(share / most * 7))] for share in profile.histogram.shares)
    return ", ".join(f"{value[:30]} ({count / rows:.1%})" for value, count in profile.top[:3])
