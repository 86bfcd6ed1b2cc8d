"""The progress of Spark jobs below a cell."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from jupyter_dbx.kernel.progress import MIME_TYPE, CellProgress, describe
from jupyter_dbx.kernel.session.cells import Cell, Cells
from jupyter_dbx.model.protocol import JobProgress, Progress
from jupyter_dbx.model.wire import to_document


class Publisher:
    """A page: display id → the output it shows."""

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

    def texts(self) -> list[str]:
        return [data["text/plain"] for data in self.shown.values()]


def a_job(**changes: Any) -> JobProgress:
    began = int(time.time() * 1000) - 2000
    job = JobProgress(1, "count", "RUNNING", began, ended_ms=None, tasks=8, done=2, running=2, failed=0)
    return replace(job, **changes)


def report(*jobs: JobProgress, cell: int = 1, over: bool = False) -> Progress:
    return Progress(cell, over, "c1", jobs)


def a_cell(number: int, *, runs: bool = False) -> Cell:
    return Cell(number, "count", f"the request of cell {number}", is_handled=runs)


@pytest.fixture
def page() -> Publisher:
    return Publisher()


@pytest.fixture
def cells() -> Cells:
    return Cells(lambda cell: None, lambda: None)


@pytest.fixture
def progress(page: Publisher) -> CellProgress:
    progress = CellProgress(page, "k1", "s1")
    progress.begin(a_cell(1))
    return progress


def test_one_output_follows_the_jobs_to_their_end(progress: CellProgress, page: Publisher) -> None:
    job = a_job()
    progress.show(report(job))
    assert page.texts() == ["Spark: 0 of 1 job done, 2 of 8 tasks"]

    progress.begin(a_cell(2))
    assert job.began_ms
    ended = replace(job, status="SUCCEEDED", done=8, running=0, ended_ms=job.began_ms + 4200)
    progress.show(report(ended, over=True))

    assert page.texts() == ["1 Spark job, 8 tasks, 4.2 s"]
    assert set(page.parents) == {"the request of cell 1"}
    (data,) = page.shown.values()
    assert data[MIME_TYPE] == {"run": "k1:s1:1", "cluster_id": "c1", "jobs": [to_document(ended)], "over": True}


def test_short_jobs_show_nothing(progress: CellProgress, page: Publisher) -> None:
    now = int(time.time() * 1000)

    progress.show(report(a_job(began_ms=now)))
    progress.show(report(a_job(began_ms=now, ended_ms=now + 100, status="SUCCEEDED"), over=True))

    assert page.shown == {}


def test_cleared_progress_is_shown_again(progress: CellProgress, page: Publisher, cells: Cells) -> None:
    with cells.handling("count", "the request of cell 1"):
        progress.show(report(a_job()))

        page.clear_output()
        assert page.shown == {}
        progress.show(report(a_job(done=3)))

    assert page.texts() == ["Spark: 0 of 1 job done, 3 of 8 tasks"]
    assert page.lost == []


def test_last_report_stays_after_the_driver_has_ended(progress: CellProgress, page: Publisher) -> None:
    progress.show(report(a_job()))

    progress.show(Progress(1, over=True))

    (data,) = page.shown.values()
    assert data[MIME_TYPE]["over"] and data[MIME_TYPE]["cluster_id"] == "c1"
    (job,) = data[MIME_TYPE]["jobs"]
    assert (job["status"], job["running"]) == ("CANCELLED", 0)
    assert job["ended_ms"] - job["began_ms"] >= 2000
    assert data["text/plain"].startswith("1 Spark job, 1 cancelled, 2 tasks, 2.")


def test_reloaded_page_gets_the_latest_report(progress: CellProgress) -> None:
    progress.show(report(a_job()))

    assert progress.latest("k1:s1:1")["jobs"][0]["done"] == 2
    assert progress.latest("k1:s1:7") == progress.latest("k1:s0:1") == progress.latest("") == {}


def test_end_of_a_cell_without_jobs_shows_nothing(progress: CellProgress, page: Publisher) -> None:
    progress.show(Progress(1, over=True))

    assert page.shown == {}


def test_progress_of_other_cells_stays_when_one_clears_its_output(
    progress: CellProgress, page: Publisher, cells: Cells
) -> None:
    progress.show(report(a_job()))
    (shown,) = page.shown

    with cells.handling("sub", "the request of cell 2"):
        progress._after_clear(lambda: None)
    progress.show(report(a_job(done=3)))

    assert list(page.shown) == [shown]


def test_long_cell_keeps_its_progress_while_others_come_and_go(page: Publisher) -> None:
    progress = CellProgress(page, "k1", "s1")
    progress.begin(a_cell(1, runs=True))
    for number in range(2, 30):
        progress.begin(a_cell(number))

    progress.show(report(a_job()))
    progress.show(report(a_job(), cell=3))

    assert page.texts() == ["Spark: 0 of 1 job done, 2 of 8 tasks"]
    assert page.parents == ["the request of cell 1"]


def test_failed_jobs_are_counted() -> None:
    jobs = (a_job(status="FAILED", began_ms=0, ended_ms=500), a_job(status="SUCCEEDED", began_ms=400, ended_ms=1000))

    assert describe(report(*jobs, over=True)) == "2 Spark jobs, 1 failed, 4 tasks, 1.0 s"
    assert describe(report(*jobs)) == "Spark: 2 of 2 jobs done, 1 failed, 4 of 16 tasks"


def test_cancelled_jobs_are_not_failures() -> None:
    jobs = (a_job(status="CANCELLED", began_ms=0, ended_ms=500), a_job(status="FAILED", began_ms=400, ended_ms=1000))

    assert describe(report(*jobs, over=True)) == "2 Spark jobs, 1 failed, 1 cancelled, 4 tasks, 1.0 s"
