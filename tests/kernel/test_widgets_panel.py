"""ClusterPanel: how it shows the server's clusters, and the requests of its buttons."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from clicking import AtOnce, button, click, control, labels, panel_of, rows, shown, words_of
from fake_server import ATTACHMENT, FakeClient, a_cluster, a_pulse
from ipywidgets import IntRangeSlider, IntSlider, Widget

import jupyter_dbx
from jupyter_dbx.client.transport import RequestFailed, ServerUnreachable
from jupyter_dbx.kernel.widgets import panel as panel_module
from jupyter_dbx.kernel.widgets.panel import CHANGING_S, STEADY_S, TERMINATED_SHOWN, ClusterPanel
from jupyter_dbx.model.errors import Reason

QUERY = "dbx/kernels/k1/clusters"


@pytest.fixture
def client() -> FakeClient:
    """A server with one cluster that one notebook uses."""
    return FakeClient("http://fake/", "t", known=[a_cluster("1", "etl", live=a_pulse())])


@pytest.fixture
def panel(client: FakeClient) -> Iterator[ClusterPanel]:
    with panel_of(client) as panel:
        yield panel


# -- display -----------------------------------------------------------------------------------------------------------


def test_package_exports_the_panel() -> None:
    assert jupyter_dbx.ClusterPanel is ClusterPanel


def test_empty_panel_explains_clusters_and_creates_one(panel: ClusterPanel, client: FakeClient) -> None:
    client.known.clear()

    panel.refresh()

    assert "No clusters yet A cluster runs Spark" in words_of(panel)
    assert labels(panel) == ["Create cluster"]
    click(panel, "Create cluster")
    assert "Create cluster" in words_of(panel)


def of_now(changes: dict[str, Any]) -> dict[str, Any]:
    """Return changes whose status has the current time instead of the time of test collection."""
    pulse = changes.get("live")
    return changes | {"live": pulse | {"time": int(time.time() * 1000)}} if pulse else changes


def test_running_cluster_shows_state_size_load_notebooks_and_termination(panel: ClusterPanel) -> None:
    (row,) = rows(panel)

    assert words_of(row) == (
        "etl Running 2 workers · local-1c-2g each 3 of 4 cores busy · 1 notebook · Terminates after 60 minutes of inactivity"
    )
    assert "1 of 1 running" in words_of(panel)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"state": "PENDING", "driver": {}, "executors": []},
            "Starting 2 workers · local-1c-2g each Waiting for the driver",
        ),
        ({"state": "PENDING", "executors": [{}]}, "1 of 2 workers ready"),
        ({"num_workers": 0, "driver_node_type_id": "local-2c"}, "Single node · 2 cores, 4 GiB"),
        ({"autoscale": {"min_workers": 1, "max_workers": 4}}, "1–4 workers (2 now)"),
        ({"autotermination_minutes": 0}, "No automatic termination"),
        ({"live": a_pulse(idle_s=3000.0, ends_in_s=600.0)}, "Idle: terminates in 10 min"),
        ({"pinned": True}, "Pinned"),
        ({"creator_user_name": "ann"}, "Owner: ann"),
        (
            {"state": "TERMINATED", "live": None, "termination_reason": {"code": "INACTIVITY", "type": "SUCCESS"}},
            "Terminated 2 workers · local-1c-2g each Terminated, due to inactivity",
        ),
        (
            {"state": "TERMINATED", "state_message": "No Java.", "termination_reason": {"type": "SERVICE_FAULT"}},
            "No Java.",
        ),
        ({"cluster_name": "<b>bold</b>"}, "<b>bold</b>"),
    ],
)
def test_cluster_has_a_text(panel: ClusterPanel, client: FakeClient, changes: dict[str, Any], words: str) -> None:
    client.known[0] |= of_now(changes)

    panel.refresh()

    assert words in words_of(rows(panel)[0])


@pytest.mark.parametrize(
    ("changes", "attached", "offered"),
    [
        ({}, False, ["Attach", "Terminate", "More"]),
        ({}, True, ["Terminate", "More"]),
        ({"live": a_pulse(idle_s=3400.0, ends_in_s=200.0)}, True, ["Extend", "Terminate", "More"]),
        ({"state": "TERMINATED"}, False, ["Start", "Attach", "More"]),
        ({"state": "PENDING"}, False, ["Attach", "Terminate", "More"]),
        ({"state": "TERMINATING"}, False, ["More"]),
    ],
)
def test_only_possible_actions_are_offered(
    panel: ClusterPanel, client: FakeClient, changes: dict[str, Any], attached: bool, offered: list[str]
) -> None:
    client.known[0] |= of_now(changes)
    client.attached[:] = ["1"] if attached else []

    panel.refresh()

    (row,) = rows(panel)
    assert labels(row) == offered
    assert ("This notebook" in words_of(row)) is attached


def test_pinned_clusters_come_first_and_the_others_in_the_servers_order(
    panel: ClusterPanel, client: FakeClient
) -> None:
    client.known[:] = [a_cluster("3", "new"), a_cluster("2", "old", pinned=True), a_cluster("1", "etl")]

    panel.refresh()

    assert [words_of(row).split()[0] for row in rows(panel)] == ["old", "new", "etl"]


def test_old_terminated_clusters_are_shown_on_demand(panel: ClusterPanel, client: FakeClient) -> None:
    client.known[:] = [a_cluster(str(n), f"c{n}", state="TERMINATED") for n in range(TERMINATED_SHOWN + 3)]
    panel.refresh()
    assert len(rows(panel)) == TERMINATED_SHOWN

    click(panel, "Show 3 more terminated clusters")

    assert len(rows(panel)) == TERMINATED_SHOWN + 3


# -- refreshing --------------------------------------------------------------------------------------------------------


def test_nothing_is_sent_when_nothing_changed(panel: ClusterPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    click(panel, "More")
    sent: list[Any] = []
    monkeypatch.setattr(Widget, "_send", lambda self, message, **_: sent.append(message))

    panel.refresh()

    assert sent == []


def test_new_cluster_keeps_the_controls_of_the_others(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "More")
    before = list(shown(rows(panel)[0]))

    client.known.insert(0, a_cluster("2", "new"))
    client.known.append(a_cluster("3", "newer"))
    panel.refresh()

    assert [words_of(row).split()[0] for row in rows(panel)] == ["new", "etl", "newer"]
    assert list(shown(rows(panel)[1])) == before
    # In order of appearance, so that the front end redraws none of them.
    assert panel._list.children[0] is before[0]


def test_deleted_cluster_is_hidden_and_an_open_row_stays_in_place(panel: ClusterPanel, client: FakeClient) -> None:
    client.known.append(a_cluster("2", "other"))
    panel.refresh()
    click(panel, "More", 1)
    opened = rows(panel)[1]

    del client.known[0]
    panel.refresh()

    assert rows(panel) == [opened]
    assert len(panel._list.children) == 2  # the other one is only hidden

    click(panel, "Less")
    panel.refresh()
    assert list(panel._list.children) == [opened]


def test_panel_polls_faster_while_something_changes(panel: ClusterPanel, client: FakeClient) -> None:
    assert panel.refresh() == STEADY_S

    client.known[0]["state"] = "PENDING"

    assert panel.refresh() == CHANGING_S


def test_unreachable_server_is_reported_and_the_rows_stay(panel: ClusterPanel, client: FakeClient) -> None:
    client.errors[QUERY] = ServerUnreachable()

    panel.refresh()

    assert "The server is not responding since" in words_of(panel)
    assert len(rows(panel)) == 1 and "dbx-stale" in panel._dom_classes

    client.errors.clear()
    panel.refresh()
    assert "not responding" not in words_of(panel) and "dbx-stale" not in panel._dom_classes


def test_server_that_no_longer_accepts_the_kernel_is_reported(panel: ClusterPanel, client: FakeClient) -> None:
    client.errors[QUERY] = RequestFailed(
        "This token may not do that.", "PERMISSION_DENIED", 403, reason=Reason.PERMISSION_DENIED
    )

    panel.refresh()

    assert "Restart the kernel." in words_of(panel)


def test_panel_polls_only_while_it_is_displayed(panel: ClusterPanel) -> None:
    assert panel._watch.is_running

    panel._view_count = 1
    panel._view_count = 0
    assert not panel._watch.is_running

    panel._view_count = 1
    assert panel._watch.is_running

    panel.close()
    assert not panel._watch.is_running


# -- buttons -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "label", "verb"),
    [("TERMINATED", "Start", "start"), ("PENDING", "Terminate", "delete"), ("TERMINATED", "Pin", "pin")],
)
def test_button_sends_a_request(panel: ClusterPanel, client: FakeClient, state: str, label: str, verb: str) -> None:
    client.known[0] |= {"state": state, "live": None}
    panel.refresh()
    click(panel, "More")

    click(panel, label)

    assert client.requests_to(verb) == [{"cluster_id": "1"}]


def test_extend_uses_its_own_endpoint(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "More")

    click(panel, "Extend")

    assert ("POST", "dbx/clusters/1/extend", {}) in client.requests


@pytest.mark.parametrize(("label", "verb"), [("Terminate", "delete"), ("Restart", "restart")])
def test_action_on_a_used_cluster_needs_a_confirmation(
    panel: ClusterPanel, client: FakeClient, label: str, verb: str
) -> None:
    click(panel, "More")

    click(panel, label)
    assert f"{label} etl? Attached: 1 notebook" in words_of(panel)
    click(panel, "Cancel")
    assert client.requests_to(verb) == []

    click(panel, label)
    question = next(w for w in shown(panel) if "dbx-box" in w._dom_classes)
    click(question, label)
    assert client.requests_to(verb) == [{"cluster_id": "1"}]


def test_delete_needs_a_confirmation(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "More")

    click(panel, "Delete")
    assert "Delete etl?" in words_of(panel)
    assert client.requests_to("permanent-delete") == []
    click(panel, "Delete")

    assert client.requests_to("permanent-delete") == [{"cluster_id": "1"}]


def test_attach_changes_the_attachment_without_affecting_a_running_cell(
    panel: ClusterPanel, client: FakeClient
) -> None:
    click(panel, "Attach")

    assert client.attached == ["1"]
    assert client.order == ["PUT", "release soon"]
    assert "This notebook" in words_of(panel)


def test_panel_of_another_kernel_cannot_attach(client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_module, "Watch", AtOnce)
    monkeypatch.setattr(panel_module, "find_client", lambda: client)

    panel = ClusterPanel()
    panel.refresh()

    assert labels(rows(panel)[0]) == ["Terminate", "More"]
    click(panel, "Create cluster")
    assert "Attach this notebook" not in [getattr(w, "description", "") for w in shown(panel)]
    panel.close()


def test_click_shows_progress_at_once(panel: ClusterPanel, client: FakeClient) -> None:
    client.known[0] |= {"state": "TERMINATED", "live": None}
    panel.refresh()
    jobs: list[Any] = []
    panel._watch.do = jobs.append  # type: ignore[method-assign]  # the thread has not run the job yet

    click(panel, "Start")

    assert "Starting…" in words_of(panel)
    assert button(panel, "Start").disabled
    assert len(jobs) == 1


def test_error_is_shown_in_the_row_until_the_state_changes(panel: ClusterPanel, client: FakeClient) -> None:
    client.errors[ATTACHMENT] = RequestFailed(
        "No seat is free.", "PERMISSION_DENIED", 403, reason=Reason.PERMISSION_DENIED
    )

    click(panel, "Attach")
    assert "No seat is free." in words_of(rows(panel)[0])

    client.known[0]["state"] = "TERMINATING"
    panel.refresh()
    assert "No seat is free." not in words_of(panel)


# -- resizing ----------------------------------------------------------------------------------------------------------


def slider(panel: ClusterPanel) -> Any:
    (found,) = (w for w in shown(panel) if isinstance(w, IntSlider | IntRangeSlider))
    return found


def test_slider_follows_the_cluster_until_the_user_moves_it(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "More")
    assert slider(panel).value == 2 and button(panel, "Resize").disabled

    client.known[0]["num_workers"] = 3
    panel.refresh()
    assert slider(panel).value == 3

    slider(panel).value = 5
    client.known[0]["num_workers"] = 4
    panel.refresh()
    assert slider(panel).value == 5


def test_resize_requests_the_sliders_value(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "More")
    slider(panel).value = 5

    click(panel, "Resize")

    assert client.requests_to("resize") == [{"cluster_id": "1", "num_workers": 5}]


def test_resize_to_bounds(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "More")
    control(panel, "Enable autoscaling").value = True
    slider(panel).value = (2, 6)

    click(panel, "Resize")

    assert client.requests_to("resize") == [{"cluster_id": "1", "autoscale": {"min_workers": 2, "max_workers": 6}}]


def test_single_node_has_no_slider(panel: ClusterPanel, client: FakeClient) -> None:
    client.known[0]["num_workers"] = 0
    panel.refresh()

    click(panel, "More")

    assert not any(isinstance(w, IntSlider | IntRangeSlider) for w in shown(panel))
