"""Our extension in JupyterLab: the side panel, the form, the picker, Spark's pages and the page of a cluster."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator

import pytest
from lab import Lab, LabPage
from playwright.sync_api import expect
from side import AXE, Side

pytestmark = pytest.mark.browser

#: How long a real cluster may take to change, ms.
SLOW_MS = 180_000

#: A job that takes a second for each task.
SLEEPY = "import time\nsc.parallelize(range({tasks}), {tasks}).map(lambda x: time.sleep(1) or x).sum()"


@pytest.fixture
def open_side(open_page: Callable[[Lab], LabPage]) -> Iterator[Callable[[Lab], Side]]:
    """Opens a notebook with the side panel beside it."""
    opened: list[Side] = []

    def open_one(lab: Lab) -> Side:
        opened.append(Side(open_page(lab)))
        return opened[-1]

    yield open_one
    for side in opened:
        side.close()


@pytest.fixture
def side(lab: Lab, open_side: Callable[[Lab], Side]) -> Side:
    """The panel of a server whose clusters are made up."""
    return open_side(lab)


# -- the panel ---------------------------------------------------------------------------------------------------------


def test_empty_panel_teaches_and_leads_to_a_cluster_in_two_clicks(lab: Lab, side: Side) -> None:
    expect(side.panel).to_contain_text("No clusters yet")

    side.panel.get_by_role("button", name="Create a cluster").click()
    side.form.get_by_role("button", name="Create").click()

    expect(side.row("cluster-1")).to_contain_text("Running")
    (cluster,) = lab.clusters()
    assert (cluster["cluster_name"], cluster["num_workers"], cluster["autotermination_minutes"]) == ("cluster-1", 2, 60)


def test_what_others_do_is_seen_without_asking(lab: Lab, side: Side) -> None:
    expect(side.panel).to_contain_text("No clusters yet")

    cluster_id = lab.server.create("etl", num_workers=2, node_type_id="memory-1c")
    expect(side.row("etl")).to_contain_text("Running", timeout=3000)
    expect(side.row("etl")).to_contain_text("2 × 1 core, 2 GiB")

    lab.server.call("POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id})
    expect(side.row("etl")).to_be_hidden(timeout=3000)


def test_list_is_filtered_sorted_and_folded(lab: Lab, side: Side) -> None:
    ids = {name: lab.server.create(name, num_workers=1, node_type_id="memory-1c") for name in ("b", "a", "old", "kept")}
    for name in ("old", "kept"):
        lab.server.call("POST", "api/2.0/clusters/delete", {"cluster_id": ids[name]})
    lab.server.call("POST", "api/2.0/clusters/pin", {"cluster_id": ids["kept"]})
    expect(side.panel.get_by_role("button", name="1 terminated")).to_be_visible()
    expect(side.row("a")).to_contain_text("Running")
    assert side.names() == ["kept", "a", "b"]

    side.panel.get_by_role("button", name="1 terminated").click()
    assert side.names() == ["kept", "a", "b", "old"]
    side.panel.get_by_label("Sort").select_option("newest")
    assert side.names() == ["kept", "a", "b", "old"]

    side.panel.get_by_label("Filter clusters").fill("term")
    assert side.names() == ["kept", "old"]
    side.panel.get_by_label("Filter clusters").fill("nothing like it")
    expect(side.panel).to_contain_text("No cluster fits “nothing like it”.")
    # JupyterLab goes on with the panel as it is.
    side.panel.get_by_label("Filter clusters").fill("")
    side.panel.get_by_label("Sort").select_option("state")
    side.panel.get_by_role("button", name="1 terminated").click()


def test_everything_can_be_done_by_keyboard(lab: Lab, side: Side) -> None:
    for name in ("a", "b"):
        lab.server.create(name, num_workers=1, node_type_id="memory-1c")
        expect(side.row(name)).to_contain_text("Running")
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


def test_delete_asks_first(lab: Lab, side: Side) -> None:
    lab.server.create("etl", num_workers=1, node_type_id="memory-1c")
    expect(side.row("etl")).to_contain_text("Running")

    side.row("etl").click(button="right")
    side.choose("Delete…")
    side.page.get_by_role("button", name="Keep").click()
    assert len(lab.clusters()) == 1

    side.row("etl").click(button="right")
    side.choose("Delete…")
    side.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(side.panel).to_contain_text("No clusters yet")


def test_resize_takes_a_number_or_a_range(lab: Lab, side: Side) -> None:
    lab.server.create("etl", num_workers=1, node_type_id="memory-1c")
    expect(side.row("etl")).to_contain_text("Running")

    side.row("etl").click(button="right")
    side.choose("Resize…")
    side.page.get_by_role("dialog").locator("input").fill("2-3")
    side.page.get_by_role("dialog").get_by_role("button", name="Resize").click()

    expect(side.row("etl")).to_contain_text("2–3 (2 now) × 1 core")


def test_server_that_is_away_is_said_and_found_again(side: Side, lab: Lab) -> None:
    lab.server.create("etl", num_workers=1, node_type_id="memory-1c")
    expect(side.row("etl")).to_contain_text("Running")
    heard = side.lab_page.errors

    side.page.route("**/api/dbx/clusters?*", lambda route: route.abort())
    side.lab_page.command("dbx:refresh-clusters")
    expect(side.panel.get_by_role("alert")).to_contain_text("The server does not answer")
    expect(side.row("etl")).to_be_visible()

    side.page.unroute("**/api/dbx/clusters?*")
    side.lab_page.command("dbx:refresh-clusters")
    expect(side.panel.get_by_role("alert")).to_be_hidden()
    heard.clear()  # the browser itself tells of requests that failed


# -- the form ----------------------------------------------------------------------------------------------------------


def test_mistakes_are_told_at_their_fields(lab: Lab, side: Side) -> None:
    side.lab_page.command("dbx:create-cluster")
    form = side.form
    form.get_by_label("After how many minutes").fill("5")
    expect(form).to_contain_text("Between 10 and 10000 minutes.")
    expect(form.get_by_role("button", name="Create")).to_be_disabled()
    form.get_by_label("After how many minutes").fill("60")

    form.get_by_text("Advanced").click()
    form.get_by_label("Spark conf", exact=True).fill("nonsense")
    expect(form).to_contain_text("Line 1: write a name and its value")
    form.get_by_label("Spark conf", exact=True).fill("spark.executor.cores 7")
    form.get_by_role("button", name="Create").click()

    field = form.locator(".jp-Dbx-field").filter(has=side.page.get_by_label("Spark conf", exact=True))
    expect(field).to_contain_text("spark_conf may not set spark.executor.cores")
    assert lab.clusters() == []
    side.lab_page.errors.clear()  # the browser itself tells of requests that were refused


def test_form_and_json_say_the_same(lab: Lab, side: Side) -> None:
    side.lab_page.command("dbx:create-cluster")
    form = side.form
    form.get_by_label("Name", exact=True).fill("etl")
    form.get_by_label("Autoscale").check()
    form.get_by_label("Most workers").fill("6")

    form.get_by_role("button", name="JSON").click()
    text = form.locator("textarea")
    spec = json.loads(text.input_value())
    assert (spec["cluster_name"], spec["autoscale"]) == ("etl", {"min_workers": 1, "max_workers": 6})

    text.fill("{")
    expect(form).to_contain_text("This is no JSON")
    text.fill(json.dumps(spec | {"autotermination_minutes": 30, "custom_tags": {"team": "a"}}))
    form.get_by_role("button", name="Form").click()
    expect(form.get_by_label("After how many minutes")).to_have_value("30")
    form.get_by_role("button", name="Create").click()

    expect(side.row("etl")).to_contain_text("1–6")
    (cluster,) = lab.clusters()
    assert (cluster["autotermination_minutes"], cluster["custom_tags"]) == (30, {"team": "a"})


def test_edit_of_a_running_cluster_says_that_it_restarts_it(lab: Lab, side: Side) -> None:
    cluster_id = lab.server.create("etl", num_workers=1, node_type_id="memory-1c", custom_tags={"team": "a"})
    expect(side.row("etl")).to_contain_text("Running")

    side.lab_page.command("dbx:edit-cluster", cluster_id=cluster_id)
    expect(side.form).to_contain_text("It runs: saving restarts it.")
    side.form.get_by_label("Name", exact=True).fill("new")
    side.form.get_by_role("button", name="Save and Restart").click()

    expect(side.row("new")).to_contain_text("Running")
    assert lab.server.cluster(cluster_id)["custom_tags"] == {"team": "a"}


def test_clone_is_another_cluster_of_the_same_kind(lab: Lab, side: Side) -> None:
    cluster_id = lab.server.create("etl", num_workers=3, node_type_id="memory-2c")
    expect(side.row("etl")).to_contain_text("Running")

    side.lab_page.command("dbx:clone-cluster", cluster_id=cluster_id)
    side.form.get_by_role("button", name="Create").click()

    expect(side.row("etl (copy)")).to_contain_text("3 × 2 cores, 4 GiB")


# -- the page of a cluster ---------------------------------------------------------------------------------------------


def test_page_tells_what_a_cluster_is_and_what_happened(lab: Lab, side: Side) -> None:
    lab.server.create("etl", num_workers=2, node_type_id="memory-1c")
    expect(side.row("etl")).to_contain_text("Running")

    side.row("etl").dblclick()
    page = side.page.locator(".jp-Dbx-page")
    expect(page.get_by_role("tabpanel")).to_contain_text('"cluster_name": "etl"')
    page.get_by_role("tab", name="Event log").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("runs with 2 workers")
    page.get_by_role("button", name="size", exact=True).click()
    expect(page.get_by_role("tabpanel")).to_contain_text("No events")
    page.get_by_role("tab", name="Notebooks (1)").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("a.ipynb")


# -- for everybody -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def test_nothing_keeps_anybody_from_using_it(lab: Lab, side: Side, theme: str) -> None:
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

    side.lab_page.command("dbx:create-cluster")
    side.form.get_by_text("Advanced").click()
    side.form.get_by_label("Spark conf", exact=True).fill("nonsense")
    found += side.serious_findings(".jp-Dbx-form")

    assert found == []
    side.lab_page.command("apputils:change-theme", theme="JupyterLab Light")


# -- with real Spark ---------------------------------------------------------------------------------------------------


@pytest.mark.spark
@pytest.mark.timeout(600)
def test_whole_story_from_the_first_click_to_the_end(real_lab: Lab, open_side: Callable[[Lab], Side]) -> None:
    side = open_side(real_lab)

    # A cluster in two clicks, which the notebook's toolbar then offers.
    side.panel.get_by_role("button", name="Create a cluster").click()
    side.form.get_by_label("Workers", exact=True).fill("1")
    side.form.get_by_role("button", name="Create").click()
    row = side.row("cluster-1")
    expect(row).to_contain_text("waiting for the driver")
    expect(row).to_contain_text("Running", timeout=SLOW_MS)
    expect(side.picker).to_contain_text("No cluster")
    side.picker.click()
    side.choose("cluster-1 (Running)")
    expect(side.picker).to_contain_text("cluster-1")
    side.lab_page.run("sum(n for (n,) in spark.range(100).collect())")
    expect(side.lab_page.outputs).to_contain_text("4950", timeout=SLOW_MS)
    expect(row).to_contain_text(re.compile(r"[\w-]+\.ipynb"))

    # A job's progress is told below its cell, through a reload of the page; it can be cancelled, and what is left is a line.
    outputs = side.page.locator(".jp-Dbx-progress")
    side.lab_page.run(SLEEPY.format(tasks=100))
    expect(outputs).to_contain_text("of 100 tasks", timeout=SLOW_MS)
    outputs.get_by_role("button", name="Cancel").click()
    expect(side.lab_page.outputs).to_contain_text("cancelled", timeout=SLOW_MS)
    expect(outputs).to_contain_text("1 Spark job, 1 failed")
    side.lab_page.run(f"from IPython.display import clear_output\nclear_output()\n{SLEEPY.format(tasks=8)}")
    expect(outputs).to_contain_text("of 8 tasks", timeout=SLOW_MS)
    side.page.evaluate("window.jupyterapp.shell.currentWidget.context.save()")
    side.page.reload()
    side.page.wait_for_function("window.jupyterapp?.restored.then(() => true)")
    expect(outputs).to_contain_text("1 Spark job, ", timeout=SLOW_MS)
    expect(side.picker).to_contain_text("cluster-1")

    # What ran is in the Spark UI, and what was written in the logs.
    row.hover()
    row.get_by_role("button", name="Spark UI").click()
    frame = side.page.frame_locator("iframe")
    expect(frame.locator("body")).to_contain_text("Completed Jobs", timeout=SLOW_MS)
    row.dblclick()
    page = side.page.locator(".jp-Dbx-page")
    page.get_by_role("tab", name="Notebooks (1)").click()
    expect(page.get_by_role("button", name=re.compile(r"\.ipynb$"))).to_be_visible()
    page.get_by_role("tab", name="Logs").click()
    expect(page.locator(".jp-Dbx-log")).to_contain_text("Master", timeout=SLOW_MS)

    # It ends, and the notebook says so.
    row.hover()
    row.get_by_role("button", name="Terminate").click()
    side.page.get_by_role("dialog").get_by_role("button", name="Terminate").click()
    side.panel.get_by_role("button", name="1 terminated").click(timeout=SLOW_MS)
    expect(row).to_contain_text("ended just now", timeout=SLOW_MS)
    expect(side.page.locator(".jp-Dbx-pick").first).to_have_attribute("title", "cluster-1: Terminated")
