"""What the driver reports of a cell's jobs. Spark's status store is a fake."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_dbx.driver.progress import CellJobs
from jupyter_dbx.model.protocol import JobProgress

CANCELLED = "Job 3 cancelled part of cancelled job tag dbx-k1:s1:1"


def option(value: Any) -> Any:
    """Return a Scala option; None = empty."""
    return SimpleNamespace(isDefined=lambda: value is not None, get=lambda: value)


def date(s: int | None) -> Any:
    return option(None if s is None else SimpleNamespace(getTime=lambda: datetime.fromtimestamp(s).timestamp() * 1000))


def reader(**values: Any) -> Any:
    """Return a Java object with these getters."""
    return SimpleNamespace(**{name: (lambda value=value: value) for name, value in values.items()})


def progress_of(
    job_status: str, stage_status: str, *, active: int, reason: str | None = None, cores: int
) -> JobProgress:
    """Return the progress of a job with one stage."""
    counts = {"numTasks": 8, "numSkippedTasks": 0, "numCompletedTasks": 3, "numCompleteTasks": 3, "numFailedTasks": 0}
    times = {"submissionTime": date(1), "completionTime": date(2)}
    stage = reader(
        status=stage_status,
        attemptId=0,
        name="count",
        failureReason=option(reason),
        numActiveTasks=active,
        **counts,
        **times,
    )
    job = reader(
        status=job_status,
        description=option(None),
        name="count",
        numActiveTasks=active,
        stageIds=SimpleNamespace(mkString=lambda _: "5"),
        **counts,
        **times,
    )
    for each in (stage, job):
        status = each.status()
        each.status = lambda status=status: SimpleNamespace(toString=lambda: status)
    store = SimpleNamespace(job=lambda _: job, lastStageAttempt=lambda _: stage)
    tracker = SimpleNamespace(getJobIdsForTag=lambda _: [3])
    sc = SimpleNamespace(statusStore=lambda: store, statusTracker=lambda: tracker)
    context: Any = SimpleNamespace(jsc=SimpleNamespace(sc=lambda: sc))
    (found,) = CellJobs(context, "tag", "title", lambda: cores).progress()
    return found


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (CANCELLED, "CANCELLED"),
        ("[SPARK_JOB_CANCELLED] " + CANCELLED, "CANCELLED"),
        ("Job aborted due to stage failure: ZeroDivisionError", "FAILED"),
        (None, "FAILED"),
    ],
)
def test_job_that_was_cancelled_has_not_failed(reason: str | None, status: str) -> None:
    assert progress_of("FAILED", "FAILED", active=0, reason=reason, cores=1).status == status


@pytest.mark.parametrize(
    ("active", "cores", "running"), [(2, 1, 1), (1, 4, 1), (2, 0, 2)], ids=["late", "few", "unknown"]
)
def test_no_more_tasks_run_than_there_are_cores(active: int, cores: int, running: int) -> None:
    """Spark reports the next task of a core before the end of the previous one."""
    job = progress_of("RUNNING", "ACTIVE", active=active, cores=cores)

    assert (job.running, job.stages[0].running) == (running, running)


def test_stages_that_were_skipped_are_left_out() -> None:
    assert progress_of("SUCCEEDED", "SKIPPED", active=0, cores=1).stages == ()


def test_no_task_of_an_ended_job_runs() -> None:
    job = progress_of("SUCCEEDED", "COMPLETE", active=1, cores=4)

    assert (job.running, job.stages[0].running) == (0, 0)
