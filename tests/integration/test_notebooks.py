"""Notebooks on one running cluster: real kernels, a real driver JVM, real executors."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from live import PROGRESS_TYPE, Notebook, Server, kernels_with_jobs, processes_of, wait_until

pytestmark = pytest.mark.spark

Open = Callable[[str], Notebook]

#: A job that waits for a file.
HELD_JOB = """
import os, time
def wait_for_file(x):
    while not os.path.exists({flag!r}):
        time.sleep(0.05)
sc.parallelize([1], 1).map(wait_for_file).count()
"""
SLOW_JOB = "sc.parallelize(range({n}), {n}).map(lambda x: __import__('time').sleep({s}) or x).count()"
ACTIVE_JOBS = "list(sc.statusTracker().getActiveJobsIds())"


@pytest.fixture
def two(open_notebook: Open, cluster_id: str) -> tuple[Notebook, Notebook]:
    return open_notebook("left.ipynb").attach(cluster_id), open_notebook("right.ipynb").attach(cluster_id)


def test_notebooks_share_the_application_and_keep_views_and_conf_apart(two: tuple[Notebook, Notebook]) -> None:
    left, right = two
    left.run("spark.range(3).createOrReplaceTempView('mine'); spark.conf.set('spark.sql.shuffle.partitions', '7')").ok()

    views = right.value("[t.name for t in spark.catalog.listTables()]")
    partitions = right.value("spark.conf.get('spark.sql.shuffle.partitions')")

    assert left.value("sc.applicationId") == right.value("sc.applicationId")
    assert views == []
    assert partitions == "4"
    assert left.value("spark.table('mine').count()") == 3


def test_foreach_batch_runs_in_both_notebooks_at_once(two: tuple[Notebook, Notebook]) -> None:
    stream = (
        "seen = []\n"
        "def keep(df, n): seen.append((n, '{name}', df.count()))\n"
        "q = spark.readStream.format('rate').option('rowsPerSecond', 5).load().writeStream.foreachBatch(keep).start()"
    )
    for notebook, name in zip(two, ("left", "right"), strict=True):
        notebook.run(stream.format(name=name)).ok()

    wait = "import time\nend = time.time() + 60\nwhile len(seen) < 3 and time.time() < end: time.sleep(.2)\nq.stop()"
    for notebook in two:
        notebook.run(wait).ok()
    seen = [notebook.value("seen") for notebook in two]

    assert len(seen[0]) >= 3 and len(seen[1]) >= 3
    assert {name for _, name, _ in seen[0]} == {"left"}
    assert {name for _, name, _ in seen[1]} == {"right"}


def test_interrupt_in_the_first_spark_cell_leaves_the_other_notebooks_job(
    two: tuple[Notebook, Notebook], cluster_id: str, tmp_path: Path
) -> None:
    left, right = two
    flag = tmp_path / "end"
    kept = right.begin(HELD_JOB.format(flag=str(flag)))
    first = left.begin(SLOW_JOB.format(n=1, s=60))
    wait_until(lambda: kernels_with_jobs(left.server, cluster_id) == {left.kernel_id, right.kernel_id}, 30)
    left.interrupt()
    stopped = left.wait(first, 20)
    wait_until(lambda: kernels_with_jobs(left.server, cluster_id) == {right.kernel_id}, 5)

    assert stopped.error.startswith("KeyboardInterrupt")
    assert left.value("1 + 1", 5) == 2
    flag.touch()
    assert right.wait(kept, 20).ok().value == "1"


def test_interrupt_while_a_cell_binds_does_not_affect_other_notebooks(two: tuple[Notebook, Notebook]) -> None:
    left, right = two
    application = right.value("sc.applicationId")
    left.run(
        "from pyspark import SparkContext\n"
        "original = SparkContext._do_init\n"
        "def interrupted(self, *args, **kwargs):\n"
        "    SparkContext._do_init = original\n"
        "    original(self, *args, **kwargs)\n"
        "    raise KeyboardInterrupt\n"
        "SparkContext._do_init = interrupted"
    ).ok()

    stopped = left.run("spark.range(3).count()")

    assert stopped.error.startswith("KeyboardInterrupt")
    assert left.value("(spark.range(3).count(), sc.applicationId)") == (3, application)
    assert right.value("spark.range(4).count()") == 4


def test_interrupt_cancels_jobs_of_a_thread_pool_and_frees_the_next_cell(
    two: tuple[Notebook, Notebook], cluster_id: str, tmp_path: Path
) -> None:
    left, right = two
    flag = tmp_path / "end"
    kept = right.begin(HELD_JOB.format(flag=str(flag)))
    left.run("from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(2)").ok()
    left.run("list(pool.map(lambda n: spark.range(n).count(), [1, 2]))").ok()  # its threads exist before the next cell
    in_pool = f"list(pool.map(lambda n: {SLOW_JOB.format(n=1, s=30)}, range(6)))"

    cell = left.begin(in_pool)
    wait_until(lambda: kernels_with_jobs(left.server, cluster_id) == {left.kernel_id, right.kernel_id}, 30)
    left.interrupt()
    stopped = left.wait(cell, 20)
    wait_until(lambda: kernels_with_jobs(left.server, cluster_id) == {right.kernel_id}, 5)

    assert stopped.error.startswith("KeyboardInterrupt")
    assert left.run("spark.range(5).count()", 20).value == "5"
    flag.touch()
    assert right.wait(kept, 20).ok().value == "1"
    assert left.value(ACTIVE_JOBS) == []


def test_a_killed_kernel_releases_its_jobs_stream_and_gateway(two: tuple[Notebook, Notebook]) -> None:
    left, right = two
    right.run("spark.range(1).count()").ok()
    left.run("spark.readStream.format('rate').load().writeStream.format('noop').start()").ok()
    left.run(
        "cached = spark.range(1000).cache(); cached.count(); kept = sc.parallelize([1]).cache(); kept.count()"
    ).ok()
    port = left.value("sc._gateway.gateway_parameters.port")
    temp_dir = left.value("sc._temp_dir")
    pid = left.pid()
    left.begin(SLOW_JOB.format(n=2, s=60))
    wait_until(lambda: right.value(f"len({ACTIVE_JOBS})") > 0, 20)

    os.kill(pid, signal.SIGKILL)

    streams = (
        "[t.getName() for t in sc._jvm.java.lang.Thread.getAllStackTraces().keySet()"
        " if 'stream execution' in t.getName()]"
    )
    cached = "sc._jsc.sc().getPersistentRDDs().size()"
    wait_until(lambda: right.value(f"({ACTIVE_JOBS}, {streams}, {cached})") == ([], [], 0) and not _listens(port), 5)
    wait_until(lambda: not Path(temp_dir).exists() and not processes_of(f"DBX_SEAT={left.kernel_id}"), 2)


def test_modules_paths_and_tables_are_relative_to_the_notebook(
    open_notebook: Open, cluster_id: str, server: Server
) -> None:
    folder = server.workspace.root / "project" / "deep"
    folder.mkdir(parents=True)
    (folder / "beside.py").write_text("def double(x):\n    return 2 * x\n")
    (folder / "in.csv").write_text("a\n1\n2\n")
    notebook = open_notebook("project/deep/paths.ipynb").attach(cluster_id)

    doubled = notebook.value(
        "import beside\nfrom pyspark.sql.functions import udf\n"
        "f = udf(beside.double, 'long')\n[r[0] for r in spark.range(3).select(f('id')).collect()]"
    )
    notebook.run("spark.read.option('header', True).csv('in.csv').write.parquet('out.parquet')").ok()
    lines = notebook.value("sc.textFile('in.csv').count()")
    notebook.run("spark.range(4).write.saveAsTable('kept_table')").ok()

    assert doubled == [0, 2, 4]
    assert lines == 3
    assert list((folder / "out.parquet").glob("*.parquet"))
    assert list((server.workspace.data / "tables" / cluster_id / "warehouse" / "kept_table").glob("*.parquet"))
    assert notebook.value("spark.table('kept_table').count()") == 4


def test_user_variable_named_sc_starts_nothing(notebook: Notebook) -> None:
    code = "class StandardScaler:\n    def fit(self, X): return 'fitted'\nX = [1]\nsc = StandardScaler(); sc.fit(X)"

    outcome = notebook.run(code).ok()

    assert outcome.value == "'fitted'"
    assert notebook.value("'spark' in globals()") is False
    assert notebook.value("(spark.range(3).count(), sc.fit(X))") == (3, "fitted")


def test_attach_and_spark_work_in_one_cell(open_notebook: Open, cluster_id: str) -> None:
    notebook = open_notebook("one_cell.ipynb")

    outcome = notebook.run("%cluster attach shared\nspark.range(6).count()").ok()

    assert outcome.value == "6"


def test_missing_cluster_states_what_to_do(open_notebook: Open, cluster_id: str) -> None:
    notebook = open_notebook("nothing.ipynb")

    outcome = notebook.run("spark.range(6).count()")

    assert outcome.error.startswith("NoCluster: No cluster is attached: `%cluster attach NAME`")
    assert "%cluster attach NAME" in outcome.traceback
    assert notebook.value("1 + 1") == 2


def test_metadata_chooses_the_cluster_of_an_unattached_notebook(
    open_notebook: Open, cluster_id: str, server: Server
) -> None:
    content = {"cells": [], "metadata": {"jupyter_dbx": {"cluster_id": cluster_id}}, "nbformat": 4, "nbformat_minor": 5}
    (server.workspace.root / "chosen.ipynb").write_text(json.dumps(content))
    notebook = open_notebook("chosen.ipynb")

    assert notebook.value("spark.range(3).count()") == 3


def test_stop_only_releases_the_seat(two: tuple[Notebook, Notebook]) -> None:
    left, right = two
    application = right.value("sc.applicationId")
    left.run("old = spark.range(3); spark.stop()").ok()

    stale = left.run("old.count()")
    again = left.run(
        "from pyspark.sql import SparkSession\n"
        "s = SparkSession.builder.master('local').config('spark.sql.shuffle.partitions', 3).getOrCreate()\n"
        "(s.sparkContext.applicationId, s.conf.get('spark.sql.shuffle.partitions'))"
    )
    left.run("s.stop()").ok()
    context = left.run("from pyspark import SparkContext\nSparkContext('local', 'mine').applicationId")

    assert stale.error.startswith("DriverEnded")
    assert again.ok().value == f"('{application}', '3')"
    assert "spark.master" in again.text
    assert context.ok().value == f"'{application}'"
    assert right.value("spark.range(2).count()") == 2


def test_imported_code_gets_the_same_session(open_notebook: Open, cluster_id: str, server: Server) -> None:
    (server.workspace.root / "library_code.py").write_text(
        "from pyspark.sql import SparkSession, functions as F\n"
        "def run():\n    return SparkSession.builder.getOrCreate().range(4).select(F.col('id') + 1).count()\n"
    )
    notebook = open_notebook("imports.ipynb").attach(cluster_id)

    plain = notebook.run("import pyspark, library_code\n'spark' in globals()").ok()

    assert plain.value == "False"
    assert notebook.value("library_code.run()") == 4
    assert notebook.value("spark.sparkContext is sc") is True


def test_progress_messages_are_few_for_any_number_of_tasks(notebook: Notebook) -> None:
    began = time.monotonic()
    outcome = notebook.run("spark.range(0, 2000, 1, 2000).count()", with_progress=True).ok()
    took_s = time.monotonic() - began

    reports = [data[PROGRESS_TYPE]["jobs"] for data in outcome.progress]
    assert 1 <= len(reports) <= 4 * took_s
    assert sum(job["tasks"] for job in reports[-1]) >= 2000
    assert all(job["done"] + job["running"] <= job["tasks"] for jobs in reports for job in jobs)
    cores = notebook.value("sc.defaultParallelism")
    assert max(part["running"] for jobs in reports for job in jobs for part in (job, *job["stages"])) <= cores
    last = reports[-1][-1]
    assert last["name"] == "spark.range(0, 2000, 1, 2000).count()"  # without a call site, the title of the cell
    ran = [(stage["status"], stage["done"] == stage["tasks"]) for job in reports[-1] for stage in job["stages"]]
    assert ran == [("COMPLETE", True)] * 2, "counting takes two stages, and skipped ones are not reported"


def test_job_has_the_users_description_else_its_line(notebook: Notebook) -> None:
    slow = "(lambda x: time.sleep(1) or x)"
    cell = f"import time\nsc.parallelize([1], 1).map{slow}.collect()\nsc.setJobDescription('load')\n"
    job = f"sc.parallelize([1], 1).map{slow}.collect()"
    names, kept = (
        [j["name"] for j in notebook.run(code, with_progress=True).ok().jobs()] for code in (cell + job, job)
    )
    notebook.run("sc.setJobDescription(None)").ok()
    own = notebook.value("sc.getLocalProperty('spark.job.description')")

    assert (names, kept) == (["collect, line 2", "load"], ["load"])
    assert own == "sc.getLocalProperty('spark.job.description')"


def test_cell_without_jobs_reports_no_progress(notebook: Notebook) -> None:
    notebook.run("spark.range(10).count()").ok()

    assert notebook.run("import time; time.sleep(1.5)").ok().progress == []


def test_sql_and_display_show_tables(notebook: Notebook) -> None:
    wrong = notebook.run("%sql SELECT nope")
    assert "UNRESOLVED_COLUMN" in wrong.error and wrong.text == ""
    shown = notebook.run("%sql SELECT id, id * 2 AS twice FROM range(3)").ok().displayed[0]
    capped = notebook.run("display(spark.range(5000))").ok().displayed[0]

    assert ">twice</th>" in shown["text/html"]
    assert notebook.value("[tuple(r) for r in _sqldf.collect()]") == [(0, 0), (1, 2), (2, 4)]
    assert capped["text/html"].count("<tr>") == 101
    assert "First 100 of 5,000 rows." in capped["text/html"]


def test_no_secret_is_in_any_command_line_log_or_response(notebook: Notebook, server: Server, cluster_id: str) -> None:
    notebook.run("spark.range(1).count()").ok()
    secrets = _secrets(server)

    command_lines = b"".join(
        Path(f"/proc/{pid}/cmdline").read_bytes() for pid in processes_of(str(server.workspace.folder))
    )
    logs = b"".join(path.read_bytes() for path in server.workspace.folder.rglob("*log*") if path.is_file())
    answers = str(server.cluster(cluster_id)) + str(server.call("GET", "api/2.0/clusters/list"))

    assert len(secrets) >= 2
    for secret in secrets:
        assert secret.encode() not in command_lines
        assert secret.encode() not in logs
        assert secret not in answers


def test_a_kernels_token_opens_its_own_routes_and_dies_with_it(
    open_notebook: Open, cluster_id: str, server: Server
) -> None:
    notebook, other = open_notebook("token.ipynb").attach(cluster_id), open_notebook("other.ipynb")
    token = notebook.value("get_ipython().kernel.spark_session.notebook.client.token")

    own = server.call("GET", f"api/dbx/kernels/{notebook.kernel_id}/cluster", token=token)
    foreign = server.refusal("GET", f"api/dbx/kernels/{other.kernel_id}/cluster", token=token)
    jupyters = server.refusal("GET", "api/contents", token=token)
    notebook.close()
    late = server.refusal("GET", f"api/dbx/kernels/{notebook.kernel_id}/cluster", token=token)

    assert own["cluster_id"] == cluster_id
    assert foreign[0] == jupyters[0] == late[0] == 403
    assert late[1]["error_code"] == "PERMISSION_DENIED"


def _secrets(server: Server) -> list[str]:
    files = [json.loads(path.read_text()) for path in (server.workspace.data / "nodes").glob("*/driver/driver.json")]
    return [value for config in files for value in (config["token"], config["spark_secret"], config["ui_key"])]


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
