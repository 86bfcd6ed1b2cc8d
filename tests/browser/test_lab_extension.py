"""The extension in JupyterLab: the side panel, the form, the picker, Spark's pages and the page of a cluster."""

from __future__ import annotations

import json
import os
import re

import pytest
from lab import Lab
from live import PROGRESS_TYPE, TOKEN
from playwright.sync_api import Browser, Page, expect
from side import AXE, Side

pytestmark = pytest.mark.browser

#: Progress of a job from a kernel.
JOB = {
    **{"job_id": 1, "name": "count", "status": "SUCCEEDED", "began_ms": 1000, "ended_ms": 5200},
    **{"tasks": 8, "done": 8, "running": 0, "failed": 0, "stages": []},
}


def another_page(lab: Lab, browser: Browser, command: str) -> Page:
    """Return a page of another browser, after it has run a command."""
    page = browser.new_page()
    page.goto(f"{lab.server.url}lab/workspaces/another?token={TOKEN}&reset")
    page.wait_for_function("window.jupyterapp?.restored.then(() => true)")
    page.evaluate("command => { void window.jupyterapp.commands.execute(command) }", command)
    return page


# -- the panel ---------------------------------------------------------------------------------------------------------


def test_empty_panel_explains_and_creates_a_cluster_in_two_clicks(lab: Lab, side: Side) -> None:
    expect(side.panel).to_contain_text("No clusters yet")

    side.panel.get_by_role("button", name="Create cluster", exact=True).click()
    with lab.held():
        side.form.get_by_role("button", name="Create").click()
        start = side.page.get_by_role("region", name="Start", exact=True)
        expect(start.get_by_role("status")).to_contain_text("driver")
        expect(start.get_by_role("listitem")).to_contain_text(["Start requested", "Driver", "0 of 2 workers", "Ready"])

    expect(side.row("cluster-1")).to_contain_text("Running")
    expect(start).to_be_hidden()
    (cluster,) = lab.clusters()
    assert (cluster["cluster_name"], cluster["num_workers"], cluster["autotermination_minutes"]) == ("cluster-1", 2, 60)


def test_changes_by_others_appear_without_a_reload(lab: Lab, side: Side) -> None:
    expect(side.panel).to_contain_text("No clusters yet")

    cluster_id = lab.server.create("etl", num_workers=2, node_type_id="memory-1c")
    expect(side.row("etl")).to_contain_text("Running", timeout=3000)
    expect(side.row("etl")).to_contain_text("2 workers · 1 core, 2 GiB each")

    lab.server.call("POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id})
    expect(side.row("etl")).to_be_hidden(timeout=3000)


def test_two_pages_show_the_same(lab: Lab, side: Side, browser: Browser) -> None:
    expect(side.panel).to_contain_text("No clusters yet")
    other = another_page(lab, browser, "dbx:show-clusters")
    other_row = other.locator("#jp-dbx-clusters").get_by_role("listitem")
    expect(other.locator("#jp-dbx-clusters")).to_contain_text("No clusters yet")

    side.panel.get_by_role("button", name="Create cluster", exact=True).click()
    side.form.get_by_role("button", name="Create").click()
    expect(other_row).to_contain_text("Running", timeout=3000)

    expect(other_row).to_contain_text("a.ipynb", timeout=15000)  # attached notebooks make Terminate confirm
    other_row.hover()
    other_row.get_by_role("button", name="Terminate").click()
    other.get_by_role("dialog").get_by_role("button", name="Terminate").click()
    expect(side.panel.get_by_role("button", name="1 terminated")).to_be_visible(timeout=3000)
    other.close()


def test_cluster_can_be_created_by_keyboard(lab: Lab, side: Side) -> None:
    keys = side.page.keyboard
    expect(side.panel).to_contain_text("No clusters yet")

    keys.press("Control+Alt+k")
    expect(side.field("Name")).to_be_focused()
    keys.press("Control+a")
    keys.type("by hand")
    while not side.field("Workers").evaluate("field => field.matches(':focus')"):
        keys.press("Tab")
    keys.press("Control+a")
    keys.type("1")
    keys.press("Enter")

    expect(side.row("by hand")).to_contain_text("1 worker · 1 core")


def test_list_is_filtered_sorted_and_folded(lab: Lab, side: Side) -> None:
    ids = {name: lab.server.create(name, num_workers=1, node_type_id="memory-1c") for name in ("b", "a", "old", "kept")}
    for name in ("old", "kept"):
        lab.server.call("POST", "api/2.0/clusters/delete", {"cluster_id": ids[name]})
    lab.server.call("POST", "api/2.0/clusters/pin", {"cluster_id": ids["kept"]})
    expect(side.panel.get_by_role("button", name="1 terminated")).to_be_visible()
    expect(side.row("a")).to_contain_text("Running")
    side.expect_names("kept", "a", "b")

    side.panel.get_by_role("button", name="1 terminated").click()
    side.expect_names("kept", "a", "b", "old")
    side.select(side.panel, "Sort by", "Newest first")
    side.expect_names("kept", "a", "b", "old")

    side.panel.get_by_role("textbox", name="Search clusters").fill("term")
    side.expect_names("kept", "old")
    side.panel.get_by_role("textbox", name="Search clusters").fill("nothing like it")
    expect(side.panel).to_contain_text("No clusters match “nothing like it”.")
    # JupyterLab restores the panel.
    side.panel.get_by_role("textbox", name="Search clusters").fill("")
    side.select(side.panel, "Sort by", "By state")
    side.panel.get_by_role("button", name="1 terminated").click()


def test_all_actions_work_by_keyboard(lab: Lab, side: Side) -> None:
    for name in ("a", "b"):
        lab.server.create(name, num_workers=1, node_type_id="memory-1c")
        expect(side.row(name)).to_contain_text("a.ipynb")  # attached notebooks make Terminate confirm
    keys = side.page.keyboard

    side.row("a").focus()
    expect(side.row("a")).to_be_focused()
    keys.press("ArrowDown")
    expect(side.row("b")).to_be_focused()
    keys.press("Space")
    expect(side.page.get_by_role("menu")).to_be_visible()
    keys.type("t")  # Terminate
    keys.press("Enter")
    expect(side.page.get_by_role("dialog")).to_contain_text("Terminate b?")
    keys.press("Enter")

    expect(side.panel.get_by_role("button", name="1 terminated")).to_be_visible()
    assert {c["cluster_name"]: c["state"] for c in lab.clusters()} == {"a": "RUNNING", "b": "TERMINATED"}


def test_delete_requires_confirmation(lab: Lab, side: Side) -> None:
    lab.server.create("etl", num_workers=1, node_type_id="memory-1c")
    expect(side.row("etl")).to_contain_text("Running")

    side.row("etl").click(button="right")
    side.choose("Delete…")
    side.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert len(lab.clusters()) == 1

    side.row("etl").click(button="right")
    side.choose("Delete…")
    side.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(side.panel).to_contain_text("No clusters yet")


def test_resize_accepts_a_number_or_a_range(lab: Lab, side: Side) -> None:
    lab.server.create("etl", num_workers=1, node_type_id="memory-1c")
    expect(side.row("etl")).to_contain_text("Running")

    side.row("etl").click(button="right")
    side.choose("Resize…")
    side.page.get_by_role("dialog").locator("input").fill("2-3")
    side.page.get_by_role("dialog").get_by_role("button", name="Resize").click()

    expect(side.row("etl")).to_contain_text("2–3 workers (2 now) · 1 core")


def test_unavailable_server_is_reported_and_reconnected(side: Side, lab: Lab) -> None:
    lab.server.create("etl", num_workers=1, node_type_id="memory-1c")
    expect(side.row("etl")).to_contain_text("Running")
    errors = side.lab_page.errors

    side.page.route("**/api/dbx/live?*", lambda route: route.abort())
    side.lab_page.command("dbx:refresh-clusters")
    expect(side.panel.get_by_role("alert")).to_contain_text("The server is not responding")
    expect(side.row("etl")).to_be_visible()

    side.page.unroute("**/api/dbx/live?*")
    side.lab_page.command("dbx:refresh-clusters")
    expect(side.panel.get_by_role("alert")).to_be_hidden()
    errors.clear()  # the browser logs failed requests


# -- the form ----------------------------------------------------------------------------------------------------------


def test_errors_are_shown_at_their_fields(lab: Lab, side: Side) -> None:
    side.lab_page.command("dbx:create-cluster")
    form = side.form
    side.field("minutes of inactivity").fill("5")
    expect(form).to_contain_text("Must be between 10 and 10000 minutes.")
    expect(form.get_by_role("button", name="Create")).to_be_disabled()
    side.field("minutes of inactivity").fill("60")

    form.get_by_text("Advanced").click()
    side.field("Spark config").fill("nonsense")
    expect(form).to_contain_text("Line 1: enter a key and a value")
    side.field("Spark config").fill("spark.executor.cores 7")
    form.get_by_role("button", name="Create").click()

    field = form.locator(".jp-Dbx-field").filter(has=side.page.get_by_role("textbox", name="Spark config"))
    expect(field).to_contain_text("spark_conf may not set spark.executor.cores")
    assert lab.clusters() == []
    side.lab_page.errors.clear()  # the browser logs failed requests


def test_form_and_json_are_in_sync(lab: Lab, side: Side) -> None:
    side.lab_page.command("dbx:create-cluster")
    form = side.form
    side.field("Name").fill("etl")
    form.get_by_role("checkbox", name="Enable autoscaling").click()  # `check` reads its state too early
    side.field("Max workers").fill("6")

    form.get_by_role("button", name="JSON").click()
    text = side.field("Request body of the Clusters API")
    spec = json.loads(text.input_value())
    assert (spec["cluster_name"], spec["autoscale"]) == ("etl", {"min_workers": 1, "max_workers": 6})

    text.fill("{")
    expect(form).to_contain_text("Not valid JSON")
    text.fill(json.dumps(spec | {"autotermination_minutes": 30, "custom_tags": {"team": "a"}}))
    form.get_by_role("button", name="Form").click()
    expect(side.field("minutes of inactivity")).to_have_value("30")
    form.get_by_role("button", name="Create").click()

    expect(side.row("etl")).to_contain_text("1–6")
    (cluster,) = lab.clusters()
    assert (cluster["autotermination_minutes"], cluster["custom_tags"]) == (30, {"team": "a"})


def test_edit_of_a_running_cluster_warns_about_the_restart(lab: Lab, side: Side) -> None:
    cluster_id = lab.server.create("etl", num_workers=1, node_type_id="memory-1c", custom_tags={"team": "a"})
    expect(side.row("etl")).to_contain_text("Running")

    side.lab_page.command("dbx:edit-cluster", cluster_id=cluster_id)
    expect(side.form).to_contain_text("Saving restarts this cluster.")
    side.field("Name").fill("new")
    side.form.get_by_role("button", name="Save and restart").click()

    expect(side.row("new")).to_contain_text("Running")
    assert lab.server.cluster(cluster_id)["custom_tags"] == {"team": "a"}


def test_clone_creates_a_cluster_with_the_same_spec(lab: Lab, side: Side) -> None:
    cluster_id = lab.server.create("etl", num_workers=3, node_type_id="memory-2c")
    expect(side.row("etl")).to_contain_text("Running")

    side.lab_page.command("dbx:clone-cluster", cluster_id=cluster_id)
    side.form.get_by_role("button", name="Create").click()

    expect(side.row("etl (copy)")).to_contain_text("3 workers · 2 cores, 4 GiB each")


# -- the page of a cluster ---------------------------------------------------------------------------------------------


def test_page_shows_the_cluster_and_its_history(lab: Lab, side: Side) -> None:
    lab.server.create("etl", num_workers=2, node_type_id="memory-1c")
    expect(side.row("etl")).to_contain_text("Running")

    side.row("etl").dblclick()
    page = side.page.locator(".jp-Dbx-page")
    expect(page.get_by_role("region", name="Nodes")).to_contain_text("Multi node")
    page.get_by_role("button", name="JSON").click()
    expect(page.get_by_role("tabpanel")).to_contain_text('"cluster_name": "etl"')
    page.get_by_role("tab", name="Event log").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("Running with 2 workers")
    page.get_by_role("button", name="Size", exact=True).click()
    expect(page.get_by_role("tabpanel")).to_contain_text("No events")
    page.get_by_role("tab", name="Notebooks (1)").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("a.ipynb")
    page.get_by_role("tab", name="Logs").click()
    expect(page.get_by_role("log")).to_contain_text("driver of")
    side.select(page, "Process", "Worker 2")
    expect(page.get_by_role("log")).to_contain_text("worker of")
    page.get_by_role("textbox", name="Search").fill("nothing like it")
    expect(page.get_by_role("tabpanel")).to_contain_text("0 of 1 loaded line")
    page.get_by_role("tab", name="Resources").click()
    expect(page.get_by_role("region")).to_have_count(3)  # a driver and two workers
    expect(page.get_by_role("region").first).to_contain_text("127.0.0.1:4040")
    page.get_by_role("tab", name="Metrics").click()
    cpu = page.get_by_role(
        "img", name=re.compile("^CPU over the last 60 min; now: driver .*, worker 1 .*, worker 2 .* cores")
    )
    expect(cpu).to_be_visible(timeout=60_000)  # sampled a few times a minute
    expect(page.locator("canvas")).to_have_count(3)
    page.get_by_role("button", name="More actions").click()
    side.choose("Pin")
    expect(side.row("etl")).to_contain_text("Pinned")
    page.get_by_role("button", name="Terminate").click()
    side.page.get_by_role("dialog").get_by_role("button", name="Terminate").click()
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    expect(page.get_by_role("button", name="Restart")).to_be_hidden()


# -- elsewhere ---------------------------------------------------------------------------------------------------------


def test_notebook_7_has_picker_and_progress(lab: Lab, side: Side, browser: Browser) -> None:
    lab.server.create("etl", num_workers=1, node_type_id="memory-1c")
    expect(side.row("etl")).to_contain_text("Running")
    progress = {"run": "k:1", "cluster_id": "c", "jobs": [JOB], "over": True}
    code = (
        f"from IPython.display import display\ndisplay({{{PROGRESS_TYPE!r}: {progress}, 'text/plain': ''}}, raw=True)"
    )
    name = lab.write("seven.ipynb", code)

    page = browser.new_page()
    page.goto(f"{lab.server.url}notebooks/{name}?token={TOKEN}")
    page.locator(".jp-Dbx-pick").click()
    page.get_by_role("option", name="etl (Running)").click()
    expect(page.locator(".jp-Dbx-pick")).to_contain_text("etl")
    page.locator(".jp-CodeCell .cm-content").click()
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".jp-Dbx-progress")).to_contain_text("1 Spark job, 8 tasks, 4.2 s")
    page.close()


def test_settings_define_defaults_of_new_clusters(lab: Lab, side: Side, browser: Browser) -> None:
    side.set("jupyter-dbx:form", newCluster={"num_workers": 3, "autotermination_minutes": 20})

    page = another_page(lab, browser, "dbx:create-cluster")  # a page reads settings when it loads
    expect(page.get_by_role("textbox", name="Workers", exact=True)).to_have_value("3")
    expect(page.get_by_role("textbox", name="minutes of inactivity")).to_have_value("20")

    page.close()
    side.set("jupyter-dbx:form")


# -- accessibility ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def test_page_is_accessible(lab: Lab, side: Side, theme: str) -> None:
    if not AXE.exists():
        reason = "axe-core is missing: run `npm ci` in labextension"
        pytest.fail(reason) if os.environ.get("CI_REQUIRES_BROWSER") else pytest.skip(reason)
    lab.server.create("etl", num_workers=2, node_type_id="memory-1c")
    ended = lab.server.create("old", num_workers=1, node_type_id="memory-1c")
    lab.server.call("POST", "api/2.0/clusters/delete", {"cluster_id": ended})
    side.lab_page.command("apputils:change-theme", theme=theme)
    expect(side.row("etl")).to_contain_text("Running")
    side.panel.get_by_role("button", name="1 terminated").click()
    side.row("etl").hover()
    side.row("etl").dblclick()
    expect(side.page.locator(".jp-Dbx-page")).to_be_visible()
    found = side.serious_findings("#jp-dbx-clusters") + side.serious_findings(".jp-Dbx-page")
    for tab in ("Notebooks (1)", "Event log", "Logs", "Metrics", "Spark UI", "Resources"):
        side.page.get_by_role("tab", name=tab).click()
        found += side.serious_findings(".jp-Dbx-page")

    side.lab_page.command("dbx:create-cluster")
    side.form.get_by_text("Advanced").click()
    side.field("Spark config").fill("nonsense")
    found += side.serious_findings(".jp-Dbx-form")

    assert found == []
    side.lab_page.command("apputils:change-theme", theme="JupyterLab Light")
