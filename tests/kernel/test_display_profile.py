"""Profiles of in-memory frames, histograms, and how both are shown. tests/integration has the profiles of Spark."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from IPython.core.formatters import DisplayFormatter

from jupyter_dbx.kernel.display.dispatch import source_of
from jupyter_dbx.kernel.display.profile import BARS, MIME_TYPE, STEPS, ColumnProfile, Profile, histogram_of


def profile_of(values: list[Any], arrow_type: pa.DataType | None = None) -> ColumnProfile:
    """Return the profile of a table's only column."""
    source = source_of(pa.table({"a": pa.array(values, arrow_type)}))
    assert source is not None
    (column,) = source.profile(precise=False).columns
    return column


def test_numbers_have_all_statistics() -> None:
    found = profile_of([*range(1, 101), None])

    assert (found.nulls, found.distinct, found.least, found.greatest, found.mean) == (1, 100, 1, 100, 50.5)
    assert found.deviation == pytest.approx(29.01, abs=0.01)
    assert found.quantiles == pytest.approx((5.95, 25.75, 50.5, 75.25, 95.05))
    assert found.histogram is not None and found.histogram.shares == pytest.approx([0.05] * 20, abs=0.001)


def test_nan_is_neither_null_nor_a_value() -> None:
    found = profile_of([1.0, float("nan"), None, 3.0])

    assert (found.nulls, found.nans, found.distinct, found.mean, found.greatest) == (1, 1, 2, 2.0, 3.0)


@pytest.mark.parametrize(
    ("values", "arrow_type", "least", "greatest", "median"),
    [
        ([2**60, 2**60 + 2], None, str(2**60), str(2**60 + 2), float(2**60)),
        ([Decimal("1.50"), Decimal("2.50")], None, "1.50", "2.50", 2.0),
        ([date(1800, 1, 1), date(2026, 1, 2)], None, "1800-01-01", "2026-01-02", "1800-01-01 00:00:00"),
        ([datetime(2026, 1, 1, 12)], None, *["2026-01-01 12:00:00"] * 3),
        ([1, 2, 4], pa.int8(), 1, 4, 2.0),
    ],
)
def test_minimum_and_maximum_are_exact(
    values: list[Any], arrow_type: Any, least: Any, greatest: Any, median: Any
) -> None:
    found = profile_of(values, arrow_type)

    assert (found.least, found.greatest) == (least, greatest)
    assert encoded(found.quantiles[2]) == encoded(median)


def encoded(cell: Any) -> Any:
    return float(cell) if isinstance(cell, int | float) or str(cell).isdigit() else cell


@pytest.mark.parametrize("values", [["b", "a", "b", None], [True, False, True, None]])
def test_most_frequent_values_come_first(values: list[Any]) -> None:
    found = profile_of(values)

    assert found.top == ((str(values[0]), 2), (str(values[1]), 1))
    assert (found.nulls, found.distinct, found.histogram) == (1, 2, None)


@pytest.mark.parametrize("values", [[], [None, None], [[1], [2]], [b"a", b"b"], [float("nan")]])
def test_undefined_statistics_are_left_out(values: list[Any]) -> None:
    found = profile_of(values, pa.float64() if values == [] else None)

    assert (found.mean, found.quantiles, found.histogram, found.top) == (None, (), None, ())


@pytest.mark.parametrize(
    ("quantile", "first", "last"),
    [
        (lambda p: p * 10, 1 / BARS, 1 / BARS),
        (lambda p: 0.0 if p < 0.9 else 10.0, 0.89, 0.1),
        (lambda p: 10 * p**2, 0.22, 0.025),
    ],
    ids=["even", "two values", "most are small"],
)
def test_histogram_is_accurate_to_one_percent(quantile: Any, first: float, last: float) -> None:
    found = histogram_of([quantile(step) for step in STEPS])

    assert found is not None
    assert sum(found.shares) == pytest.approx(1, abs=1e-4)
    assert (found.shares[0], found.shares[-1]) == pytest.approx((first, last), abs=0.012)


@pytest.mark.parametrize("values", [[], [1.0] * 101, [0.0, float("inf")], [float("nan")]])
def test_one_value_or_infinite_values_have_no_histogram(values: list[float]) -> None:
    assert histogram_of(values) is None


def test_profile_is_shown_by_every_front_end() -> None:
    source = source_of(pa.table({"n": [1, 2, 3], "<s>": ["x", "x", None]}))
    assert source is not None
    profile = source.profile(precise=True)

    data, _ = DisplayFormatter().format(profile)

    assert json.loads(json.dumps(data[MIME_TYPE], allow_nan=False))["columns"][0]["mean"] == 2.0
    assert "&lt;s&gt;" in data["text/html"] and "█" in data["text/html"]
    assert "x (66.7%)" in data["text/plain"]
    assert isinstance(profile, Profile)
