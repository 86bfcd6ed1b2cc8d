"""The panes that show what a cluster does: docked, narrow, after a reload, and after a restart or the end of their cluster."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import Lab
from live import wait_until
from playwright.sync_api import Locator, Page, Request, expect
from side import Side

from jupyter_dbx.model.codec import encode
from jupyter_dbx.model.protocol import JobProgress, NotebookJob, RecentJobs, StageProgress

pytestmark = pytest.mark.browser

PANES = {"tasks": "Tasks: etl", "usage": "CPU and memory: etl", "stages": "Stages: etl"}

LOADED = "window.jupyterapp?.restored.then(() => true)"


@pytest.fixture(autouse=True)
def new_page(lab: Lab) -> Iterator[None]:
    """A page of its own for each test, because JupyterLab restores what earlier tests had open."""
    yield
    (lab.server.workspace.data / "jobs").unlink(missing_ok=True)
    lab.leave()


def look(page: Page, name: str) -> None:
    """Save a screenshot, if a folder is configured."""
    if folder := os.environ.get("DBX_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def create(lab: Lab, side: Side) -> str:
    """Return the ID of a cluster that is running."""
    cluster_id = lab.server.create("etl", num_workers=2, node_type_id="memory-1c")
    expect(side.row("etl")).to_contain_text("Running")
    return cluster_id


def report(lab: Lab, *jobs: NotebookJob, application_id: str = "app-1") -> None:
    """Let the simulated drivers report these jobs."""
    (lab.server.workspace.data / "jobs").write_text(encode(RecentJobs(0, application_id, jobs)))


def job(job_id: int, began_s: float, ended_s: float | None, *stages: StageProgress, notebook: str = "") -> NotebookJob:
    """Return a job that began and ended so many seconds ago."""
    now = time.time()
    ended_ms = None if ended_s is None else int((now - ended_s) * 1000)
    status = "RUNNING" if ended_ms is None else "SUCCEEDED"
    progress = JobProgress(job_id, "count", status, int((now - began_s) * 1000), ended_ms, 8, 8, 0, 0, stages)
    return NotebookJob(progress, "", notebook)


def stage(stage_id: int, status: str, began_s: float, ended_s: float | None, done: int = 8) -> StageProgress:
    now = time.time()
    ended_ms = None if ended_s is None else int((now - ended_s) * 1000)
    name = ("collect, line 3", "count, line 7", "save, line 12")[stage_id % 3]
    return StageProgress(stage_id, 0, name, status, 8, done, 0, 0, int((now - began_s) * 1000), ended_ms)


def some_jobs() -> tuple[NotebookJob, ...]:
    """Return jobs of two notebooks and of a program, in every state."""
    etl, train = "/home/ada/etl.ipynb", "/home/ada/models/train.ipynb"
    skipped = StageProgress(4, 0, "count, line 7", "SKIPPED", 8, 0, 0, 0)
    return (
        job(5, 20, None, stage(9, "ACTIVE", 20, None, done=5), notebook=train),
        job(4, 60, 30, stage(7, "COMPLETE", 60, 45), stage(8, "COMPLETE", 45, 30), notebook=etl),
        job(3, 100, 90, stage(6, "FAILED", 100, 90, done=2), notebook=train),
        job(2, 120, 70, skipped, stage(5, "COMPLETE", 120, 70), notebook=etl),
        job(1, 200, 160, stage(2, "COMPLETE", 200, 180), stage(3, "COMPLETE", 180, 160), notebook=etl),
        job(0, 280, 270, stage(1, "COMPLETE", 280, 270)),
    )


def pane(page: Page, kind: str) -> Locator:
    return page.locator(f"[id^='jp-dbx-pane-{kind}-'] .jp-Dbx-pane")


def bar(within: Locator, words: str) -> Locator:
    """Return the bar of a job or stage."""
    return within.get_by_role("button", name=re.compile(f"^{re.escape(words)}"))


def counts(within: Locator) -> Locator:
    """Return how many bars of the timeline have each status."""
    return within.get_by_role("group", name="Bars by status")


def leave(page: Page) -> str:
    """Leave JupyterLab once it has saved its layout; return its URL."""
    page.wait_for_timeout(1000)  # it saves half a second after the last change; nothing announces it
    url = str(page.url)
    page.goto("about:blank")
    return url


def come_back(page: Page, url: str) -> None:
    """Load JupyterLab, and wait until its layout is restored."""
    page.goto(url)
    page.wait_for_function(LOADED)


def resize(page: Page, kind: str, width: int, height: int) -> None:
    """Give a pane this size, px."""
    script = """([prefix, width, height]) => {
      const found = [...window.jupyterapp.shell.widgets('main')].find(widget => widget.id.startsWith(prefix));
      const { content } = found;
      Object.assign(content.node.style, { width: `${width}px`, height: `${height}px` });
    }"""
    page.evaluate(script, [f"jp-dbx-pane-{kind}-", width, height])


def test_panes_open_once_from_the_page_the_row_and_the_palette(lab: Lab, side: Side) -> None:
    cluster_id = create(lab, side)
    report(lab, *some_jobs())

    side.row("etl").dblclick()
    side.page.locator(".jp-Dbx-page").get_by_role("button", name="Monitor").click()
    side.choose("Monitor Stages")
    stages = pane(side.page, "stages")
    expect(bar(stages, "Stage 9 of job 5")).to_be_visible()
    side.row("etl").click(button="right")
    side.choose("Monitor Tasks")
    expect(pane(side.page, "tasks").locator("canvas")).to_be_visible()
    side.lab_page.command("dbx:monitor-usage", isPalette=True)
    side.page.get_by_role("dialog").get_by_role("button", name="Ok").click()
    expect(pane(side.page, "usage")).to_contain_text("CPU", timeout=60_000)  # sampled a few times a minute
    look(side.page, "panes-light")

    # All are visible at once, and there is one of each.
    expect(stages).to_be_visible()
    expect(pane(side.page, "tasks")).to_be_visible()
    side.lab_page.command("dbx:monitor-stages", cluster_id=cluster_id)
    side.page.wait_for_function("window.jupyterapp.shell.currentWidget.id.startsWith('jp-dbx-pane-stages-')")
    expect(pane(side.page, "stages")).to_have_count(1)


def test_tasks_pane_shows_the_load_and_the_tasks_of_each_executor(lab: Lab, side: Side) -> None:
    cluster_id = create(lab, side)

    side.lab_page.command("dbx:monitor-tasks", cluster_id=cluster_id)

    tasks = pane(side.page, "tasks")
    now = re.compile("^Tasks over the last 5 min; now: total cores 2, pending tasks 0, running tasks 1")
    expect(tasks.get_by_role("img", name=now)).to_be_visible()
    expect(tasks.get_by_role("row")).to_have_count(3)
    expect(tasks.get_by_role("row").nth(1)).to_contain_text("1 of 1")
    expect(tasks.get_by_role("row").nth(1)).to_contain_text("41")


def test_timeline_shows_stages_by_notebook_and_opens_them_in_the_spark_ui(lab: Lab, side: Side) -> None:
    cluster_id = create(lab, side)
    report(lab, *some_jobs())
    side.lab_page.command("dbx:monitor-stages", cluster_id=cluster_id)
    stages = pane(side.page, "stages")

    expect(stages.get_by_role("heading")).to_have_text(["etl.ipynb", "train.ipynb", "Other"])
    expect(counts(stages)).to_have_text("1 running1 failed6 complete1 skipped")
    running = bar(stages, "Stage 9 of job 5: collect, line 3")
    expect(running).to_have_accessible_name(re.compile("running · 5 of 8 tasks · .*train.ipynb", re.DOTALL))
    assert order(bar(stages, "Stage 2"), bar(stages, "Stage 3"), bar(stages, "Stage 7"), bar(stages, "Stage 8"))

    bar(stages, "Stage 6 of job 3").click()
    side.page.wait_for_function("window.jupyterapp.shell.currentWidget.id.startsWith('jp-dbx-spark-ui-')")
    stages.get_by_role("button", name="Jobs").click()
    expect(bar(stages, "Job 3: count")).to_be_visible()
    stages.get_by_role("combobox", name="Range").select_option("Last 60 min")
    expect(bar(stages, "Job 3: count")).to_be_visible()


def order(*bars: Locator) -> bool:
    """Return whether these bars begin from left to right."""
    places = [(each.bounding_box() or {})["x"] for each in bars]
    return places == sorted(places)


def test_timeline_pauses_under_the_pointer_and_goes_on_after_it(lab: Lab, side: Side) -> None:
    cluster_id = create(lab, side)
    report(lab, job(0, 20, 10, stage(1, "COMPLETE", 20, 10)))
    side.lab_page.command("dbx:monitor-stages", cluster_id=cluster_id)
    stages = pane(side.page, "stages")

    bar(stages, "Stage 1 of job 0").hover()
    expect(stages.get_by_text("Paused")).to_be_visible()
    with side.page.expect_response(re.compile(f"{cluster_id}/jobs")):
        report(lab, job(1, 5, None, stage(2, "ACTIVE", 5, None)))
    with side.page.expect_response(re.compile(f"{cluster_id}/jobs")):
        pass
    place = bar(stages, "Stage 1 of job 0").bounding_box()
    side.page.wait_for_timeout(1_200)  # the timeline moves once a second
    assert bar(stages, "Stage 1 of job 0").bounding_box() == place
    expect(bar(stages, "Stage 2 of job 1")).to_have_count(0)

    side.panel.hover()
    expect(bar(stages, "Stage 2 of job 1")).to_be_visible()
    expect(counts(stages)).to_have_text("1 running1 complete")


def test_panes_request_only_what_is_new_and_only_while_they_are_visible(lab: Lab, side: Side) -> None:
    cluster_id = create(lab, side)
    report(lab, job(0, 20, 10, stage(1, "COMPLETE", 20, 10)))
    sent: list[str] = []
    answers: list[int] = []

    def note(request: Request) -> None:
        if f"{cluster_id}/jobs" in request.url:
            sent.append(request.url)

    side.page.on("request", note)
    side.page.on(
        "requestfinished",
        lambda request: answers.append(len(request.response().body())) if request.url in sent else None,
    )
    side.lab_page.command("dbx:monitor-stages", cluster_id=cluster_id)
    wait_until(lambda: side.page.wait_for_timeout(100) or len(answers) >= 6, 30)
    assert "since=0&" in sent[0] and not any("since=0&" in url for url in sent[1:])
    assert answers[-1] < 150 < answers[0]

    side.page.evaluate(
        """() => {
          const { shell } = window.jupyterapp;
          const hidden = [...shell.widgets('main')].find(widget => widget.id.startsWith('jp-dbx-pane-stages-'));
          const notebook = [...shell.widgets('main')].find(widget => widget.sessionContext);
          shell.add(hidden, 'main', { mode: 'tab-after', ref: notebook.id });
          shell.activateById(notebook.id);
        }"""
    )
    expect(pane(side.page, "stages")).to_be_hidden()
    side.page.wait_for_timeout(500)  # a request may be on its way
    before = len(sent)
    side.page.wait_for_timeout(5_000)  # more than two intervals
    assert len(sent) == before


def test_panes_are_restored_and_follow_their_cluster_through_a_restart(lab: Lab, side: Side) -> None:
    cluster_id = create(lab, side)
    report(lab, job(0, 20, 10, stage(1, "COMPLETE", 20, 10)))
    for kind in PANES:
        side.lab_page.command(f"dbx:monitor-{kind}", cluster_id=cluster_id)
        expect(pane(side.page, kind)).to_be_visible()

    come_back(side.page, leave(side.page))
    for kind, title in PANES.items():
        expect(side.page.get_by_role("tab", name=title, exact=True)).to_be_visible()
        expect(pane(side.page, kind)).to_be_visible()
    stages, tasks = pane(side.page, "stages"), pane(side.page, "tasks")
    expect(bar(stages, "Stage 1 of job 0")).to_be_visible()

    lab.server.call("POST", "api/2.0/clusters/delete", {"cluster_id": cluster_id})
    expect(stages).to_contain_text("Stages are shown only while the cluster is running.")
    expect(tasks).to_contain_text("Tasks are shown only while the cluster is running.")
    report(lab, job(0, 2, 1, stage(2, "COMPLETE", 2, 1)), application_id="app-2")
    lab.server.wait(cluster_id, "TERMINATED")
    lab.server.call("POST", "api/2.0/clusters/start", {"cluster_id": cluster_id})
    expect(bar(stages, "Stage 2 of job 0")).to_be_visible()
    expect(bar(stages, "Stage 1 of job 0")).to_have_count(0)
    expect(tasks.locator("canvas")).to_be_visible()


@pytest.mark.parametrize("is_watched", [True, False], ids=["while they are open", "while they are closed"])
def test_panes_of_a_cluster_that_was_deleted_say_so(lab: Lab, side: Side, is_watched: bool) -> None:
    cluster_id = create(lab, side)
    for kind in PANES:
        side.lab_page.command(f"dbx:monitor-{kind}", cluster_id=cluster_id)
        expect(pane(side.page, kind)).to_be_visible()

    if is_watched:
        delete(lab, cluster_id)
        expect(pane(side.page, "stages")).to_contain_text("Cluster etl no longer exists.")
    url = leave(side.page)
    if not is_watched:
        delete(lab, cluster_id)
    come_back(side.page, url)

    for kind in PANES:
        expect(pane(side.page, kind)).to_contain_text("Cluster etl no longer exists.")
    # The browser logs requests that fail, such as one for a cluster that has just been deleted.
    errors = side.lab_page.errors
    errors[:] = [error for error in errors if f"/clusters/{cluster_id}/" not in error]


def delete(lab: Lab, cluster_id: str) -> None:
    lab.server.call("POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id})
    wait_until(lambda: not lab.clusters(), 10)


SIZES = {"narrow": (250, 600), "low": (900, 150), "tiny": (250, 150)}

#: The elements that stick out of a pane: its content scrolls inside of it.
OVERFLOWING = """pane => {
  const box = pane.getBoundingClientRect();
  const isIn = rect => rect.left >= box.left - 1 && rect.right <= box.right + 1;
  return [...pane.querySelectorAll('select, figure, canvas, .jp-Dbx-counts, .jp-Dbx-lanes, .jp-Dbx-segmented, table')]
    .filter(node => node.getClientRects().length && !isIn(node.getBoundingClientRect()))
    .map(node => node.outerHTML.slice(0, 100));
}"""


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_panes_fit_into_any_size(lab: Lab, side: Side, theme: str) -> None:
    cluster_id = create(lab, side)
    report(lab, *some_jobs())
    side.lab_page.command("apputils:change-theme", theme=theme)
    for kind in PANES:
        side.lab_page.command(f"dbx:monitor-{kind}", cluster_id=cluster_id)
    expect(pane(side.page, "usage").locator("canvas")).to_have_count(2, timeout=60_000)
    expect(bar(pane(side.page, "stages"), "Stage 9")).to_be_visible()
    look(side.page, f"panes-{theme}")

    found: list[Any] = []
    for size, (width, height) in SIZES.items():
        for kind in PANES:
            resize(side.page, kind, width, height)
        side.page.wait_for_timeout(300)  # observers of sizes run before the next frame
        for kind in PANES:
            found += pane(side.page, kind).evaluate(OVERFLOWING)
        look(side.page, f"panes-{theme}-{size}")
    assert found == []
    side.lab_page.command("apputils:change-theme", theme="JupyterLab Light")


def test_panes_are_accessible(lab: Lab, side: Side) -> None:
    cluster_id = create(lab, side)
    report(lab, *some_jobs())
    for kind in ("tasks", "stages"):
        side.lab_page.command(f"dbx:monitor-{kind}", cluster_id=cluster_id)
    expect(pane(side.page, "tasks").locator("canvas")).to_be_visible()
    expect(bar(pane(side.page, "stages"), "Stage 9")).to_be_visible()

    assert side.serious_findings(".jp-Dbx-pane") == []
