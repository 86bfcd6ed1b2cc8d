"""What is advised: for which errors, and that Spark has them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pyspark
import pytest
from pyspark.errors.error_classes import ERROR_CLASSES_MAP

from jupyter_dbx.kernel.advice import ADVICE, advice_for


def test_every_condition_is_one_of_sparks() -> None:
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
        ("TABLE_OR_VIEW_NOT_FOUND", "The table or view `main`.`a`.`t` cannot be found.", "Names have two parts"),
        (
            "TABLE_OR_VIEW_NOT_FOUND",
            "The table or view `spark_catalog`.`a`.`t` cannot be found.",
            "`SHOW TABLES` lists",
        ),
        ("PARSE_SYNTAX_ERROR", "Syntax error at or near 'main'.\n== SQL ==\nuse catalog main", "Names have two parts"),
        ("DATA_SOURCE_NOT_FOUND", "Failed to find the data source: delta.", "Delta Lake is no part"),
        ("DATA_SOURCE_NOT_FOUND", "Failed to find the data source: cloudFiles.", "Auto Loader exists"),
        ("DATA_SOURCE_NOT_FOUND", "Failed to find the data source: mongodb.", "Spark brings csv"),
        (
            "",
            "Job aborted: ExecutorLostFailure (executor 0 exited) Reason: Command exited with code 52",
            "An executor ran out",
        ),
        ("", "Job aborted: ExecutorLostFailure (executor 0 exited) Reason: worker lost", "An executor ended"),
        ("", "OutOfMemoryError: Java heap space", "The driver ran out of memory"),
        ("", "1100.0 MiB is bigger than spark.driver.maxResultSize (1024.0 MiB)", "The result is too large"),
        ("", "ModuleNotFoundError: No module named 'mine'", "Workers do not have this module"),
        ("SOMETHING_ELSE", "Whatever.", ""),
    ],
)
def test_particular_advice_comes_before_the_general(condition: str, message: str, begins: str) -> None:
    advice = advice_for([condition], message)

    assert advice.startswith(begins) and bool(advice) == bool(begins)
