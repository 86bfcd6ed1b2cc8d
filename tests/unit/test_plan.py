"""plan and mirror: which nodes are lost, created, continued and released."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from samples import (
    CLUSTER_ID,
    NOW,
    actions_of,
    change_node,
    fresh_view,
    healthy_view,
    released_by,
    sample_node,
    sample_status,
    see,
    see_daemon,
)

from jupyter_dbx.controllers.actions import (
    Drain,
    Failure,
    Forget,
    Limits,
    Move,
    Provision,
    Release,
    Resume,
    View,
)
from jupyter_dbx.controllers.plan import backoff_ms, mirror, plan
from jupyter_dbx.model.cluster import ClusterState, Target
from jupyter_dbx.model.node import NodeState, Observation, Role

S = ClusterState
LIMITS = Limits()
LOST, PROVISIONING = NodeState.LOST, NodeState.PROVISIONING


@pytest.mark.parametrize(
    ("state", "observation", "is_lost"),
    [
        (NodeState.READY, Observation(CLUSTER_ID), False),
        (NodeState.READY, None, True),
        (NodeState.READY, Observation(CLUSTER_ID, alive=False), True),
        (NodeState.READY, Observation(CLUSTER_ID, elsewhere=True), False),
        (NodeState.DRAINING, None, True),
        (NodeState.PROVISIONING, None, False),
        (NodeState.PROVISIONING, Observation(CLUSTER_ID), False),
        (NodeState.PROVISIONING, Observation(CLUSTER_ID, alive=False), True),
        (NodeState.LOST, None, False),
        (NodeState.LOST, Observation(CLUSTER_ID, alive=False), False),
    ],
)
def test_node_that_is_gone_becomes_lost(state: NodeState, observation: Observation | None, is_lost: bool) -> None:
    view = change_node(see(healthy_view(), "worker-1", observation), "worker-1", state=state)

    changed = mirror(view)

    assert [(n.node_id, n.state) for n in changed] == ([("worker-1", LOST)] if is_lost else [])


def leaving(view: View) -> list[str]:
    """Return the actions on nodes that are no longer needed, in order."""
    return [f"{type(a).__name__.lower()} {a.node.node_id}" for a in plan(view) if isinstance(a, Drain | Release)]


def test_new_cluster_gets_its_nodes() -> None:
    assert plan(fresh_view()) == [Provision(Role.DRIVER), Provision(Role.WORKER), Provision(Role.WORKER)]


def test_single_node_cluster_gets_a_driver_only() -> None:
    assert plan(fresh_view(num_workers=0)) == [Provision(Role.DRIVER)]


@pytest.mark.parametrize("may_provision", [False, True])
def test_no_node_is_created_before_the_pause_is_over(may_provision: bool) -> None:
    half_made = [sample_node("worker-1", state=PROVISIONING)]
    view = replace(fresh_view(), nodes=half_made, may_provision=may_provision)

    assert bool(actions_of(view, Provision, Resume)) is may_provision


@pytest.mark.parametrize(("failures", "wait_ms"), [(0, 0), (1, 1000), (2, 2000), (4, 8000), (5, 15_000), (900, 15_000)])
def test_pause_grows_with_the_failures_up_to_the_maximum(failures: int, wait_ms: int) -> None:
    assert backoff_ms(failures, 15_000) == wait_ms


def test_surplus_is_released_even_while_no_node_may_be_created() -> None:
    view = replace(healthy_view(num_workers=1), may_provision=False)

    assert leaving(view) == ["drain worker-2"]


def test_provisioning_nodes_are_continued_before_new_ones_are_created() -> None:
    driver = sample_node(state=PROVISIONING)
    view = replace(fresh_view(), nodes=[driver])

    assert plan(view) == [Resume(driver), Provision(Role.WORKER), Provision(Role.WORKER)]


def test_unneeded_provisioning_node_is_released() -> None:
    view = replace(healthy_view(num_workers=1), driver=sample_status("worker-1"))
    view = change_node(see(view, "worker-2", Observation(CLUSTER_ID)), "worker-2", state=PROVISIONING)

    assert actions_of(view, Resume, Release, Drain) == [Release(view.nodes[2])]


@pytest.mark.parametrize(
    ("prepare", "num_workers", "gone"),
    [
        (lambda v: v, 1, ["drain worker-3", "drain worker-2"]),
        (lambda v: replace(v, driver=sample_status("worker-2", "worker-3")), 2, ["release worker-1"]),
        (lambda v: see_daemon(v, "worker-2", "worker", running=False), 1, ["release worker-2", "drain worker-3"]),
        (lambda v: v, 0, ["drain worker-3", "drain worker-2", "drain worker-1"]),
    ],
    ids=["youngest first", "without an executor first", "without a daemon first", "all"],
)
def test_least_useful_surplus_workers_are_released_first(
    prepare: Callable[[View], View], num_workers: int, gone: list[str]
) -> None:
    view = prepare(healthy_view(3, num_workers=num_workers))

    assert leaving(view) == gone


def test_lost_worker_is_released_and_replaced() -> None:
    view = change_node(see(healthy_view(), "worker-1", None), "worker-1", state=LOST)

    actions = plan(view)

    assert released_by(view) == ["worker-1"]
    assert Provision(Role.WORKER) in actions


@pytest.mark.parametrize("state", [S.PENDING, S.RESTARTING])
def test_old_generation_is_released_before_the_new_one_is_created(state: S) -> None:
    view = healthy_view(generation=2, state=state)

    assert plan(view) == [Release(n) for n in view.nodes]


def test_new_generation_is_created_once_the_old_one_is_gone() -> None:
    assert actions_of(fresh_view(S.RESTARTING, generation=2), Provision) == [
        Provision(Role.DRIVER),
        Provision(Role.WORKER),
        Provision(Role.WORKER),
    ]


@pytest.mark.parametrize("state", [S.TERMINATING, S.TERMINATED])
def test_everything_is_released_when_a_cluster_terminates(state: S) -> None:
    view = healthy_view(state=state)

    assert plan(view) == [Release(n) for n in view.nodes]


def test_error_pauses_before_the_next_attempt() -> None:
    view = replace(healthy_view(state=S.ERROR), waited_ms=LIMITS.retry_release_ms - 1)

    assert plan(view) == []


def test_error_message_lists_what_could_not_be_released() -> None:
    view = replace(healthy_view(state=S.TERMINATING), waited_ms=LIMITS.release_ms + 1)

    (move,) = plan(replace(view, failure=Failure("X", "the folder is read-only")))

    assert isinstance(move, Move)
    assert move.message == "The cluster could not be terminated: the folder is read-only"


def test_deleted_cluster_is_removed_once_it_has_no_nodes() -> None:
    assert plan(fresh_view(S.TERMINATED, target=Target.GONE)) == [Forget()]


@pytest.mark.parametrize(
    ("changes", "age_ms", "is_forgotten"),
    [
        ({"target": Target.TERMINATED}, LIMITS.retention_ms, False),
        ({"target": Target.TERMINATED}, LIMITS.retention_ms + 1, True),
        ({"target": Target.RUNNING}, LIMITS.retention_ms, False),
        ({"target": Target.RUNNING}, LIMITS.retention_ms + 1, True),
        ({"target": Target.TERMINATED, "pinned_ms": 1}, 100 * LIMITS.retention_ms, False),
        ({"target": Target.RUNNING, "generation": 2}, 100 * LIMITS.retention_ms, False),
    ],
    ids=["young", "old", "young, ended by itself", "old, ended by itself", "pinned", "to start"],
)
def test_terminated_cluster_is_removed_after_thirty_days(
    changes: dict[str, Any], age_ms: int, is_forgotten: bool
) -> None:
    view = fresh_view(S.TERMINATED, terminated_ms=NOW - age_ms, **changes)

    assert bool(actions_of(view, Forget)) is is_forgotten
    assert LIMITS.retention_ms == 30 * 24 * 3_600_000


@pytest.mark.parametrize("target", [Target.RUNNING, Target.TERMINATED])
def test_old_cluster_is_kept_until_its_nodes_are_gone(target: Target) -> None:
    view = healthy_view(state=S.TERMINATED, target=target, terminated_ms=0)

    assert plan(view) == [Release(n) for n in view.nodes]


@pytest.mark.parametrize("target", Target)
def test_cluster_of_an_already_started_generation_stays_terminated(target: Target) -> None:
    assert actions_of(fresh_view(S.TERMINATED, target=target), Move) == []


@pytest.mark.parametrize("state", S)
def test_cluster_on_another_host_is_ignored(state: S) -> None:
    view = healthy_view(state=state, generation=2, target=Target.GONE)
    view = replace(view, waited_ms=3_600_000, scale_to=5)

    assert plan(see(view, "worker-1", Observation(CLUSTER_ID, elsewhere=True))) == []
