"""Spark's pages in JupyterLab: all of them work, and none can do anything in Jupyter, whatever is written into it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab import PATIENCE_S, Lab
from live import TOKEN, Server
from playwright.sync_api import FrameLocator, Page, expect
from side import Side

sys.path.insert(0, str(Path(__file__).parents[1] / "rest"))  # where `fake_ui.py` is
sys.path.insert(0, str(Path(__file__).parents[1]))  # and `samples.py`

from fake_ui import FakeUi
from fake_ui import Page as UiPage

pytestmark = pytest.mark.browser

#: How long Spark may take, ms.
SLOW_MS = 180_000

#: What a script in a page of the UI tries; each attempt tells what it got, or the kind of error.
ATTACK = """<html><head></head><body><pre id="got">…</pre><script>
const told = {};
const attempt = async (name, action) => {
  try {
    told[name] = String(await action());
  } catch (error) {
    told[name] = error.name;
  }
};
const text = async (path, options) => (await fetch(path, options)).text();
(async () => {
  const root = location.pathname.split('/api/')[0];
  const included = { credentials: 'include' };
  await attempt('origin', () => self.origin);
  await attempt('contents', () => text(root + '/api/contents', included));
  await attempt('clusters', () => text(root + '/api/2.0/clusters/list', included));
  await attempt('other UI', () => text(location.pathname.replace(/\\/~[^/]+/, ''), included));
  await attempt('token', () => text(root + '/api/2.0/token/create', { method: 'POST', body: '{}', ...included }));
  await attempt('cookie', () => document.cookie);
  await attempt('parent', () => parent.document.title);
  await attempt('lab', () => parent.jupyterapp.name);
  await attempt('top', () => top !== self && (top.location = 'about:blank'));
  await attempt('worker', () => navigator.serviceWorker.register('x.js'));
  await attempt('database', () => indexedDB.open('x'));
  await attempt('events', () => new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${location.host}${root}/api/events/subscribe`);
    socket.onopen = () => resolve('open');
    socket.onerror = () => reject(new DOMException('', 'SocketError'));
  }));
  document.getElementById('got').textContent = JSON.stringify(told);
})();
</script></body></html>"""

#: What each attempt must get; everything else is an escape.
BLOCKED = {
    "origin": "null",
    "contents": "TypeError",
    "clusters": "TypeError",
    "other UI": "TypeError",
    "token": "TypeError",
    "cookie": "SecurityError",
    "parent": "SecurityError",
    "lab": "SecurityError",
    "top": "SecurityError",
    "worker": "SecurityError",
    "database": "SecurityError",
    "events": "SocketError",
}

#: A page that counts its visits and has links.
VISITS = """<html><head></head><body><script>
const visits = Number(localStorage.getItem('visits')) + 1;
localStorage.setItem('visits', visits);
document.write('<p>Page {name}, visit ' + visits + '</p>');
</script>
<a href="{next}">Next</a><a href="/api/status">Outside</a></body></html>"""

#: A page whose ticket has expired when it leads on.
OLD = """<html><head></head><body>
<button onclick="location = location.pathname.replace(/~[^/]+.*/, '~expired/stages/?id=3')">On</button></body></html>"""


@pytest.fixture
def ui(lab: Lab) -> Iterator[FakeUi]:
    """The UI of every cluster."""
    fake, file = FakeUi(), lab.server.workspace.data / "ui"
    file.write_text(fake.url)
    yield fake
    file.unlink()
    fake.close()


def page_with(*bodies: str) -> UiPage:
    return UiPage("".join(bodies).encode())


def open_ui(lab: Lab, side: Side) -> FrameLocator:
    """Create a cluster, and return the frame that shows its UI."""
    cluster_id = lab.server.create("etl", num_workers=1, node_type_id="memory-1c")
    expect(side.row("etl")).to_contain_text("Running")
    side.lab_page.command("dbx:open-spark-ui", cluster_id=cluster_id)
    return side.page.frame_locator("iframe[title='Spark UI']:visible")


def got(page: FrameLocator | Page) -> dict[str, str]:
    """Return what the attack got."""
    found = page.locator("#got")
    expect(found).to_contain_text("{")
    return dict(json.loads(found.inner_text()))


def forget_refusals(side: Side) -> None:
    """Forget what the browser logged about the attempts; errors of other kinds remain."""
    refused = re.compile(r"CORS policy|ERR_FAILED|403|404|WebSocket|Unsafe attempt|navigat", re.IGNORECASE)
    side.lab_page.errors[:] = [error for error in side.lab_page.errors if not refused.search(error)]


def test_script_in_a_page_can_do_nothing_in_jupyter(lab: Lab, side: Side, ui: FakeUi) -> None:
    ui.pages["/"] = page_with(ATTACK)

    in_frame = got(open_ui(lab, side))
    tab = lab.new_page()  # the same page in a tab of its own, where no frame protects
    tab.goto(f"{lab.server.url}api/status?token={TOKEN}")
    tab.goto(f"{lab.server.url}api/dbx/clusters/{lab.clusters()[0]['cluster_id']}/spark-ui/")
    in_tab = got(tab)
    assert "/spark-ui/~" in tab.url
    tab.close()

    assert in_frame == BLOCKED
    own = ("parent", "lab", "top")  # in a tab, these are the page's own
    assert {name: found for name, found in in_tab.items() if name not in own} == {
        name: found for name, found in BLOCKED.items() if name not in own
    }
    forget_refusals(side)


def test_pages_remember_and_lead_on(lab: Lab, side: Side, ui: FakeUi) -> None:
    ui.pages["/"] = page_with(VISITS.format(name="first", next="jobs/"))
    ui.pages["/jobs/"] = page_with(VISITS.format(name="second", next="../"))
    frame = open_ui(lab, side)

    expect(frame.locator("p")).to_have_text("Page first, visit 1")
    frame.get_by_text("Next").click()
    expect(frame.locator("p")).to_have_text("Page second, visit 2")
    frame.get_by_text("Next").click()
    expect(frame.locator("p")).to_have_text("Page first, visit 3")
    with side.page.context.expect_page() as opened:
        frame.get_by_text("Outside").click()
    expect(opened.value.locator("body")).to_contain_text("last_activity")  # with the user's cookies
    opened.value.close()


def test_expired_page_gets_a_new_ticket(lab: Lab, side: Side, ui: FakeUi) -> None:
    frame = open_ui(lab, side)
    cluster_id = lab.clusters()[0]["cluster_id"]
    ui.pages["/jobs/"] = page_with(OLD)
    ui.pages["/stages/"] = page_with("<html><head></head><body>Stages</body></html>")
    side.lab_page.command("dbx:open-spark-ui", cluster_id=cluster_id, path="jobs/")

    frame.get_by_role("button", name="On").click()

    expect(frame.locator("body")).to_have_text("Stages")
    assert "/stages/?id=3" in [path for path, _ in ui.requests]
    forget_refusals(side)


# -- real Spark --------------------------------------------------------------------------------------------------------

WORK = """
import time
df = spark.range(1000).repartition(3)
df.groupBy((df.id % 7).alias('k')).count().collect()
spark.range(50).cache().count()
stream = spark.readStream.format('rate').load().writeStream.format('noop').start()
while not stream.lastProgress:
    time.sleep(0.1)
stream.stop()
"""

#: Page → what its scripts draw, and what to click before, if anything.
PAGES = {
    "jobs/": (".vis-timeline .vis-item", ".expand-application-timeline"),
    "jobs/job/?id=0": ("#dag-viz-graph svg g.node", ".expand-dag-viz"),
    "stages/": ("table tbody tr", ""),
    "stages/stage/?id={stage}&attempt=0": ("#summary-metrics-table tbody tr", ""),
    "stages/stage/?id={stage}&attempt=0&task.page=1": (".vis-timeline .vis-item", ".expand-task-assignment-timeline"),
    "storage/": ("table tbody tr", ""),
    "environment/": ("table tbody tr", ""),
    "executors/": ("#active-executors-table tbody tr", ""),
    "SQL/": ("table tbody tr", ""),
    "SQL/execution/?id=0": ("#plan-viz-graph svg g.node", ""),
    "StreamingQuery/": ("table tbody tr", ""),
}


def largest_stage(server: Server, cluster_id: str) -> int:
    """Return the id of the completed stage with the most tasks; which ids exist depends on the jobs that warm a cluster up."""
    applications = f"api/dbx/clusters/{cluster_id}/spark-ui/api/v1/applications"
    (application,) = server.call("GET", applications)
    stages = server.call("GET", f"{applications}/{application['id']}/stages?status=complete")
    return int(max(stages, key=lambda stage: stage["numCompleteTasks"])["stageId"])


@pytest.mark.spark
@pytest.mark.timeout(600)
def test_every_page_of_spark_works(real_lab: Lab, open_side: Callable[[Lab], Side]) -> None:
    side = open_side(real_lab)
    cluster_id = real_lab.server.create("etl", num_workers=1)
    expect(side.row("etl")).to_contain_text("Running", timeout=SLOW_MS)
    side.lab_page.run(f"%cluster attach etl\n{WORK}print('done')")
    expect(side.lab_page.outputs).to_contain_text("done", timeout=SLOW_MS)

    stage = largest_stage(real_lab.server, cluster_id)
    for page, (drawn, opener) in PAGES.items():
        path = page.format(stage=stage)
        side.lab_page.command("dbx:open-spark-ui", cluster_id=cluster_id, path=path)
        frame = side.page.frame_locator("iframe[title='Spark UI']:visible")
        if opener:
            frame.locator(opener).first.click()
        expect(frame.locator(drawn).first).to_be_visible(timeout=PATIENCE_S * 1000)
        assert side.lab_page.errors == [], path

    # A theme that is chosen lasts from page to page; the frame is too narrow to show the button.
    side.lab_page.command("dbx:open-spark-ui", cluster_id=cluster_id, path="jobs/")
    expect(frame.locator("#completed").first).to_be_visible()
    before = str(frame.locator("html").get_attribute("data-bs-theme"))
    frame.locator("#theme-toggle").dispatch_event("click")
    frame.locator("#completedJob-table a[href*='jobs/job']").first.click()
    expect(frame.locator("body")).to_contain_text("Details for Job")
    expect(frame.locator("html")).not_to_have_attribute("data-bs-theme", before)

    # The master's pages, in a tab of their own.
    tab, errors = real_lab.new_page(), []
    tab.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    tab.goto(f"{real_lab.server.url}api/status?token={TOKEN}")
    tab.goto(f"{real_lab.server.url}api/dbx/clusters/{cluster_id}/master-ui/")
    expect(tab.locator("body")).to_contain_text("Workers (1)")
    tab.locator("a[href*='app/?appId']").first.click()
    expect(tab.locator("body")).to_contain_text("Executor Summary")
    assert errors == []
    tab.close()
