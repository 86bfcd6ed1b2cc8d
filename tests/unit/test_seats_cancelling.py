"""Which jobs of a seat are cancelled. The JVM is a fake."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_dbx.driver.seats import Seat, Seats


class FakeContext:
    """A JVM with active jobs by their tags; none is of a streaming query."""

    def __init__(self, jobs: dict[int, set[str]]) -> None:
        self._jobs = jobs
        self.cancelled: set[int] = set()
        sc = SimpleNamespace(cancelJob=self.cancelled.add)
        self.jsc = SimpleNamespace(sc=lambda: sc)

    def active_jobs(self, tag: str) -> set[int]:
        return {job for job, tags in self._jobs.items() if tag in tags}

    def tags_of(self, job_id: int) -> list[str]:
        return list(self._jobs[job_id])


#: Cell 3 runs, cells 1 and 2 have ended; the notice that cell 5 runs is on its way.
JOBS = {
    10: {"dbx-k1"},
    11: {"dbx-k1", "dbx-k1:s1:1"},
    12: {"dbx-k1", "dbx-k1:s1:2", "mine:other"},
    13: {"dbx-k1", "dbx-k1:s1:3"},
    15: {"dbx-k1", "dbx-k1:s1:5"},
    20: {"dbx-k2", "dbx-k2:s1:1"},
    # Of the kernel before it was restarted; its third cell is not this one's.
    33: {"dbx-k1", "dbx-k1:s0:3"},
}


@pytest.fixture
def context() -> FakeContext:
    return FakeContext(JOBS)


@pytest.fixture
def seat() -> Seat:
    facts: dict[str, Any] = {"jsession": None, "server": None, "gateway_port": 7, "gateway_secret": "secret"}
    return Seat("k1", 1, 1, "a.ipynb", "notebook-1", 1, **facts, start="s1", cells=frozenset({3}), newest_cell=3)


def test_background_is_what_belongs_to_no_running_or_later_cell_of_this_notebook(
    context: FakeContext, seat: Seat
) -> None:
    Seats(context).cancel_background(seat, seat.newest_cell)  # type: ignore[arg-type]

    assert context.cancelled == {10, 11, 12, 33}


@pytest.mark.parametrize(("cell", "cancelled"), [(2, {12}), (3, set()), (4, set())])
def test_late_jobs_are_those_of_a_cell_that_has_ended(
    context: FakeContext, seat: Seat, cell: int, cancelled: set[int]
) -> None:
    Seats(context).cancel_late(seat, cell)  # type: ignore[arg-type]

    assert context.cancelled == cancelled
