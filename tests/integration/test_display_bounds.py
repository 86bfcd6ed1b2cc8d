"""What `display()` reads of tables that are wide, long, or have large cells or types of others."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from live import Notebook, Outcome, Server

pytestmark = [pytest.mark.spark, pytest.mark.long]

TABLE_TYPE = "application/vnd.jupyter-dbx.table+json"

#: What one display may cost the driver, bytes.
DRIVER_BYTES = 64 * 2**20


@pytest.fixture(scope="module")
def notebook(server: Server, cluster_id: str) -> Iterator[Notebook]:
    """One notebook for all tests; its cells are independent."""
    notebook = Notebook(server, "bounds.ipynb").attach(cluster_id)
    yield notebook
    notebook.close()


@pytest.fixture
def sent(server: Server, cluster_id: str) -> Callable[[], int]:
    """Return how many bytes tasks have sent to the driver so far."""

    def read() -> int:
        ui = f"api/dbx/clusters/{cluster_id}/spark-ui/api/v1/applications"
        (application,) = server.call("GET", ui)
        return sum(stage["resultSize"] for stage in server.call("GET", f"{ui}/{application['id']}/stages"))

    return read


def table(outcome: Outcome) -> dict[str, Any]:
    return dict([data[TABLE_TYPE] for data in outcome.ok().displayed if TABLE_TYPE in data][-1])


def cells(content: dict[str, Any]) -> list[list[Any]]:
    packed = content.get("gzip")
    return list(json.loads(gzip.decompress(base64.b64decode(packed))) if packed else content["cells"])


NUMBERS = "spark.range(100_000).selectExpr(*[f'id * {i} AS c{i}' for i in range(3000)])"
TEXTS = 'spark.range(1000).selectExpr(*[f"repeat(sha2(string(id * {i}), 256), 63) AS c{i}" for i in range(2000)])'
LONG = "spark.range(10_000).selectExpr('id', *[f\"repeat(sha2(string(id * {i}), 256), 63) AS c{i}\" for i in range(5)])"


@pytest.mark.parametrize("df", [NUMBERS, f"{NUMBERS}.toDF('', 'a', 'a', *[f'c{{i}}' for i in range(2997)])", TEXTS])
def test_wide_table_shows_its_first_columns(notebook: Notebook, sent: Callable[[], int], df: str) -> None:
    before = sent()

    outcome = notebook.run(f"display({df})", timeout_s=120)

    content = table(outcome)
    assert content["rows"] >= 20 and content["more"]
    assert len(content["columns"]) + content["left_out"] in (2000, 3000)
    assert {len(column) for column in cells(content)} == {content["rows"]}
    assert sent() - before < DRIVER_BYTES
    html = outcome.displayed[-1]["text/html"]
    assert "First 100 of " in html and len(html) + len(json.dumps(content)) < 3_000_000


def test_any_column_of_a_wide_table_can_be_read(notebook: Notebook) -> None:
    equal = f"{NUMBERS}.toDF('', 'a', 'a', *[f'c{{i}}' for i in range(2996)], 'a')"
    notebook.run(f"display({equal})", timeout_s=120).ok()

    names, rows, groups = notebook.value(
        "from jupyter_dbx.kernel.display.registry import TABLES\ntable = list(TABLES._sources)[-1]\n"
        "rows = TABLES.more(table, 2, 3, [2999, 2])\n"
        "groups = TABLES.groups(table, {'keys': [{'column': 0, 'most': 5}], 'aggregate': 'count'}, [2999])\n"
        "[column['name'] for column in TABLES.columns(table)['columns']][-2:], rows, groups['values']",
    )

    assert names == ["c2995", "a"]
    assert [column["name"] for column in rows["columns"]] == ["a", "a"]
    assert list(rows["cells"]) == [[5998, 8997, 11996], [4, 6, 8]]
    assert sum(groups) == 100_000


def test_wide_tables_of_two_notebooks_at_a_time_are_both_shown(
    server: Server, cluster_id: str, notebook: Notebook, sent: Callable[[], int]
) -> None:
    other = Notebook(server, "other-bounds.ipynb").attach(cluster_id)
    before = sent()

    running = [(one, one.begin(f"display({NUMBERS})")) for one in (notebook, other)]
    contents = [table(one.wait(cell, 120)) for one, cell in running]

    assert [content["left_out"] + len(content["columns"]) for content in contents] == [3000, 3000]
    assert sent() - before < 2 * DRIVER_BYTES
    other.close()


def test_long_cells_of_the_rows_shown_are_whole(notebook: Notebook, sent: Callable[[], int]) -> None:
    before = sent()

    content = table(notebook.run(f"display({LONG})", timeout_s=120))

    assert 50 < content["rows"] < 10_000 and content["more"]
    assert cells(content)[0] == list(range(content["rows"]))
    assert {len(cell) for column in cells(content)[1:] for cell in column} == {4001}  # the length shown, and "…"
    assert sent() - before < DRIVER_BYTES


def test_few_large_rows_do_not_shorten_the_others(notebook: Notebook) -> None:
    df = "spark.range(3000).selectExpr('id', 'repeat(\"x\", IF(id % 1000 = 5, 4000, 10)) AS a', 'string(id) AS b')"

    content = table(notebook.run(f"display({df})"))

    assert content["rows"] == 3000
    assert [len(cell) for cell in cells(content)[1]] == [4000 if n % 1000 == 5 else 10 for n in range(3000)]


VECTORS = """
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.linalg import Vectors, VectorUDT
from pyspark.sql import types as T
from pyspark.testing.objects import PythonOnlyPoint, PythonOnlyUDT
schema = T.StructType([
    T.StructField("dense", VectorUDT()), T.StructField("sparse", VectorUDT()),
    T.StructField("list", T.ArrayType(VectorUDT())),
    T.StructField("struct", T.StructType([T.StructField("a b", VectorUDT())])),
    T.StructField("python", PythonOnlyUDT()), T.StructField("pythons", T.ArrayType(PythonOnlyUDT()))])
point = PythonOnlyPoint(1.0, 2.0)
vectors = spark.createDataFrame(
    [(Vectors.dense(0.5), Vectors.sparse(3, [1], [2.0]), [Vectors.dense(1.0)], (Vectors.dense(2.0),), point, [point]),
     (None,) * 6], schema)
"""
SHOWN = ["[0.5]", "(3,[1],[2.0])", '["[1.0]"]', '{"a b":"[2.0]"}', "[1.0, 2.0]", '["[1.0, 2.0]"]']
FILE = """
import io, pyarrow.parquet
from jupyter_dbx.kernel.display.registry import TABLES
file = b''.join(piece.data for piece in TABLES.file(list(TABLES._sources)[-1], 'parquet'))
pyarrow.parquet.read_table(io.BytesIO(file)).slice(0, 1).to_pylist()[0]
"""


def test_user_defined_types_are_shown_profiled_and_downloaded(notebook: Notebook) -> None:
    content = table(notebook.run(f"{VECTORS}display(vectors)", timeout_s=120))

    assert [column[0] for column in cells(content)] == SHOWN
    assert {column["kind"] for column in content["columns"]} == {"nested"}
    profile = notebook.value(
        "TABLES = __import__('jupyter_dbx.kernel.display.registry', fromlist=['']).TABLES\n"
        f"[c['nulls'] for c in TABLES.profile({content['table']!r})['columns']]"
    )
    assert profile == [1] * 6
    assert notebook.value(FILE) == {
        "dense": "[0.5]",
        "sparse": "(3,[1],[2.0])",
        "list": ["[1.0]"],
        "struct": {"a b": "[2.0]"},
        "python": "[1.0, 2.0]",
        "pythons": ["[1.0, 2.0]"],
    }


def test_profile_of_a_wide_table_is_that_of_its_first_columns(notebook: Notebook) -> None:
    notebook.run("display(spark.range(100).selectExpr(*[f'id * {i} AS c{i}' for i in range(400)]))").ok()

    rows, columns, left_out = notebook.value(
        "from jupyter_dbx.kernel.display.registry import TABLES\n"
        "p = TABLES.profile(list(TABLES._sources)[-1])\np['rows'], len(p['columns']), p['left_out']",
        timeout_s=180,
    )

    assert (rows, columns + left_out) == (100, 400) and left_out > 0
