"""What libraries for Databricks notebooks get from a notebook's Spark; secrets do not appear in responses of Spark."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from live import Notebook, Server

from jupyter_dbx.spark import properties

pytestmark = pytest.mark.spark

#: A cell that asks every registered ConfigEntry of Spark what it says about a wrong value.
ASK = """
import re
jvm, known = sc._jvm, getattr(getattr(sc._jvm.org.apache.spark.internal.config, "ConfigEntry$"), "MODULE$").knownConfigs()
load = lambda name: jvm.java.lang.Class.forName(name, True, jvm.java.lang.Thread.currentThread().getContextClassLoader())
for name in ("package", "History", "Kryo", "Network", "Python", "R", "Status", "Streaming", "UI", "Worker", "Deploy", "Tests"):
    load(f"org.apache.spark.internal.config.{name}$")
for name in ("internal.SQLConf", "internal.StaticSQLConf", "hive.HiveUtils"):
    load(f"org.apache.spark.sql.{name}$")
load("org.apache.spark.streaming.StreamingConf$")
types, options, cases = {}, {}, {"abc": "lower", "ABC": "upper", "aBc": "exact"}
for name in list(known.keys()):
    try:
        known.get(name).valueConverter().apply("aBc")
    except Exception as error:
        text = str(error)
        if kind := re.search("It should be a/an '(.+?)' value", text):
            types.setdefault(kind[1], []).append(name)
        elif one := re.search("The value '(\\w+)' in the config .*It should be one of '(.+)'\\.", text):
            options[name] = {"case": cases[one[1]], "words": sorted(one[2].split(", "))}
"""

VALUE = "hunter2-of-ada"


@pytest.fixture
def secret(server: Server) -> Iterator[str]:
    """Code that reads a secret."""
    server.call("POST", "api/2.0/secrets/scopes/create", {"scope": "jdbc"})
    server.call("POST", "api/2.0/secrets/put", {"scope": "jdbc", "key": "password", "string_value": VALUE})
    yield (
        "from jupyter_dbx.kernel.dbutils.secrets import Secrets\n"
        "password = Secrets(get_ipython().kernel.spark_session.notebook).get('jdbc', 'password')"
    )
    server.call("POST", "api/2.0/secrets/scopes/delete", {"scope": "jdbc"})


def test_runtime_of_the_sdk_uses_the_spark_of_the_notebook(notebook: Notebook) -> None:
    notebook.run("dbutils = object()\nfrom databricks.sdk import runtime").ok()
    before = notebook.value("'spark' in globals()")

    notebook.run("from databricks.sdk.runtime import dbutils as sdk_dbutils, sc as context, spark as session").ok()

    assert before is False
    assert notebook.value(
        "sdk_dbutils is dbutils, session is spark, context is sc, runtime.sqlContext is sqlContext"
    ) == ((True,) * 4)
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
def test_secret_value_is_in_no_response_of_spark(notebook: Notebook, secret: str, cell: str) -> None:
    outcome = notebook.run(f"{secret}\n{cell}")

    shown = f"{outcome.text} {outcome.displayed} {outcome.error} {outcome.traceback}"
    assert "[REDACTED]" in shown
    assert VALUE not in shown


def test_types_of_properties_are_those_that_spark_has_registered(notebook: Notebook) -> None:
    document = json.loads(Path(properties.__file__).with_name("properties.json").read_text())
    if not version("pyspark").startswith(f"{document['version']}."):
        pytest.skip("properties.json is of another version of Spark")

    notebook.run(ASK).ok()
    types, options = notebook.value("{kind: sorted(names) for kind, names in types.items()}, options")

    assert document["types"] == types, "copy the types to properties.json"
    assert document["options"] == options, "copy the options to properties.json"
