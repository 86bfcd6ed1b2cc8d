"""The state of autoscaling between decisions: when it decides, its window, and its pause after a failure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from samples import CLUSTER_ID, healthy_view, sample_status

from jupyter_dbx.controllers.actions import View
from jupyter_dbx.controllers.scaling import PAUSE_S, Scaling
from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.driver import Load
from jupyter_dbx.model.spec import Autoscale, ClusterSpec

S = ClusterState
WINDOW_MS = 60_000


def scaled_view(
    workers: int = 1, *, tasks: int = 0, low: int = 1, high: int = 5, conf: dict[str, str] | None = None, **changes: Any
) -> View:
    """Return a view of an autoscaled cluster with workers of two cores and `tasks` pending tasks."""
    spec = ClusterSpec("demo", node_type_id="memory-2c", autoscale=Autoscale(low, high), spark_conf=conf or {})
    view = healthy_view(workers, spec=spec, **changes)
    assert view.driver is not None
    return replace(view, driver=replace(view.driver, load=Load(pending_tasks=tasks)))


class Scaler:
    """A cluster with repeated scaling decisions, each of which succeeds."""

    def __init__(self, clock: Any, workers: int = 5) -> None:
        self.clock, self.workers = clock, workers
        self.scaling = Scaling(clock)

    def look(self, tasks: int = 0, **changes: Any) -> int | None:
        """Return the current decision without applying it."""
        return self.scaling.target(scaled_view(self.workers, tasks=tasks, **changes), window_ms=WINDOW_MS)

    def watch(self, seconds: int, tasks: int = 0) -> int | None:
        """Return the number of workers after this time."""
        for _ in range(seconds):
            self.look(tasks)
            self.clock.advance(1)
        return self.look(tasks)


@pytest.fixture
def scaler(clock: Any) -> Scaler:
    return Scaler(clock)


@pytest.mark.parametrize(
    "view",
    [
        healthy_view(),
        *(scaled_view(tasks=9, state=state) for state in S if not state.is_up),
        replace(scaled_view(tasks=9), driver=None),
        replace(scaled_view(tasks=9), driver=sample_status("worker-1", ready=False, load=Load(pending_tasks=9))),
    ],
)
def test_nothing_is_decided(view: View, clock: Any) -> None:
    assert Scaling(clock).target(view, window_ms=WINDOW_MS) is None


@pytest.mark.parametrize("state", [S.RUNNING, S.RESIZING])
@pytest.mark.parametrize(
    ("tasks", "conf", "wanted"),
    [
        (0, {}, 1),
        (3, {}, 2),
        (64, {}, 5),
        (3, {"spark.task.cpus": "2"}, 3),
        (3, {"spark.task.cpus": "99"}, 3),
        (3, {"spark.task.cpus": "0"}, 2),
        (3, {"spark.task.cpus": "two"}, 2),
        (3, {"spark.task.cpus": "-2"}, 2),
        (3, {"spark.task.cpus": ""}, 2),
    ],
)
def test_cluster_grows_to_the_pending_tasks(
    state: S, tasks: int, conf: dict[str, str], wanted: int, clock: Any
) -> None:
    assert Scaling(clock).target(scaled_view(tasks=tasks, conf=conf, state=state), window_ms=WINDOW_MS) == wanted


def test_cluster_without_workers_uses_the_cores_of_future_workers(clock: Any) -> None:
    empty = scaled_view(0, tasks=4, low=0)
    other_driver = replace(empty, nodes=[replace(n, node_type_id="memory-8c", cores=8) for n in empty.nodes])

    assert Scaling(clock).target(empty, window_ms=WINDOW_MS) == 2
    assert Scaling(clock).target(other_driver, window_ms=WINDOW_MS) == 4


def test_cluster_shrinks_after_its_window(scaler: Scaler) -> None:
    assert scaler.watch(59) == 5
    assert scaler.watch(1) == 1


@pytest.mark.parametrize(
    "interruption",
    [{"state": S.RESTARTING}, {"state": S.TERMINATED}],
)
def test_window_restarts_when_the_cluster_was_not_running(scaler: Scaler, interruption: dict[str, Any]) -> None:
    scaler.watch(50)

    assert scaler.look(**interruption) is None

    assert scaler.watch(59) == 5
    assert scaler.watch(1) == 1


def test_window_restarts_when_the_driver_was_unreachable(scaler: Scaler) -> None:
    scaler.watch(50)

    scaler.scaling.target(replace(scaled_view(5), driver=None), window_ms=WINDOW_MS)

    assert scaler.watch(59) == 5


def test_window_restarts_with_the_server(scaler: Scaler) -> None:
    scaler.watch(50)

    scaler.scaling = Scaling(scaler.clock)

    assert scaler.watch(59) == 5
    assert scaler.watch(1) == 1


def test_each_cluster_has_its_own_window(scaler: Scaler) -> None:
    for _ in range(60):
        busy = scaler.look(tasks=10, cluster_id="busy")
        scaler.look()
        scaler.clock.advance(1)

    assert (busy, scaler.look()) == (5, 1)


def test_cluster_pauses_growing_after_a_failure(clock: Any) -> None:
    scaler = Scaler(clock, workers=2)

    scaler.scaling.pause(CLUSTER_ID)

    assert scaler.watch(int(PAUSE_S) - 1, tasks=10) == 2
    assert scaler.look(tasks=10, cluster_id="another") == 5
    clock.advance(1)
    assert scaler.look(tasks=10) == 5


def test_cluster_can_shrink_while_growing_is_paused(scaler: Scaler) -> None:
    scaler.watch(59)

    scaler.scaling.pause(CLUSTER_ID)

    assert scaler.watch(1) == 1


@pytest.mark.parametrize(("low", "high", "wanted"), [(3, 5, 3), (1, 1, 1)])
def test_bounds_hold_while_growing_is_paused(low: int, high: int, wanted: int, clock: Any) -> None:
    scaler = Scaler(clock, workers=2)

    scaler.scaling.pause(CLUSTER_ID)

    assert scaler.look(tasks=10, low=low, high=high) == wanted


def test_state_of_a_deleted_cluster_is_dropped(scaler: Scaler) -> None:
    scaler.watch(59)
    scaler.scaling.pause(CLUSTER_ID)

    scaler.scaling.forget(CLUSTER_ID)

    assert scaler.watch(59) == 5
    scaler.workers = 2
    assert scaler.look(tasks=10) == 5
