"""Files and groups of a displayed table, for the page."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from jupyter_dbx.kernel.display.data_table import DataTable
from jupyter_dbx.kernel.display.dispatch import source_of
from jupyter_dbx.kernel.display.file import pieces
from jupyter_dbx.kernel.display.grouping import GROUP_CAP, bin_width, time_unit
from jupyter_dbx.kernel.display.registry import TableRegistry
from jupyter_dbx.kernel.display.source import Source
from jupyter_dbx.model.errors import InvalidParameterValue

N = 24_000
FRAME = pd.DataFrame(
    {
        "who": [f"p{i}" for i in range(N)],
        "carrier": [("UA", "AA", None)[i % 3] for i in range(N)],
        "n": [float(i) for i in range(N)],
        "day": pd.date_range("2026-01-01", periods=N, freq="h"),
    }
)


def source(value: Any) -> Source:
    found = source_of(value)
    assert found is not None
    return found


def shown(value: Any) -> tuple[TableRegistry, str]:
    registry, table = TableRegistry(), DataTable(source(value))
    registry.add(table)
    return registry, table.id


# -- files -------------------------------------------------------------------------------------------------------------


def test_file_has_all_rows_not_only_those_shown() -> None:
    registry, table = shown(FRAME)

    csv = b"".join(piece.data for piece in registry.file(table, "csv"))
    parquet = b"".join(piece.data for piece in registry.file(table, "parquet"))

    assert pd.read_csv(io.BytesIO(csv))["who"].tolist() == FRAME["who"].tolist()
    assert pd.read_parquet(io.BytesIO(parquet)).equals(FRAME)


def test_file_can_have_some_rows_in_their_order_with_the_types_of_the_data() -> None:
    data = pa.table({"n": pa.array([1, 2, 3], pa.int16()), "t": pa.array([0, 1, None], pa.timestamp("us", "UTC"))})
    registry, table = shown(data)

    file = b"".join(piece.data for piece in registry.file(table, "parquet", [2, 0]))

    assert pyarrow.parquet.read_table(io.BytesIO(file)).equals(data.take([2, 0]))


def test_file_can_have_some_columns_in_their_order() -> None:
    registry, table = shown(FRAME)

    for picks in (None, [1, 0]):
        file = b"".join(piece.data for piece in registry.file(table, "parquet", picks, [2, 0]))
        expected = FRAME[["n", "who"]] if picks is None else FRAME.loc[picks, ["n", "who"]].reset_index(drop=True)
        assert pd.read_parquet(io.BytesIO(file)).equals(expected)


def test_cells_of_a_file_are_not_cut() -> None:
    data = pa.table({"text": ["x" * 5000], "bytes": [b"a" * 2000], "flag": [True], "none": pa.nulls(1), "tags": [[1]]})

    file = b"".join(piece.data for piece in pieces(source(data).tables(as_text=True), "csv"))

    row = pd.read_csv(io.BytesIO(file)).iloc[0]
    assert (len(row["text"]), len(row["bytes"]), row["tags"]) == (5000, 4002, "[1]")
    assert b",true," in file and pd.isna(row["none"])


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_file_ends_at_its_limit_and_is_still_readable(file_format: Any) -> None:
    found = list(pieces(source(FRAME).tables(as_text=True), file_format, cap=1000))

    file = io.BytesIO(b"".join(piece.data for piece in found))
    read = pd.read_csv(file) if file_format == "csv" else pd.read_parquet(file)
    assert (found[-1].rows, found[-1].is_cut) == (len(read), True) == (10_000, True)


def test_file_of_an_empty_table_has_its_columns() -> None:
    registry, table = shown(FRAME[:0])

    for file_format, read in (("csv", pd.read_csv), ("parquet", pd.read_parquet)):
        file = b"".join(piece.data for piece in registry.file(table, file_format))  # type: ignore[arg-type]
        assert list(read(io.BytesIO(file)).columns) == list(FRAME.columns)


# -- groups ------------------------------------------------------------------------------------------------------------


def groups_of(value: Any, keys: dict[str, int], aggregate: str, column: str | None = None) -> dict[str, Any]:
    registry, table = shown(value)
    places = list(value.columns)
    request: dict[str, Any] = {"keys": [{"column": places.index(key), "most": most} for key, most in keys.items()]}
    request |= {"aggregate": aggregate} | ({"value": places.index(column)} if column else {})
    return dict(registry.groups(table, request))


@pytest.mark.parametrize(
    ("aggregate", "value"),
    [("count", 8000), ("sum", 95_988_000.0), ("avg", 11_998.5), ("min", 0.0), ("max", 23_997.0), ("median", 11_998.5)],
)
def test_all_rows_are_grouped_by_texts_and_nulls(aggregate: str, value: float) -> None:
    found = groups_of(FRAME, {"carrier": 40}, aggregate, "n")

    groups = dict(zip(found["keys"][0], found["values"], strict=True))
    assert groups.keys() == {"UA", "AA", None}
    assert groups["UA"] == pytest.approx(value, rel=0.001)
    assert (found["steps"], found["total"], found["whole"]) == ((None,), None, None)


def test_many_numbers_and_times_are_grouped_in_bins() -> None:
    numbers = groups_of(FRAME, {"n": 30, "carrier": 20}, "count")
    times = groups_of(FRAME, {"day": 40}, "count")

    assert numbers["steps"] == (1000.0, None)
    assert sorted(set(numbers["keys"][0])) == [1000.0 * i for i in range(24)] and sum(numbers["values"]) == N
    assert times["steps"] == ("month",)
    assert dict(zip(times["keys"][0], times["values"], strict=True))["2026-02-01 00:00:00"] == 28 * 24


def test_of_too_many_groups_the_greatest_are_returned() -> None:
    found = groups_of(FRAME, {"who": 40}, "sum", "n")

    assert len(found["values"]) == GROUP_CAP and min(found["values"]) == N - GROUP_CAP
    assert (found["total"], found["whole"]) == (N, N * (N - 1) / 2)


@pytest.mark.parametrize("request_", [{}, {"keys": [{"column": 4}]}, {"keys": [{"column": 0}], "aggregate": "mode"}])
def test_chart_of_what_a_table_does_not_have_is_an_error(request_: dict[str, Any]) -> None:
    registry, table = shown(FRAME)

    with pytest.raises(InvalidParameterValue, match="does not have"):
        registry.groups(table, {"aggregate": "count"} | request_)


def test_bins_have_round_widths() -> None:
    assert [bin_width(0, high, 30) for high in (29, 100, 1e6, 0.3)] == pytest.approx([1, 5, 50_000, 0.02])
    assert [time_unit(days * 86_400, 40) for days in (1 / 2000, 1, 39, 300, 20_000)] == [
        "minute",
        "hour",
        "day",
        "month",
        "year",
    ]
    assert time_unit(10, 40, "day") == "day"
