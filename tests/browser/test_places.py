"""What JupyterLab restores after a reload, and notebooks that are renamed, moved, copied or open twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from lab import IS_READY, Lab
from live import TOKEN, wait_until
from playwright.sync_api import Browser, Error, Page, expect
from side import Side

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def new_page(lab: Lab) -> Iterator[None]:
    """A page of its own for each test, because JupyterLab restores what earlier tests had open."""
    yield
    lab.leave()


LOADED = "window.jupyterapp?.restored.then(() => true)"


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


def reload(page: Page) -> None:
    """Leave JupyterLab and come back."""
    come_back(page, leave(page))


def create(lab: Lab, side: Side, name: str = "etl") -> str:
    """Return the ID of a cluster that is running."""
    cluster_id = lab.server.create(name, num_workers=1, node_type_id="memory-1c")
    expect(side.row(name)).to_contain_text("Running")
    return cluster_id


def delete(lab: Lab, cluster_id: str) -> None:
    lab.server.call("POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id})
    wait_until(lambda: not lab.clusters(), 10)


# -- layout ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_watched", [True, False], ids=["while it is open", "while it is closed"])
def test_tabs_of_a_cluster_that_was_deleted_are_restored(lab: Lab, side: Side, is_watched: bool) -> None:
    cluster_id = create(lab, side)
    side.lab_page.command("dbx:open-spark-ui", cluster_id=cluster_id)
    side.lab_page.command("dbx:open-cluster", cluster_id=cluster_id)
    expect(side.page.locator(".jp-Dbx-page")).to_be_visible()

    if is_watched:
        delete(lab, cluster_id)
        expect(side.page.locator(".jp-Dbx-empty:visible").last).to_contain_text("Cluster etl no longer exists.")
    url = leave(side.page)
    if not is_watched:
        delete(lab, cluster_id)
    come_back(side.page, url)

    expect(side.page.locator(".jp-Dialog")).to_have_count(0)
    for tab in ("etl", "Spark UI: etl"):
        side.page.locator("#jp-main-dock-panel").get_by_role("tab", name=tab, exact=True).click()
        content = side.page.locator(".jp-Dbx-empty:visible", has_text="Cluster etl no longer exists.")
        expect(content).to_contain_text(cluster_id)
        assert ("Deleted" in (content.text_content() or "")) is is_watched
    expect(side.panel).to_contain_text("No clusters yet")
    # The browser logs requests that fail, such as one for a cluster that has just been deleted.
    errors = side.lab_page.errors
    errors[:] = [error for error in errors if f"/clusters/{cluster_id}?" not in error]


def test_command_of_an_old_notification_asks_nothing_about_a_deleted_cluster(lab: Lab, side: Side) -> None:
    create(lab, side)

    side.lab_page.command("dbx:open-cluster", cluster_id="gone")
    expect(side.page.locator(".jp-Dbx-empty:visible")).to_contain_text("Cluster gone no longer exists.")
    side.lab_page.command("dbx:restart-cluster", cluster_id="gone")
    expect(side.page.locator(".Toastify__toast")).to_contain_text("This cluster no longer exists")

    expect(side.page.locator(".jp-Dialog")).to_have_count(0)
    side.page.locator(".Toastify__toast").get_by_role("button").first.click()


def test_layout_is_restored_while_the_list_of_clusters_cannot_be_loaded(lab: Lab, side: Side) -> None:
    cluster_id = create(lab, side)
    side.lab_page.command("dbx:open-cluster", cluster_id=cluster_id)
    expect(side.page.locator(".jp-Dbx-page")).to_be_visible()

    side.page.route("**/api/dbx/clusters?*", lambda route: route.abort())
    reload(side.page)

    expect(side.page.locator(".jp-Dbx-pageTab")).to_contain_text("The server is not responding")
    side.page.unroute("**/api/dbx/clusters?*")
    side.lab_page.command("dbx:refresh-clusters")
    expect(side.page.locator(".jp-Dbx-page")).to_contain_text("Running")
    side.lab_page.errors.clear()  # the browser logs failed requests


# -- attachment --------------------------------------------------------------------------------------------------------

SAVE = "window.jupyterapp.shell.currentWidget.context.save()"


def kernel_of(page: Page) -> str:
    return str(page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id"))


def attach(side: Side, name: str = "etl") -> None:
    side.picker.click()
    side.choose(f"{name} (Running)")
    expect(side.picker).to_contain_text(name)


def test_detach_outlives_the_file_a_reload_and_a_restart_of_the_kernel(lab: Lab, side: Side) -> None:
    create(lab, side)
    attach(side)
    side.page.evaluate(SAVE)

    side.picker.click()
    side.page.get_by_role("option", name="Detach", exact=True).click()
    expect(side.picker).to_contain_text("No cluster")
    reload(side.page)

    expect(side.picker).to_contain_text("No cluster")
    side.page.wait_for_function(IS_READY, arg=path_of(side.page))
    side.lab_page.command("notebook:restart-kernel")
    side.page.locator(".jp-Dialog .jp-mod-accept").click()
    side.lab_page.run("spark")
    expect(side.lab_page.outputs).to_contain_text("No cluster is attached")


def test_picker_follows_programs_and_other_pages_at_once(lab: Lab, side: Side, browser: Browser) -> None:
    create(lab, side, "one")
    create(lab, side, "two")
    cluster = f"api/dbx/kernels/{kernel_of(side.page)}/cluster"
    other = another_tab(lab, browser, side)
    other_picker = other.locator(".jp-Dbx-pick:visible")

    lab.server.call("PUT", cluster, {"cluster": "one"})
    for picker in (side.picker, other_picker):
        expect(picker).to_contain_text("one", timeout=1500)
    attach(side, "two")
    expect(other_picker).to_contain_text("two", timeout=1500)
    lab.server.call("DELETE", cluster)
    for picker in (side.picker, other_picker):
        expect(picker).to_contain_text("No cluster", timeout=1500)
    other.close()


# -- kernels that go on ------------------------------------------------------------------------------------------------

BAR = 'dbutils.widgets.dropdown("airline", "UA", ["AA", "UA"], "Airline")'


def another_tab(lab: Lab, browser: Browser, side: Side, place: str = "lab/workspaces/another/tree") -> Page:
    """Return a page of another browser with the same notebook; its errors count, too."""
    path = side.page.evaluate("window.jupyterapp.shell.currentWidget.context.path")
    page = browser.new_page()
    page.on("console", side._on_console)

    def note(error: Error) -> None:
        # Notebook 7 reports errors of its own; ours have our files in their stacks.
        if place != "notebooks" or "jupyter-dbx" in (error.stack or ""):
            side.lab_page._note(error)

    page.on("pageerror", note)
    page.goto(f"{lab.server.url}{place}/{path}?token={TOKEN}&reset")
    expect(page.locator(".jp-Dbx-pick:visible")).to_be_visible(timeout=30_000)
    return page


@pytest.mark.parametrize("is_saved", [False, True], ids=["unsaved", "saved"])
def test_widgets_are_there_after_a_reload(side: Side, is_saved: bool) -> None:
    side.lab_page.run(BAR)
    bar = side.page.get_by_role("region", name="Notebook widgets")
    bar.get_by_label("Airline").select_option("AA")
    if is_saved:
        side.page.evaluate(SAVE)

    reload(side.page)

    expect(bar.get_by_label("Airline")).to_have_value("AA")
    side.lab_page.add_cell('print("airline:", dbutils.widgets.get("airline"))')
    expect(side.lab_page.outputs).to_contain_text("airline: AA")


def test_saved_widgets_of_an_earlier_kernel_say_what_to_do(side: Side) -> None:
    side.lab_page.run(BAR)
    expect(side.lab_page.outputs).to_contain_text("The widgets are above the notebook.")
    side.page.evaluate(SAVE)
    side.lab_page.command("notebook:restart-kernel")
    side.page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(side.page.get_by_role("region", name="Notebook widgets")).to_be_hidden()

    reload(side.page)

    expect(side.lab_page.outputs).to_contain_text("Run this cell to show the widgets")
    expect(side.page.get_by_role("region", name="Notebook widgets")).to_be_hidden()


def test_cluster_panel_is_there_after_a_reload(lab: Lab, side: Side) -> None:
    create(lab, side)
    side.lab_page.run("%cluster panel")
    expect(side.lab_page.row("etl")).to_contain_text("Running")
    side.page.evaluate(SAVE)

    reload(side.page)

    expect(side.lab_page.row("etl")).to_contain_text("Running")


@pytest.mark.parametrize("place", ["lab/workspaces/another/tree", "notebooks"], ids=["JupyterLab", "Notebook 7"])
def test_notebook_in_two_tabs_shows_one_state(lab: Lab, side: Side, browser: Browser, place: str) -> None:
    create(lab, side)
    attach(side)
    side.page.evaluate(SAVE)
    other = another_tab(lab, browser, side, place)
    side.lab_page.run(f"{BAR}\nprint('one')")
    expect(side.page.get_by_label("Airline")).to_have_value("UA")
    other.reload()
    expect(other.get_by_label("Airline")).to_have_value("UA", timeout=30_000)

    other.get_by_label("Airline").select_option("AA")
    expect(side.page.get_by_label("Airline")).to_have_value("AA")
    expect(other.locator(".jp-Dbx-pick:visible")).to_contain_text("etl")
    side.lab_page.add_cell('print("airline:", dbutils.widgets.get("airline"))')
    expect(side.lab_page.outputs).to_contain_text("airline: AA")
    side.lab_page.add_cell("%cluster panel")
    expect(side.lab_page.row("etl")).to_contain_text("Running")
    other.close()


# -- files that move ---------------------------------------------------------------------------------------------------


def contents(lab: Lab, method: str, path: str, body: dict[str, str] | None = None) -> Any:
    return lab.server.call(method, f"api/contents/{quote(path)}", body)


#: Once JupyterLab has what it requests from a new kernel: it reports requests that it cancels as errors.
CLOSE = """async () => {
  const widget = window.jupyterapp.shell.currentWidget;
  const kernel = widget.sessionContext.session.kernel;
  await kernel.info;  // it tells whether the kernel has subshells
  if (kernel.supportsSubshells) {
    await kernel.requestListSubshell({}).done;
  }
  widget.dispose();
}"""


RENAME = "([from, to]) => window.jupyterapp.serviceManager.contents.rename(from, to)"


def path_of(page: Page) -> str:
    return str(page.evaluate("window.jupyterapp.shell.currentWidget.context.path"))


def test_notebook_renamed_while_its_cluster_starts_waits_on(lab: Lab, side: Side) -> None:
    with lab.held():
        cluster_id = lab.server.create("etl", num_workers=1, node_type_id="memory-1c")
        lab.server.call("PUT", f"api/dbx/kernels/{kernel_of(side.page)}/cluster", {"cluster": cluster_id})
        side.lab_page.run("spark")
        waiting = side.page.locator(".jp-OutputArea-output", has_text="etl")
        expect(waiting).to_be_visible()

        for new in ("first.ipynb", "second.ipynb"):
            side.page.evaluate(RENAME, [path_of(side.page), new])
            expect(side.page.locator(".jp-NotebookPanel:visible")).to_be_visible()
            side.page.wait_for_timeout(1000)  # it asks for its cluster three times a second

        expect(waiting).to_be_visible()
        expect(side.picker).to_contain_text("etl")
        lab.delete_clusters()
        expect(side.lab_page.outputs).to_contain_text("The cluster 'etl' of this notebook no longer exists.")


def test_renamed_moved_and_copied_notebooks(lab: Lab, side: Side) -> None:
    """The attachment and the cluster's page follow a notebook; a copy and a new file of its name have their own."""
    cluster_id, old = create(lab, side), path_of(side.page)
    seat = lab.server.workspace.data / "seat"
    seat.write_text(kernel_of(side.page))
    attach(side)
    side.lab_page.command("dbx:open-cluster", cluster_id=cluster_id)
    tab = side.page.locator(".jp-Dbx-page")
    tab.get_by_role("tab", name="Notebooks (1)").click()
    link = tab.get_by_role("tabpanel").get_by_role("button", name=re.compile(r"\.ipynb$")).first
    expect(link).to_have_text(old)

    for new in ("b ü #1 50%.ipynb", "folder [1]/c.ipynb"):
        (lab.server.workspace.root / new).parent.mkdir(exist_ok=True)
        side.page.evaluate(RENAME, [old, new])
        expect(link).to_have_attribute("title", re.compile(f"{re.escape(new)}$"), timeout=3000)
        link.click()
        side.page.wait_for_function(IS_READY, arg=new)
        expect(side.picker).to_contain_text("etl")
        side.lab_page.run(
            "import os; print(dbutils.notebook.entry_point.getDbutils().notebook().getContext().notebookPath().get())"
        )
        expect(side.lab_page.outputs).to_contain_text(new.removesuffix(".ipynb"))
        side.page.locator("#jp-main-dock-panel").get_by_role("tab", name="etl", exact=True).click()
        old = new

    link.click()
    copy = contents(lab, "POST", "folder [1]", {"copy_from": old})["path"]
    new_file = lab.write("new.ipynb", "")
    for path in (copy, new_file):
        side.lab_page.command("docmanager:open", path=path)
        side.page.wait_for_function(IS_READY, arg=path)
        expect(side.picker).to_contain_text("No cluster")
        side.page.evaluate(CLOSE)

    contents(lab, "DELETE", old)
    side.page.locator("#jp-main-dock-panel").get_by_role("tab", name="etl", exact=True).click()
    link.click()
    expect(side.page.locator(".Toastify__toast")).to_contain_text("was deleted")
    seat.unlink()
