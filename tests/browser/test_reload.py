"""A page that is reloaded, or opened, while a cell runs: the cell goes on, and its page with it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab import Lab
from live import TOKEN
from playwright.sync_api import Locator, expect
from side import Side

pytestmark = pytest.mark.browser

#: Within this time of its restoration, a page shows what its kernel does, ms.
SOON_MS = 2_000

#: Takes the kernel's main thread until a file exists.
HOLD = "import os, time\nwhile not os.path.exists({flag!r}): time.sleep(0.01)\n"

#: A cell with a Spark job that reports progress all the time, until it is cancelled; the driver is one that takes notes.
JOB = """
import time
from jupyter_dbx.model.protocol import Interrupt, JobProgress, Progress
session, sent = get_ipython().kernel.spark_session, []
cell, began, done = session.cells.current.number, int(time.time() * 1000) - 1000, 0
session._seat = type("Seat", (), {"send": lambda self, m: sent.append(m), "leave": lambda self: None, "is_ended": False})()
print("begun")
while not any(isinstance(m, Interrupt) and m.cell == cell for m in sent):
    done += 1
    job = JobProgress(1, "count", "RUNNING", began, None, 10**6, done, 1, 0)
    session.on_progress(Progress(cell, False, "c", (job,)))
    time.sleep(0.1)
session.on_progress(Progress(cell, True, "c", (JobProgress(1, "count", "SUCCEEDED", began, began + 1000, 5, 5, 0, 0),)))
session._seat = None
print("the driver was told to cancel", sent[-1].cell == cell)
"""

SAVE = "window.jupyterapp.shell.currentWidget.context.save()"


@pytest.fixture
def flag(tmp_path: Path) -> Iterator[Path]:
    """A file that ends the cells of the test, at its end at the latest."""
    path = tmp_path / "flag"
    yield path
    path.touch()


def look(side: Side, name: str) -> None:
    """Save a screenshot, if a folder is configured."""
    if folder := os.environ.get("DBX_SCREENSHOTS"):
        side.page.screenshot(path=Path(folder) / f"{name}.png")


def reload(side: Side, lab: Lab, *, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Leave the page, and load it again with its notebook; wait until JupyterLab has restored it."""
    path = side.page.evaluate("window.jupyterapp.shell.currentWidget.context.path")
    side.page.goto("about:blank")
    meanwhile()
    side.page.goto(f"{lab.server.url}lab/tree/{path}?token={TOKEN}&reset")
    side.page.wait_for_function("window.jupyterapp?.restored.then(() => true)")
    expect(side.page.locator(".jp-CodeCell").first).to_be_visible()


def prompt(side: Side, index: int = 0) -> Locator:
    """Return the prompt of a cell."""
    return side.page.locator(".jp-CodeCell .jp-InputPrompt").nth(index)


def is_above_other_outputs(progress: Locator) -> bool:
    """Return whether the progress stands below the code and above the outputs that came before it."""
    box, code = progress.bounding_box(), progress.page.locator(".jp-InputArea").first.bounding_box()
    others = progress.page.locator(".jp-OutputArea-output:not(.jp-Dbx-progress)").first.bounding_box()
    assert box and code and others
    return bool(code["y"] + code["height"] <= box["y"] and box["y"] + box["height"] <= others["y"])


def test_reloaded_page_finds_the_running_cell_and_those_behind_it(side: Side, flag: Path, lab: Lab) -> None:
    notebook = side.lab_page
    notebook.run(
        "from IPython.display import display\nprint('before')\nhandle = display('first', display_id=True)\n"
        + HOLD.format(flag=str(flag))
        + "handle.update('second')\nprint('after')"
    )
    expect(notebook.outputs).to_contain_text("before")
    notebook.add_cell("print('behind', 6 * 7)")
    side.page.evaluate(SAVE)

    reload(side, lab)

    expect(prompt(side)).to_have_text("[*]:", timeout=SOON_MS)
    expect(side.page.get_by_text("Spark (jupyter-dbx) | Busy")).to_be_visible()
    outputs = side.page.locator(".jp-OutputArea-output")
    expect(outputs).to_have_text(["before\n", "'first'"])
    flag.touch()
    expect(outputs).to_have_text(["before\n", "'second'", "after\n", "behind 42\n"])
    expect(prompt(side)).to_have_text("[1]:")
    expect(prompt(side, 1)).to_have_text("[2]:")
    notebook.run("print('as usual')")  # the second cell is the active one, or the first
    expect(notebook.outputs).to_contain_text("as usual")


def test_outputs_that_arrived_while_no_page_was_open_are_shown(side: Side, flag: Path, lab: Lab) -> None:
    notebook = side.lab_page
    notebook.run(HOLD.format(flag=str(flag)) + "print('late', 6 * 7)")
    expect(prompt(side)).to_have_text("[*]:")
    side.page.evaluate(SAVE)

    reload(side, lab, meanwhile=flag.touch)

    expect(notebook.outputs).to_contain_text("late 42")
    expect(prompt(side)).to_have_text("[1]:")
    expect(side.page.locator(".jp-OutputArea-child")).to_have_count(1)


def test_progress_and_cancel_go_on_after_a_reload(side: Side, lab: Lab) -> None:
    notebook = side.lab_page
    progress = side.page.locator(".jp-Dbx-progress")
    notebook.run(JOB)
    expect(progress).to_contain_text("of 1000000 tasks")
    assert is_above_other_outputs(progress)
    side.page.evaluate(SAVE)

    reload(side, lab)

    expect(progress).to_have_count(1)
    assert is_above_other_outputs(progress)
    look(side, "progress")
    before = progress.inner_text()
    expect(progress).not_to_have_text(before, timeout=SOON_MS)
    expect(progress).not_to_contain_text("unknown")
    progress.get_by_role("button", name="Cancel").click()
    expect(notebook.outputs).to_contain_text("the driver was told to cancel True")
    expect(progress).to_contain_text("1 Spark job, 5 tasks, 1.0 s")

    # A later job of the same notebook can be cancelled as well.
    notebook.run(JOB)
    expect(progress).to_contain_text("of 1000000 tasks")
    progress.get_by_role("button", name="Cancel").click()
    expect(progress).to_contain_text("1 Spark job, 5 tasks, 1.0 s")


def test_page_says_what_became_of_jobs_whose_kernel_has_ended(side: Side, lab: Lab) -> None:
    notebook = side.lab_page
    progress = side.page.locator(".jp-Dbx-progress")
    notebook.run(JOB)
    expect(progress).to_contain_text("of 1000000 tasks")
    side.page.evaluate(SAVE)

    notebook.command("notebook:restart-kernel")
    side.page.get_by_role("dialog").get_by_role("button", name="Confirm Kernel Restart").click()

    expect(progress).to_contain_text("the kernel was restarted")
    expect(progress.get_by_role("button", name=re.compile("Cancel"))).to_be_hidden()


def test_cancelled_cell_ends_in_one_grey_line(side: Side, flag: Path) -> None:
    notebook = side.lab_page
    notebook.run("print('begun')\n" + HOLD.format(flag=str(flag)))
    output = side.page.locator(".jp-OutputArea-output")
    expect(output).to_have_text("begun")

    notebook.command("notebook:interrupt-kernel")

    output = output.last
    expect(output).to_have_text("Cancelled")
    expect(output).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    look(side, "cancelled")
