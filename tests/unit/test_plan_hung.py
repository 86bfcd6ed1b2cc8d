"""plan: hung daemons are distinguished from busy ones by CPU time; crash loops; events of lost workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from samples import actions_of, aged, change_node, healthy_view, sample_status, see_daemon

from jupyter_dbx.controllers.actions import Emit, Limits, LoseDriver, MarkHealthy, Move, StartDriver, StartWorker, View
from jupyter_dbx.controllers.plan import plan
from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.event import EventType

S = ClusterState
LIMITS = Limits()
MASTER = "spark://127.0.0.1:7077"


def mute_driver(*, still_ms: int = LIMITS.hung_ms, cpu_s: float | None = 7.0, state: S = S.RUNNING) -> View:
    """Return a view of a cluster whose driver runs, does not answer, and has used no CPU time for so long."""
    view = see_daemon(replace(healthy_view(state=state), driver=None), "driver", "driver", cpu_s=cpu_s)
    return aged(view, "driver", still_ms=still_ms)


def worker_without_executor(*, still_ms: int = LIMITS.hung_ms, cpu_s: float | None = 7.0) -> View:
    """Return a view of a running cluster one of whose workers runs, has no executor, and has been still for so long."""
    view = see_daemon(replace(healthy_view(), driver=sample_status("worker-2")), "worker-1", "worker", cpu_s=cpu_s)
    return aged(view, "worker-1", still_ms=still_ms)


def starts(view: View) -> list[str]:
    """Return whose daemons a plan starts."""
    return [a.node.node_id for a in plan(view) if isinstance(a, StartDriver | StartWorker)]


def test_hung_means_a_minute_without_cpu_time() -> None:
    assert LIMITS.hung_ms == 60_000


@pytest.mark.parametrize(
    ("view", "started"),
    [
        (mute_driver(), ["driver"]),
        (mute_driver(still_ms=LIMITS.hung_ms - 1), []),
        (mute_driver(still_ms=0), []),
        (mute_driver(cpu_s=None), []),
        (mute_driver(cpu_s=None, still_ms=10**9), []),
        (mute_driver(cpu_s=0.0), ["driver"]),
        (replace(mute_driver(), driver=sample_status("worker-1", "worker-2")), []),
        (replace(mute_driver(), driver=sample_status(ready=False)), []),
        (worker_without_executor(), ["worker-1"]),
        (worker_without_executor(still_ms=LIMITS.hung_ms - 1), []),
        (worker_without_executor(cpu_s=None, still_ms=10**9), []),
        (replace(worker_without_executor(), driver=sample_status("worker-1", "worker-2")), []),
        (replace(worker_without_executor(), driver=None), []),
    ],
    ids=[
        "driver",
        "driver that was busy until just now",
        "busy driver",
        "driver whose CPU time is unknown",
        "driver whose CPU time is unknown for long",
        "driver that never used the CPU",
        "driver that answers",
        "driver that answers that it is not ready",
        "worker",
        "worker that was busy until just now",
        "worker whose CPU time is unknown",
        "idle worker that has its executor",
        "idle worker of an unreachable driver",
    ],
)
def test_hung_daemon_is_restarted_and_busy_one_is_not(view: View, started: list[str]) -> None:
    assert starts(view) == started


def test_hung_driver_is_restarted() -> None:
    view = mute_driver()

    assert plan(view) == [LoseDriver(), StartDriver(view.nodes[0])]


def test_driver_that_hangs_during_startup_is_restarted_without_an_event() -> None:
    view = mute_driver(state=S.PENDING)

    assert plan(view) == [StartDriver(view.nodes[0])]


def test_hung_daemon_that_was_just_started_is_restarted_after_a_pause() -> None:
    assert starts(change_node(mute_driver(), "driver", daemon_starts=2)) == []
    assert starts(aged(change_node(mute_driver(), "driver", daemon_starts=2), "driver", started_ms=2000)) == ["driver"]


@pytest.mark.parametrize(
    "stop", [lambda v: v, lambda v: see_daemon(v, "worker-1", "worker", running=False)], ids=["hung", "dead"]
)
def test_worker_that_was_healthy_is_reported_as_lost(stop: Callable[[View], View]) -> None:
    view = stop(worker_without_executor())

    assert actions_of(view, StartWorker, Emit) == [
        StartWorker(view.nodes[1], MASTER, "life-1", failed=True),
        Emit(EventType.NODES_LOST, {"current_num_workers": 1, "target_num_workers": 2, "cause": "AUTORECOVERY"}),
    ]


@pytest.mark.parametrize("state", [S.RUNNING, S.RESIZING])
def test_worker_is_reported_as_lost_in_every_running_state(state: S) -> None:
    view = worker_without_executor()
    view = replace(view, cluster=replace(view.cluster, state=state))

    assert [a.event for a in plan(view) if isinstance(a, Emit)] == [EventType.NODES_LOST]


@pytest.mark.parametrize("state", [S.PENDING, S.RESTARTING])
def test_worker_of_a_cluster_that_is_not_running_is_not_reported_as_lost(state: S) -> None:
    view = worker_without_executor()
    view = replace(view, cluster=replace(view.cluster, state=state))

    assert actions_of(view, Emit) == []
    assert starts(view) == ["worker-1"]


def test_worker_that_is_started_for_another_driver_is_not_reported_as_lost() -> None:
    view = replace(healthy_view(), driver=sample_status(incarnation="life-2"))

    assert actions_of(view, Emit) == []
    assert [a.failed for a in plan(view) if isinstance(a, StartWorker)] == [False, False]


def test_worker_that_was_not_healthy_since_its_last_start_is_not_reported_again() -> None:
    view = change_node(worker_without_executor(), "worker-1", healthy=False)

    assert actions_of(view, Emit) == []
    assert starts(view) == ["worker-1"]


@pytest.mark.parametrize(("starts_so_far", "expected"), [(3, []), (4, [EventType.ADD_NODES_FAILED]), (5, []), (50, [])])
def test_crash_looping_worker_is_reported_once(starts_so_far: int, expected: list[EventType]) -> None:
    view = change_node(worker_without_executor(), "worker-1", daemon_starts=starts_so_far, healthy=False)
    view = aged(view, "worker-1", started_ms=60_000)

    emitted = [a for a in plan(view) if isinstance(a, Emit)]

    assert [e.event for e in emitted] == expected
    assert all(e.explained_by == view.nodes[1] for e in emitted)
    assert all(e.message.startswith("A worker failed 4 times in a row") for e in emitted)
    assert starts(view) == ["worker-1"]
    assert actions_of(view, Move) == []


@pytest.mark.parametrize(("starts_so_far", "backoff_ms"), [(1, 1000), (2, 2000), (3, 4000), (6, 32_000), (7, 60_000)])
def test_crash_looping_worker_is_restarted_after_growing_pauses(starts_so_far: int, backoff_ms: int) -> None:
    view = change_node(worker_without_executor(), "worker-1", daemon_starts=starts_so_far, healthy=False)

    assert starts(aged(view, "worker-1", started_ms=backoff_ms - 1)) == []
    assert starts(aged(view, "worker-1", started_ms=backoff_ms)) == ["worker-1"]


def test_worker_that_is_unhealthy_now_keeps_its_starts() -> None:
    view = change_node(worker_without_executor(still_ms=0), "worker-1", daemon_starts=3)

    assert actions_of(aged(view, "worker-1", healthy_ms=10**9), MarkHealthy) == []
