"""`displayHTML`: its styles and scripts apply to its own output, in JupyterLab and in exported pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from lab import Lab, LabPage
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, FrameLocator, Page, expect

from jupyter_dbx.kernel.display.html_frame import COMPRESSED_FROM, HtmlFrame

pytestmark = pytest.mark.browser

RESTYLING = """<style>body, div {border: 2px solid red} table, .jp-Notebook {display: none}</style>
<h1 id=x>hi</h1><script>document.getElementById('x').textContent = 'js'</script>"""

#: As libraries for charts draw: a script fills its element, later.
DRAWING = """<div id="chart"></div><script>
setTimeout(() => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("height", 700);
  document.getElementById("chart").append(svg);
}, 300)</script>"""

DOCUMENT = (
    "<!DOCTYPE html><html><head><title>t</title><style>p {height: 900px}</style></head><body><p>text</p></body></html>"
)

REACHING = """<p id="found">nothing</p><script>
try { found.textContent = parent.document.title } catch { found.textContent = 'isolated' }</script>"""

#: Higher than its frame, whatever the frame's height.
ENDLESS = "<body style='height: 100vh; margin: 20px'>endless</body>"

#: Large HTML, as a Python expression.
LARGE = f"'<!-- ' + 'ä' * {COMPRESSED_FROM} + '--><p>large</p><div style=\"height: 500px\"></div>'"

FRAMES = {
    "script": (repr(DRAWING), 700, 740),
    "document": (repr(DOCUMENT), 900, 960),
    "large": (LARGE, 500, 580),
    "endless": (repr(ENDLESS), 20, 500),
}
FITTING = pytest.mark.parametrize(("html", "low", "high"), FRAMES.values(), ids=FRAMES)


@pytest.fixture
def notebook(lab: Lab, open_page: Callable[[Lab], LabPage]) -> LabPage:
    return open_page(lab)


def frame_of(page: Page) -> FrameLocator:
    return page.frame_locator("iframe.dbx-html")


def height_of(page: Page) -> float:
    box = page.locator("iframe.dbx-html").bounding_box()
    assert box is not None
    return box["height"]


def wait_for_height(page: Page, low: int, high: int) -> None:
    height = "document.querySelector('iframe.dbx-html')?.offsetHeight"
    page.wait_for_function(f"([low, high]) => {height} >= low && {height} <= high", arg=[low, high])


def test_styles_and_scripts_stay_inside(notebook: LabPage) -> None:
    notebook.run(f"displayHTML({RESTYLING!r})")

    expect(frame_of(notebook.page).locator("h1")).to_have_text("js")
    assert notebook.page.evaluate("getComputedStyle(document.body).borderTopWidth") == "0px"
    expect(notebook.outputs).to_be_visible()
    wait_for_height(notebook.page, 40, 150)


def test_scripts_do_not_reach_the_page(notebook: LabPage) -> None:
    notebook.run(f"displayHTML({REACHING!r})")

    expect(frame_of(notebook.page).locator("#found")).to_have_text("isolated")


def test_links_open_outside(notebook: LabPage) -> None:
    links = "<a href='about:blank'>away</a> <a href='#below'>below</a><div id='below'>here</div>"
    notebook.run(f"displayHTML({links!r})")

    frame_of(notebook.page).get_by_text("below").click()
    with notebook.page.expect_popup() as popup:
        frame_of(notebook.page).get_by_text("away").click()
    popup.value.close()

    expect(frame_of(notebook.page).locator("#below")).to_have_text("here")


@FITTING
def test_frame_is_as_high_as_its_content(notebook: LabPage, html: str, low: int, high: int) -> None:
    notebook.run(f"displayHTML({html})")

    wait_for_height(notebook.page, low, high)
    notebook.page.wait_for_timeout(500)  # it stays so
    assert low <= height_of(notebook.page) <= high


@FITTING
def test_exported_page_shows_it(browser: Browser, tmp_path: Path, html: str, low: int, high: int) -> None:
    output = nbformat.v4.new_output("display_data", {"text/html": HtmlFrame(eval(html))._repr_html_()})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("displayHTML(…)", outputs=[output])])
    (tmp_path / "page.html").write_text(HTMLExporter().from_notebook_node(notebook)[0])
    page = browser.new_page()
    # An exported page loads MathJax and RequireJS from the network.
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())

    page.goto((tmp_path / "page.html").as_uri())

    wait_for_height(page, low, high)
    page.close()
