"""The rows of both panels: the workers of a cluster by clicks, one height in every state, and the narrowest places."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from lab import Lab, LabPage
from live import wait_until
from playwright.sync_api import Locator, Page, expect
from side import AXE, Side

pytestmark = pytest.mark.browser

THEMES = ["JupyterLab Light", "JupyterLab Dark"]

#: Minimum width of JupyterLab's side panels, px.
NARROWEST_PX = 250

BOXES = "all => all.map(row => [row.offsetHeight, row.scrollWidth - row.clientWidth])"


def look(page: Page, name: str) -> None:
    """Save a screenshot, if a folder is configured."""
    if folder := os.environ.get("DBX_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def more(row: Locator) -> Locator:
    return row.get_by_role("button", name="Add a worker")


def less(row: Locator) -> Locator:
    return row.get_by_role("button", name="Remove a worker")


def resizes(page: Page) -> list[str]:
    """Return the bodies of all requests to resize, from now on."""
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.post_data or "") if "/clusters/resize" in one.url else None)
    return sent


def test_several_clicks_resize_a_cluster_once(lab: Lab, side: Side) -> None:
    cluster_id = lab.server.create("etl", num_workers=1, node_type_id="memory-1c")
    row = side.row("etl")
    expect(row).to_contain_text("Running")
    sent = resizes(side.page)

    expect(less(row)).to_have_attribute("title", "A cluster of this kind has at least one worker.")
    for _ in range(3):
        more(row).click()
    expect(row).to_contain_text("4 workers · 1 core, 2 GiB each")
    less(row).click()

    expect(row).to_contain_text("3 workers · 1 core, 2 GiB each")
    wait_until(lambda: lab.server.cluster(cluster_id)["num_workers"] == 3, 10)
    expect(row).to_contain_text("Running")
    expect(row).to_contain_text("3 workers")
    assert len(sent) == 1
    expect(side.page.locator(".jp-Dbx-page")).to_have_count(0)  # quick clicks are no double click on the row


def test_stepper_says_why_there_are_no_more_workers(lab: Lab, side: Side) -> None:
    limits = lab.server.call("GET", "api/dbx/limits")["capacity"]
    most = min(limits["free_cores"], limits["free_memory_mib"] // 2048) - 1  # of workers beside a driver
    lab.server.create("full", num_workers=most, node_type_id="memory-1c")
    row = side.row("full")
    expect(row).to_contain_text("Running")

    expect(more(row)).to_have_attribute("aria-disabled", "true")
    assert "Another worker needs 1 core, 2 GiB. Available: " in (more(row).get_attribute("title") or "")
    less(row).click()
    expect(more(row)).to_have_attribute("title", "Add a worker")


def test_autoscaled_cluster_has_its_bounds_instead(lab: Lab, side: Side) -> None:
    bounds = {"min_workers": 1, "max_workers": 3}
    lab.server.create("auto", autoscale=bounds, node_type_id="memory-1c")
    expect(side.row("auto")).to_contain_text("1–3 workers (1 now)")
    expect(more(side.row("auto"))).to_have_count(0)


@pytest.mark.parametrize("theme", THEMES)
def test_side_panel_is_whole_at_its_narrowest(lab: Lab, side: Side, theme: str) -> None:
    lab.server.create("a cluster with a long name", num_workers=2, node_type_id="memory-1c")
    row = side.row("a cluster with a long name")
    expect(row).to_contain_text("busy", timeout=20_000)
    side.lab_page.command("apputils:change-theme", theme=theme)
    expect(side.page.locator("body")).to_have_attribute("data-jp-theme-name", theme)

    width = side.panel.evaluate("panel => panel.offsetWidth")
    boxes = side.panel.get_by_role("listitem").evaluate_all(BOXES)
    right = side.panel.evaluate("panel => panel.getBoundingClientRect().right")
    ends = row.locator("button, jp-button").evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    look(side.page, f"narrow-{theme.split()[1]}")
    findings = side.serious_findings("#jp-dbx-clusters") if AXE.exists() else []
    side.lab_page.command("apputils:change-theme", theme="JupyterLab Light")

    assert width == pytest.approx(NARROWEST_PX, abs=2)
    assert boxes == [[72, 0]]
    assert max(ends) <= right
    assert findings == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [0, 420])
def test_rows_of_the_panel_in_a_cell_have_one_height(
    lab: Lab, open_page: Callable[[Lab], LabPage], theme: str, width: int
) -> None:
    lab.server.create(
        "a cluster with a name that is too long for any panel at all", num_workers=2, node_type_id="memory-1c"
    )
    ended = lab.server.create("old", num_workers=1, node_type_id="memory-1c")
    lab.server.call("POST", "api/2.0/clusters/delete", {"cluster_id": ended})
    page = open_page(lab)
    page.command("apputils:change-theme", theme=theme)
    panel = page.show_panel()
    if width:
        panel.evaluate("(panel, width) => { panel.style.width = `${width}px` }", width)
    expect(page.row("old")).to_contain_text("Terminated")
    expect(page.row("a cluster with a name that is too long for any panel at all")).to_contain_text("busy")
    with lab.held():
        lab.server.create("new", num_workers=1, node_type_id="memory-1c")
        expect(page.row("new")).to_contain_text("Waiting for the driver")
        boxes = panel.locator(".dbx-head:visible").evaluate_all(BOXES)
        look(page.page, f"cell-panel-{theme.split()[1]}-{width}")
    danger, quiet = (
        page.button("Terminate", page.row("new")).evaluate("button => getComputedStyle(button).color"),
        page.button("More", page.row("new")).evaluate("button => getComputedStyle(button).color"),
    )
    page.command("apputils:change-theme", theme="JupyterLab Light")

    assert boxes == [[72, 0]] * 3
    assert danger != quiet
