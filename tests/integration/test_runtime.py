"""What libraries for Databricks' notebooks get of a notebook's Spark; and values of secrets, which no answer of Spark shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from live import Notebook, Server

pytestmark = pytest.mark.spark

VALUE = "hunter2-of-ada"


@pytest.fixture
def secret(server: Server) -> Iterator[str]:
    """Code that reads a secret."""
    server.call("POST", "api/2.0/secrets/scopes/create", {"scope": "jdbc"})
    server.call("POST", "api/2.0/secrets/put", {"scope": "jdbc", "key": "password", "string_value": VALUE})
    yield (
        "from jupyter_dbx.kernel.dbutils.secrets import Secrets\n"
        "password = Secrets(get_ipython().kernel.spark_session).get('jdbc', 'password')"
    )
    server.call("POST", "api/2.0/secrets/scopes/delete", {"scope": "jdbc"})


def test_runtime_of_the_sdk_has_the_notebooks_own_spark(notebook: Notebook) -> None:
    notebook.run("dbutils = object()\nfrom databricks.sdk import runtime").ok()
    before = notebook.value("'spark' in globals()")

    notebook.run("from databricks.sdk.runtime import dbutils as theirs, sc as context, spark as session").ok()

    assert before is False
    assert notebook.value("theirs is dbutils, session is spark, context is sc, runtime.sqlContext is sqlContext") == (
        (True,) * 4
    )
    assert notebook.value("runtime.sql('SELECT 1 AS n').first().n, runtime.table.__self__ is spark") == (1, True)
    assert notebook.value(
        "[r.n for r in spark.range(2).select(runtime.udf(lambda i: str(i))('id').alias('n')).collect()]"
    ) == (["0", "1"])


@pytest.mark.parametrize(
    "cell",
    [
        "spark.createDataFrame([(password,)], ['p']).show(truncate=False)",
        "display(spark.createDataFrame([(password,)], ['p']))",
        "spark.sql(f'SELECT * FROM `{password}`')",
        "spark.range(1).rdd.map(lambda _: int(password)).collect()",
    ],
)
def test_value_that_was_read_is_in_no_answer_of_spark(notebook: Notebook, secret: str, cell: str) -> None:
    outcome = notebook.run(f"{secret}\n{cell}")

    shown = f"{outcome.text} {outcome.displayed} {outcome.error} {outcome.traceback}"
    assert "[REDACTED]" in shown
    assert VALUE not in shown
