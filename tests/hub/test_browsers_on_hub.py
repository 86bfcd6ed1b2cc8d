"""Two users of a hub, each in a browser of their own, on one cluster."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from hub import Hub, UserServer
from lab import Lab
from live import wait_until
from playwright.sync_api import Browser, Page, expect
from side import Side

pytestmark = [pytest.mark.spark, pytest.mark.long, pytest.mark.browser, pytest.mark.timeout(600)]

#: Time limit of what a cluster does, ms.
SPARK_MS = 60_000


class UserLab(Lab):
    """JupyterLab in the browser of a user, who has logged in at the hub."""

    def __init__(self, hub: Hub, browser: Browser, name: str, server: UserServer) -> None:
        super().__init__(server, browser)  # type: ignore[arg-type]  # of the server, it uses what UserServer has
        self._hub, self._user = hub, hub.users[name]
        self.start = "lab?reset"

    def new_page(self) -> Page:
        """Return a page after logging in."""
        page = self._browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
        page.goto(f"{self._hub.url}hub/login")
        page.get_by_label("Username").fill(self._user.name)
        page.get_by_label("Password").fill("any")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile("/user/"))
        return page

    def write(self, name: str, code: str) -> str:
        """Write a notebook of the user."""
        path = super().write(name, code)
        self._user.own(self.server.workspace.root / path)
        return path


@pytest.fixture
def cluster(ann: UserServer) -> Iterator[str]:
    """Ann's cluster, `etl`."""
    cluster_id = ann.create("etl", num_workers=1)
    ann.wait(cluster_id, "RUNNING")
    yield cluster_id
    ann.call("POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id})
    wait_until(lambda: ann.call("GET", "api/2.0/clusters/list")["clusters"] == [], 60)


def test_ann_shares_her_cluster_and_bob_uses_it(
    hub: Hub, ann: UserServer, bob: UserServer, cluster: str, browser: Browser
) -> None:
    labs = {"ann": UserLab(hub, browser, "ann", ann), "bob": UserLab(hub, browser, "bob", bob)}
    sides = {name: Side(lab.open(f"of {name}.ipynb")) for name, lab in labs.items()}
    expect(sides["ann"].row("etl")).to_contain_text("Running")
    expect(sides["bob"].panel.get_by_text("No clusters yet")).to_be_visible()
    sides["bob"].lab_page.run("%cluster attach etl")
    expect(sides["bob"].lab_page.outputs).to_contain_text("etl")

    # Ann shares it with a group, of which the hub tells.
    sides["ann"].row("etl").dblclick()
    page = sides["ann"].page
    page.locator(".jp-Dbx-pageHead:visible").locator("jp-button", has_text="Share…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".jp-Dbx-grant").first).to_be_visible()
    dialog.get_by_role("textbox", name="Add people or groups").fill("data")
    page.keyboard.press("Enter")
    dialog.locator("jp-button", has_text="Save").click()
    dialog.locator("jp-button", has_text="Share with everyone in the group").click()
    expect(dialog).to_have_count(0)

    # Bob sees it at once, and uses it.
    side = sides["bob"]
    expect(side.row("etl")).to_contain_text("ann")
    side.picker.click()
    side.choose("etl")
    expect(side.picker).to_contain_text("etl")
    side.lab_page.run("import os; print('rows:', spark.range(100).count(), 'as', os.getuid())")
    expect(side.lab_page.outputs).to_contain_text(f"rows: 100 as {hub.users['bob'].uid}", timeout=SPARK_MS)
    side.lab_page.add_cell("display(spark.createDataFrame([('Ada', 36)], 'name string, age int'))")
    expect(side.lab_page.outputs).to_contain_text("Ada", timeout=SPARK_MS)
    side.lab_page.command("dbx:open-spark-ui", cluster_id=cluster)
    spark_ui = side.page.frame_locator("iframe[title='Spark UI']:visible")
    expect(spark_ui.locator("#completed").first).to_be_visible(timeout=SPARK_MS)
    side.lab_page.command("dbx:open-spark-ui", cluster_id=cluster, path="executors/")
    expect(spark_ui.locator("#active-executors-table tbody tr").first).to_be_visible(timeout=SPARK_MS)
    page.get_by_role("tab", name=re.compile("Notebooks \\(1\\)")).click()
    expect(page.locator(".jp-Dbx-page").get_by_role("tabpanel")).to_contain_text("of-bob.ipynb")

    if folder := os.environ.get("DBX_SCREENSHOTS"):
        for name, one in sides.items():
            one.page.screenshot(path=f"{folder}/hub-{name}.png")
    for name, one in sides.items():
        one.close()
        one.lab_page.close()
        labs[name].leave()
    assert [error for one in sides.values() for error in one.lab_page.errors] == []
