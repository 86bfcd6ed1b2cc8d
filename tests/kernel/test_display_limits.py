"""How much of a wide or large table is shown, and what a notebook without our extension is told of that; without Spark."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jupyter_dbx.kernel.display import dispatch
from jupyter_dbx.kernel.display.data_table import MIME_TYPE, TABLE_COLUMNS, DataTable
from jupyter_dbx.kernel.display.profile import PROFILE_CAP
from jupyter_dbx.kernel.display.registry import TableRegistry
from jupyter_dbx.kernel.display.rows import BYTE_CAP, COLUMN_CAP, LEAST_ROWS, ROW_CAP, Column, Rows, row_limit

#: What a server passes on, bytes.
MESSAGE_CAP = 3_000_000


def table_of(value: Any) -> DataTable:
    source = dispatch.source_of(value)
    assert source is not None
    return DataTable(source)


def texts(*columns: list[str]) -> Rows:
    return Rows(tuple(Column(f"c{i}", "string", "text") for i in range(len(columns))), columns, len(columns[0]), False)


WIDE = np.ones((20, 18_000))
LAST = pd.DataFrame({f"c{i}": [i, 2 * i, 3 * i, 4 * i] for i in range(1300)})


@pytest.mark.parametrize(
    "wide",
    [
        pd.DataFrame(WIDE),
        pa.table(list(WIDE.T), names=[f"c{i}" for i in range(18_000)]),
        [tuple(row) for row in WIDE],
        pd.DataFrame(WIDE, columns=["", "a", "a", *range(17_997)]),
    ],
    ids=["pandas", "arrow", "records", "equal names"],
)
def test_first_columns_of_a_wide_table_are_shown_with_a_notice(wide: Any) -> None:
    data = table_of(wide)._repr_mimebundle_()

    assert len(data[MIME_TYPE]["columns"]) == COLUMN_CAP
    assert data[MIME_TYPE]["left_out"] == 18_000 - COLUMN_CAP
    assert data["text/html"].count("<th ") == TABLE_COLUMNS
    for text in (data["text/html"], data["text/plain"]):
        assert f"First {TABLE_COLUMNS} of 18,000 columns." in text


@pytest.mark.parametrize("value", [LAST, pa.Table.from_pandas(LAST), LAST.to_dict("records")])
def test_any_column_of_a_wide_table_can_be_read(value: Any) -> None:
    table = table_of(value)
    registry = TableRegistry()
    registry.add(table)

    rows = registry.more(table.id, 1, 2, [1200, 3])
    groups = registry.groups(table.id, {"keys": [{"column": 0, "most": 10}], "aggregate": "count"}, [1200])

    assert [column["name"] for column in rows["columns"]] == ["c1200", "c3"]
    assert list(rows["cells"]) == [[2400, 3600], [6, 9]]
    assert list(groups["keys"]) == [[1200, 2400, 3600, 4800]]


def test_index_is_one_of_the_columns_shown() -> None:
    rows = table_of(pd.DataFrame(WIDE, index=list("abcdefghijklmnopqrst"))).rows

    assert (len(rows.columns), rows.columns[0].name, rows.left_out) == (COLUMN_CAP, "index", 18_001 - COLUMN_CAP)


def test_profile_is_of_the_first_columns() -> None:
    table = table_of(pd.DataFrame(WIDE))
    registry = TableRegistry()
    registry.add(table)

    content = registry.profile(table.id)

    assert (len(content["columns"]), content["left_out"]) == (PROFILE_CAP, 18_000 - PROFILE_CAP)
    assert f"First {PROFILE_CAP} of 18,000 columns" in table.source.profile(precise=True).as_table().notice


def test_wide_tables_are_read_in_fewer_rows() -> None:
    assert row_limit(ROW_CAP, 1) == row_limit(ROW_CAP, 20) == ROW_CAP
    assert LEAST_ROWS < row_limit(ROW_CAP, COLUMN_CAP) < ROW_CAP
    assert row_limit(ROW_CAP, 10**9) == LEAST_ROWS
    assert row_limit(5, COLUMN_CAP) == 5


@pytest.mark.parametrize("letter", ["x", "ä"])
def test_largest_rows_are_cut_so_that_a_screen_of_them_is_shown(letter: str) -> None:
    data = table_of(pd.DataFrame({f"c{i}": [letter * 4000] * 50 for i in range(2000)}))._repr_mimebundle_()

    size = len(json.dumps(data).encode())
    assert data[MIME_TYPE]["rows"] >= LEAST_ROWS // 2
    assert data[MIME_TYPE]["more"]
    assert size < MESSAGE_CAP


def test_only_rows_that_are_too_large_are_cut() -> None:
    rows = texts(["a", "b" * BYTE_CAP, *["c" * 100] * 100], ["x" * 200] * 102).capped()

    assert rows.count == 102
    assert {len(cell) for cell in (*rows.cells[0][2:], *rows.cells[1][2:]) if isinstance(cell, str)} == {100, 200}
    assert str(rows.cells[0][1]).endswith("…")


def test_numbers_are_never_cut() -> None:
    digits = Column("n", "decimal", "number")
    rows = Rows((digits, Column("t", "string", "text")), (["9" * 38] * 30, ["x" * 200_000] * 30), 30, False)

    assert set(rows.capped().cells[0]) == {"9" * 38}


def test_newest_rows_are_kept_of_a_stream() -> None:
    rows = texts([f"{n:06}" * 10 for n in range(1000)]).capped(10_000, newest=True)

    assert rows.cells[0][-1] == "000999" * 10
    assert 0 < rows.count < 1000 and not rows.has_more


def test_large_cells_of_a_frame_are_not_all_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    converted: list[int] = []
    original = pa.array
    monkeypatch.setattr(pa, "array", lambda values, *a, **k: converted.append(len(values)) or original(values, *a, **k))

    rows = table_of(pd.DataFrame({"text": ["x" * 1_000_000] * 5000})).rows

    assert rows.count >= LEAST_ROWS and rows.has_more
    assert max(converted) < 500


EXTENSIONS = {
    "Int64": (pd.array([1, None], "Int64"), [1, None]),
    "Float32": (pd.array([0.1, None], "Float32"), [0.1, None]),
    "boolean": (pd.array([True, None], "boolean"), [True, None]),
    "string": (pd.array(["x", None], "string"), ["x", None]),
    "period": (pd.period_range("2026-01", periods=2, freq="M"), ["2026-01", "2026-02"]),
    "interval": (pd.interval_range(0, 2), ["(0, 1]", "(1, 2]"]),
    "cut": (pd.cut([1, 5], [0, 3, 6]), ["(0, 3]", "(3, 6]"]),
    "sparse": (pd.arrays.SparseArray([0.0, 1.5]), [0.0, 1.5]),
    "category": (pd.Categorical(["u", None]), ["u", None]),
    "duration": (pd.to_timedelta([1, 2], "h"), ["0 days 01:00:00", "0 days 02:00:00"]),
    "arrow list": (pd.Series([[1], [2]], dtype=pd.ArrowDtype(pa.list_(pa.int64()))), ["[1]", "[2]"]),
    "zone": (
        pd.date_range("2026", periods=2, tz="Europe/Berlin"),
        ["2026-01-01 00:00:00+01:00", "2026-01-02 00:00:00+01:00"],
    ),
}


@pytest.mark.parametrize(("values", "cells"), EXTENSIONS.values(), ids=EXTENSIONS)
def test_types_of_pandas_are_shown_profiled_and_downloaded(values: Any, cells: list[Any]) -> None:
    table = table_of(pd.DataFrame({"v": values}))
    registry = TableRegistry()
    registry.add(table)

    assert table.rows.cells == (cells,)
    assert registry.profile(table.id)["columns"][0]["nulls"] == cells.count(None)
    for rows in (None, [1, 0]):
        assert all(b"".join(p.data for p in registry.file(table.id, name, rows)) for name in ("csv", "parquet"))
    groups = registry.groups(table.id, {"keys": [{"column": 0, "most": 40}], "aggregate": "count"})
    assert sum(groups["values"]) == len(cells)
    assert table_of(pd.DataFrame({"n": [1, 2]}, index=pd.Index(values))).rows.cells[0] == cells
