"""The number of workers of an autoscaled cluster: tables, scenarios, and invariants for any load."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_dbx.controllers.autoscaler import Spare, needed_workers, target_workers
from jupyter_dbx.model.driver import Load
from jupyter_dbx.model.spec import Autoscale

WINDOW_MS = 60_000
BOUNDS = Autoscale(1, 5)


@pytest.mark.parametrize(
    ("running", "pending", "cores", "cpus", "needed"),
    [
        (0, 0, 2, 1, 0),
        (1, 0, 2, 1, 1),
        (0, 1, 2, 1, 1),
        (2, 0, 2, 1, 1),
        (2, 1, 2, 1, 2),
        (0, 64, 2, 1, 32),
        (3, 5, 4, 2, 4),
        (3, 0, 4, 3, 3),
        (4, 0, 4, 8, 4),
        (10, 0, 1, 1, 10),
    ],
)
def test_every_task_gets_a_slot(running: int, pending: int, cores: int, cpus: int, needed: int) -> None:
    load = Load(running_tasks=running, pending_tasks=pending)

    assert needed_workers(load, cores_per_worker=cores, cpus_per_task=cpus) == needed


@pytest.mark.parametrize(
    ("bounds", "current", "needed", "target"),
    [
        (BOUNDS, 1, 0, 1),
        (BOUNDS, 1, 1, 1),
        (BOUNDS, 1, 3, 3),
        (BOUNDS, 1, 99, 5),
        (BOUNDS, 3, 4, 4),
        (BOUNDS, 3, 3, 3),
        (BOUNDS, 3, 1, 3),
        (BOUNDS, 5, 0, 5),
        (Autoscale(0, 2), 0, 0, 0),
        (Autoscale(0, 2), 0, 1, 1),
        (Autoscale(3, 3), 3, 9, 3),
        (Autoscale(3, 3), 3, 0, 3),
        (Autoscale(4, 8), 2, 0, 4),
        (Autoscale(4, 8), 2, 6, 6),
        (Autoscale(1, 2), 5, 9, 2),
        (Autoscale(1, 2), 5, 0, 2),
    ],
)
def test_first_decision_grows_to_the_need_and_never_shrinks_within_the_bounds(
    bounds: Autoscale, current: int, needed: int, target: int
) -> None:
    assert target_workers(bounds, current, needed, None, now_ms=0, window_ms=WINDOW_MS)[0] == target


@dataclass
class Scaler:
    """A cluster with repeated scaling decisions."""

    current: int
    bounds: Autoscale = BOUNDS
    now_ms: int = 0
    spare: Spare | None = None
    #: the result of every decision
    sizes: list[int] = field(default_factory=list)

    def look(self, needed: int, *, for_ms: int = 0, every_ms: int = 1000) -> int:
        """Return the number of workers after a constant need for this time."""
        end = self.now_ms + for_ms
        while True:
            self.current, self.spare = target_workers(
                self.bounds, self.current, needed, self.spare, now_ms=self.now_ms, window_ms=WINDOW_MS
            )
            self.sizes.append(self.current)
            if self.now_ms >= end:
                return self.current
            self.now_ms += every_ms


def test_cluster_grows_at_once() -> None:
    scaler = Scaler(1)

    assert [scaler.look(needed) for needed in (1, 2, 5)] == [1, 2, 5]


@pytest.mark.parametrize(("spare_ms", "workers"), [(0, 5), (WINDOW_MS - 1000, 5), (WINDOW_MS, 2)])
def test_cluster_shrinks_only_after_a_whole_window(spare_ms: int, workers: int) -> None:
    assert Scaler(5).look(2, for_ms=spare_ms) == workers


def test_maximum_need_of_the_window_is_kept() -> None:
    scaler = Scaler(5)
    scaler.look(1, for_ms=20_000)
    scaler.look(3, for_ms=1000)

    assert scaler.look(1, for_ms=WINDOW_MS) == 3


def test_second_window_continues_from_the_first() -> None:
    scaler = Scaler(5)
    scaler.look(3)
    scaler.look(1, for_ms=WINDOW_MS)
    after_one = scaler.current

    assert (after_one, scaler.look(1, for_ms=WINDOW_MS + 1000)) == (3, 1)


def test_pause_between_two_jobs_costs_nothing() -> None:
    scaler = Scaler(1)

    for _ in range(10):
        scaler.look(5, for_ms=1000)
        scaler.look(0, for_ms=WINDOW_MS - 1000)

    assert set(scaler.sizes) == {5}


def test_moment_without_a_spare_worker_restarts_the_window() -> None:
    scaler = Scaler(4)
    scaler.look(1, for_ms=WINDOW_MS - 1000)
    scaler.look(4)
    scaler.now_ms += 1000

    assert scaler.look(1, for_ms=WINDOW_MS - 1000) == 4
    assert scaler.look(1, for_ms=1000) == 1


@pytest.mark.parametrize(
    ("bounds", "at_once", "in_the_end"),
    [
        (Autoscale(1, 3), 3, 1),
        (Autoscale(2, 3), 3, 2),
        (Autoscale(6, 8), 6, 6),
        (Autoscale(5, 9), 5, 5),
        (Autoscale(4, 9), 5, 4),
    ],
)
def test_changed_bounds_apply_at_once_within_a_window(bounds: Autoscale, at_once: int, in_the_end: int) -> None:
    scaler = Scaler(5)
    scaler.look(4, for_ms=1000)
    scaler.look(1, for_ms=WINDOW_MS - 10_000)

    scaler.bounds = bounds
    scaler.sizes.clear()
    scaler.look(1, for_ms=3 * WINDOW_MS)

    assert (scaler.sizes[0], scaler.sizes[-1]) == (at_once, in_the_end)
    assert scaler.sizes == sorted(scaler.sizes, reverse=True)


def test_empty_window_shrinks_at_once() -> None:
    assert target_workers(BOUNDS, 5, 2, None, now_ms=7, window_ms=0) == (2, None)


bounds = st.tuples(st.integers(0, 10), st.integers(1, 20)).map(lambda t: Autoscale(min(t), max(t)))
#: elapsed time, need at that time, and new bounds or None
looks = st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 30), st.none() | bounds), max_size=40)


@given(bounds, st.integers(0, 30), looks)
@example(Autoscale(0, 10), 10, [(0, 8, None), (1000, 0, Autoscale(0, 4)), (WINDOW_MS, 0, None)])
def test_invariants_hold_for_any_load(
    bounds: Autoscale, current: int, looks: list[tuple[int, int, Autoscale | None]]
) -> None:
    now_ms, spare = 0, None
    busy_at = 0  # when the cluster last had no spare worker, or had to shrink
    for passed_ms, needed, moved in looks:
        now_ms, bounds = now_ms + passed_ms, moved or bounds
        within = min(max(needed, bounds.min_workers), bounds.max_workers)

        target, spare = target_workers(bounds, current, needed, spare, now_ms=now_ms, window_ms=WINDOW_MS)

        assert bounds.min_workers <= target <= bounds.max_workers
        assert target >= within, "tasks that wait get their workers at once"
        if within < current:
            assert target <= current, "nobody gets workers that nobody needs"
            assert target == min(current, bounds.max_workers) or now_ms - busy_at >= WINDOW_MS
        else:
            assert target == within
        if within >= current or spare is None:
            busy_at = now_ms
        current = target


@given(bounds, st.integers(0, 20), st.integers(0, 30))
def test_steady_load_converges_to_its_need(bounds: Autoscale, current: int, needed: int) -> None:
    scaler = Scaler(current, bounds)

    settled = scaler.look(needed, for_ms=3 * WINDOW_MS)

    assert settled == min(max(needed, bounds.min_workers), bounds.max_workers)
    assert scaler.look(needed, for_ms=WINDOW_MS) == settled
