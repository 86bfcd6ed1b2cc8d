"""Scala cells: the interpreter in the driver's JVM, on a cluster of two workers."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from live import Notebook

pytestmark = pytest.mark.spark

Open = Callable[[str], Notebook]


def test_cell_shows_its_definitions_and_prints_while_it_runs(notebook: Notebook) -> None:
    outcome = notebook.run('%%scala\nval x = 41\nprintln("ä")\nx + 1').ok()
    again = notebook.run("%scala x + 2").ok()

    assert outcome.text == "ä\nval x: Int = 41\nval res0: Int = 42\n"
    assert again.text == "val res1: Int = 43\n"


def test_scala_and_python_share_the_session(notebook: Notebook) -> None:
    notebook.run("spark.range(3).createOrReplaceTempView('from_python'); spark.conf.set('dbx.test', 'set')").ok()

    seen = notebook.run(
        "%%scala\n"
        'println(spark.table("from_python").count() + sc.applicationId + spark.conf.get("dbx.test"))\n'
        'spark.udf.register("plus", (n: Long) => n + 40)\n'
        'sql("SELECT id FROM range(4)").select($"id", lit(1L)).createOrReplaceTempView("from_scala")'
    ).ok()

    assert seen.text.startswith("3" + notebook.value("sc.applicationId") + "set\n")
    assert notebook.value("[r[0] for r in spark.sql('SELECT plus(id) FROM from_scala').collect()]") == [40, 41, 42, 43]


def test_display_shows_the_same_as_in_python(notebook: Notebook) -> None:
    outcome = notebook.run('%%scala\ndisplay(Seq((1, "a")).toDF("number", "letter"))').ok()

    assert ">letter</th>" in outcome.displayed[-1]["text/html"]


def test_errors_show_the_line_without_a_java_stack_trace(notebook: Notebook) -> None:
    wrong = notebook.run("%%scala\nval a = 1\nval b = nope")
    open_ended = notebook.run("%%scala\nclass A {")
    thrown = notebook.run("%%scala\ndef f(i: Int) = {\n  1 / i\n}\nf(0)")
    in_task = notebook.run('%%scala\nsc.parallelize(1 to 2).map(i => if (i > 0) sys.error("boom") else i).count()')

    assert wrong.error == (
        "ScalaFailed: The cell does not compile.\n"
        "       val b = nope\n"
        "               ^\n"
        "<cell>:3: error: not found: value nope"
    )
    assert "not closed" in open_ended.error
    assert thrown.error == "ScalaFailed: java.lang.ArithmeticException: / by zero\nat line 3 of the cell"
    assert "java.lang.RuntimeException: boom" in in_task.error and in_task.error.endswith("at line 2 of the cell")
    assert not any("\tat " in outcome.traceback or "elided" in outcome.traceback for outcome in (thrown, in_task))


def test_classes_of_the_same_name_work_in_two_notebooks_at_once(open_notebook: Open, cluster_id: str) -> None:
    notebooks = [open_notebook(f"scala-{n}.ipynb").attach(cluster_id) for n in range(2)]
    fields = [("id: Long", "i"), ("name: String, twice: Long", '"n" + i, 2 * i')]
    cells = [
        "%%scala\n"
        f"case class Rec({declared})\n"
        f"val made = spark.range(0, 40, 1, 4).as[Long].map(i => Rec({values}))\n"
        'println(made.toDF.columns.mkString(" "))\n'
        "println(made.collect().last)\n"
        f"println(sc.parallelize(0L to 39L, 4).map(i => Rec({values})).collect().last)"
        for declared, values in fields
    ]

    started = [notebook.begin(cell) for notebook, cell in zip(notebooks, cells, strict=True)]
    left, right = (
        notebook.wait(cell).ok().text.splitlines() for notebook, cell in zip(notebooks, started, strict=True)
    )
    later = notebooks[0].run("%scala sc.parallelize(Seq(made.first), 2).map(_.id + 1).collect()").ok()

    assert [line for line in left if "val" not in line] == ["class Rec", "id", "Rec(39)", "Rec(39)"]
    assert [line for line in right if "val" not in line] == ["class Rec", "name twice", "Rec(n39,78)", "Rec(n39,78)"]
    assert later.text.endswith(": Array[Long] = Array(1)\n")


def test_interrupt_stops_jobs_sleeps_and_loops_and_keeps_definitions(notebook: Notebook) -> None:
    notebook.run("%scala val kept = 7").ok()
    for cell in (
        "%scala sc.parallelize(1 to 2, 2).map { i => Thread.sleep(60000); i }.count()",
        "%scala Thread.sleep(60000)",
        "%scala while (true) {}",
    ):
        began = notebook.begin(cell)
        time.sleep(2)
        notebook.interrupt()
        stopped = notebook.wait(began, 20)
        assert stopped.error.startswith("KeyboardInterrupt") and stopped.text == ""

    assert notebook.run("%scala kept").ok().text.endswith(": Int = 7\n")
    assert notebook.value("list(sc.statusTracker().getActiveJobsIds())") == []


def test_jobs_have_the_title_of_their_cell(notebook: Notebook) -> None:
    # The job sleeps, since progress of a job below half a second is not shown.
    code = "spark.range(0, 100, 1, 2).map { n => Thread.sleep(40); n + 1 }.count()"
    outcome = notebook.run(f"%%scala\n{code}", with_progress=True).ok()

    assert {job["name"] for job in outcome.jobs()} == {f"%%scala {code}"}


def test_new_seat_has_a_new_interpreter(notebook: Notebook) -> None:
    notebook.run("%scala val old = 7").ok()
    notebook.run("spark.stop()").ok()

    gone = notebook.run("%scala old")
    fresh = notebook.run("%scala spark.range(3).count()").ok()

    assert "not found: value old" in gone.error
    assert "Long = 3" in fresh.text
