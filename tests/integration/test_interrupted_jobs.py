"""An interrupt ends all that its notebook runs on the cluster, and nothing of another notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import PROGRESS_TYPE, Notebook, Outcome, Server, kernels_with_jobs, wait_until

pytestmark = pytest.mark.spark

Open = Callable[[str], Notebook]

#: A query that does not end by itself; one task, for other jobs need a core, too.
ENDLESS = 'spark.range(0, 10**13, 1, 1).selectExpr("sum(id)").collect()'
#: One small job after the other, so that the progress changes all the time.
MANY_JOBS = "while True: sc.parallelize([1], 1).map(lambda _: __import__('time').sleep(0.3)).count()"
#: How long an interrupt may take to end everything, s.
SOON_S = 10


@pytest.fixture
def left(open_notebook: Open, cluster_id: str) -> Notebook:
    return open_notebook("left.ipynb").attach(cluster_id)


@pytest.fixture
def running(left: Notebook, open_notebook: Open, cluster_id: str, tmp_path: Path) -> Iterator[Callable[[], int]]:
    """Counts the kernels with jobs, except for the other notebook, whose job runs until the end of the test."""
    other, end = open_notebook("right.ipynb").attach(cluster_id), tmp_path / "end"
    wait = f"lambda x: [time.sleep(0.05) for _ in iter(lambda: os.path.exists({str(end)!r}), True)]"
    kept = other.begin(f"import os, time\nsc.parallelize([1], 1).map({wait}).count()")

    def count() -> int:
        kernels = kernels_with_jobs(left.server, cluster_id)
        assert other.kernel_id in kernels
        return len(kernels) - 1

    wait_until(lambda: other.kernel_id in kernels_with_jobs(left.server, cluster_id), 30)
    yield count
    end.touch()
    assert other.wait(kept, 20).ok().value == "1"


def statuses(outcome: Outcome) -> list[str]:
    """Return the status of each job of a cell at its end."""
    return [job["status"] for job in outcome.jobs()]


def cancel_from_the_page(notebook: Notebook, cell: str, outcome: Outcome) -> None:
    """Wait for the progress of a cell, and cancel its jobs as its output's link does."""
    notebook.collect(cell, outcome, lambda: outcome.progress, 60)
    run = outcome.progress[-1][PROGRESS_TYPE]["run"]
    notebook.send("dbx_request", {"op": "cancel", "run": run}, channel="control")


def is_busy(notebook: Notebook, cluster_id: str) -> bool:
    """Return whether the cluster's page shows the notebook as busy."""
    live = notebook.server.call("GET", f"api/dbx/clusters/{cluster_id}")["live"]
    return any(n["busy"] for n in live.get("notebooks", []) if n["kernel_id"] == notebook.kernel_id)


CELLS = {
    "await, then Spark": f"import asyncio\nawait asyncio.sleep(0)\n{ENDLESS}",
    "Spark in a thread that is awaited": f"import asyncio\nawait asyncio.to_thread(lambda: {ENDLESS})",
    "Spark in a task beside the cell": "import asyncio\nasync def work():\n"
    f"    {ENDLESS}\ntask = asyncio.create_task(work())\nawait asyncio.sleep(10**6)",
    "several tasks": f"import asyncio\nawait asyncio.gather(*[asyncio.to_thread(lambda: {ENDLESS}) for _ in range(3)])",
}


@pytest.mark.parametrize("code", CELLS.values(), ids=CELLS)
def test_interrupt_ends_a_cell_with_await(left: Notebook, running: Callable[[], int], code: str) -> None:
    cell = left.begin(code)
    wait_until(running, 30)

    left.interrupt()
    stopped = left.wait(cell, SOON_S)

    assert stopped.error.startswith(("KeyboardInterrupt", "CancelledError"))
    wait_until(lambda: running() == 0, SOON_S)
    assert left.value("spark.range(3).count()", 20) == 3


def test_subshell_runs_cells_while_the_main_shell_computes(left: Notebook, cluster_id: str) -> None:
    subshell = left.create_subshell()
    main = left.begin(MANY_JOBS)
    wait_until(lambda: kernels_with_jobs(left.server, cluster_id), 30)

    value = left.wait(left.begin("1 + 1", subshell=subshell)).ok().value
    count = left.wait(left.begin("spark.range(3).count()", subshell=subshell)).ok().value
    progress = Outcome()
    left.collect(main, progress, lambda: len(progress.progress) >= 2, 30)
    wait_until(lambda: is_busy(left, cluster_id), SOON_S)
    left.interrupt()
    stopped = left.wait(main, SOON_S)

    assert (value, count) == ("2", "3")
    assert stopped.error.startswith("KeyboardInterrupt")
    wait_until(lambda: not kernels_with_jobs(left.server, cluster_id), SOON_S)


@pytest.mark.parametrize("in_subshell", [False, True], ids=["main shell", "subshell"])
def test_interrupt_ends_the_callback_of_a_widget(
    left: Notebook, running: Callable[[], int], cluster_id: str, in_subshell: bool
) -> None:
    """Its progress is shown below the cell that made the widget, and the notebook counts as busy."""
    code = (
        "import ipywidgets as W\nfrom jupyter_dbx.kernel.widgets.controls import route_to_subshell\n"
        f"b = W.Button(); b.on_click(lambda _: {ENDLESS})\n"
        f"{'route_to_subshell(b)' if in_subshell else ''}\nb.comm.comm_id"
    )
    cell = left.begin(code)
    comm_id = left.wait(cell).ok().value.strip("'")
    left.value("spark.range(1).count()")

    click = {"comm_id": comm_id, "data": {"method": "custom", "content": {"event": "click"}}}
    request = left.send("comm_msg", click, subshell=left.create_subshell() if in_subshell else "")
    below = Outcome()
    left.collect(cell, below, lambda: below.progress, 30)
    assert running() == 1
    wait_until(lambda: is_busy(left, cluster_id), SOON_S)
    left.interrupt()

    left.wait(request, SOON_S)
    wait_until(lambda: running() == 0, SOON_S)
    wait_until(lambda: not is_busy(left, cluster_id), SOON_S)
    assert left.value("spark.range(3).count()", 20) == 3


def test_interrupt_between_cells_ends_threads_and_spares_streams(
    left: Notebook, running: Callable[[], int], cluster_id: str
) -> None:
    left.run("q = spark.readStream.format('rate').load().writeStream.format('noop').start()").ok()
    cell = left.begin(
        "import threading\nends = []\ndef work():\n"
        f"    try:\n        {ENDLESS}\n    except Exception:\n        ends.append('failed')\n"
        "thread = threading.Thread(target=work); thread.start()"
    )
    after = left.wait(cell).ok()
    left.collect(cell, after, lambda: after.progress, 30)
    wait_until(lambda: is_busy(left, cluster_id), SOON_S)

    left.interrupt()

    left.collect(cell, after, after.is_over, SOON_S)
    assert left.value("thread.join(10); ends", 20) == ["failed"]
    assert left.value("(q.isActive, q.exception())") == (True, None)
    left.run("q.stop()").ok()


def test_interrupt_ends_notebooks_that_run_in_threads(
    left: Notebook, running: Callable[[], int], server: Server
) -> None:
    (server.workspace.root / "endless.py").write_text(f"# Databricks notebook source\n{ENDLESS}\n")
    left.value("spark.range(1).count()")
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "pool = ThreadPoolExecutor(8)\n"
        "runs = [pool.submit(dbutils.notebook.run, './endless', 0) for _ in range(12)]\n"
        "[run.result() for run in runs]"
    )
    cell = left.begin(code)
    wait_until(lambda: running() >= 2, 60)

    left.interrupt()
    stopped = left.wait(cell, SOON_S)

    assert stopped.error.startswith("KeyboardInterrupt")
    names = left.value("[type(run.exception(30)).__name__ for run in runs]")
    assert names == ["CellInterrupted"] * 12
    wait_until(lambda: running() == 0, SOON_S)


#: Code that its jobs' cancellation ends; Spark reports it in another way for each.
CANCELLED = {
    "action": ENDLESS,
    "RDD in Python": "sc.parallelize(range(100), 1).map(lambda x: __import__('time').sleep(1)).count()",
    "to pandas": 'spark.range(0, 10**13, 1, 1).selectExpr("sum(id)").toPandas()',
    "%sql": "%sql SELECT sum(id) FROM range(0, 10000000000000, 1, 1)",
    "stream": "spark.readStream.format('rate').load().writeStream.format('noop')"
    ".foreachBatch(lambda batch, n: spark.range(0, 10**13, 1, 1).selectExpr('sum(id)').collect()).start().awaitTermination()",
}


@pytest.mark.parametrize("code", CANCELLED.values(), ids=CANCELLED)
def test_cell_that_is_cancelled_from_the_page_shows_one_line(left: Notebook, code: str) -> None:
    outcome = Outcome()
    cell = left.begin(code)

    cancel_from_the_page(left, cell, outcome)
    left.collect(cell, outcome, lambda: outcome.ended and outcome.is_over(), 30)

    assert outcome.error == "CellInterrupted: Cancelled"
    assert outcome.traceback == "\x1b[38;5;244mCancelled\x1b[0m"
    assert statuses(outcome)[-1] == "CANCELLED"
    assert "failed" not in outcome.progress[-1]["text/plain"]
    assert "0.0 s" not in outcome.progress[-1]["text/plain"]


def test_interrupted_job_is_no_failure(left: Notebook) -> None:
    outcome = Outcome()
    cell = left.begin(ENDLESS)
    left.collect(cell, outcome, lambda: outcome.progress, 60)

    left.interrupt()
    left.collect(cell, outcome, lambda: outcome.ended and outcome.is_over(), 30)

    assert outcome.traceback == "\x1b[38;5;244mCancelled\x1b[0m"
    assert outcome.progress[-1]["text/plain"].startswith("1 Spark job, 1 cancelled, 0 tasks, ")


def test_cell_shows_no_jobs_of_the_kernel_before_its_restart(left: Notebook) -> None:
    job = "sc.parallelize([1], 1).map(lambda _: __import__('time').sleep(1)).count()"
    before = left.run(f"{job}; {job}", with_progress=True).ok().jobs()
    left.server.call("POST", f"api/kernels/{left.kernel_id}/restart")

    after = left.run(job, with_progress=True).ok().jobs()

    assert (len(before), len(after)) == (2, 1)
    assert not {j["job_id"] for j in before} & {j["job_id"] for j in after}
