"""What a cell shows after a Spark error: each case is a cell, with texts that must and must not appear."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable

import pytest
from live import Notebook

pytestmark = pytest.mark.spark

UDF = """from pyspark.sql import functions as F

@F.udf("int")
def share(x):
    return 1 // x

"""

#: Cell → texts in its output, in this order.
CASES = {
    "x = 1\nspark.table('nope').show()": (
        "AnalysisException",
        "----> 2 spark.table('nope').show()",
        "[TABLE_OR_VIEW_NOT_FOUND] The table or view `nope` cannot be found.",
        "Hint: `SHOW TABLES` lists the tables and views",
        "Full stack trace: %jvm_stack",
    ),
    'spark.sql("""SELECT id,\n  nope\nFROM range(3)""")': (
        '----> 1 spark.sql("""SELECT id,',
        "[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter with name `nope` cannot be resolved.",
        "== SQL (line 2, position 3) ==\n  nope\n  ^^^^\n",
        "Hint: `df.printSchema()` lists the columns.",
    ),
    "%sql SELECT * FORM x": (
        "ParseException: [PARSE_SYNTAX_ERROR] Syntax error at or near 'x': extra input 'x'.",
        "SELECT * FORM x\n--------------^^^",
        "Hint: Check the marked word",
    ),
    "spark.sql('SELECT * FROM main.default.t')": (
        "[REQUIRES_SINGLE_PART_NAMESPACE]",
        "Hint: Without Unity Catalog, names have two parts: SCHEMA.TABLE.",
    ),
    "spark.sql('SELECT 1 / id FROM range(3)').collect()": (
        "ArithmeticException: [DIVIDE_BY_ZERO] Division by zero.",
        "SELECT 1 / id FROM range(3)\n       ^^^^^^\n",
        "Hint: `try_divide(a, b)`",
    ),
    "from pyspark.sql.functions import col\nquotient = 1 / col('id')\n\nspark.range(3).select(quotient).collect()": (
        "----> 4 spark.range(3).select(quotient).collect()",
        "The column was created by `__rtruediv__`: This cell, line 2",
    ),
    "spark.read.csv('nope.csv')": (
        "[PATH_NOT_FOUND]",
        "/nope.csv.",
        "Hint: Relative paths start in the notebook's folder",
    ),
    "spark.range(3).write.format('delta').save('d')": (
        "Py4JJavaError: [DATA_SOURCE_NOT_FOUND] Failed to find the data source: delta.",
        "Hint: Delta Lake is not part of Spark",
    ),
    "if spark.range(3).id > 1: pass": (
        "PySparkValueError: [CANNOT_CONVERT_COLUMN_INTO_BOOL]",
        "Hint: A column is an expression without a value",
    ),
    "from pyspark.sql.functions import col\ncol(5)": ("Py4JError: ", "Method col", "Hint: An argument has a type"),
    "sc.parallelize([1]).map(lambda n: spark.range(n).count()).collect()": (
        "----> 1 sc.parallelize",
        "PySparkPicklingError: [CONTEXT_ONLY_VALID_ON_DRIVER] Could not serialize object",
        "Hint: Code that runs on workers cannot use `spark` or a DataFrame.",
    ),
    "sc.parallelize([1], 1).map(lambda n: __import__('os')._exit(1)).collect()": (
        "Py4JJavaError: SparkException: Job aborted due to stage failure",
        "Hint: Python crashed on a worker",
    ),
    UDF + "spark.range(3).select(share('id')).collect()": (
        "----> 7 spark.range(3).select(share('id')).collect()",
        "PythonException: [PYTHON_EXCEPTION] ZeroDivisionError: integer division or modulo by zero",
        "On a worker (most recent call last):\n  This cell, line 5, in share\n    return 1 // x\n",
    ),
    UDF + "rate = spark.readStream.format('rate').load()\n"
    "rate.select(share(rate.value * 0)).writeStream.format('noop').start().awaitTermination(60)": (
        "StreamingQueryException: ",
        "ZeroDivisionError: integer division or modulo by zero",
        "  This cell, line 5, in share\n    return 1 // x\n",
    ),
    "try:\n    spark.sql('SELECT 1 / 0').collect()\nfinally:\n    spark.stop()": (
        "ArithmeticException: [DIVIDE_BY_ZERO] Division by zero.",
        "SELECT 1 / 0\n       ^^^^^\n",
        "Hint: ",
    ),
}


def test_errors_show_the_users_line_the_message_of_spark_and_advice(
    open_notebook: Callable[[str], Notebook], cluster_id: str
) -> None:
    notebook = open_notebook("errors.ipynb").attach(cluster_id)

    for cell, expected in CASES.items():
        outcome = notebook.run(cell)
        shown = plain(outcome.text + outcome.traceback)

        begin = 0
        this_cell = re.search(r"Cell In\[\d+\]", shown)
        for words in (words.replace("This cell", this_cell[0] if this_cell else "") for words in expected):
            assert words in shown[begin:], f"{cell}\n\nshows\n\n{shown}\n\nwithout\n\n{words}"
            begin = shown.index(words, begin)
        for hidden in ("site-packages", "\tat ", "jupyter_dbx", "get_ipython"):
            assert hidden not in shown, shown


def test_nothing_of_an_error_is_lost(notebook: Notebook) -> None:
    outcome = notebook.run("spark.table('nope')")
    stack = notebook.run("%jvm_stack").ok().text

    assert outcome.error.startswith("AnalysisException: [TABLE_OR_VIEW_NOT_FOUND]")
    assert "pyspark/sql/session.py" in stack and "\tat org.apache.spark.sql" in stack
    assert "'UnresolvedRelation [nope]" in stack


def test_whos_shows_columns_and_cached_size_without_a_job(notebook: Notebook) -> None:
    notebook.run(
        textwrap.dedent("""
        cached = spark.range(1000).cache(); cached.count()
        later = spark.range(5).cache()
        rate = spark.readStream.format('rate').load()
        wide = spark.range(1).selectExpr(*[f'id AS column_{i}' for i in range(30)])
        n = 3
        """)
    ).ok()

    listed = notebook.run("%whos", with_progress=False).ok()
    lines = dict(re.findall(r"^(\w+) +\w+ +(.*)$", listed.text, re.MULTILINE))

    assert re.fullmatch(r"id: bigint; \d+\.\d KiB cached in memory and disk", lines["cached"])
    assert lines["later"] == "id: bigint; will be cached in memory and disk"
    assert lines["rate"] == "timestamp: timestamp, value: bigint; stream"
    assert lines["wide"].startswith("column_0: bigint, ") and lines["wide"].endswith(", … 26 more")
    assert lines["n"] == "3"
    assert listed.progress == []


def plain(text: str) -> str:
    """Return a text without colours."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)
