"""SQL cells on real Spark: where statements end, and Python values as their parameters."""

from __future__ import annotations

import pytest
from live import Notebook, Server

pytestmark = pytest.mark.spark

#: Cell → the first row of its last result.
CELLS = {
    "%sql -- now let's look; it's a comment\nSELECT 1; SELECT 2": [2],
    "%sql SELECT r'C:\\' AS a; SELECT :n AS b": [4],
    "%sql SELECT 'it''s; :x' AS q, \"a:b\" AS r": ["it's; :x", "a:b"],
    "%sql SELECT 1 /* a /* b */ ; */ AS z": [1],
    "%sql\nSELECT 1;\nBEGIN\n  DECLARE x INT;\n  SET x = :n;\n  SELECT x + 1;\nEND;\nSELECT begin FROM VALUES (6) AS t(begin)": [
        6
    ],
    "%sql\nSELECT 1;\nBEGIN DECLARE x INT; SET x = :n; SELECT x + 1; END;": [5],
    "%sql SELECT ${a-b} AS x": [9],
}

#: Expression → the SQL expression that it is as a parameter.
VALUES = {
    "spark.range(5).toPandas()['id'].max()": "4",
    "np.array([1, 2])": "array(1, 2)",
    "np.array([[1], [2]])": "array(array(1), array(2))",
    "[np.int64(1), 2.5]": "array(1D, 2.5D)",
    "[1, 2**40]": "array(1L, 1099511627776L)",
    "(1, 2)": "array(1, 2)",
    "[]": "array()",
    "pd.Series(['a', 'b'])": "array('a', 'b')",
    "{'a': 1, 'b': 2**40}": "map('a', 1L, 'b', 1099511627776L)",
    "Row(a=1, b=['x'])": "struct(1 AS a, array('x') AS b)",
    "Row(a=np.float64(1)).a": "1D",
    "datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC)": "timestamp'2024-01-01 12:00:00 UTC'",
}


@pytest.fixture
def typed(notebook: Notebook) -> Notebook:
    notebook.run("import datetime, numpy as np, pandas as pd\nfrom pyspark.sql import Row").ok()
    return notebook


def test_statement_ends_where_spark_ends_it(typed: Notebook) -> None:
    typed.run("n = np.int64(4)\ndbutils.widgets.text('a-b', '9')").ok()

    for cell, row in CELLS.items():
        typed.run(cell).ok()
        assert typed.value("list(_sqldf.first())") == row, cell


def test_error_in_a_script_has_its_line(notebook: Notebook) -> None:
    script = "%sql\nSELECT 1;\nBEGIN\n  SELECT 1;\n  {};\nEND;\nSELECT 2"

    assert "  SELEC 2;\n--------^^^" in notebook.run(script.format("SELEC 2")).traceback
    assert "line 5, position 17" in notebook.run(script.format("SELECT * FROM nothing")).traceback


def test_python_value_is_the_same_sql_value(typed: Notebook) -> None:
    for value, literal in VALUES.items():
        typed.run(f"x = {value}").ok()
        typed.run(f"%sql SELECT to_json(struct(:x AS v)) AS bound, to_json(struct({literal} AS v)) AS literal").ok()
        bound, expected = typed.value("tuple(_sqldf.first())")
        assert bound == expected, value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("spark.range(1)", r"`:x` cannot be a pyspark.sql.classic.dataframe.DataFrame, only a number"),
        ("lambda: 1", "`:x` cannot be a function, only a number"),
        ("[1, None]", "none can be None"),
        ("{'a': 1, 'b': 'c'}", "must have the same type"),
    ],
)
def test_value_that_cannot_be_bound_is_named(typed: Notebook, value: str, message: str) -> None:
    typed.run(f"x = {value}").ok()

    assert message in typed.run("%sql SELECT :x").error


def test_result_of_sql_can_be_assigned(notebook: Notebook) -> None:
    notebook.run("df = %sql SELECT 1 AS a").ok()

    assert notebook.value("df.first().a, type(df).__name__") == (1, "DataFrame")


def test_hive_metastore_is_the_sessions_catalog(notebook: Notebook) -> None:
    notebook.run("spark.range(3).write.mode('overwrite').saveAsTable('hive_metastore.default.alias_a')").ok()
    notebook.run("%sql CREATE OR REPLACE VIEW hive_metastore.default.alias_b AS SELECT * FROM default.alias_a").ok()
    notebook.run("%sql USE hive_metastore.default").ok()

    assert notebook.value("spark.table('alias_b').count(), spark.table('hive_metastore.default.alias_b').count()") == (
        3,
        3,
    )
    assert notebook.value("spark.catalog.tableExists('hive_metastore.default.alias_a')") is True
    assert "USE hive_metastore.SCHEMA" in notebook.run("%sql USE CATALOG hive_metastore").traceback
    notebook.run("%sql DROP VIEW hive_metastore.default.alias_b; DROP TABLE hive_metastore.default.alias_a").ok()


@pytest.mark.parametrize(
    "statement",
    [
        "MERGE INTO fixed USING (SELECT 1 AS id) s ON fixed.id = s.id WHEN MATCHED THEN DELETE",
        "UPDATE fixed SET id = 2",
        "DELETE FROM fixed WHERE id = 1",
    ],
)
def test_table_that_cannot_be_changed_is_reported_with_advice(notebook: Notebook, statement: str) -> None:
    notebook.run("spark.range(3).write.mode('overwrite').saveAsTable('fixed')").ok()

    assert "Hint: Only tables of Delta Lake, Iceberg" in notebook.run(f"%sql {statement}").traceback


def test_stream_is_written_to_a_table_under_databricks_name(notebook: Notebook) -> None:
    notebook.run(
        "spark.readStream.format('rate').load().writeStream.option('checkpointLocation', 'dbfs:/tmp/rates_checkpoint')"
        ".trigger(availableNow=True).table('rates').awaitTermination()"
    ).ok()

    assert notebook.value("spark.table('rates').columns") == ["timestamp", "value"]


def test_configuration_has_the_facts_that_databricks_sets(notebook: Notebook, server: Server, cluster_id: str) -> None:
    prefix = "spark.databricks.clusterUsageTags"
    notebook.run("import json\ncontext = dbutils.notebook.getContext()").ok()

    assert notebook.value("spark.conf.get('spark.databricks.workspaceUrl')") == f"127.0.0.1:{server.port}"
    assert notebook.value(f"spark.conf.get('{prefix}.clusterOwnerOrgId') == context.tags().apply('orgId')")
    assert notebook.value(
        f"[t['value'] for t in json.loads(spark.conf.get('{prefix}.clusterAllTags')) if t['key'] == 'ClusterId']"
    ) == [cluster_id]
    missing = notebook.run(f"spark.conf.get('{prefix}.managedResourceGroup')").traceback
    assert "`spark.conf.get(NAME, None)`" in missing
    builder = "SparkSession.builder.config('spark.databricks.delta.preview.enabled', 'true')"
    assert notebook.run(f"from pyspark.sql import SparkSession\n{builder}.getOrCreate().version").ok().text == ""
    notebook.run("spark.conf.set('spark.databricks.delta.optimizeWrite.enabled', 'true')").ok()
    assert notebook.value("spark.conf.get('spark.databricks.delta.optimizeWrite.enabled')") == "true"
