"""The whole way of a user in JupyterLab, on real Spark and behind a prefix."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from lab import Lab
from playwright.sync_api import expect
from side import Side

pytestmark = [pytest.mark.browser, pytest.mark.spark, pytest.mark.timeout(600)]

#: How long a real cluster may take to change, ms.
SLOW_MS = 180_000

#: A job that takes a second for each task.
SLEEPY = "import time\nsc.parallelize(range({tasks}), {tasks}).map(lambda x: time.sleep(1) or x).sum()"


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
    expect(page.get_by_role("button", name=re.compile(r"^\w+\.ipynb$"))).to_be_visible()
    page.get_by_role("tab", name="Logs").click()
    expect(page.locator(".jp-Dbx-log")).to_contain_text("Master", timeout=SLOW_MS)

    # It ends, and the notebook says so.
    row.hover()
    row.get_by_role("button", name="Terminate").click()
    side.page.get_by_role("dialog").get_by_role("button", name="Terminate").click()
    side.panel.get_by_role("button", name="1 terminated").click(timeout=SLOW_MS)
    expect(row).to_contain_text("ended just now", timeout=SLOW_MS)
    expect(side.page.locator(".jp-Dbx-pick").first).to_have_attribute("title", "cluster-1: Terminated")


def test_cluster_that_cannot_start_says_why(real_lab: Lab, open_side: Callable[[Lab], Side]) -> None:
    side = open_side(real_lab)

    side.panel.get_by_role("button", name="Create a cluster").click()
    side.form.get_by_text("Advanced").click()
    side.form.get_by_label("Spark conf", exact=True).fill("spark.scheduler.mode NONSENSE")
    side.form.get_by_role("button", name="Create").click()

    failure = side.row("cluster-1").get_by_role("alert")
    expect(failure).to_contain_text("NONSENSE", timeout=SLOW_MS)  # as its log ends
    notice = side.page.locator(".Toastify__toast", has_text="Cluster cluster-1 failed")
    notice.get_by_role("button", name="Open").click()
    expect(side.page.locator(".jp-Dbx-page")).to_contain_text("NONSENSE")
