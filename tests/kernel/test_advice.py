"""Advice on Spark errors: which entry applies, and that Spark has every condition in the table."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pyspark
import pytest
from pyspark.errors.error_classes import ERROR_CLASSES_MAP

from jupyter_dbx.kernel.pyspark.advice import ADVICE, advice_for


def test_spark_has_every_condition() -> None:
    jars = sorted((Path(pyspark.__file__).parent / "jars").glob("spark-common-utils_*.jar"))
    with zipfile.ZipFile(jars[0]) as jar:
        known = set(json.loads(jar.read("error/error-conditions.json"))) | set(ERROR_CLASSES_MAP)

    named = {name for advice in ADVICE for name in advice.conditions.split()}

    assert named - known == set()


@pytest.mark.parametrize(
    ("condition", "message", "begins"),
    [
        ("UNRESOLVED_COLUMN.WITH_SUGGESTION", "A column `a` cannot be resolved.", "`df.printSchema()` lists"),
        ("TABLE_OR_VIEW_NOT_FOUND", "The table or view `t` cannot be found.", "`SHOW TABLES` lists"),
        ("TABLE_OR_VIEW_NOT_FOUND", "The table or view `main`.`a`.`t` cannot be found.", "Without Unity Catalog"),
        (
            "TABLE_OR_VIEW_NOT_FOUND",
            "The table or view `spark_catalog`.`a`.`t` cannot be found.",
            "`SHOW TABLES` lists",
        ),
        ("PARSE_SYNTAX_ERROR", "Syntax error at or near 'main'.\n== SQL ==\nuse catalog main", "Without Unity Catalog"),
        (
            "PARSE_SYNTAX_ERROR",
            "Syntax error at or near '-'.\n== SQL ==\n-o out\nSELECT 1\n^^^",
            "The result of a `%sql`",
        ),
        ("PARSE_SYNTAX_ERROR", "Syntax error at or near 'out'.\n== SQL ==\nout << SELECT 1", "The result of a `%sql`"),
        ("PARSE_SYNTAX_ERROR", "Syntax error at or near 'FORM'.\n== SQL ==\nSELECT 1 FORM a", "Check the marked word"),
        ("UNSUPPORTED_FEATURE.TABLE_OPERATION", "Table `t` does not support MERGE INTO TABLE.", "Only tables of Delta"),
        (
            "UNSUPPORTED_FEATURE.TABLE_OPERATION",
            "Table `t` does not support REPLACE TABLE AS SELECT.",
            "Drop the table",
        ),
        ("UNSUPPORTED_FEATURE.TIME_TRAVEL", "Time travel on the relation.", ""),
        ("SQL_CONF_NOT_FOUND", 'The SQL config "spark.databricks.x" cannot be found.', "Databricks sets this property"),
        ("SQL_CONF_NOT_FOUND", 'The SQL config "spark.x" cannot be found.', ""),
        ("DATA_SOURCE_NOT_FOUND", "Failed to find the data source: delta.", "Delta Lake is not part"),
        ("DATA_SOURCE_NOT_FOUND", "Failed to find the data source: cloudFiles.", "Auto Loader is available"),
        ("DATA_SOURCE_NOT_FOUND", "Failed to find the data source: mongodb.", "Spark includes csv"),
        (
            "",
            "Job aborted: ExecutorLostFailure (executor 0 exited) Reason: Command exited with code 52",
            "An executor ran out",
        ),
        ("", "Job aborted: ExecutorLostFailure (executor 0 exited) Reason: worker lost", "An executor was lost"),
        ("", "OutOfMemoryError: Java heap space", "The driver ran out of memory"),
        ("", "1100.0 MiB is bigger than spark.driver.maxResultSize (1024.0 MiB)", "The result is too large"),
        ("", "ModuleNotFoundError: No module named 'mine'", "Workers cannot import this module"),
        ("SOMETHING_ELSE", "Whatever.", ""),
    ],
)
def test_specific_advice_comes_before_general_advice(condition: str, message: str, begins: str) -> None:
    advice = advice_for([condition], message)

    assert advice.startswith(begins) and bool(advice) == bool(begins)
