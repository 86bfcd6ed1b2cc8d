"""A complete user story in JupyterLab, on real Spark and behind a base URL prefix."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from lab import Lab, LabPage
from playwright.sync_api import expect
from side import Side

from jupyter_dbx.runner.source import read_cells

pytestmark = [pytest.mark.browser, pytest.mark.spark, pytest.mark.timeout(600)]

#: How long a real cluster may take to change, ms.
SLOW_MS = 180_000

IDIOMS = Path(__file__).parents[1] / "notebooks" / "idioms"

RUN_ALL = """async () => {
  const { commands, shell } = window.jupyterapp;
  await commands.execute('notebook:run-all-cells');
  const cells = shell.currentWidget.content.model.cells;
  return Array.from(cells)
    .flatMap(cell => Array.from({ length: cell.outputs?.length ?? 0 }, (_, i) => cell.outputs.get(i).toJSON()))
    .filter(output => output.output_type === 'error')
    .map(output => `${output.ename}: ${output.evalue}`);
}"""

#: A job that takes a second for each task.
SLEEPY = "import time\nsc.parallelize(range({tasks}), {tasks}).map(lambda x: time.sleep(1) or x).sum()"


def test_user_story_from_the_first_click_to_termination(real_lab: Lab, open_side: Callable[[Lab], Side]) -> None:
    side = open_side(real_lab)

    # A cluster in two clicks; a cell that needs it then offers it.
    side.panel.get_by_role("button", name="Create cluster", exact=True).click()
    side.field("Workers").fill("1")
    side.form.get_by_role("button", name="Create").click()
    row = side.row("cluster-1")
    expect(row).to_contain_text("Waiting for the driver")
    expect(side.page.get_by_role("region", name="Start", exact=True)).to_be_visible()
    expect(row).to_contain_text("Running", timeout=SLOW_MS)
    side.page.get_by_role("tab", name=re.compile("ipynb$")).click()
    expect(side.picker).to_contain_text("No cluster")
    side.lab_page.run("sum(n for (n,) in spark.range(100).collect())")
    side.page.get_by_role("button", name="Attach and run").click()
    expect(side.picker).to_contain_text("cluster-1")
    expect(side.lab_page.outputs).to_contain_text("4950", timeout=SLOW_MS)
    expect(row).to_contain_text(re.compile(r"[\w-]+\.ipynb"))

    # A job's progress is below its cell, also after a reload of the page; it can be cancelled, which leaves one line.
    outputs = side.page.locator(".jp-Dbx-progress")
    side.lab_page.run(SLEEPY.format(tasks=100))
    expect(outputs).to_contain_text("of 100 tasks", timeout=SLOW_MS)
    outputs.get_by_role("button", name="Cancel").click()
    expect(side.page.locator(".jp-OutputArea-output").last).to_have_text("Cancelled", timeout=SLOW_MS)
    expect(outputs).to_contain_text("1 Spark job, 1 cancelled")
    side.lab_page.run(f"from IPython.display import clear_output\nclear_output()\n{SLEEPY.format(tasks=8)}")
    expect(outputs).to_contain_text("of 8 tasks", timeout=SLOW_MS)
    side.page.evaluate("window.jupyterapp.shell.currentWidget.context.save()")
    side.page.reload()
    side.page.wait_for_function("window.jupyterapp?.restored.then(() => true)")
    expect(side.page.locator(".jp-CodeCell .jp-InputPrompt")).to_have_text("[*]:")
    expect(outputs).to_contain_text("1 Spark job, 8 tasks", timeout=SLOW_MS)
    expect(side.page.locator(".jp-OutputArea-output").last).to_have_text("28")
    expect(side.picker).to_contain_text("cluster-1")

    # The job is in the Spark UI, and its output in the logs.
    row.click(button="right")
    side.choose("Spark UI")
    frame = side.page.frame_locator("iframe")
    expect(frame.locator("body")).to_contain_text("Completed Jobs", timeout=SLOW_MS)
    row.dblclick()
    page = side.page.locator(".jp-Dbx-page")
    page.get_by_role("tab", name="Notebooks (1)").click()
    expect(page.get_by_role("button", name=re.compile(r"^\w+\.ipynb$"))).to_be_visible()
    page.get_by_role("tab", name="Logs").click()
    expect(page.locator(".jp-Dbx-log")).to_contain_text("Master", timeout=SLOW_MS)

    # It terminates, and the notebook shows it.
    row.hover()
    row.get_by_role("button", name="Terminate").click()
    side.page.get_by_role("dialog").get_by_role("button", name="Terminate").click()
    side.panel.get_by_role("button", name="1 terminated").click(timeout=SLOW_MS)
    expect(row).to_contain_text("Terminated just now", timeout=SLOW_MS)
    expect(side.page.locator(".jp-Dbx-pick").first).to_have_attribute("title", "cluster-1: Terminated")


def test_stages_of_a_real_job_are_on_the_timeline(real_lab: Lab, open_side: Callable[[Lab], Side]) -> None:
    side = open_side(real_lab)
    cluster_id = real_lab.server.create("etl", num_workers=1)
    expect(side.row("etl")).to_contain_text("Running", timeout=SLOW_MS)
    side.picker.click()
    side.choose("etl (Running)")
    expect(side.picker).to_contain_text("etl")
    side.lab_page.command("dbx:monitor-stages", cluster_id=cluster_id)
    side.lab_page.command("dbx:monitor-tasks", cluster_id=cluster_id)
    stages, tasks = (side.page.locator(f"[id^='jp-dbx-pane-{kind}-'] .jp-Dbx-pane") for kind in ("stages", "tasks"))
    expect(stages.get_by_label("Timeline")).to_be_visible()
    side.page.get_by_role("tab", name=re.compile("ipynb$")).click()

    side.lab_page.run(
        f"pairs = sc.parallelize(range(8), 4).map(lambda x: (x % 2, x))\npairs.groupByKey().count()\n{SLEEPY.format(tasks=8)}"
    )
    running = stages.get_by_role(
        "button", name=re.compile(r"^Stage \d+ of job \d+: sum, line 4\srunning · [1-7] of 8 tasks")
    )
    expect(running).to_be_visible(timeout=SLOW_MS)
    expect(tasks.get_by_role("row").nth(1)).to_contain_text("1 of 1")
    expect(stages.get_by_role("heading").first).to_have_text(re.compile(r"\.ipynb$"))
    ended = stages.get_by_role(
        "button", name=re.compile(r"^Stage \d+ of job \d+: sum, line 4\scomplete · 8 of 8 tasks")
    )
    expect(ended).to_be_visible(timeout=SLOW_MS)
    assert re.search(r"\b[89]\.\d s|\b\d\d s", ended.get_attribute("aria-label") or "")  # a task takes a second

    ended.click()
    frame = side.page.frame_locator("iframe")
    expect(frame.locator("body")).to_contain_text("Details for Stage", timeout=SLOW_MS)


def test_cluster_that_cannot_start_shows_the_reason(real_lab: Lab, open_side: Callable[[Lab], Side]) -> None:
    side = open_side(real_lab)

    side.panel.get_by_role("button", name="Create cluster", exact=True).click()
    side.form.get_by_text("Advanced").click()
    side.field("Spark config").fill("spark.scheduler.mode NONSENSE")
    side.form.get_by_role("button", name="Create").click()
    expect(side.form.get_by_role("alert")).to_contain_text("It should be one of 'FAIR, FIFO, NONE'.")  # without a start
    side.lab_page.errors.clear()  # the browser logs failed requests
    side.field("Spark config").fill("spark.serializer no.such.Serializer")
    side.form.get_by_role("button", name="Create").click()

    failure = side.row("cluster-1").get_by_role("alert")
    expect(failure).to_contain_text("no.such.Serializer", timeout=SLOW_MS)  # the end of its log
    notice = side.page.locator(".Toastify__toast", has_text="Cluster cluster-1 failed")
    notice.get_by_role("button", name="Open").click()
    expect(side.page.locator(".jp-Dbx-page")).to_contain_text("no.such.Serializer")


def test_idiom_notebooks_with_visual_output_show_it(real_lab: Lab) -> None:
    """`tests/integration/test_idioms.py` runs all of them, without a page."""
    cluster_id = real_lab.server.create("idioms", num_workers=1)
    assert real_lab.server.wait(cluster_id, "RUNNING", "TERMINATED")["state"] == "RUNNING"

    shown = run_idiom(real_lab, "displaying", cluster_id)
    expect(shown.page.locator(".jp-Dbx-display .ag-row").first).to_be_visible()
    expect(shown.page.locator(".jp-Dbx-profile").first).to_be_visible()
    html = shown.page.frame_locator("iframe.dbx-html").first
    expect(html.get_by_role("heading", name="A title")).to_be_visible()
    shown.close()

    widgets_page = run_idiom(real_lab, "widgets", cluster_id)
    bar = widgets_page.page.get_by_role("region", name="Notebook widgets")
    expect(bar.get_by_label("Who is it?")).to_have_value("Ada")
    expect(bar.get_by_label("days")).to_be_hidden()  # a cell has removed it
    widgets_page.close()


def run_idiom(lab: Lab, name: str, cluster_id: str) -> LabPage:
    """Return the notebook on its page, after all of its cells have run without an error."""
    path = lab.write(f"{name}.ipynb", "")
    document = json.loads((lab.server.workspace.root / path).read_text())
    empty = document["cells"][0]
    cells = enumerate(read_cells(IDIOMS / f"{name}.py"))
    document["cells"] = [empty | {"id": f"c{n}", "source": code} for n, code in cells]
    document["metadata"]["jupyter_dbx"] = {"cluster_id": cluster_id}
    page = lab.open(path, document)
    assert page.page.evaluate(RUN_ALL) == []
    expect(page.page.locator(".jp-InputPrompt", has_text="[*]")).to_have_count(0)
    return page
