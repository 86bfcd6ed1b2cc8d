"""plan: starts of daemons, facts from the driver, and sizes in events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from samples import (
    CLUSTER_ID,
    actions_of,
    aged,
    change_node,
    fresh_view,
    healthy_view,
    released_by,
    running,
    sample_node,
    sample_status,
    see,
    see_daemon,
    without_node,
)

from jupyter_dbx.controllers.actions import (
    ClusterAction,
    Emit,
    LoseDriver,
    MarkHealthy,
    Move,
    Provision,
    RecordDriver,
    Recover,
    StartDriver,
    StartWorker,
    View,
)
from jupyter_dbx.controllers.plan import plan
from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.node import NodeState, Observation, Role

S = ClusterState


def test_driver_starts_once_its_node_is_ready() -> None:
    node = sample_node()
    view = replace(fresh_view(), nodes=[node], seen={"driver": Observation(CLUSTER_ID)})

    assert actions_of(view, StartDriver, StartWorker) == [StartDriver(node)]
    assert actions_of(change_node(view, "driver", state=NodeState.PROVISIONING), StartDriver) == []


@pytest.mark.parametrize(
    ("starts", "waited_ms", "starts_again"),
    [
        (0, 0, True),
        (1, 999, False),
        (1, 1000, True),
        (2, 1999, False),
        (2, 2000, True),
        (3, 3999, False),
        (3, 4000, True),
    ],
)
def test_driver_is_restarted_after_a_growing_pause(starts: int, waited_ms: int, starts_again: bool) -> None:
    dead = see_daemon(replace(healthy_view(), driver=None), "driver", "driver", running=False)
    view = aged(change_node(dead, "driver", daemon_starts=starts), "driver", started_ms=waited_ms)

    wanted = [LoseDriver(), StartDriver(view.nodes[0])] if starts_again else []

    assert plan(view) == wanted


@pytest.mark.parametrize(
    ("starts", "waited_ms", "starts_again"), [(7, 59_999, False), (7, 60_000, True), (500, 60_000, True)]
)
def test_worker_is_restarted_after_at_most_a_minute(starts: int, waited_ms: int, starts_again: bool) -> None:
    dead = see_daemon(replace(healthy_view(), driver=sample_status("worker-2")), "worker-1", "worker", running=False)
    view = aged(change_node(dead, "worker-1", daemon_starts=starts), "worker-1", started_ms=waited_ms)

    assert [a.node.node_id for a in actions_of(view, StartWorker)] == (["worker-1"] if starts_again else [])


def test_workers_wait_for_the_master() -> None:
    view = replace(healthy_view(state=S.PENDING), driver=sample_status(ready=False, master_url=""))
    view = see_daemon(view, "worker-1", "worker", running=False)

    assert actions_of(view, StartWorker) == []


def test_workers_start_as_soon_as_there_is_a_master() -> None:
    view = replace(healthy_view(state=S.PENDING), driver=sample_status(ready=False, incarnation="life-1"))
    view = see_daemon(view, "worker-1", "worker", running=False)

    assert actions_of(view, StartWorker) == [
        StartWorker(view.nodes[1], "spark://127.0.0.1:7077", "life-1", failed=True)
    ]


def test_workers_of_an_earlier_driver_are_replaced() -> None:
    view = replace(healthy_view(), driver=sample_status(incarnation="life-2"))

    started = actions_of(view, StartWorker)

    assert started == [StartWorker(n, "spark://127.0.0.1:7077", "life-2") for n in view.nodes[1:]]


def test_surplus_worker_is_not_started() -> None:
    view = replace(healthy_view(num_workers=1), driver=sample_status("worker-1"))
    view = see_daemon(view, "worker-2", "worker", running=False)

    assert actions_of(view, StartWorker) == []
    assert released_by(view) == ["worker-2"]


def test_oldest_worker_is_not_started_if_it_is_the_surplus_one() -> None:
    view = replace(healthy_view(num_workers=1), driver=sample_status("worker-2"))
    view = see_daemon(view, "worker-1", "worker", running=False)

    assert actions_of(view, StartWorker) == []
    assert released_by(view) == ["worker-1"]


@pytest.mark.parametrize(
    ("node_id", "news"), [("driver", Emit(EventType.DRIVER_HEALTHY)), ("worker-1", Recover())], ids=["driver", "worker"]
)
def test_recovered_daemon_is_recorded_and_reported(node_id: str, news: ClusterAction) -> None:
    view = change_node(healthy_view(), node_id, daemon_starts=2, healthy=False)

    assert plan(view) == [news, MarkHealthy(next(n for n in view.nodes if n.node_id == node_id))]


def test_first_healthy_daemon_is_recorded_but_not_reported() -> None:
    view = change_node(healthy_view(state=S.PENDING), "driver", healthy=False)
    view = change_node(view, "worker-1", healthy=False)

    assert actions_of(view, Emit, Recover, MarkHealthy) == [MarkHealthy(view.nodes[0]), MarkHealthy(view.nodes[1])]


@pytest.mark.parametrize(
    ("starts", "healthy_ms", "proven"), [(2, 120_000, False), (2, 120_001, True), (0, 10**9, False)]
)
@pytest.mark.parametrize("node_id", ["driver", "worker-1"])
def test_daemon_that_is_healthy_for_two_minutes_resets_its_starts(
    node_id: str, starts: int, healthy_ms: int, proven: bool
) -> None:
    view = change_node(healthy_view(), node_id, daemon_starts=starts)
    node = next(n for n in view.nodes if n.node_id == node_id)

    wanted = [MarkHealthy(node, proven=True)] if proven else []

    assert plan(aged(view, node_id, healthy_ms=healthy_ms)) == wanted


@pytest.mark.parametrize(
    ("state", "others", "noted"),
    [
        (S.RUNNING, ["worker-1"], True),
        (S.PENDING, ["worker-1"], True),
        (S.RESIZING, ["worker-1"], False),
        (S.RESIZING, ["worker-1", "worker-2"], True),
    ],
)
def test_worker_that_joins_during_a_resize_is_recorded_at_the_end(state: S, others: list[str], noted: bool) -> None:
    view = change_node(healthy_view(state=state), "worker-1", healthy=False)

    assert bool(actions_of(replace(view, driver=sample_status(*others)), MarkHealthy)) is noted


def test_driver_that_recovers_during_a_resize_is_recorded_at_once() -> None:
    view = change_node(healthy_view(state=S.RESIZING, num_workers=3), "driver", healthy=False)

    assert actions_of(view, MarkHealthy) == [MarkHealthy(view.nodes[0])]


def test_driver_is_not_healthy_before_it_is_ready() -> None:
    view = change_node(healthy_view(state=S.PENDING), "driver", daemon_starts=1, healthy=False)

    assert actions_of(replace(view, driver=sample_status(ready=False)), MarkHealthy) == []
    assert actions_of(replace(view, driver=None), MarkHealthy, StartDriver) == []


def test_facts_of_the_driver_are_stored_once() -> None:
    view = replace(healthy_view(), driver=sample_status("worker-1", "worker-2", application_id="app-2"))

    (learn,) = plan(view)

    assert isinstance(learn, RecordDriver)
    assert (learn.facts.application_id, learn.facts.url) == ("app-2", "http://driver")
    assert plan(replace(view, cluster=replace(view.cluster, driver=learn.facts))) == []


def test_facts_of_a_driver_that_is_not_ready_are_not_stored() -> None:
    assert actions_of(replace(healthy_view(), driver=sample_status(ready=False)), RecordDriver) == []


@pytest.mark.parametrize("state", [S.PENDING, S.RESTARTING, S.RESIZING])
@pytest.mark.parametrize(
    "prepare",
    [
        lambda v: replace(v, driver=None),
        lambda v: replace(v, driver=replace(v.driver, ready=False)),
        lambda v: replace(v, driver=sample_status("worker-1")),
        lambda v: without_node(v, "worker-2"),
        lambda v: see_daemon(v, "worker-2", "worker", running=False),
        lambda v: replace(v, cluster=replace(v.cluster, num_workers=1)),
    ],
    ids=["no answer", "not ready", "executor missing", "worker missing", "worker dead", "worker too many"],
)
def test_cluster_is_not_complete(state: S, prepare: Callable[[View], View]) -> None:
    view = prepare(healthy_view(state=state))

    assert actions_of(view, Move) == []


def test_sizes_are_in_the_event() -> None:
    (move,) = actions_of(healthy_view(num_workers=5), Move)

    assert isinstance(move, Move)
    assert move.details == {"current_num_workers": 2, "target_num_workers": 5, "cause": "USER_REQUEST"}
    assert move.message == "Resizing from 2 to 5 workers."


def test_lost_workers_are_the_cause_in_the_event() -> None:
    (move,) = actions_of(change_node(healthy_view(), "worker-1", state=NodeState.LOST), Move)

    assert isinstance(move, Move)
    assert (move.event, move.details["cause"]) == (EventType.NODES_LOST, "AUTORECOVERY")


def test_restart_event_has_the_requesting_user() -> None:
    (requested,) = plan(healthy_view(generation=2))
    (lost,) = plan(without_node(healthy_view(), "driver"))

    assert isinstance(requested, Move)
    assert isinstance(lost, Move)
    assert (requested.details, requested.message) == ({"user": "ada"}, "Restarting the driver.")
    assert (lost.details, lost.message) == (
        {"cause": "AUTORECOVERY"},
        "The driver node was lost and is being replaced.",
    )


def test_restart_keeps_the_workers_when_only_the_driver_node_was_lost() -> None:
    view = without_node(replace(healthy_view(state=S.RESTARTING), driver=None), "driver")

    assert plan(view) == [Provision(Role.DRIVER)]


def test_worker_whose_daemon_was_never_started_counts_as_down() -> None:
    view = see(healthy_view(), "worker-1", Observation(CLUSTER_ID, daemons=running("other", "1")))

    assert [n.node_id for n in view.ready_workers] == ["worker-2"]
    assert [a.node.node_id for a in actions_of(view, StartWorker)] == ["worker-1"]
