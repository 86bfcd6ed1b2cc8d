"""`display` of in-memory values, and later requests of the page. tests/integration has the tests with Spark."""

from __future__ import annotations

import base64
import gc
import gzip
import json
from collections import namedtuple
from typing import Any

import matplotlib
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from IPython.display import HTML

from jupyter_dbx.kernel.display import dispatch, display
from jupyter_dbx.kernel.display.data_table import COMPRESSED_FROM, HTML_ROWS, MIME_TYPE, TEXT_ROWS, DataTable
from jupyter_dbx.kernel.display.registry import MAX_TABLES, TableRegistry
from jupyter_dbx.kernel.display.rows import BYTE_CAP, ROW_CAP
from jupyter_dbx.kernel.display.spark_source import is_dataframe
from jupyter_dbx.kernel.display.throttle import MAX_BYTES, WINDOW_S, Throttle
from jupyter_dbx.kernel.errors import NotebookError

Point = namedtuple("Point", "x y")


def table_of(value: Any) -> DataTable:
    source = dispatch.source_of(value)
    assert source is not None
    return DataTable(source)


def content_of(value: Any) -> dict[str, Any]:
    return dict(table_of(value)._repr_mimebundle_()[MIME_TYPE])


def cells_of(content: dict[str, Any]) -> list[list[Any]]:
    packed = content.get("gzip")
    return list(json.loads(gzip.decompress(base64.b64decode(packed))) if packed else content["cells"])


# -- values with rows --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "columns", "cells"),
    [
        (pd.DataFrame({"a": [1, 2]}), ["a"], [[1, 2]]),
        (pd.DataFrame({"a": [1, 2]}, index=["x", "y"]), ["index", "a"], [["x", "y"], [1, 2]]),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), ["a", "a"], [[1], [2]]),
        (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", 1)])), ["a, 1"], [[1]]),
        (pd.DataFrame({"a": [1, "x", None]}), ["a"], [["1", "x", None]]),
        (pd.DataFrame({"a": [1 + 2j]}), ["a"], [["(1+2j)"]]),
        (pd.DataFrame({"a": []}), ["a"], [[]]),
        (pd.Series([1.5, None], name="s"), ["s"], [[1.5, None]]),
        (pd.Series([1]), ["value"], [[1]]),
        (pa.table({"a": [1]}), ["a"], [[1]]),
        (pa.RecordBatch.from_pydict({"a": [1]}), ["a"], [[1]]),
        ([{"a": 1}, {"b": "x"}], ["a", "b"], [[1, None], [None, "x"]]),
        ([(1, "a"), (2, None)], ["_1", "_2"], [[1, 2], ["a", None]]),
        ([Point(1, 2), Point(3, 4)], ["x", "y"], [[1, 3], [2, 4]]),
    ],
)
def test_rows_are_shown_as_a_table(value: Any, columns: list[str], cells: list[list[Any]]) -> None:
    content = content_of(value)

    assert [column["name"] for column in content["columns"]] == columns
    assert cells_of(content) == cells
    assert (content["rows"], content["more"]) == (len(cells[0]), False)


@pytest.mark.parametrize(
    "value", [7, "text", [], [1, 2], [{"a": 1}, 2], {"a": 1}, None, pd.Index([1]), HTML("<b>b</b>")]
)
def test_anything_else_is_left_to_ipython(value: Any) -> None:
    assert dispatch.source_of(value) is None


@pytest.mark.parametrize(
    ("module", "name", "truth"),
    [
        ("pyspark.sql.classic.dataframe", "DataFrame", True),
        ("pyspark.sql.connect.dataframe", "DataFrame", True),
        ("pandas.core.frame", "DataFrame", False),
        ("pyspark.pandas.frame", "DataFrame", False),
        ("pyspark.sql.column", "Column", False),
    ],
)
def test_spark_dataframe_is_recognized_by_its_class(module: str, name: str, truth: bool) -> None:
    kind = type(name, (), {"__module__": module})

    assert is_dataframe(kind()) is truth
    assert is_dataframe(type("Mine", (kind,), {})()) is truth
    assert not is_dataframe(kind)


# -- the output --------------------------------------------------------------------------------------------------------


def test_output_has_the_same_rows_in_every_format() -> None:
    data = table_of(pd.DataFrame({"n": range(3), "ok": [True, None, False]}))._repr_mimebundle_()

    assert cells_of(data[MIME_TYPE]) == [[0, 1, 2], [True, None, False]]
    assert data["text/html"].count("<tr>") == 4
    assert data["text/plain"].splitlines() == ["n  ok", "0  true", "1  null", "2  false", "3 rows"]


def test_large_table_is_cut_with_a_notice() -> None:
    data = table_of(pd.DataFrame({"n": range(ROW_CAP + 1)}))._repr_mimebundle_()

    assert (data[MIME_TYPE]["rows"], data[MIME_TYPE]["more"]) == (ROW_CAP, True)
    assert data["text/html"].count("<tr>") == 1 + HTML_ROWS
    assert f"First {HTML_ROWS} rows; there are more." in data["text/html"]
    assert len(data["text/plain"].splitlines()) == 1 + TEXT_ROWS + 1


def test_rows_are_limited_by_their_size() -> None:
    table = table_of(pd.DataFrame({"text": ["ä" * 1000] * 5000}))

    assert 0 < table.rows.count < 5000 and table.rows.has_more
    assert len(json.dumps(table.rows.cells, ensure_ascii=False).encode()) <= BYTE_CAP


def test_small_table_stays_readable_in_the_saved_notebook_and_a_large_one_is_compressed() -> None:
    small, large = content_of(pd.DataFrame({"n": range(10)})), content_of(pd.DataFrame({"n": range(5000)}))

    assert "gzip" not in small
    assert "cells" not in large and len(large["gzip"]) < 5000 * 4
    assert COMPRESSED_FROM < len(json.dumps(cells_of(large)))


def test_display_shows_each_value_and_returns_ipythons_handle(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Any] = []
    monkeypatch.setattr(
        dispatch, "ipython_display", lambda *values, **options: found.append((values, options)) or "handle"
    )

    handle = display(pd.DataFrame({"a": [1]}), 7, display_id="x")

    (((table, seven), options),) = found
    assert isinstance(table, DataTable)
    assert (seven, options, handle) == (7, {"display_id": "x"}, "handle")


@pytest.mark.parametrize("part", ["figure", "axes", "array of axes"])
def test_figure_is_an_image_and_is_not_shown_again_by_pyplot(part: str) -> None:
    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2)
    shown = dispatch.renderable({"figure": figure, "axes": axes[0], "array of axes": axes}[part])

    data, metadata = shown._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert 100 < metadata["image/png"]["width"] < 1000
    assert pyplot.get_fignums() == []


def test_large_outputs_wait_for_the_servers_rate_limit() -> None:
    times, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        times[0] += seconds

    throttle = Throttle(lambda: times[0], sleep)
    for _ in range(3):
        throttle.wait(MAX_BYTES // 2)
        times[0] += 0.5
    throttle.wait(2 * MAX_BYTES)  # waiting would not make it smaller

    assert slept == [WINDOW_S - 1, WINDOW_S - 0.5]


# -- later requests of the page ----------------------------------------------------------------------------------------


@pytest.fixture
def registry() -> TableRegistry:
    return TableRegistry()


def test_page_gets_the_rows_that_follow(registry: TableRegistry) -> None:
    frame = pd.DataFrame({"n": range(ROW_CAP + 5)})
    table = table_of(frame)
    registry.add(table)

    rest = registry.more(table.id, ROW_CAP)

    assert cells_of(rest) == [list(range(ROW_CAP, ROW_CAP + 5))]
    assert not rest["more"]


def test_table_that_is_no_longer_kept_is_an_error(registry: TableRegistry) -> None:
    tables = [table_of([{"a": n}]) for n in range(MAX_TABLES + 1)]
    for table in tables:
        registry.add(table)

    assert registry.more(tables[1].id, 0)
    for unknown in (tables[0].id, "of another kernel"):
        with pytest.raises(NotebookError, match="Run its cell again"):
            registry.more(unknown, 0)


def test_frame_freed_by_its_user_is_not_kept(registry: TableRegistry) -> None:
    frame = pd.DataFrame({"n": range(ROW_CAP + 1)})
    table = table_of(frame)
    registry.add(table)

    del frame
    gc.collect()

    with pytest.raises(NotebookError, match="no longer in memory"):
        registry.more(table.id, ROW_CAP)
