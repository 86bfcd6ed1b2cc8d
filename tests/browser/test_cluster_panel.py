"""ClusterPanel in a notebook on JupyterLab: the lifecycle of a cluster by clicks, and errors."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from lab import Lab, LabPage
from live import wait_until
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.browser

#: How long a real cluster may take to change, ms.
SLOW_MS = 180_000


def slide(slider: Locator, steps: int) -> None:
    """Move a slider's handle to the right by keyboard."""
    slider.focus()
    for _ in range(steps):
        slider.press("ArrowRight")


def live_of(lab: Lab) -> dict[str, Any]:
    (cluster,) = lab.clusters()
    return dict(cluster["live"] or {})


def test_cluster_lifecycle_by_clicks(any_lab: Lab, open_page: Callable[[Lab], LabPage]) -> None:
    page = open_page(any_lab)
    panel = page.show_panel()

    # Create by form.
    page.button("Create cluster").click()
    panel.get_by_label("Name", exact=True).fill("etl")
    panel.get_by_label("minutes of inactivity").fill("30")
    row = page.row("etl")
    with any_lab.held():
        page.button("Create").click()
        expect(row).to_contain_text("Starting")
        expect(row).to_contain_text("This notebook")
        expect(row).to_contain_text("Waiting for the driver")
    expect(row).to_contain_text("Running", timeout=SLOW_MS)
    expect(row).to_contain_text("2 workers · ")
    (cluster,) = any_lab.clusters()
    assert (cluster["cluster_name"], cluster["num_workers"], cluster["autotermination_minutes"]) == ("etl", 2, 30)

    # Resize.
    page.button("More", row).click()
    slide(row.locator(".noUi-handle:visible"), 1)
    page.button("Resize", row).click()
    expect(row).to_contain_text("Resizing")
    expect(row).to_contain_text("3 workers · ", timeout=SLOW_MS)
    expect(row).to_contain_text("Running", timeout=SLOW_MS)
    expect(page.button("Resize", row)).to_be_disabled()

    # Extend.
    touched = time.time() * 1000
    page.button("Extend", row).first.click()
    expect(row.locator(".dbx-bad")).to_have_count(0)
    wait_until(lambda: live_of(any_lab).get("idle_s", 1e9) <= (time.time() * 1000 - touched) / 1000 + 5, 60)

    # Terminate, with a confirmation if a notebook is attached.
    page.button("Terminate", row).first.click()
    expect(row).to_contain_text(re.compile(r"Terminate etl\?|Terminating"))
    if "Terminate etl?" in (row.text_content() or ""):
        expect(page.button("Cancel", row)).to_be_visible()
        row.locator(".dbx-danger", has_text="Terminate").last.click()
    expect(row).to_contain_text("Terminated just now", timeout=SLOW_MS)

    # Delete, with a confirmation.
    page.button("Delete", row).first.click()
    expect(row).to_contain_text("Delete etl?")
    page.button("Cancel", row).click()
    expect(page.button("Cancel", row)).to_be_hidden()
    assert len(any_lab.clusters()) == 1
    page.button("Delete", row).first.click()
    row.locator(".dbx-danger", has_text="Delete").first.click()
    expect(panel.get_by_text("No clusters yet")).to_be_visible()
    assert any_lab.clusters() == []


def test_errors_are_shown_at_their_fields(lab: Lab, open_page: Callable[[Lab], LabPage]) -> None:
    page = open_page(lab)
    panel = page.show_panel()
    page.button("Create cluster").click()

    # While typing.
    panel.get_by_label("minutes of inactivity").fill("5")
    panel.get_by_label("minutes of inactivity").press("Tab")
    expect(page.field("minutes of inactivity")).to_contain_text("Must be between 10 and 10000 minutes.")
    panel.get_by_text("Advanced: Spark config, environment variables").click()
    panel.get_by_label("Spark config", exact=True).fill("nonsense")
    expect(page.field("Spark config")).to_contain_text("Line 1:")
    page.button("Create").click()
    expect(page.field("Name")).to_contain_text("Enter a name.")

    # After an error of the server.
    panel.get_by_label("Name", exact=True).fill("etl")
    panel.get_by_label("minutes of inactivity").fill("60")
    panel.get_by_label("Spark config", exact=True).fill("spark.executor.cores 7")
    page.button("Create").click()
    expect(page.field("Spark config")).to_contain_text("spark_conf may not set spark.executor.cores")
    expect(panel.get_by_label("Name", exact=True)).to_have_value("etl")
    assert lab.clusters() == []


def test_updates_keep_focus_and_input(lab: Lab, open_page: Callable[[Lab], LabPage]) -> None:
    lab.server.create("etl", num_workers=2, node_type_id="memory-1c")
    other = lab.server.create("other", num_workers=1, node_type_id="memory-1c")
    page = open_page(lab)
    panel = page.show_panel()
    row = page.row("etl")
    expect(row).to_contain_text("Running")
    page.button("More", row).click()
    handle = row.locator(".noUi-handle:visible")
    slide(handle, 3)

    lab.server.create("newer", num_workers=1, node_type_id="memory-1c")
    lab.server.call("POST", "api/2.0/clusters/permanent-delete", {"cluster_id": other})

    expect(page.row("newer")).to_be_visible()
    expect(page.row("other")).to_be_hidden()
    expect(handle).to_be_focused()
    expect(handle).to_have_attribute("aria-valuenow", "5.0")
    assert panel.locator(".dbx-row:visible").count() == 2


def test_panel_updates_and_responds_while_a_cell_runs(lab: Lab, open_page: Callable[[Lab], LabPage]) -> None:
    page = open_page(lab)
    panel = page.show_panel()
    expect(panel.get_by_text("No clusters yet")).to_be_visible()

    page.add_cell("import time\ntime.sleep(60)")
    expect(page.page.locator(".jp-InputPrompt", has_text="[*]")).to_be_visible()
    lab.server.create("etl", num_workers=2, node_type_id="memory-1c")

    row = page.row("etl")
    expect(row).to_contain_text("Running")
    page.button("Attach", row).click()
    expect(row).to_contain_text("This notebook")
    expect(page.page.locator(".jp-InputPrompt", has_text="[*]")).to_be_visible()
    page.command("notebook:interrupt-kernel")


WATCHING = """
import threading, time
deadline = time.monotonic() + 20
while any(t.name == "dbx-panel" for t in threading.enumerate()) is not {wanted} and time.monotonic() < deadline:
    time.sleep(0.05)
print("watching:", any(t.name == "dbx-panel" for t in threading.enumerate()))
"""


def test_hidden_panel_sends_no_requests(lab: Lab, open_page: Callable[[Lab], LabPage]) -> None:
    page = open_page(lab)
    page.show_panel()
    page.add_cell(WATCHING.format(wanted=True))
    expect(page.outputs).to_contain_text("watching: True")

    page.command("notebook:clear-all-cell-outputs")
    expect(page.panel).to_be_hidden()

    page.add_cell(WATCHING.format(wanted=False))
    expect(page.outputs).to_contain_text("watching: False", timeout=30_000)


CONTRAST = """element => {
  const read = css => css.match(/[\\d.]+/g).map(Number);
  const light = rgb => rgb.map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let behind = element;
  while ((read(getComputedStyle(behind).backgroundColor)[3] ?? 1) < 0.5) behind = behind.parentElement;
  const paper = read(getComputedStyle(behind).backgroundColor).slice(0, 3);
  const [r, g, b, alpha = 1] = read(getComputedStyle(element).color);
  const ink = [r, g, b].map((v, i) => alpha * v + (1 - alpha) * paper[i]);
  const [low, high] = [light(ink), light(paper)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}"""


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_all_text_has_enough_contrast(lab: Lab, open_page: Callable[[Lab], LabPage], theme: str) -> None:
    lab.server.create("etl", num_workers=2, node_type_id="memory-1c")
    page = open_page(lab)
    page.command("apputils:change-theme", theme=theme)
    panel = page.show_panel()
    row = page.row("etl")
    expect(row).to_contain_text("Running")
    page.button("More", row).click()
    page.button("Delete", row).click()
    expect(row).to_contain_text("Delete etl?")
    # Minimum contrast of WCAG 2 AA: 4.5 for text, 3 for large text and controls.
    least = {
        ".dbx-name": 4.5,
        ".dbx-state": 4.5,
        ".dbx-facts": 4.5,
        ".dbx-soft": 4.5,
        "button:visible": 3,
        ".dbx-box *": 3,
    }

    measured = {
        selector: min(element.evaluate(CONTRAST) for element in panel.locator(selector).all() if element.inner_text())
        for selector in least
    }

    assert {selector: ratio for selector, ratio in measured.items() if ratio < least[selector]} == {}
