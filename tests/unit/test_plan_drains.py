"""plan: how surplus workers are drained and released."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from samples import (
    actions_of,
    aged,
    change_node,
    healthy_view,
    released_by,
    sample_status,
    see,
    see_daemon,
)

from jupyter_dbx.controllers.actions import Drain, Limits, Move, Provision, Release, StartWorker, View
from jupyter_dbx.controllers.plan import plan
from jupyter_dbx.model.cluster import ClusterState, Target
from jupyter_dbx.model.node import NodeState, Role

S = ClusterState
LIMITS = Limits()


def draining_view(*, notified: bool = True, **changes: Any) -> View:
    """Return a view of a cluster that shrinks from two workers to one; the younger one leaves."""
    view = healthy_view(**({"state": S.RESIZING, "num_workers": 1} | changes))
    return change_node(view, "worker-2", state=NodeState.DRAINING, drain_notified=notified)


def test_worker_with_an_executor_is_not_released_but_drained() -> None:
    view = healthy_view(num_workers=1)

    assert actions_of(view, Drain, Release) == [Drain(view.nodes[2])]


def test_draining_worker_is_kept_while_it_has_an_executor() -> None:
    view = aged(draining_view(), "worker-2", draining_ms=LIMITS.drain_ms)

    assert plan(view) == []


def test_worker_is_released_once_its_executor_is_gone() -> None:
    view = replace(draining_view(), driver=sample_status("worker-1"))

    assert released_by(view) == ["worker-2"]


def test_worker_is_released_at_the_deadline_even_if_its_executor_is_still_there() -> None:
    view = aged(draining_view(), "worker-2", draining_ms=LIMITS.drain_ms + 1)

    assert released_by(view) == ["worker-2"]


@pytest.mark.parametrize(("draining_ms", "released"), [(LIMITS.drain_ms, []), (LIMITS.drain_ms + 1, ["worker-2"])])
def test_unreachable_driver_reports_no_executors(draining_ms: int, released: list[str]) -> None:
    view = aged(replace(draining_view(), driver=None), "worker-2", draining_ms=draining_ms)

    assert released_by(view) == released


def test_restarted_driver_has_no_executors() -> None:
    view = replace(draining_view(), driver=sample_status("worker-1", "worker-2", ready=False))

    assert released_by(view) == ["worker-2"]


def test_driver_that_was_not_reached_is_notified_again() -> None:
    view = draining_view(notified=False)

    assert plan(view) == [Drain(view.nodes[2])]


def test_unreachable_driver_is_not_notified() -> None:
    assert actions_of(replace(draining_view(notified=False), driver=None), Drain) == []


def test_cluster_stays_resizing_until_the_last_worker_is_drained() -> None:
    assert actions_of(draining_view(), Move) == []
    assert actions_of(replace(draining_view(), driver=sample_status("worker-1")), Move) == []


def test_draining_worker_is_not_restarted() -> None:
    view = see_daemon(draining_view(), "worker-2", "worker", running=False)

    assert actions_of(view, StartWorker) == []


def test_draining_worker_is_not_reused() -> None:
    view = draining_view(num_workers=2)

    assert actions_of(view, Provision, Release, Drain) == [Provision(Role.WORKER)]


def test_draining_workers_are_not_selected_twice() -> None:
    view = change_node(healthy_view(3, state=S.RESIZING, num_workers=1), "worker-3", state=NodeState.DRAINING)
    view = change_node(view, "worker-3", drain_notified=True)

    assert [a.node.node_id for a in actions_of(view, Drain)] == ["worker-2"]


@pytest.mark.parametrize("target", [Target.TERMINATED, Target.GONE])
def test_terminating_cluster_does_not_wait_for_draining_workers(target: Target) -> None:
    view = draining_view(target=target)

    (move,) = plan(view)
    ending = replace(view, cluster=replace(view.cluster, state=S.TERMINATING))

    assert isinstance(move, Move)
    assert move.state is S.TERMINATING
    assert released_by(ending) == ["driver", "worker-1", "worker-2"]


def test_restarting_cluster_does_not_wait_for_draining_workers() -> None:
    view = draining_view(generation=2)

    (move,) = plan(view)
    restarting = replace(view, cluster=replace(view.cluster, state=S.RESTARTING))

    assert isinstance(move, Move)
    assert move.state is S.RESTARTING
    assert released_by(restarting) == ["driver", "worker-1", "worker-2"]


def test_worker_that_is_lost_while_draining_is_released() -> None:
    view = change_node(see(draining_view(), "worker-2", None), "worker-2", state=NodeState.LOST)

    assert released_by(view) == ["worker-2"]


# -- surplus workers while the driver is unreachable -------------------------------------------------------------------


def test_surplus_worker_is_kept_while_the_driver_is_unreachable() -> None:
    view = replace(healthy_view(num_workers=1), driver=None)

    assert actions_of(view, Drain, Release, StartWorker) == []


def test_surplus_worker_without_a_daemon_is_released_even_if_the_driver_is_unreachable() -> None:
    view = see_daemon(replace(healthy_view(num_workers=1), driver=None), "worker-2", "worker", running=False)

    assert released_by(view) == ["worker-2"]


def test_surplus_worker_of_a_dead_driver_is_released_at_once() -> None:
    view = see_daemon(replace(healthy_view(num_workers=1), driver=None), "driver", "driver", running=False)

    assert released_by(view) == ["worker-2"]
