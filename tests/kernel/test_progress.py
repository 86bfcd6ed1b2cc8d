"""What is shown below a cell while its jobs run."""

from __future__ import annotations

import time
from typing import Any

import pytest

from jupyter_dbx.kernel.progress import MIME_TYPE, CellProgress, describe


class Publisher:
    """A page: display id → what it shows."""

    def __init__(self) -> None:
        self.shown: dict[str, dict[str, Any]] = {}
        self.lost: list[dict[str, Any]] = []
        self.parents: list[Any] = []

    def set_thread_parent(self, parent: Any) -> None:
        self.parents.append(parent)

    def publish(self, data: dict[str, Any], metadata: Any, *, transient: dict[str, Any], update: bool) -> None:
        display_id = transient["display_id"]
        if update and display_id not in self.shown:
            self.lost.append(data)
        else:
            self.shown[display_id] = data

    def clear_output(self, wait: bool = False) -> None:
        self.shown.clear()

    def words(self) -> list[str]:
        return [data["text/plain"] for data in self.shown.values()]


def a_job(**changes: Any) -> dict[str, Any]:
    began = int(time.time() * 1000) - 2000
    facts = {"job_id": 1, "name": "count", "status": "RUNNING", "began_ms": began, "ended_ms": None}
    return facts | {"tasks": 8, "done": 2, "running": 2, "failed": 0, "stages": []} | changes


def told(*jobs: dict[str, Any], cell: int = 1, over: bool = False) -> dict[str, Any]:
    return {"op": "progress", "cell": cell, "jobs": list(jobs), "over": over}


@pytest.fixture
def page() -> Publisher:
    return Publisher()


@pytest.fixture
def progress(page: Publisher) -> CellProgress:
    progress = CellProgress(page, "k1")
    progress.begin(1, "the request of cell 1")
    return progress


def test_one_output_follows_the_jobs_to_their_end(progress: CellProgress, page: Publisher) -> None:
    job = a_job()
    progress.show(told(job))
    assert page.words() == ["Spark: 0 of 1 job done, 2 of 8 tasks"]

    progress.begin(2, "the request of cell 2")
    ended = job | {"status": "SUCCEEDED", "done": 8, "running": 0, "ended_ms": job["began_ms"] + 4200}
    progress.show(told(ended, over=True))

    assert page.words() == ["1 Spark job, 8 tasks, 4.2 s"]
    assert set(page.parents) == {"the request of cell 1"}
    (data,) = page.shown.values()
    assert (data[MIME_TYPE]["run"], data[MIME_TYPE]["over"], data[MIME_TYPE]["jobs"]) == ("k1:1", True, [ended])


def test_jobs_that_take_no_time_show_nothing(progress: CellProgress, page: Publisher) -> None:
    now = int(time.time() * 1000)

    progress.show(told(a_job(began_ms=now)))
    progress.show(told(a_job(began_ms=now, ended_ms=now + 100, status="SUCCEEDED"), over=True))

    assert page.shown == {}


def test_progress_that_was_cleared_away_comes_again(progress: CellProgress, page: Publisher) -> None:
    progress.show(told(a_job()))

    page.clear_output()
    assert page.shown == {}
    progress.show(told(a_job(done=3)))

    assert page.words() == ["Spark: 0 of 1 job done, 3 of 8 tasks"]
    assert page.lost == []


def test_a_driver_that_is_gone_leaves_what_was_told_last(progress: CellProgress, page: Publisher) -> None:
    progress.show(told(a_job()))

    progress.show({"cell": 1, "jobs": None, "over": True})

    (data,) = page.shown.values()
    assert data[MIME_TYPE]["over"] and len(data[MIME_TYPE]["jobs"]) == 1


def test_a_page_that_was_reloaded_can_ask(progress: CellProgress) -> None:
    progress.show(told(a_job()))

    assert progress.latest("k1:1")["jobs"][0]["done"] == 2
    assert progress.latest("k1:7") == progress.latest("") == {}


def test_end_of_a_cell_without_jobs_shows_nothing(progress: CellProgress, page: Publisher) -> None:
    progress.show({"cell": 1, "jobs": None, "over": True})

    assert page.shown == {}


def test_failed_jobs_are_counted() -> None:
    jobs = [a_job(status="FAILED", began_ms=0, ended_ms=500), a_job(status="SUCCEEDED", began_ms=400, ended_ms=1000)]

    assert describe({"jobs": jobs, "over": True}) == "2 Spark jobs, 1 failed, 4 tasks, 1.0 s"
    assert describe({"jobs": jobs, "over": False}) == "Spark: 2 of 2 jobs done, 1 failed, 4 of 16 tasks"
