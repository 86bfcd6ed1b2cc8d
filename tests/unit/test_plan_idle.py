"""plan: notifications of touches, and the inactivity warning."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from samples import NOW, actions_of, healthy_view, sample_cluster

from jupyter_dbx.controllers.actions import Touch, View, Warn
from jupyter_dbx.controllers.plan import plan
from jupyter_dbx.model.cluster import ClusterState

S = ClusterState


def idle_view(ends_in_s: float | None, *, minutes: int | None = 60, touched_ms: int = 0, **changes: Any) -> View:
    """Return a view of a running cluster that terminates in `ends_in_s`."""
    spec = replace(sample_cluster().spec, autotermination_minutes=minutes)
    view = healthy_view(spec=spec, **changes)
    assert view.driver is not None
    return replace(view, driver=replace(view.driver, ends_in_s=ends_in_s, touched_ms=touched_ms))


@pytest.mark.parametrize(
    ("minutes", "ends_in_s", "warns"),
    [
        (60, 3600.0, False),
        (60, 300.1, False),
        (60, 300.0, True),
        (60, 0.0, True),
        (60, -5.0, True),
        (10, 300.1, False),
        (10, 300.0, True),
        (4, 120.1, False),
        (4, 120.0, True),
        (1, 30.1, False),
        (1, 30.0, True),
        (0, None, False),
        (None, None, False),
    ],
)
def test_warning_is_emitted_five_minutes_or_half_the_idle_time_before_termination(
    minutes: int | None, ends_in_s: float | None, warns: bool
) -> None:
    assert plan(idle_view(ends_in_s, minutes=minutes)) == ([Warn(True)] if warns else [])


def test_warning_is_emitted_once() -> None:
    assert plan(idle_view(100, warned_ms=NOW)) == []


@pytest.mark.parametrize("ends_in_s", [3600.0, None])
def test_warning_is_cleared_when_the_cluster_is_used_again(ends_in_s: float | None) -> None:
    assert plan(idle_view(ends_in_s, warned_ms=NOW)) == [Warn(False)]


def test_unreachable_driver_neither_emits_nor_clears_a_warning() -> None:
    for view in (idle_view(100), idle_view(3600, warned_ms=NOW)):
        assert plan(replace(view, driver=None)) == []


@pytest.mark.parametrize("state", S)
def test_only_a_running_cluster_warns(state: S) -> None:
    view = idle_view(100, state=state)

    assert bool(actions_of(view, Warn)) is state.is_up


@pytest.mark.parametrize(
    ("touched_ms", "known_ms", "notified"),
    [
        (0, 0, False),
        (0, NOW, False),
        (NOW, 0, True),
        (NOW, NOW - 1, True),
        (NOW, NOW, False),
        (NOW, NOW + 3_600_000, True),
    ],
)
def test_driver_is_notified_of_a_new_touch(touched_ms: int, known_ms: int, notified: bool) -> None:
    view = idle_view(3600, touched_ms=known_ms)
    view = replace(view, cluster=replace(view.cluster, touched_ms=touched_ms))

    assert plan(view) == ([Touch()] if notified else [])


def test_extension_is_notified_before_the_warning_is_cleared() -> None:
    view = idle_view(100, warned_ms=NOW - 1000)
    view = replace(view, cluster=replace(view.cluster, touched_ms=NOW))

    assert plan(view) == [Touch()]
