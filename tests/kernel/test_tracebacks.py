"""Spark errors in a cell: frames, message, hint, and the full stack trace. Without a JVM."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import PySparkTypeError
from pyspark.errors.exceptions.base import PySparkException

from jupyter_dbx.kernel.magics.stack import StackMagics
from jupyter_dbx.kernel.pyspark.tracebacks import render

#: PySpark's error for an RDD job whose function fails.
TASK_FAILED = """org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 0.0 failed 4 times, \
most recent failure: Lost task 0.3 in stage 0.0 (TID 3) (127.0.0.1 executor 0): \
org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "{pyspark}/worker.py", line 1900, in main
    process()
  File "{folder}/mine.py", line 2, in share
    return 1 // x
           ~~^^~~
ZeroDivisionError: integer division or modulo by zero

\tat org.apache.spark.api.python.BasePythonRunner$ReaderIterator.handlePythonException(PythonRunner.scala:581)
\t... 1 more

Driver stacktrace:
\tat org.apache.spark.scheduler.DAGScheduler.abortStage(DAGScheduler.scala:2935)
"""


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """IPython's shell, which shows Spark errors like the kernel."""
    for error in (PySparkException, Py4JError):
        monkeypatch.setattr(error, "_render_traceback_", render, raising=False)
    shell = InteractiveShell.instance()
    shell.register_magics(StackMagics(shell))
    yield shell
    InteractiveShell.clear_instance()


@pytest.fixture
def run(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a cell, and returns its output."""

    def run_cell(code: str, **names: Any) -> str:
        shell.push(names)
        shell.run_cell(code, store_history=True)
        captured = capsys.readouterr()
        return re.sub(r"\x1b\[[\d;]*m", "", captured.out + captured.err)

    return run_cell


def java_error(text: str) -> Py4JJavaError:
    """Return py4j's error for a Java exception, which provides its text."""
    client = SimpleNamespace(send_command=lambda command: "ys" + text.replace("\\", "\\\\").replace("\n", "\\n"))
    return Py4JJavaError(
        "An error occurred while calling o1.collect.\n", SimpleNamespace(_target_id="o2", _gateway_client=client)
    )


def raise_(error: BaseException) -> None:
    raise error


def test_only_the_users_frames_are_shown(run: Any) -> None:
    shown = run("from pyspark.sql.types import DataType\nx = 1\nDataType.fromDDL(x)")

    assert "----> 3 DataType.fromDDL(x)" in shown
    assert "site-packages" not in shown


def test_message_is_followed_by_hint_notes_and_pointer(run: Any) -> None:
    names = {"arg_name": "col", "expected_type": "Column or str", "arg_type": "int"}
    error = PySparkTypeError(errorClass="NOT_EXPECTED_TYPE", messageParameters=names)
    error.add_note("in the second step")

    shown = run("raise error", error=error)

    assert shown.endswith(
        "PySparkTypeError: [NOT_EXPECTED_TYPE] Argument `col` should be Column or str, got int.\n\n"
        "Hint: `col('name')` refers to a column by name, `lit(value)` turns a value into a column.\n"
        "in the second step\n"
        "Full stack trace: %jvm_stack\n"
    )


def test_function_that_failed_on_a_worker_is_shown_with_its_line(run: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def share(x):\n    return 1 // x\n")
    text = TASK_FAILED.format(pyspark=sys.modules["pyspark"].__path__[0], folder=tmp_path)

    shown = run("go(error)", go=raise_, error=java_error(text))

    assert "----> 1 go(error)" in shown
    assert (
        f"On a worker (most recent call last):\n  File {tmp_path}/mine.py, line 2, in share\n    return 1 // x\n"
        in shown
    )
    assert "Py4JJavaError: ZeroDivisionError: integer division or modulo by zero" in shown
    assert "worker.py" not in shown and "scala" not in shown


def test_worker_without_frames_of_the_user_gets_no_heading(run: Any) -> None:
    text = TASK_FAILED.format(pyspark=sys.modules["pyspark"].__path__[0], folder=sys.modules["pyspark"].__path__[0])

    shown = run("go(error)", go=raise_, error=java_error(text))

    assert "ZeroDivisionError: integer division or modulo by zero\n" in shown
    assert "On a worker" not in shown and "mine.py" not in shown


@pytest.mark.parametrize("cell", ["%sql SELECT 1", "%%sql\nSELECT 1\nFROM a", "def f():\n    x = %sql SELECT 1\n\nf()"])
def test_error_of_sql_is_shown_without_the_call_of_the_magic(run: Any, shell: InteractiveShell, cell: str) -> None:
    def sql(line: str, cell: str | None = None) -> None:
        raise java_error("org.apache.spark.SparkException: First.\n\tat a.b.C(D.scala:1)\n")

    shell.register_magic_function(sql, "line_cell")

    shown = run(cell)

    assert "Py4JJavaError: SparkException: First." in shown
    calls = [line for line in shown.splitlines() if line.startswith("----> ")]
    assert not any("get_ipython" in line for line in calls) and any("f()" in line for line in calls) == ("f()" in cell)


def test_jvm_stack_prints_the_hidden_frames(run: Any) -> None:
    run("raise error", error=java_error(TASK_FAILED.format(pyspark="/x/pyspark", folder="/x")))

    shown = run("%jvm_stack")

    assert "DAGScheduler.scala:2935" in shown and "/x/pyspark/worker.py" in shown
    assert "interactiveshell.py" in shown


def test_causes_are_shown_unless_the_message_has_them(run: Any) -> None:
    text = (
        "org.apache.spark.SparkException: Job aborted.\n\tat a.b.C(D.scala:1)\nCaused by: java.io.IOException: Disk full\n"
        "\tat a.b.C(D.scala:1)\nCaused by: java.lang.RuntimeException: Job aborted.\n\t... 3 more\n"
    )

    shown = run("raise error", error=java_error(text))

    assert "Py4JJavaError: SparkException: Job aborted.\nCaused by: IOException: Disk full\n" in shown
    assert "RuntimeException" not in shown


def test_chained_errors_are_readable_too(run: Any) -> None:
    text = "org.apache.spark.SparkException: First.\n\tat a.b.C(D.scala:1)\n"

    shown = run(
        "try:\n    raise first\nexcept Exception:\n    raise second", first=java_error(text), second=java_error(text)
    )

    assert "scala" not in shown
    assert shown.index("----> 2") < shown.index("During handling of the above exception") < shown.index("----> 4")


def test_other_errors_are_unchanged(run: Any) -> None:
    shown = run("import json\njson.loads('[')")

    assert "decoder.py" in shown and "%jvm_stack" not in shown


def test_jvm_stack_without_an_error_is_a_usage_error(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sys, "last_value", raising=False)

    assert "UsageError: No cell has failed" in run("%jvm_stack")
