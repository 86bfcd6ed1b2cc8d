"""plan: applying autoscaling decisions, also when there is no more capacity."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from samples import actions_of, fresh_view, healthy_view, without_node

from jupyter_dbx.controllers.actions import Failure, Move, Provision, Scale, View
from jupyter_dbx.controllers.plan import plan
from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.node import Role
from jupyter_dbx.model.spec import Autoscale, ClusterSpec

S = ClusterState
FULL = Failure("CLOUD_PROVIDER_LAUNCH_FAILURE", "There is no room.")


def scaled_view(workers: int = 2, *, low: int = 1, cause: str = "AUTOSCALE", **changes: Any) -> View:
    """Return a view of an autoscaled cluster with so many workers."""
    spec = ClusterSpec("demo", node_type_id="memory-2c", autoscale=Autoscale(low, 8))
    return healthy_view(workers, spec=spec, resize_cause=cause, **changes)


def after_failure(view: View) -> View:
    """Return the view just after nodes could not be made."""
    return replace(view, may_provision=False, failure=FULL)


@pytest.mark.parametrize("scale_to", [1, 3, 8])
def test_autoscaling_changes_the_requested_number_first(scale_to: int) -> None:
    assert plan(replace(scaled_view(num_workers=4), scale_to=scale_to)) == [Scale(scale_to)]


@pytest.mark.parametrize("scale_to", [None, 2])
def test_nothing_changes_without_an_autoscaling_decision(scale_to: int | None) -> None:
    assert plan(replace(scaled_view(), scale_to=scale_to)) == []


def test_cluster_resizes_to_the_autoscaling_decision() -> None:
    (move,) = actions_of(scaled_view(num_workers=4), Move)

    assert isinstance(move, Move)
    assert (move.state, move.event) == (S.RESIZING, EventType.RESIZING)
    assert move.details == {"current_num_workers": 2, "target_num_workers": 4, "cause": "AUTOSCALE"}


@pytest.mark.parametrize("state", [S.RESIZING, S.RESTARTING])
def test_autoscaled_cluster_keeps_its_size_when_no_node_can_be_added(state: S) -> None:
    assert plan(after_failure(scaled_view(num_workers=5, state=state))) == [Scale(2, failed=True)]


def test_cluster_never_has_fewer_than_min_workers() -> None:
    two_of_five = scaled_view(num_workers=5, low=3, state=S.RESIZING)
    two_of_three = scaled_view(num_workers=3, low=3, state=S.RESIZING)

    assert plan(after_failure(two_of_five)) == [Scale(3, failed=True)]
    assert actions_of(after_failure(two_of_three), Scale, Provision) == []


def test_old_failure_does_not_count_before_a_retry() -> None:
    view = replace(scaled_view(num_workers=3, state=S.RESIZING), failure=FULL, may_provision=True)

    assert actions_of(view, Scale, Provision) == [Provision(Role.WORKER)]


def test_size_requested_by_a_user_is_retried_until_it_succeeds() -> None:
    by_user = scaled_view(num_workers=5, cause="USER_REQUEST", state=S.RESIZING)
    fixed = healthy_view(num_workers=5, state=S.RESIZING)

    assert actions_of(after_failure(by_user), Scale) == []
    assert actions_of(after_failure(fixed), Scale) == []


def test_lost_worker_that_cannot_be_replaced_is_removed_from_the_size() -> None:
    view = after_failure(without_node(scaled_view(3, state=S.RESIZING), "worker-3"))

    assert plan(view) == [Scale(2, failed=True)]


@pytest.mark.parametrize("state", [S.PENDING, S.TERMINATING, S.TERMINATED])
def test_cluster_that_is_not_running_is_not_scaled(state: S) -> None:
    view = after_failure(fresh_view(state, spec=scaled_view().cluster.spec, num_workers=1, resize_cause="AUTOSCALE"))

    assert actions_of(view, Scale) == []
