"""ClusterPanel: what it shows of the server's clusters, and what its buttons ask for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from clicking import AtOnce, button, click, control, labels, shown, words_of
from fake_server import ATTACHMENT, FakeClient, FakeSession, a_cluster, a_pulse
from ipywidgets import IntRangeSlider, IntSlider, Widget

import jupyter_dbx
from jupyter_dbx.kernel.client import RequestFailed, ServerUnreachable
from jupyter_dbx.kernel.widgets import panel as panel_module
from jupyter_dbx.kernel.widgets import row as row_module
from jupyter_dbx.kernel.widgets.panel import CHANGING_S, STEADY_S, TERMINATED_SHOWN, ClusterPanel

LOOK = "dbx/kernels/k1/clusters"


@pytest.fixture
def client() -> FakeClient:
    """A server of one cluster that works for one notebook."""
    return FakeClient("http://fake/", "t", known=[a_cluster("1", "etl", live=a_pulse())])


@pytest.fixture
def panel(client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterPanel]:
    """A panel that has looked once, and does everything at once."""
    monkeypatch.setattr(panel_module, "Watch", AtOnce)
    monkeypatch.setattr(row_module, "HOLD_S", 0.0)
    panel = ClusterPanel(FakeSession(client))  # type: ignore[arg-type]  # as much of a session as it needs
    panel._repr_mimebundle_()
    yield panel
    panel.close()


def rows(panel: ClusterPanel) -> list[Any]:
    """Return the rows that are shown, from top to bottom."""
    return [w for w in shown(panel) if "dbx-row" in w._dom_classes]


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_package_gives_the_panel() -> None:
    assert jupyter_dbx.ClusterPanel is ClusterPanel


def test_no_clusters_are_explained_and_made(panel: ClusterPanel, client: FakeClient) -> None:
    client.known.clear()

    panel.look()

    assert "No clusters yet A cluster is where Spark runs" in words_of(panel)
    click(panel, "Create a cluster")
    assert "New cluster" in words_of(panel)


def of_now(changes: dict[str, Any]) -> dict[str, Any]:
    """Return changes whose pulse is of this moment, and not of when the tests were collected."""
    pulse = changes.get("live")
    return changes | {"live": pulse | {"time": int(time.time() * 1000)}} if pulse else changes


def test_running_cluster_tells_state_size_load_users_and_end(panel: ClusterPanel) -> None:
    (row,) = rows(panel)

    assert words_of(row) == (
        "etl Running 2 workers, each local-1c-2g 3 of 4 cores busy 1 notebook ends after 60 min without use"
    )
    assert "1 of 1 running" in words_of(panel)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"state": "PENDING", "driver": {}, "executors": []},
            "Starting 2 workers, each local-1c-2g waiting for the driver",
        ),
        ({"state": "PENDING", "executors": [{}]}, "1 of 2 workers up"),
        ({"num_workers": 0, "driver_node_type_id": "local-2c"}, "single node, 2 cores, 4 GiB"),
        ({"autoscale": {"min_workers": 1, "max_workers": 4}}, "1–4 workers (2 now)"),
        ({"autotermination_minutes": 0}, "never ends by itself"),
        ({"live": a_pulse(idle_s=3000.0, ends_in_s=600.0)}, "not in use: ends in 10 min"),
        ({"pinned": True}, "pinned"),
        (
            {"state": "TERMINATED", "live": None, "termination_reason": {"code": "INACTIVITY", "type": "SUCCESS"}},
            "Terminated 2 workers, each local-1c-2g ended, not in use for 60 min",
        ),
        (
            {"state": "TERMINATED", "state_message": "No Java.", "termination_reason": {"type": "SERVICE_FAULT"}},
            "No Java.",
        ),
        ({"cluster_name": "<b>bold</b>"}, "<b>bold</b>"),
    ],
)
def test_cluster_is_told_in_words(panel: ClusterPanel, client: FakeClient, changes: dict[str, Any], words: str) -> None:
    client.known[0] |= of_now(changes)

    panel.look()

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
def test_only_what_can_be_done_is_offered(
    panel: ClusterPanel, client: FakeClient, changes: dict[str, Any], attached: bool, offered: list[str]
) -> None:
    client.known[0] |= of_now(changes)
    client.attached[:] = ["1"] if attached else []

    panel.look()

    (row,) = rows(panel)
    assert labels(row) == offered
    assert ("this notebook" in words_of(row)) is attached


def test_pinned_clusters_come_first_and_the_others_as_the_server_has_them(
    panel: ClusterPanel, client: FakeClient
) -> None:
    client.known[:] = [a_cluster("3", "new"), a_cluster("2", "old", pinned=True), a_cluster("1", "etl")]

    panel.look()

    assert [words_of(row).split()[0] for row in rows(panel)] == ["old", "new", "etl"]


def test_old_terminated_clusters_are_shown_on_demand(panel: ClusterPanel, client: FakeClient) -> None:
    client.known[:] = [a_cluster(str(n), f"c{n}", state="TERMINATED") for n in range(TERMINATED_SHOWN + 3)]
    panel.look()
    assert len(rows(panel)) == TERMINATED_SHOWN

    click(panel, "Show 3 more terminated clusters")

    assert len(rows(panel)) == TERMINATED_SHOWN + 3


# -- looking again -----------------------------------------------------------------------------------------------------


def test_nothing_is_sent_when_nothing_changed(panel: ClusterPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    click(panel, "More")
    sent: list[Any] = []
    monkeypatch.setattr(Widget, "_send", lambda self, message, **_: sent.append(message))

    panel.look()

    assert sent == []


def test_new_cluster_leaves_the_controls_of_the_others_alone(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "More")
    before = list(shown(rows(panel)[0]))

    client.known.insert(0, a_cluster("2", "new"))
    client.known.append(a_cluster("3", "newer"))
    panel.look()

    assert [words_of(row).split()[0] for row in rows(panel)] == ["new", "etl", "newer"]
    assert list(shown(rows(panel)[1])) == before
    # In the order of their coming, so that the front end draws none of them anew.
    assert panel._list.children[0] is before[0]


def test_deleted_cluster_goes_and_the_opened_one_beside_it_stays_where_it_is(
    panel: ClusterPanel, client: FakeClient
) -> None:
    client.known.append(a_cluster("2", "other"))
    panel.look()
    click(panel, "More", 1)
    opened = rows(panel)[1]

    del client.known[0]
    panel.look()

    assert rows(panel) == [opened]
    assert len(panel._list.children) == 2  # the other one is only hidden

    click(panel, "Less")
    panel.look()
    assert list(panel._list.children) == [opened]


def test_panel_asks_more_often_while_something_changes(panel: ClusterPanel, client: FakeClient) -> None:
    assert panel.look() == STEADY_S

    client.known[0]["state"] = "PENDING"

    assert panel.look() == CHANGING_S


def test_silent_server_is_told_and_what_was_seen_stays(panel: ClusterPanel, client: FakeClient) -> None:
    client.refuse[LOOK] = ServerUnreachable()

    panel.look()

    assert "The server does not answer, last seen" in words_of(panel)
    assert len(rows(panel)) == 1 and "dbx-stale" in panel._dom_classes

    client.refuse.clear()
    panel.look()
    assert "does not answer" not in words_of(panel) and "dbx-stale" not in panel._dom_classes


def test_server_that_does_not_know_the_kernel_any_more_is_told(panel: ClusterPanel, client: FakeClient) -> None:
    client.refuse[LOOK] = RequestFailed("This token may not do that.", "PERMISSION_DENIED", 403)

    panel.look()

    assert "restart the kernel" in words_of(panel)


def test_panel_watches_only_while_it_is_on_a_page(panel: ClusterPanel) -> None:
    assert panel._watch.is_running

    panel._view_count = 1
    panel._view_count = 0
    assert not panel._watch.is_running

    panel._view_count = 1
    assert panel._watch.is_running

    panel.close()
    assert not panel._watch.is_running


# -- what buttons do ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "label", "verb"),
    [("TERMINATED", "Start", "start"), ("PENDING", "Terminate", "delete"), ("TERMINATED", "Pin", "pin")],
)
def test_button_asks_the_server(panel: ClusterPanel, client: FakeClient, state: str, label: str, verb: str) -> None:
    client.known[0] |= {"state": state, "live": None}
    panel.look()
    click(panel, "More")

    click(panel, label)

    assert client.asked(verb) == [{"cluster_id": "1"}]


def test_extend_is_a_word_of_ours(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "More")

    click(panel, "Extend")

    assert ("POST", "dbx/clusters/1/extend", {}) in client.heard


@pytest.mark.parametrize(("label", "verb"), [("Terminate", "delete"), ("Restart", "restart")])
def test_cluster_that_others_use_is_ended_after_a_question(
    panel: ClusterPanel, client: FakeClient, label: str, verb: str
) -> None:
    click(panel, "More")

    click(panel, label)
    assert f"{label} etl? Used by 1 notebook" in words_of(panel)
    click(panel, "Keep")
    assert client.asked(verb) == []

    click(panel, label)
    question = next(w for w in shown(panel) if "dbx-box" in w._dom_classes)
    click(question, label)
    assert client.asked(verb) == [{"cluster_id": "1"}]


def test_delete_asks_first(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "More")

    click(panel, "Delete")
    assert "Delete etl for good?" in words_of(panel)
    assert client.asked("permanent-delete") == []
    click(panel, "Delete")

    assert client.asked("permanent-delete") == [{"cluster_id": "1"}]


def test_attach_changes_the_attachment_and_leaves_a_running_cell_alone(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "Attach")

    assert client.attached == ["1"]
    assert client.order == ["PUT", "release soon"]
    assert "this notebook" in words_of(panel)


def test_other_kernels_have_a_panel_that_attaches_nothing(client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_module, "Watch", AtOnce)
    monkeypatch.setattr(panel_module, "find_client", lambda: client)

    panel = ClusterPanel()
    panel.look()

    assert labels(rows(panel)[0]) == ["Terminate", "More"]
    click(panel, "New cluster")
    assert "Attach this notebook" not in [getattr(w, "description", "") for w in shown(panel)]
    panel.close()


def test_click_shows_at_once_what_is_being_done(panel: ClusterPanel, client: FakeClient) -> None:
    client.known[0] |= {"state": "TERMINATED", "live": None}
    panel.look()
    jobs: list[Any] = []
    panel._watch.do = jobs.append  # type: ignore[method-assign]  # the thread has not got round to it

    click(panel, "Start")

    assert "Starting …" in words_of(panel)
    assert button(panel, "Start").disabled
    assert len(jobs) == 1


def test_refusal_is_told_in_the_row_until_something_else_happens(panel: ClusterPanel, client: FakeClient) -> None:
    client.refuse[ATTACHMENT] = RequestFailed("No seat is free.", "PERMISSION_DENIED", 403)

    click(panel, "Attach")
    assert "No seat is free." in words_of(rows(panel)[0])

    client.known[0]["state"] = "TERMINATING"
    panel.look()
    assert "No seat is free." not in words_of(panel)


# -- resizing ----------------------------------------------------------------------------------------------------------


def slider(panel: ClusterPanel) -> Any:
    (found,) = (w for w in shown(panel) if isinstance(w, IntSlider | IntRangeSlider))
    return found


def test_slider_stands_where_the_cluster_is_until_somebody_moves_it(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "More")
    assert slider(panel).value == 2 and button(panel, "Resize").disabled

    client.known[0]["num_workers"] = 3
    panel.look()
    assert slider(panel).value == 3

    slider(panel).value = 5
    client.known[0]["num_workers"] = 4
    panel.look()
    assert slider(panel).value == 5


def test_resize_asks_for_what_the_slider_says(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "More")
    slider(panel).value = 5

    click(panel, "Resize")

    assert client.asked("resize") == [{"cluster_id": "1", "num_workers": 5}]


def test_resize_to_bounds(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "More")
    control(panel, "Autoscale").value = True
    slider(panel).value = (2, 6)

    click(panel, "Resize")

    assert client.asked("resize") == [{"cluster_id": "1", "autoscale": {"min_workers": 2, "max_workers": 6}}]


def test_single_node_has_no_slider(panel: ClusterPanel, client: FakeClient) -> None:
    client.known[0]["num_workers"] = 0
    panel.look()

    click(panel, "More")

    assert not any(isinstance(w, IntSlider | IntRangeSlider) for w in shown(panel))
