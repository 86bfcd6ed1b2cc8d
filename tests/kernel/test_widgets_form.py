"""The panel's form: what it asks the server for, and where it says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from clicking import AtOnce, button, click, control, labels, shown, words_of
from fake_server import FakeClient, FakeSession, a_cluster
from ipywidgets import IntRangeSlider, IntSlider

from jupyter_dbx.kernel.client import RequestFailed
from jupyter_dbx.kernel.widgets import panel as panel_module
from jupyter_dbx.kernel.widgets.panel import ClusterPanel

CREATE = "2.0/clusters/create"


@pytest.fixture
def client() -> FakeClient:
    return FakeClient("http://fake/", "t")


@pytest.fixture
def panel(client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterPanel]:
    """A panel whose form for a new cluster is open."""
    monkeypatch.setattr(panel_module, "Watch", AtOnce)
    panel = open_form(client)
    yield panel
    panel.close()


def open_form(client: FakeClient) -> ClusterPanel:
    panel = ClusterPanel(FakeSession(client))  # type: ignore[arg-type]  # as much of a session as it needs
    panel._repr_mimebundle_()
    click(panel, "New cluster")
    return panel


def slider(panel: ClusterPanel) -> Any:
    (found,) = (w for w in shown(panel) if isinstance(w, IntSlider | IntRangeSlider))
    return found


def complaints(panel: ClusterPanel) -> list[str]:
    """Return what the form says is wrong, from top to bottom."""
    return [words_of(w) for w in shown(panel) if "dbx-bad" in str(getattr(w, "value", "")) and words_of(w)]


def field_below(panel: ClusterPanel, description: str) -> str:
    """Return what stands below the control with a description."""
    wanted = control(panel, description)
    (box,) = (w for w in shown(panel) if wanted in getattr(w, "children", ()))
    return words_of(box)


def test_form_asks_for_what_it_says(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = " etl "
    control(panel, "Worker type").value = "local-2c"
    slider(panel).value = 3
    control(panel, "After how many minutes").value = 30
    control(panel, "Spark conf").value = "spark.a=1\n# spark.b 2\n\nspark.c  two words"
    control(panel, "Environment").value = "TZ=Europe/Berlin"

    click(panel, "Create")

    assert client.asked("create") == [
        {
            "spark_version": "4.3.x-scala2.13",
            "cluster_name": "etl",
            "node_type_id": "local-2c",
            "num_workers": 3,
            "autotermination_minutes": 30,
            "spark_conf": {"spark.a": "1", "spark.c": "two words"},
            "spark_env_vars": {"TZ": "Europe/Berlin"},
        }
    ]


def test_created_cluster_is_in_the_list_and_the_notebooks(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "etl"

    click(panel, "Create")

    assert client.attached == ["new"] and client.order == ["PUT", "release soon"]
    assert "etl Running this notebook" in words_of(panel)
    assert "New cluster" in labels(panel) and "Create" not in labels(panel)


def test_notebook_is_attached_only_if_that_is_wanted(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "etl"
    control(panel, "Attach this notebook").value = False

    click(panel, "Create")

    assert client.attached == []


def test_bounds_of_workers(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "etl"
    control(panel, "Autoscale between a least and a most").value = True
    slider(panel).value = (2, 6)

    click(panel, "Create")

    (spec,) = client.asked("create")
    assert spec["autoscale"] == {"min_workers": 2, "max_workers": 6} and "num_workers" not in spec


def test_single_node_has_neither_workers_nor_a_driver_of_its_own(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "etl"
    control(panel, "Driver type").value = "local-2c"
    control(panel, "Kind").value = True
    assert not any(isinstance(w, IntSlider) for w in shown(panel))

    click(panel, "Create")

    (spec,) = client.asked("create")
    assert (spec["is_single_node"], spec["num_workers"], spec["node_type_id"]) == (True, 0, "local-1c")
    assert "driver_node_type_id" not in spec


def test_cluster_may_never_end_by_itself(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "etl"
    control(panel, "End it when nobody uses it").value = False

    click(panel, "Create")

    assert client.asked("create")[0]["autotermination_minutes"] == 0


def test_form_tells_what_the_cluster_takes_and_what_is_free(panel: ClusterPanel) -> None:
    slider(panel).value = 3
    control(panel, "Driver type").value = "local-2c"

    assert "In all 4 nodes with 5 cores and 10 GiB. Free: 6 of 8 cores, 12 GiB of 16 GiB." in words_of(panel)


def test_form_warns_when_there_is_no_room(panel: ClusterPanel) -> None:
    slider(panel).value = 9

    (total,) = (w for w in shown(panel) if "In all" in str(getattr(w, "value", "")))
    assert "dbx-warn" in total.value


# -- what is wrong -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("description", "value", "complaint"),
    [
        ("After how many minutes", 10_001, "Between 10 and 10000 minutes."),
        ("After how many minutes", 9, "Between 10 and 10000 minutes."),
        ("Spark conf", "spark.a", "Line 1: write a name and its value"),
        ("Spark conf", "spark.a 1\nspark.a 2", "Line 2: spark.a is there twice."),
        ("Environment", "=b", "Line 1: write a name and its value"),
    ],
)
def test_mistake_is_told_at_its_field_as_it_is_typed(
    panel: ClusterPanel, description: str, value: Any, complaint: str
) -> None:
    control(panel, description).value = value

    assert complaint in field_below(panel, description)
    assert len(complaints(panel)) == 1


def test_fewer_idle_minutes_are_well_where_the_server_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_module, "Watch", AtOnce)
    panel = open_form(FakeClient("http://fake/", "t", least_minutes=1))

    control(panel, "After how many minutes").value = 1

    assert complaints(panel) == []
    panel.close()


def test_name_is_asked_for(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "Create")

    assert "Give it a name" in field_below(panel, "Name")
    assert client.asked("create") == []


def test_lines_that_cannot_be_read_are_not_sent(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "etl"
    control(panel, "Spark conf").value = "nonsense"

    click(panel, "Create")

    assert client.asked("create") == []


@pytest.mark.parametrize(
    ("message", "description"),
    [
        ("autotermination_minutes must be 0 (never) or between 10 and 10000, not 5", "After how many minutes"),
        ("spark_conf may not set spark.executor.cores: choose node_type_id instead.", "Spark conf"),
        ("spark.driver.memory must be an amount of memory such as 2g or 512m, not 'x'", "Spark conf"),
        ("spark_env_vars: A='b' cannot be set as an environment variable.", "Environment"),
        ("node_type_id 'a' is not offered here. Choose one of: b.", "Worker type"),
        ("driver_node_type_id 'a' is not offered here. Choose one of: b.", "Driver type"),
        (
            "A driver and 9 workers of this size need 1 MiB. Free are 0 of 8 MiB.",
            "Autoscale between a least and a most",
        ),
    ],
)
def test_refusal_is_told_at_its_field_and_the_form_stays(
    panel: ClusterPanel, client: FakeClient, message: str, description: str
) -> None:
    client.refuse[CREATE] = RequestFailed(message, "INVALID_PARAMETER_VALUE", 400)
    control(panel, "Name").value = "etl"

    click(panel, "Create")

    assert message in field_below(panel, description)
    assert control(panel, "Name").value == "etl"
    assert not button(panel, "Create").disabled


def test_refusal_of_no_field_is_told_above_the_button(panel: ClusterPanel, client: FakeClient) -> None:
    client.refuse[CREATE] = RequestFailed("Something else.", "INTERNAL_ERROR", 500)
    control(panel, "Name").value = "etl"

    click(panel, "Create")
    assert complaints(panel) == ["Something else."]

    control(panel, "Name").value = "other"
    assert complaints(panel) == []


def test_looking_again_leaves_alone_what_is_typed(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "et"
    control(panel, "Spark conf").value = "spark.a"

    client.known.append(a_cluster("1", "other"))
    panel.look()

    assert control(panel, "Name").value == "et"
    assert control(panel, "Spark conf").value == "spark.a"


def test_cancel_goes_back_and_forgets(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "etl"

    click(panel, "Cancel")
    click(panel, "New cluster")

    assert control(panel, "Name").value == ""
    assert client.asked("create") == []


# -- editing -----------------------------------------------------------------------------------------------------------


def edit(panel: ClusterPanel, client: FakeClient, **changes: Any) -> None:
    """Open the form for a cluster that exists."""
    client.known[:] = [a_cluster("1", "etl", **changes)]
    client.states[:] = [client.known[0]["state"]]
    click(panel, "Cancel")
    panel.look()
    click(panel, "More")
    click(panel, "Edit")


def test_edit_begins_with_what_is_and_keeps_what_the_form_has_no_field_for(
    panel: ClusterPanel, client: FakeClient
) -> None:
    edit(panel, client, state="TERMINATED", node_type_id="local-2c", custom_tags={"team": "a"})
    assert (control(panel, "Name").value, slider(panel).value) == ("etl", 2)
    assert control(panel, "Worker type").value == "local-2c"

    slider(panel).value = 4
    click(panel, "Save")

    (spec,) = client.asked("edit")
    assert (spec["cluster_id"], spec["num_workers"], spec["custom_tags"]) == ("1", 4, {"team": "a"})
    assert (spec["spark_version"], spec["autotermination_minutes"]) == ("4.3.x-scala2.13", 60)


def test_edit_of_a_running_cluster_says_that_it_restarts(panel: ClusterPanel, client: FakeClient) -> None:
    edit(panel, client)

    assert "It runs: saving restarts it." in words_of(panel)
    assert "Save and restart" in labels(panel)
