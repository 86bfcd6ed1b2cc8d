"""The picker of a notebook's cluster, and the offer of a cluster below a cell that found none."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from lab import Lab
from playwright.sync_api import Locator, expect
from side import AXE, Side

pytestmark = pytest.mark.browser

THEMES = ["JupyterLab Light", "JupyterLab Dark"]

#: Needs a cluster, but no driver: simulated ones do not respond.
NEEDS_CLUSTER = """
from jupyter_dbx.kernel.errors import NoCluster
if reason := get_ipython().kernel.spark_session.why_unbound():
    raise NoCluster(reason)
print("attached", {number})
"""


def look(side: Side, name: str) -> None:
    """Save a screenshot, if a folder is configured."""
    if folder := os.environ.get("DBX_SCREENSHOTS"):
        side.page.screenshot(path=Path(folder) / f"{name}.png")


def create(lab: Lab, side: Side, name: str, *, ends: bool = False) -> str:
    cluster_id = lab.server.create(name, num_workers=2, node_type_id="memory-1c")
    if ends:
        lab.server.call("POST", "api/2.0/clusters/delete", {"cluster_id": cluster_id})
        lab.server.wait(cluster_id, "TERMINATED")
    else:
        expect(side.row(name)).to_contain_text("Running")
    return cluster_id


def lines(side: Side) -> Locator:
    return side.page.get_by_role("listbox", name="Clusters").get_by_role("option")


def attached_to(lab: Lab, side: Side) -> str:
    kernel = side.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
    return str(lab.server.call("GET", f"api/dbx/kernels/{kernel}")["cluster_id"])


def test_picker_searches_and_attaches_by_keyboard(lab: Lab, side: Side) -> None:
    create(lab, side, "etl")
    web = create(lab, side, "web")
    create(lab, side, "old", ends=True)
    keys = side.page.keyboard

    side.picker.click()
    expect(side.search).to_be_focused()
    expect(lines(side)).to_have_count(4)  # and "Create Cluster…"
    expect(lines(side).nth(2)).to_have_accessible_name(re.compile(r"^old \(start and attach\)"))
    keys.type("we")
    expect(lines(side)).to_have_count(2)
    keys.press("Enter")
    expect(side.picker).to_contain_text("web")
    expect(side.search).to_be_hidden()
    assert attached_to(lab, side) == web

    side.picker.click()
    expect(lines(side).and_(side.page.get_by_role("option", selected=True))).to_have_accessible_name(re.compile("^web"))
    keys.press("Escape")
    expect(side.search).to_be_hidden()
    expect(side.picker).to_be_focused()
    keys.press("Enter")
    while "Detach" not in (side.page.locator(".jp-Dbx-chooserItem.jp-mod-active").get_attribute("aria-label") or ""):
        keys.press("ArrowDown")
    keys.press("Enter")
    expect(side.picker).to_contain_text("No cluster")
    assert attached_to(lab, side) == ""


def test_picker_starts_a_terminated_cluster_and_leads_to_the_form(lab: Lab, side: Side) -> None:
    create(lab, side, "old", ends=True)
    side.picker.click()
    side.choose("old (start and attach)")
    expect(side.picker).to_contain_text("old")
    expect(side.row("old")).to_contain_text("Running")

    side.picker.click()
    side.panel.get_by_role("heading", name="Clusters").click()
    expect(side.search).to_be_hidden()
    side.picker.click()
    side.choose("Create Cluster…")
    expect(side.form).to_be_visible()


@pytest.mark.parametrize("theme", THEMES)
def test_picker_is_accessible_and_scrolls_a_long_list(lab: Lab, side: Side, theme: str) -> None:
    for number in range(12):
        create(lab, side, f"cluster number {number}", ends=True)
    create(lab, side, "etl")
    side.lab_page.command("apputils:change-theme", theme=theme)
    expect(side.page.locator("body")).to_have_attribute("data-jp-theme-name", theme)

    side.picker.click()
    expect(lines(side)).to_have_count(14)
    popup = side.page.get_by_role("dialog", name="Clusters")
    expect(popup).to_be_in_viewport(ratio=1)
    expect(lines(side).nth(12)).not_to_be_in_viewport()
    for _ in range(12):
        side.page.keyboard.press("ArrowDown")
    expect(lines(side).nth(12)).to_be_in_viewport(ratio=0.9)
    expect(lines(side).nth(13)).to_be_in_viewport(ratio=1)  # actions stay in view
    look(side, f"picker-{theme.split()[1]}")
    if AXE.exists():
        assert side.serious_findings(".jp-Dbx-chooser") == []
    side.page.keyboard.press("Escape")
    side.lab_page.command("apputils:change-theme", theme="JupyterLab Light")


# -- attach and run ----------------------------------------------------------------------------------------------------


def offers(side: Side) -> Locator:
    return side.page.locator(".jp-Dbx-attach")


@pytest.mark.parametrize("theme", THEMES)
def test_cell_without_a_cluster_offers_one_and_runs_again(lab: Lab, side: Side, theme: str) -> None:
    create(lab, side, "old", ends=True)
    etl = create(lab, side, "etl")
    side.lab_page.command("apputils:change-theme", theme=theme)
    side.lab_page.run("1 + 1")
    expect(side.lab_page.outputs).to_contain_text("2")
    expect(offers(side)).to_have_count(0)

    side.lab_page.run("spark")
    expect(side.lab_page.outputs).to_contain_text("NoCluster: No cluster is attached")
    expect(offers(side).get_by_role("button", name="Cluster to attach: etl")).to_be_visible()
    look(side, f"offer-{theme.split()[1]}")
    if AXE.exists():
        assert side.serious_findings(".jp-Dbx-attach") == []
    offers(side).get_by_role("button", name="Attach and run").click()

    expect(side.picker).to_contain_text("etl")
    expect(offers(side)).to_have_count(0)  # the cell runs: it waits for the simulated driver
    expect(side.lab_page.outputs).not_to_contain_text("No cluster is attached")
    assert attached_to(lab, side) == etl
    side.lab_page.command("notebook:interrupt-kernel")
    side.lab_page.command("apputils:change-theme", theme="JupyterLab Light")


def test_run_all_asks_once_and_goes_on(lab: Lab, side: Side) -> None:
    create(lab, side, "old", ends=True)
    cells = [{"cell_type": "code", "source": NEEDS_CLUSTER.format(number=number)} for number in range(3)]
    insert = "cells => window.jupyterapp.shell.currentWidget.content.model.sharedModel.insertCells(0, cells)"
    side.page.evaluate(insert, cells)

    side.lab_page.command("notebook:run-all-cells")
    expect(offers(side)).to_have_count(1)
    expect(offers(side)).to_contain_text("and 2 more cells")
    offers(side).get_by_role("button", name="Start, attach and run").click()

    for number in range(3):
        expect(side.lab_page.outputs).to_contain_text(f"attached {number}")
    expect(offers(side)).to_have_count(0)


def test_offer_has_the_picker_and_creates_the_first_cluster(lab: Lab, side: Side) -> None:
    side.lab_page.run(NEEDS_CLUSTER.format(number=0))
    offers(side).get_by_role("button", name="Create cluster").click()
    expect(side.form).to_be_visible()
    side.form.get_by_role("button", name="Cancel").click()

    create(lab, side, "etl")
    web = create(lab, side, "web")
    offers(side).get_by_role("button", name=re.compile("^Cluster to attach")).click()
    side.page.keyboard.type("web")
    side.page.keyboard.press("Enter")
    offers(side).get_by_role("button", name="Attach and run").click()
    expect(side.lab_page.outputs).to_contain_text("attached 0")
    assert attached_to(lab, side) == web


def test_offer_follows_the_picker(lab: Lab, side: Side) -> None:
    create(lab, side, "etl")
    side.lab_page.run(NEEDS_CLUSTER.format(number=0))
    expect(offers(side).get_by_role("button", name="Attach and run")).to_be_visible()

    side.picker.click()
    side.choose("etl (Running)")
    offers(side).get_by_role("button", name="Run", exact=True).click()
    expect(side.lab_page.outputs).to_contain_text("attached 0")
