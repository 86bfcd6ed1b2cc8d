"""The panel's form: its requests, and where it shows errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from clicking import AtOnce, button, click, control, labels, shown, words_of
from fake_server import FakeClient, FakeSession, a_cluster
from ipywidgets import IntRangeSlider, IntSlider

from jupyter_dbx.client.transport import RequestFailed
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
    panel = ClusterPanel(FakeSession(client))  # type: ignore[arg-type]  # the part of a session that it needs
    panel._repr_mimebundle_()
    click(panel, "Create cluster")
    return panel


def slider(panel: ClusterPanel) -> Any:
    (found,) = (w for w in shown(panel) if isinstance(w, IntSlider | IntRangeSlider))
    return found


def errors_in(panel: ClusterPanel) -> list[str]:
    """Return the form's errors, from top to bottom."""
    return [words_of(w) for w in shown(panel) if "dbx-bad" in str(getattr(w, "value", "")) and words_of(w)]


def field_below(panel: ClusterPanel, description: str) -> str:
    """Return the text below the control with a description."""
    wanted = control(panel, description)
    (box,) = (w for w in shown(panel) if wanted in getattr(w, "children", ()))
    return words_of(box)


def test_form_creates_what_its_controls_describe(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = " etl "
    control(panel, "Worker type").value = "local-2c"
    slider(panel).value = 3
    control(panel, "minutes of inactivity").value = 30
    control(panel, "Spark config").value = "spark.a=1\n# spark.b 2\n\nspark.c  two words"
    control(panel, "Environment variables").value = "TZ=Europe/Berlin"

    click(panel, "Create")

    assert client.requests_to("create") == [
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


def test_created_cluster_is_listed_and_attached(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "etl"

    click(panel, "Create")

    assert client.attached == ["new"] and client.order == ["PUT", "release soon"]
    assert "etl Running This notebook" in words_of(panel)
    assert "Create cluster" in labels(panel) and "Create" not in labels(panel)


def test_notebook_is_attached_only_if_requested(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "etl"
    control(panel, "Attach this notebook").value = False

    click(panel, "Create")

    assert client.attached == []


def test_autoscaling_has_bounds(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "etl"
    control(panel, "Enable autoscaling").value = True
    slider(panel).value = (2, 6)

    click(panel, "Create")

    (spec,) = client.requests_to("create")
    assert spec["autoscale"] == {"min_workers": 2, "max_workers": 6} and "num_workers" not in spec


def test_single_node_has_neither_workers_nor_a_separate_driver_type(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "etl"
    control(panel, "Driver type").value = "local-2c"
    control(panel, "Cluster mode").value = True
    assert not any(isinstance(w, IntSlider) for w in shown(panel))

    click(panel, "Create")

    (spec,) = client.requests_to("create")
    assert (spec["is_single_node"], spec["num_workers"], spec["node_type_id"]) == (True, 0, "local-1c")
    assert "driver_node_type_id" not in spec


def test_automatic_termination_can_be_disabled(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "etl"
    control(panel, "Terminate after").value = False

    click(panel, "Create")

    assert client.requests_to("create")[0]["autotermination_minutes"] == 0


def test_form_shows_the_total_and_the_available_resources(panel: ClusterPanel) -> None:
    slider(panel).value = 3
    control(panel, "Driver type").value = "local-2c"

    assert "Total: 4 nodes, 5 cores, 10 GiB. Available: 6 of 8 cores, 12 GiB of 16 GiB." in words_of(panel)


def test_form_warns_when_the_cluster_does_not_fit(panel: ClusterPanel) -> None:
    slider(panel).value = 9

    (total,) = (w for w in shown(panel) if "Total:" in str(getattr(w, "value", "")))
    assert "dbx-warn" in total.value


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("description", "value", "message"),
    [
        ("minutes of inactivity", 10_001, "Must be between 10 and 10000 minutes."),
        ("minutes of inactivity", 9, "Must be between 10 and 10000 minutes."),
        ("Spark config", "spark.a", "Line 1: enter a key and a value"),
        ("Spark config", "spark.a 1\nspark.a 2", "Line 2: spark.a is set more than once."),
        ("Environment variables", "=b", "Line 1: enter a key and a value"),
    ],
)
def test_invalid_input_is_shown_at_its_field_while_typing(
    panel: ClusterPanel, description: str, value: Any, message: str
) -> None:
    control(panel, description).value = value

    assert message in field_below(panel, description)
    assert len(errors_in(panel)) == 1


def test_fewer_idle_minutes_are_valid_if_the_server_accepts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_module, "Watch", AtOnce)
    panel = open_form(FakeClient("http://fake/", "t", least_minutes=1))

    control(panel, "minutes of inactivity").value = 1

    assert errors_in(panel) == []
    panel.close()


def test_name_is_required(panel: ClusterPanel, client: FakeClient) -> None:
    click(panel, "Create")

    assert "Enter a name." in field_below(panel, "Name")
    assert client.requests_to("create") == []


def test_invalid_lines_are_not_sent(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "etl"
    control(panel, "Spark config").value = "nonsense"

    click(panel, "Create")

    assert client.requests_to("create") == []


@pytest.mark.parametrize(
    ("field", "description"),
    [
        ("autotermination_minutes", "minutes of inactivity"),
        ("spark_conf.spark.executor.cores", "Spark config"),
        ("spark_env_vars.A", "Environment variables"),
        ("node_type_id", "Worker type"),
        ("driver_node_type_id", "Driver type"),
        ("num_workers", "Enable autoscaling"),
        ("autoscale.max_workers", "Enable autoscaling"),
    ],
)
def test_error_of_the_server_is_shown_at_its_field(
    panel: ClusterPanel, client: FakeClient, field: str, description: str
) -> None:
    client.errors[CREATE] = RequestFailed("No.", "INVALID_PARAMETER_VALUE", 400, field=field)
    control(panel, "Name").value = "etl"

    click(panel, "Create")

    assert "No." in field_below(panel, description)
    assert control(panel, "Name").value == "etl"
    assert not button(panel, "Create").disabled


def test_error_without_a_field_is_shown_above_the_button(panel: ClusterPanel, client: FakeClient) -> None:
    client.errors[CREATE] = RequestFailed("Something else.", "INTERNAL_ERROR", 500)
    control(panel, "Name").value = "etl"

    click(panel, "Create")
    assert errors_in(panel) == ["Something else."]

    control(panel, "Name").value = "other"
    assert errors_in(panel) == []


def test_refresh_keeps_text_that_is_being_typed(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "et"
    control(panel, "Spark config").value = "spark.a"

    client.known.append(a_cluster("1", "other"))
    panel.refresh()

    assert control(panel, "Name").value == "et"
    assert control(panel, "Spark config").value == "spark.a"


def test_cancel_discards_the_form(panel: ClusterPanel, client: FakeClient) -> None:
    control(panel, "Name").value = "etl"

    click(panel, "Cancel")
    click(panel, "Create cluster")

    assert control(panel, "Name").value == ""
    assert client.requests_to("create") == []


# -- editing -----------------------------------------------------------------------------------------------------------


def edit(panel: ClusterPanel, client: FakeClient, **changes: Any) -> None:
    """Open the form for a cluster that exists."""
    client.known[:] = [a_cluster("1", "etl", **changes)]
    client.states[:] = [client.known[0]["state"]]
    click(panel, "Cancel")
    panel.refresh()
    click(panel, "More")
    click(panel, "Edit")


def test_edit_starts_with_the_spec_and_keeps_fields_that_the_form_lacks(
    panel: ClusterPanel, client: FakeClient
) -> None:
    edit(panel, client, state="TERMINATED", node_type_id="local-2c", custom_tags={"team": "a"})
    assert (control(panel, "Name").value, slider(panel).value) == ("etl", 2)
    assert control(panel, "Worker type").value == "local-2c"

    slider(panel).value = 4
    click(panel, "Save")

    (spec,) = client.requests_to("edit")
    assert (spec["cluster_id"], spec["num_workers"], spec["custom_tags"]) == ("1", 4, {"team": "a"})
    assert (spec["spark_version"], spec["autotermination_minutes"]) == ("4.3.x-scala2.13", 60)


def test_edit_of_a_running_cluster_warns_of_the_restart(panel: ClusterPanel, client: FakeClient) -> None:
    edit(panel, client)

    assert "Saving restarts this cluster." in words_of(panel)
    assert "Save and restart" in labels(panel)
