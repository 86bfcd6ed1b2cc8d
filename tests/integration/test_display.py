"""`display()` and `dbutils.data.summarize` on a real cluster: types, a large table, profiles, IPython's own `display`."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from live import Notebook, Outcome, Server

pytestmark = pytest.mark.spark

TABLE_TYPE = "application/vnd.jupyter-dbx.table+json"
PROFILE_TYPE = "application/vnd.jupyter-dbx.profile+json"

#: Expression → its type and its cell, in the time zone of Berlin.
TYPES = {
    "CAST(1 AS TINYINT)": ("tinyint", 1),
    "9007199254740993L": ("bigint", "9007199254740993"),
    "CAST(0.1 AS FLOAT)": ("float", 0.1),
    "CAST('nan' AS DOUBLE)": ("double", "NaN"),
    "CAST('-infinity' AS FLOAT)": ("float", "-Infinity"),
    "CAST(0 AS DECIMAL(38,18))": ("decimal(38,18)", "0.000000000000000000"),
    "true": ("boolean", True),
    "NULL": ("void", None),
    "repeat('x', 1000000)": ("string", "x" * 4000 + "…"),
    "binary('ab')": ("binary", "0x6162"),
    "DATE'0001-01-01'": ("date", "0001-01-01"),
    "TIMESTAMP'1800-01-01 00:00:00'": ("timestamp", "1800-01-01 00:00:00"),
    "timestamp_seconds(1782900000.5)": ("timestamp", "2026-07-01 12:00:00.5"),
    "TIMESTAMP_NTZ'9999-12-31 23:59:59'": ("timestamp_ntz", "9999-12-31 23:59:59"),
    "INTERVAL '1-2' YEAR TO MONTH": ("interval year to month", "INTERVAL '1-2' YEAR TO MONTH"),
    "INTERVAL '1 02:03' DAY TO MINUTE": ("interval day to minute", "INTERVAL '1 02:03' DAY TO MINUTE"),
    "make_interval(1, 2)": ("interval", "1 years 2 months"),
    """parse_json('{"a":[1]}')""": ("variant", '{"a":[1]}'),
    "array(1, null)": ("array<int>", "[1,null]"),
    "map('k', INTERVAL '1' YEAR)": ("map<string,interval year>", """{"k":"INTERVAL '1' YEAR"}"""),
    "named_struct('x', 1, 'x', NULL)": ("struct<x:int,x:void>", '{"x":1,"x":null}'),
}


@pytest.fixture(scope="module")
def notebook(server: Server, cluster_id: str) -> Iterator[Notebook]:
    """One notebook for all tests; its cells are independent."""
    notebook = Notebook(server, "display.ipynb").attach(cluster_id)
    yield notebook
    notebook.close()


def table(outcome: Outcome) -> dict[str, Any]:
    """Return the content of the last table that a cell displayed."""
    return dict([data[TABLE_TYPE] for data in outcome.ok().displayed if TABLE_TYPE in data][-1])


def cells(content: dict[str, Any]) -> list[list[Any]]:
    packed = content.get("gzip")
    return list(json.loads(gzip.decompress(base64.b64decode(packed))) if packed else content["cells"])


def test_every_type_is_displayed_correctly(notebook: Notebook) -> None:
    notebook.run("spark.conf.set('spark.sql.session.timeZone', 'Europe/Berlin')").ok()

    content = table(notebook.run(f"display(spark.sql({'SELECT ' + ', '.join(TYPES)!r}))"))

    found = [(column["type"], cell) for column, (cell,) in zip(content["columns"], cells(content), strict=True)]
    assert dict(zip(TYPES, found, strict=True)) == TYPES


def test_column_names_can_be_duplicate_or_unusual(notebook: Notebook) -> None:
    content = table(notebook.run("%%sql\nSELECT 1 AS a, 2 AS a, 3 AS `b.c`, 4 AS ``"))

    assert [column["name"] for column in content["columns"]] == ["a", "a", "b.c", ""]
    assert cells(content) == [[1], [2], [3], [4]]


def test_only_the_displayed_rows_of_a_large_table_are_read(notebook: Notebook) -> None:
    outcome = notebook.run(
        "seen = sc.accumulator(0)\n"
        "rdd = sc.range(0, 1_000_000, 1, 50).map(lambda n: seen.add(1) or (n,))\n"
        "display(spark.createDataFrame(rdd, 'n bigint'))\n"
    )

    content = table(outcome)
    assert (content["rows"], content["more"]) == (10_000, True)
    assert cells(content) == [list(range(10_000))]
    assert notebook.value("seen.value") < 100_000


LATEST = """
from jupyter_dbx.kernel.display.registry import TABLES
import io, pyarrow.parquet
def latest(): return list(TABLES._sources)[-1]
def read(name, rows=None): return b"".join(piece.data for piece in TABLES.file(latest(), name, rows))
"""
TYPED = (
    "spark.range(15_000).selectExpr('id', 'CAST(id AS DECIMAL(20,2)) d', 'INTERVAL 1 YEAR y', 'map(id, array(id)) m')"
)


def test_page_gets_more_rows_and_files_with_spark_types(notebook: Notebook) -> None:
    notebook.run(f"{LATEST}display({TYPED})").ok()

    more = notebook.value("TABLES.more(latest(), 10_000)")
    parquet = "pyarrow.parquet.read_table(io.BytesIO(read('parquet')))"
    schema = notebook.value(
        f"[str(t) for t in {parquet}.schema.types], {parquet}['id'].to_pylist() == list(range(15_000))"
    )
    some = notebook.value("pyarrow.parquet.read_table(io.BytesIO(read('parquet', [14_999, 3])))['id'].to_pylist()")
    first, last = notebook.value("read('csv').decode().splitlines()[1::14_999]")

    assert cells(more)[0] == list(range(10_000, 15_000))
    assert not more["more"]
    assert schema == (["int64", "decimal128(20, 2)", "string", "map<int64, list<element: int64 not null> ('m')>"], True)
    assert some == [14_999, 3]
    assert (first, last) == tuple(f'{n},{n}.00,INTERVAL \'1\' YEAR,"{{""{n}"":[{n}]}}"' for n in (0, 14_999))


GROUPED = """spark.range(40_000).selectExpr(
    "CONCAT('p', id) AS who", "id % 3 AS k", "IF(id % 4 = 0, NULL, id) AS n",
    "TIMESTAMP'2026-01-01' + make_interval(0, 0, 0, 0, id) AS day")"""


def groups(notebook: Notebook, keys: list[dict[str, int]], aggregate: str, value: int | None = None) -> dict[str, Any]:
    return dict(notebook.value(f"TABLES.groups(latest(), {dict(keys=keys, aggregate=aggregate, value=value)})"))


def test_charts_aggregate_all_rows_on_the_cluster(notebook: Notebook) -> None:
    notebook.run("spark.conf.set('spark.sql.session.timeZone', 'Europe/Berlin')").ok()
    notebook.run(f"{LATEST}display({GROUPED})").ok()

    by_k = groups(notebook, [{"column": 1, "most": 40}], "count")
    by_bin = groups(notebook, [{"column": 2, "most": 30}, {"column": 1, "most": 20}], "avg", 2)
    by_year = groups(notebook, [{"column": 3, "most": 40}], "max", 2)
    notebook.run(
        "by_who = TABLES.groups(latest(), {'keys': [{'column': 0, 'most': 40}], 'aggregate': 'sum', 'value': 2})"
    ).ok()

    assert dict(zip(by_k["keys"][0], by_k["values"], strict=True)) == {0: 13_334, 1: 13_333, 2: 13_333}
    assert by_bin["steps"] == (2000, None) and len(by_bin["values"]) == 3 * (20 + 1)  # nulls are a group
    assert by_year["steps"] == ("year",) and sorted(by_year["keys"][0])[:2] == [
        "2026-01-01 00:00:00",
        "2027-01-01 00:00:00",
    ]
    greatest, total, whole, names = notebook.value(
        "len(by_who['values']), by_who['total'], by_who['whole'], by_who['keys'][0][:2]"
    )
    assert (greatest, total, whole, names) == (10_000, 40_000, 600_000_000, ["p39999", "p39998"])


def test_profile_of_a_table_shown_completely_is_exact(notebook: Notebook) -> None:
    notebook.run(f"{LATEST}display(spark.range(50).selectExpr('id', 'string(id) AS s'))").ok()

    profile = notebook.value("TABLES.profile(latest())")

    assert profile["precise"] and [column["distinct"] for column in profile["columns"]] == [50, 50]


ENDLESS = "spark.range(0, 10**9, 1, 1000).selectExpr('id', 'sha2(string(id), 256) AS s')"
CANCELLED = """
import time
from jupyter_dbx.kernel.table_requests import TableRequests
requests, answers, active = TableRequests(get_ipython().kernel.spark_session), [], sc.statusTracker().getActiveJobsIds
def send(answer, *parts): answers.append(answer)
def wait(condition):
    until = time.monotonic() + 30
    while not condition() and time.monotonic() < until: time.sleep(0.05)
    return condition()
requests.accept({"op": "table_profile", "table": latest(), "id": "1"}, send)
assert wait(active)
requests.accept({"op": "table_cancel", "request": "1", "id": "2"}, send)
wait(lambda: len(answers) == 2), list(map(list, answers)), wait(lambda: not active())
"""


def test_profile_can_be_cancelled(notebook: Notebook) -> None:
    notebook.run(f"{LATEST}display({ENDLESS})").ok()

    has_answer, answers, has_no_job = notebook.value(CANCELLED)

    assert has_answer and sorted(answers) == [["error"], ["result"]] and has_no_job


SUMMARIZE = """
from jupyter_dbx.kernel.dbutils.data import Data
df = spark.range(100_000).selectExpr(
    "id", "id % 4 AS k", "IF(id % 10 = 0, NULL, CONCAT('s', id % 3)) AS s",
    "date_add(DATE'2026-01-01', CAST(id % 365 AS INT)) AS d",
    "IF(id = 7, DOUBLE('nan'), id / 2) AS f", "array(id) AS a", "id % 2 = 0 AS b")
Data(get_ipython().kernel.spark_session).summarize(df, precise={precise})
"""


@pytest.mark.parametrize("precise", [False, True])
def test_summary_describes_columns(notebook: Notebook, precise: bool) -> None:
    outcome = notebook.run(SUMMARIZE.format(precise=precise)).ok()

    (profile,) = [data[PROFILE_TYPE] for data in outcome.displayed if PROFILE_TYPE in data]
    id_, k, s, d, f, a, b = profile["columns"]
    assert (profile["rows"], profile["precise"]) == (100_000, precise)
    assert (id_["least"], id_["greatest"], id_["mean"]) == (0, 99_999, 49_999.5)
    assert id_["distinct"] == (100_000 if precise else pytest.approx(100_000, rel=0.1))
    assert id_["quantiles"] == pytest.approx([5_000, 25_000, 50_000, 75_000, 95_000], rel=0.02)
    assert id_["histogram"]["shares"] == pytest.approx([0.05] * 20, abs=0.005)
    assert (k["distinct"], k["quantiles"][0], k["quantiles"][-1]) == (4, 0, 3)
    assert (s["nulls"], s["distinct"], s["least"], s["greatest"]) == (10_000, 3, "s0", "s2")
    assert sorted(value for value, _ in s["top"]) == ["s0", "s1", "s2"]
    assert (d["least"], d["greatest"], d["quantiles"][2]) == ("2026-01-01", "2026-12-31", "2026-07-02")
    assert (f["nans"], f["nulls"], f["greatest"]) == (1, 0, 49_999.5)
    assert (a["nulls"], a["distinct"]) == (0, None)
    assert all((column["distinct"] or 0) <= 100_000 - column["nulls"] for column in profile["columns"])
    assert dict(b["top"]) == {"true": 50_000, "false": 50_000}


def test_schema_is_a_tree(notebook: Notebook) -> None:
    outcome = notebook.run("display(spark.sql('SELECT named_struct(\"a\", array(1)) AS s').schema)").ok()

    (data,) = outcome.displayed
    assert "<details open><summary><b>s</b>" in data["text/html"]
    assert "|-- s: struct" in data["text/plain"]


def test_pandas_on_spark_is_shown(notebook: Notebook) -> None:
    outcome = notebook.run("import pyspark.pandas as ps\ndisplay(ps.DataFrame({'a': [1, 2]}))", timeout_s=120)

    assert cells(table(outcome)) == [[1, 2]]


FROM_IPYTHON = "from IPython.display import display as show\nimport shower\n"


def test_ipythons_display_shows_tables(notebook: Notebook, server: Server) -> None:
    (server.workspace.root / "shower.py").write_text("from IPython.display import display\n")

    outcome = notebook.run(
        f"{FROM_IPYTHON}show(spark.range(3))\nshower.display(spark.range(2))\nshow(dbutils.fs.ls('file:/etc'))"
    ).ok()

    three, two, files = [data[TABLE_TYPE] for data in outcome.displayed]
    assert cells(three) == [[0, 1, 2]] and cells(two) == [[0, 1]]
    assert [column["name"] for column in files["columns"]] == ["path", "name", "size", "modificationTime"]


def test_value_of_a_cell_is_a_table_with_its_usual_text(notebook: Notebook) -> None:
    assert notebook.run("spark.range(3)").value == "DataFrame[id: bigint]"
    assert TABLE_TYPE in notebook.run("spark.range(3)").ok().results[-1]
    assert TABLE_TYPE not in notebook.run("dbutils.fs.ls('file:/etc')").ok().results[-1]
    stream = notebook.run("spark.readStream.format('rate').load()").ok()
    assert stream.value.startswith("DataFrame[timestamp") and TABLE_TYPE not in stream.results[-1]


def test_error_of_a_shown_dataframe_is_the_cells_text(notebook: Notebook) -> None:
    outcome = notebook.run("spark.sql('SELECT raise_error(\"boom\") AS x')")

    assert "boom" in outcome.error + outcome.text
    assert outcome.value == "DataFrame[x: void]"
