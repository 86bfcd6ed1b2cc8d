"""plan: what autoscaling wants, and what becomes of it when the place has no more room."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from samples import actions_of, fresh_view, healthy_view, without_node

from jupyter_dbx.controllers.actions import Move, Provision, Scale, Trouble, View
from jupyter_dbx.controllers.plan import plan
from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.node import Role
from jupyter_dbx.model.spec import Autoscale, ClusterSpec

S = ClusterState
FULL = Trouble("CLOUD_PROVIDER_LAUNCH_FAILURE", "There is no room.")


def scaled_view(workers: int = 2, *, low: int = 1, cause: str = "AUTOSCALE", **changes: Any) -> View:
    """Return a view of an autoscaled cluster with so many workers."""
    spec = ClusterSpec("demo", node_type_id="memory-2c", autoscale=Autoscale(low, 8))
    return healthy_view(workers, spec=spec, resize_cause=cause, **changes)


def refused(view: View) -> View:
    """Return the view just after nodes could not be made."""
    return replace(view, may_provision=False, trouble=FULL)


@pytest.mark.parametrize("scale_to", [1, 3, 8])
def test_number_that_autoscaling_wants_is_wanted_before_anything_else_is_done(scale_to: int) -> None:
    assert plan(replace(scaled_view(num_workers=4), scale_to=scale_to)) == [Scale(scale_to)]


@pytest.mark.parametrize("scale_to", [None, 2])
def test_nothing_changes_when_autoscaling_is_content(scale_to: int | None) -> None:
    assert plan(replace(scaled_view(), scale_to=scale_to)) == []


def test_cluster_resizes_to_what_autoscaling_wants() -> None:
    (move,) = actions_of(scaled_view(num_workers=4), Move)

    assert isinstance(move, Move)
    assert (move.state, move.event) == (S.RESIZING, EventType.RESIZING)
    assert move.details == {"current_num_workers": 2, "target_num_workers": 4, "cause": "AUTOSCALE"}


@pytest.mark.parametrize("state", [S.RESIZING, S.RESTARTING])
def test_cluster_does_with_what_it_has_when_no_more_can_be_had(state: S) -> None:
    assert plan(refused(scaled_view(num_workers=5, state=state))) == [Scale(2, failed=True)]


def test_cluster_never_does_with_fewer_than_the_least() -> None:
    two_of_five = scaled_view(num_workers=5, low=3, state=S.RESIZING)
    two_of_three = scaled_view(num_workers=3, low=3, state=S.RESIZING)

    assert plan(refused(two_of_five)) == [Scale(3, failed=True)]
    assert actions_of(refused(two_of_three), Scale, Provision) == []


def test_refusal_of_long_ago_does_not_count_before_it_was_tried_again() -> None:
    view = replace(scaled_view(num_workers=3, state=S.RESIZING), trouble=FULL, may_provision=True)

    assert actions_of(view, Scale, Provision) == [Provision(Role.WORKER)]


def test_number_that_a_user_asked_for_is_tried_until_it_can_be_had() -> None:
    by_user = scaled_view(num_workers=5, cause="USER_REQUEST", state=S.RESIZING)
    fixed = healthy_view(num_workers=5, state=S.RESIZING)

    assert actions_of(refused(by_user), Scale) == []
    assert actions_of(refused(fixed), Scale) == []


def test_lost_worker_that_cannot_be_replaced_is_done_without() -> None:
    view = refused(without_node(scaled_view(3, state=S.RESIZING), "worker-3"))

    assert plan(view) == [Scale(2, failed=True)]


@pytest.mark.parametrize("state", [S.PENDING, S.TERMINATING, S.TERMINATED])
def test_cluster_that_is_not_up_is_not_scaled(state: S) -> None:
    view = refused(fresh_view(state, spec=scaled_view().cluster.spec, num_workers=1, resize_cause="AUTOSCALE"))

    assert actions_of(view, Scale) == []
