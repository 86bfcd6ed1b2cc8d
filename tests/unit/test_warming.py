"""The first jobs of a new cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest
from py4j.protocol import Py4JError, Py4JJavaError

from jupyter_dbx.driver import warming
from jupyter_dbx.driver.context import DriverContext


@dataclass
class FakeSpark:
    """A SparkContext and session that count their jobs."""

    failure: Py4JError | None = None
    description: str = ""
    jobs: int = 0

    def sc(self) -> FakeSpark:
        return self

    def setJobDescription(self, description: str) -> None:
        self.description = description

    def newSession(self) -> FakeSpark:
        return self

    def range(self, _rows: int) -> FakeSpark:
        return self

    def count(self) -> None:
        if self.failure:
            raise self.failure
        self.jobs += 1

    @property
    def context(self) -> DriverContext:
        fake: Any = type("FakeContext", (), {"jsc": self, "root": self})
        return cast(DriverContext, fake)


@pytest.fixture(autouse=True)
def looking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "LOOK_EVERY_S", 0.001)


def run(context: DriverContext, has_executors: Callable[[], bool], is_over: Callable[[], bool]) -> warming.Warming:
    """Run the jobs, and return what is known after them."""
    made = warming.Warming(context, has_executors, is_over)
    made.run()
    return made


def test_jobs_wait_for_an_executor_and_are_described() -> None:
    spark, looks = FakeSpark(), iter([False, False, True])

    run(spark.context, has_executors=lambda: next(looks), is_over=lambda: False)

    assert (spark.jobs, spark.description) == (warming.JOBS, warming.WARM_UP)
    assert list(looks) == []


def test_no_job_starts_once_a_notebook_has_attached() -> None:
    spark = FakeSpark()

    run(spark.context, has_executors=lambda: True, is_over=lambda: spark.jobs == 2)

    assert spark.jobs == 2


def test_cluster_without_workers_that_is_used_runs_none() -> None:
    spark = FakeSpark()

    run(spark.context, has_executors=lambda: False, is_over=lambda: True)

    assert spark.jobs == 0


def test_failed_job_is_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    failure = Py4JError("The driver has stopped.\n\tat org.apache.spark")

    run(FakeSpark(failure).context, has_executors=lambda: True, is_over=lambda: False)

    assert caplog.messages == ["the warm-up ended early: The driver has stopped."]


def test_cluster_is_proven_after_the_first_job_or_when_nobody_needs_the_proof() -> None:
    spark = FakeSpark()

    used = run(spark.context, has_executors=lambda: False, is_over=lambda: True)
    made = warming.Warming(spark.context, has_executors=lambda: True, is_over=lambda: spark.jobs == 1)
    before = made.proven
    made.run()

    assert (before, made.proven, used.proven) == (False, True, True)


def test_first_job_that_fails_in_spark_is_a_failure_with_sparks_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "java_message", lambda _: "IllegalArgumentException: no such codec")
    failure = Py4JJavaError.__new__(Py4JJavaError)

    warm = run(FakeSpark(failure).context, has_executors=lambda: True, is_over=lambda: False)

    assert (warm.proven, warm.failure) == (False, "Spark cannot run a job: IllegalArgumentException: no such codec")
