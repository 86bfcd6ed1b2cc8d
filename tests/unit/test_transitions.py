"""The table of transitions: `plan` makes each of them under its condition with its event, and no others."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from samples import (
    NOW,
    aged,
    change_node,
    healthy_view,
    sample_node,
    sample_status,
    see,
    see_daemon,
    without_node,
)

from jupyter_dbx.controllers.actions import Failure, Limits, Move, View
from jupyter_dbx.controllers.plan import plan
from jupyter_dbx.model.cluster import (
    TRANSITIONS,
    ClusterState,
    Target,
    TerminationReason,
    Transition,
    find_transition,
)
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.node import NodeState
from jupyter_dbx.model.protocol import EndedNote
from jupyter_dbx.model.spec import Autoscale, ClusterSpec

S, E = ClusterState, EventType

LIMITS = Limits()
LOST = NodeState.LOST


def empty(**changes: object) -> View:
    """Return a view of a cluster that has no node and no driver."""
    return replace(healthy_view(0, **changes), nodes=[], seen={}, driver=None)


def moves(view: View) -> list[Move]:
    return [action for action in plan(view) if isinstance(action, Move)]


#: (from, to, what is seen, event, termination code): at least one row for every edge of the table.
EDGES = [
    (S.TERMINATED, S.PENDING, empty(generation=2), E.STARTING, None),
    (S.PENDING, S.RUNNING, healthy_view(), E.RUNNING, None),
    (S.PENDING, S.RUNNING, healthy_view(0), E.RUNNING, None),
    (S.PENDING, S.TERMINATING, healthy_view(target=Target.TERMINATED), E.TERMINATING, "USER_REQUEST"),
    (S.PENDING, S.TERMINATING, healthy_view(target=Target.GONE), E.TERMINATING, "USER_REQUEST"),
    (
        S.PENDING,
        S.TERMINATING,
        replace(empty(), waited_ms=LIMITS.bootstrap_ms + 1),
        E.TERMINATING,
        "BOOTSTRAP_TIMEOUT",
    ),
    (
        S.PENDING,
        S.TERMINATING,
        replace(empty(), failure=Failure("SPARK_STARTUP_FAILURE", "no Java")),
        E.TERMINATING,
        "SPARK_STARTUP_FAILURE",
    ),
    (S.RUNNING, S.RESIZING, healthy_view(num_workers=3), E.RESIZING, None),
    (S.RUNNING, S.RESIZING, healthy_view(num_workers=1), E.RESIZING, None),
    (S.RUNNING, S.RESIZING, healthy_view(settled_workers=3), E.RESIZING, None),
    (
        S.RUNNING,
        S.RESIZING,
        change_node(healthy_view(), "worker-1", state=LOST),
        E.NODES_LOST,
        None,
    ),
    (S.RESIZING, S.RUNNING, change_node(healthy_view(), "worker-2", healthy=False), E.UPSIZE_COMPLETED, None),
    (S.RESIZING, S.RUNNING, healthy_view(), None, None),
    (S.RESIZING, S.RUNNING, healthy_view(driver=None), None, None),
    (S.RUNNING, S.RESTARTING, healthy_view(generation=2), E.RESTARTING, None),
    (S.RUNNING, S.RESTARTING, without_node(healthy_view(), "driver"), E.RESTARTING, None),
    (
        S.RUNNING,
        S.RESTARTING,
        change_node(healthy_view(), "driver", state=LOST),
        E.RESTARTING,
        None,
    ),
    (S.RESIZING, S.RESTARTING, healthy_view(generation=2), E.RESTARTING, None),
    (S.RESIZING, S.RESTARTING, without_node(healthy_view(), "driver"), E.RESTARTING, None),
    (S.RESTARTING, S.RUNNING, healthy_view(), E.RUNNING, None),
    (S.RUNNING, S.TERMINATING, healthy_view(target=Target.TERMINATED), E.TERMINATING, "USER_REQUEST"),
    (
        S.RUNNING,
        S.TERMINATING,
        see_daemon(healthy_view(), "driver", "driver", running=False, ended=EndedNote("INACTIVITY", "")),
        E.TERMINATING,
        "INACTIVITY",
    ),
    (S.RESIZING, S.TERMINATING, healthy_view(target=Target.TERMINATED), E.TERMINATING, "USER_REQUEST"),
    (S.RESTARTING, S.TERMINATING, healthy_view(target=Target.TERMINATED), E.TERMINATING, "USER_REQUEST"),
    (
        S.RESTARTING,
        S.TERMINATING,
        replace(empty(), waited_ms=LIMITS.bootstrap_ms + 1),
        E.TERMINATING,
        "BOOTSTRAP_TIMEOUT",
    ),
    (S.TERMINATING, S.TERMINATED, empty(), None, None),
    (S.TERMINATING, S.ERROR, replace(healthy_view(), waited_ms=LIMITS.release_ms + 1), None, None),
    (S.ERROR, S.TERMINATING, replace(healthy_view(), waited_ms=LIMITS.retry_release_ms), E.TERMINATING, None),
    (S.ERROR, S.TERMINATING, empty(), E.TERMINATING, None),
]


def test_every_edge_of_the_table_has_a_row_here() -> None:
    assert {(old, new) for old, new, *_ in EDGES} == {(t.old, t.new) for t in TRANSITIONS}


@pytest.mark.parametrize(("old", "new", "view", "event", "code"), EDGES)
def test_transition_is_made_with_its_event(
    old: S, new: S, view: View, event: EventType | None, code: str | None
) -> None:
    view = replace(view, cluster=replace(view.cluster, state=old))

    (move,) = moves(view)

    assert (move.state, move.event) == (new, event)
    assert (move.reason.code if move.reason else None) == code


@pytest.mark.parametrize("state", [S.RUNNING, S.TERMINATED])
def test_settled_cluster_does_not_change(state: S) -> None:
    view = healthy_view() if state is S.RUNNING else empty(state=S.TERMINATED, terminated_ms=NOW)

    assert plan(view) == []


@pytest.mark.parametrize("state", [S.PENDING, S.RESTARTING])
@pytest.mark.parametrize(
    ("workers", "spec", "is_up"),
    [
        (2, ClusterSpec(num_workers=2), False),
        (0, ClusterSpec(is_single_node=True), False),
        (0, ClusterSpec(autoscale=Autoscale(0, 2)), True),
    ],
)
def test_cluster_runs_once_a_job_has_shown_that_it_can(state: S, workers: int, spec: ClusterSpec, is_up: bool) -> None:
    view = healthy_view(workers, state=state, spec=spec)
    assert view.driver is not None
    unproven = replace(view, driver=replace(view.driver, proven=False))

    assert [move.state for move in moves(view)] == [S.RUNNING]
    assert bool(moves(unproven)) is is_up


def test_table_has_each_edge_once_with_its_condition() -> None:
    edges = [(t.old, t.new) for t in TRANSITIONS]

    assert len(set(edges)) == len(edges)
    assert all(t.when and t.old is not t.new for t in TRANSITIONS)


def test_edge_outside_of_the_table_is_not_found() -> None:
    found = {(old, new) for old, new in itertools.product(S, S) if find_transition(old, new)}

    assert found == {(t.old, t.new) for t in TRANSITIONS}


def every_view(state: S) -> list[View]:
    """Return views of a cluster in one state that differ in everything a plan looks at."""
    up = healthy_view()
    dead = see_daemon(up, "driver", "driver", running=False)
    ended = see_daemon(up, "driver", "driver", running=False, ended=EndedNote("INACTIVITY", "idle"))
    worlds = [
        up,
        replace(up, driver=None),
        replace(up, driver=sample_status(ready=False)),
        replace(dead, driver=None),
        replace(ended, driver=None),
        change_node(replace(dead, driver=None), "driver", daemon_starts=LIMITS.daemon_starts),
        change_node(up, "worker-1", state=LOST),
        change_node(up, "driver", state=LOST),
        change_node(up, "worker-1", state=NodeState.PROVISIONING),
        change_node(up, "worker-1", state=NodeState.DRAINING),
        change_node(aged(up, "worker-1", draining_ms=LIMITS.drain_ms + 1), "worker-1", state=NodeState.DRAINING),
        aged(see_daemon(replace(up, driver=None), "driver", "driver", cpu_s=1.0), "driver", still_ms=LIMITS.hung_ms),
        aged(see_daemon(up, "worker-1", "worker", cpu_s=1.0), "worker-1", still_ms=LIMITS.hung_ms),
        see(up, "driver", replace(up.seen["driver"], alive=False)),
        see(up, "driver", replace(up.seen["driver"], elsewhere=True)),
        without_node(up, "worker-2"),
        without_node(up, "driver"),
        replace(up, nodes=[*up.nodes, sample_node("worker-9", generation=0)]),
        replace(up, nodes=[], seen={}, driver=None),
    ]
    cluster = up.cluster
    return [
        replace(
            world,
            cluster=replace(
                cluster,
                state=state,
                target=target,
                generation=generation,
                num_workers=workers,
                termination_reason=TerminationReason("USER_REQUEST"),
            ),
            failure=failure,
            waited_ms=waited,
            may_provision=failure is None,
            scale_to=scale_to,
        )
        for world, target, generation, workers, waited, failure, scale_to in itertools.product(
            worlds,
            Target,
            (1, 2),
            (0, 2, 3),
            (0, 30_000, 3_600_000),
            (None, Failure("CLOUD_PROVIDER_LAUNCH_FAILURE", "full"), Failure("SPARK_STARTUP_FAILURE", "x")),
            (None, 1),
        )
    ]


@pytest.mark.parametrize("state", S)
def test_every_transition_is_in_the_table(state: S) -> None:
    edges: dict[S, Transition] = {t.new: t for t in TRANSITIONS if t.old is state}

    for view in every_view(state):
        made = moves(view)

        assert len(made) <= 1
        for move in made:
            assert move.state in edges
            assert edges[move.state].event in (None, move.event)
            assert (move.reason is not None) == (move.state is S.TERMINATING and state is not S.ERROR)
