"""`display()` and `dbutils.data.summarize` on a real cluster: every type of Spark, a large table, profiles, streams."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from live import Notebook, Outcome, wait_until

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


def table(outcome: Outcome) -> dict[str, Any]:
    """Return what the page was told of the last table that a cell showed."""
    return dict([data[TABLE_TYPE] for data in outcome.ok().displayed if TABLE_TYPE in data][-1])


def cells(content: dict[str, Any]) -> list[list[Any]]:
    packed = content.get("gzip")
    return list(json.loads(gzip.decompress(base64.b64decode(packed))) if packed else content["cells"])


def test_every_type_is_shown_as_what_it_is(notebook: Notebook) -> None:
    notebook.run("spark.conf.set('spark.sql.session.timeZone', 'Europe/Berlin')").ok()

    content = table(notebook.run(f"display(spark.sql({'SELECT ' + ', '.join(TYPES)!r}))"))

    found = [(column["type"], cell) for column, (cell,) in zip(content["columns"], cells(content), strict=True)]
    assert dict(zip(TYPES, found, strict=True)) == TYPES


def test_names_may_be_equal_or_strange(notebook: Notebook) -> None:
    content = table(notebook.run("%%sql\nSELECT 1 AS a, 2 AS a, 3 AS `b.c`, 4 AS ``"))

    assert [column["name"] for column in content["columns"]] == ["a", "a", "b.c", ""]
    assert cells(content) == [[1], [2], [3], [4]]


def test_large_table_is_read_no_further_than_it_is_shown(notebook: Notebook) -> None:
    outcome = notebook.run(
        "seen = sc.accumulator(0)\n"
        "rdd = sc.range(0, 1_000_000, 1, 50).map(lambda n: seen.add(1) or (n,))\n"
        "display(spark.createDataFrame(rdd, 'n bigint'))\n"
    )

    content = table(outcome)
    assert (content["rows"], content["more"]) == (10_000, True)
    assert cells(content) == [list(range(10_000))]
    assert notebook.value("seen.value") < 100_000


MORE = """
from jupyter_dbx.kernel.display.data_table import MIME_TYPE
from jupyter_dbx.kernel.display.shown import TABLES
import base64, io, pyarrow.parquet
TABLES.more(list(TABLES._sources)[-1], 10_000)
"""
PARQUET = "file = base64.b64decode(TABLES.parquet(list(TABLES._sources)[-1], 20_000)['file'])\n"


def test_page_gets_more_rows_and_a_file_with_sparks_types(notebook: Notebook) -> None:
    df = "spark.range(15_000).selectExpr('id', 'CAST(id AS DECIMAL(20,2)) d', 'INTERVAL 1 YEAR y')"
    notebook.run(f"display({df})").ok()

    more = notebook.value(MORE)
    schema = notebook.value(PARQUET + "[str(t) for t in pyarrow.parquet.read_table(io.BytesIO(file)).schema.types]")

    assert cells(more)[0] == list(range(10_000, 15_000))
    assert not more["more"]
    assert schema == ["int64", "decimal128(20, 2)", "string"]


SUMMARIZE = """
from jupyter_dbx.kernel.dbutils.data import Data
df = spark.range(100_000).selectExpr(
    "id", "id % 4 AS k", "IF(id % 10 = 0, NULL, CONCAT('s', id % 3)) AS s",
    "date_add(DATE'2026-01-01', CAST(id % 365 AS INT)) AS d",
    "IF(id = 7, DOUBLE('nan'), id / 2) AS f", "array(id) AS a", "id % 2 = 0 AS b")
Data(get_ipython().kernel.spark_session).summarize(df, precise={precise})
"""


@pytest.mark.parametrize("precise", [False, True])
def test_summary_tells_what_columns_hold(notebook: Notebook, precise: bool) -> None:
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
    assert dict(b["top"]) == {"true": 50_000, "false": 50_000}


def follow(notebook: Notebook, code: str, is_there: Callable[[dict[str, Any]], bool]) -> Outcome:
    """Run a cell that shows a stream, and interrupt it as soon as what it shows is so."""
    outcome = Outcome()

    def seen() -> bool:
        return any(is_there(data[TABLE_TYPE]) for data in outcome.displayed if TABLE_TYPE in data)

    cell = notebook.begin(code)
    notebook.hear(cell, outcome, until=seen)
    notebook.interrupt()
    notebook.hear(cell, outcome, until=lambda: bool(outcome.error))
    return outcome


def test_stream_is_followed_until_its_cell_is_interrupted(notebook: Notebook) -> None:
    code = "display(spark.readStream.format('rate').option('rowsPerSecond', 50).load(), streamName='ticks')"

    outcome = follow(notebook, code, lambda content: content["rows"] > 0 and content["stream"]["batch"] is not None)

    last = outcome.displayed[-1][TABLE_TYPE]
    assert (last["stream"]["name"], last["stream"]["state"]) == ("ticks", "stopped")
    assert [column["name"] for column in last["columns"]] == ["timestamp", "value"]
    assert outcome.error == "CellInterrupted: The stream has been stopped, as its cell was interrupted."
    wait_until(lambda: notebook.value("len(spark.streams.active)") == 0, 20)


def test_aggregated_stream_is_shown_as_it_stands_and_ends_by_itself(notebook: Notebook, tmp_path: Any) -> None:
    notebook.run("spark.conf.set('spark.sql.shuffle.partitions', '2')").ok()
    notebook.run(f"spark.range(100).selectExpr('id % 3 AS k').write.json('{tmp_path}/in')").ok()

    outcome = notebook.run(
        f"stream = spark.readStream.schema('k bigint').json('{tmp_path}/in').groupBy('k').count()\n"
        "display(stream, trigger={'availableNow': True})"
    )

    content = table(outcome)
    assert content["stream"]["state"] == "ended"
    assert sorted(zip(*cells(content), strict=True)) == [(0, 34), (1, 33), (2, 33)]


def test_schema_is_a_tree(notebook: Notebook) -> None:
    outcome = notebook.run("display(spark.sql('SELECT named_struct(\"a\", array(1)) AS s').schema)").ok()

    (data,) = outcome.displayed
    assert "<details open><summary><b>s</b>" in data["text/html"]
    assert "|-- s: struct" in data["text/plain"]


def test_pandas_on_spark_is_shown(notebook: Notebook) -> None:
    outcome = notebook.run("import pyspark.pandas as ps\ndisplay(ps.DataFrame({'a': [1, 2]}))", timeout_s=120)

    assert cells(table(outcome)) == [[1, 2]]
