"""The newest jobs of a driver, for pages. The reader of single jobs is a fake."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from jupyter_dbx.driver.context import WARM_UP
from jupyter_dbx.driver.recent import MAX_JOBS, MAX_STAGES, NotebookJobs
from jupyter_dbx.model.protocol import JobProgress, StageProgress


class Spark:
    """A driver whose jobs a test begins and ends."""

    application_id = "app-1"

    def __init__(self) -> None:
        self.jobs: dict[int, JobProgress] = {}
        self.begun = 0
        self.forgotten = 0
        self.jsc = SimpleNamespace(sc=lambda: self)
        self.recent = NotebookJobs(self, self, self)  # type: ignore[arg-type]  # as context, seats and reader

    def begin(self, *, ended_ms: int | None, stages: int = 1) -> int:
        job_id, self.begun = self.begun, self.begun + 1
        status = "SUCCEEDED" if ended_ms else "RUNNING"
        bars = tuple(StageProgress(n, 0, "count", "COMPLETE", 1, 1, 0, 0) for n in range(stages))
        self.jobs[job_id] = JobProgress(job_id, "count", status, 1, ended_ms, 1, 1, 0, 0, bars)
        return job_id

    def ids(self, since_ms: int) -> list[int]:
        return [found.job.job_id for found in self.recent.since(since_ms).jobs]

    # -- what the jobs are read with -----------------------------------------------------------------------------------

    def dagScheduler(self) -> Any:
        return SimpleNamespace(numTotalJobs=lambda: self.begun)

    def statusTracker(self) -> Any:
        return SimpleNamespace(getActiveJobIds=lambda: [n for n, job in self.jobs.items() if job.ended_ms is None])

    def ints(self, array: list[int]) -> set[int]:
        return set(array)

    def tags_of(self, job_id: int) -> list[str]:
        return ["dbx-k1:s1:3", "dbx-k1"] if job_id % 2 else ["thread-of-a-program"]

    def notebook_of(self, kernel_id: str) -> str:
        return "/home/me/a.ipynb" if kernel_id == "k1" else ""

    def read(self, job_id: int) -> JobProgress | None:
        return self.jobs.get(job_id)

    def forget(self, before: int) -> None:
        self.forgotten = before


def test_only_jobs_that_run_or_have_ended_since_are_reported_newest_first() -> None:
    spark = Spark()
    spark.begin(ended_ms=100)
    running, ended = spark.begin(ended_ms=None), spark.begin(ended_ms=300)

    assert spark.ids(since_ms=100) == [ended, running]


def test_a_job_has_the_notebook_of_its_kernel() -> None:
    spark = Spark()
    for _ in range(2):
        spark.begin(ended_ms=100)

    of_notebook, of_program = spark.recent.since(0).jobs

    assert (of_notebook.kernel_id, of_notebook.notebook) == ("k1", "/home/me/a.ipynb")
    assert (of_program.kernel_id, of_program.notebook) == ("", "")


def test_jobs_are_limited_but_one_that_still_runs_is_kept() -> None:
    spark = Spark()
    for _ in range(MAX_JOBS + 50):
        spark.begin(ended_ms=100)
    before = spark.ids(0)
    spark.jobs[0] = JobProgress(0, "train", "RUNNING", 1, None, 1, 0, 1, 0)

    assert before == list(range(MAX_JOBS + 49, 49, -1))
    assert spark.forgotten == 50
    assert spark.ids(0)[-1] == 0


def test_stages_of_all_jobs_are_limited() -> None:
    spark = Spark()
    for _ in range(MAX_JOBS):
        spark.begin(ended_ms=100, stages=10)

    assert sum(len(found.job.stages) for found in spark.recent.since(0).jobs) == MAX_STAGES


def test_jobs_of_the_warm_up_are_left_out() -> None:
    spark = Spark()
    spark.jobs[spark.begin(ended_ms=100)] = JobProgress(0, WARM_UP, "SUCCEEDED", 1, 100, 1, 1, 0, 0)
    mine = spark.begin(ended_ms=100)

    assert spark.ids(0) == [mine]


def test_a_job_that_spark_has_dropped_is_left_out() -> None:
    spark = Spark()
    spark.begin(ended_ms=100)
    spark.jobs.clear()

    assert spark.ids(0) == []
