"""`display()` in JupyterLab: the grid, the chart and the profile of a local frame, without Spark."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Download, Locator, expect
from side import AXE, Side

pytestmark = pytest.mark.browser

FLIGHTS = """
import pandas as pd
n = 12_000
flights = pd.DataFrame({
    "carrier": [("UA", "AA", "DL", None)[i % 4] for i in range(n)],
    "distance": [(i * 7919) % 5000 for i in range(n)],
    "big": [2**60 + i for i in range(n)],
    "day": pd.date_range("2026-01-01", periods=n, freq="h"),
    "tags": [{"a": i} for i in range(n)],
})
"""


@pytest.fixture
def output(side: Side) -> Locator:
    """The output of a cell that displays a frame."""
    side.lab_page.run(f"{FLIGHTS}display(flights)")
    found = side.page.locator(".jp-Dbx-display")
    expect(rows_of(found).first).to_be_visible()
    return found


def add(output: Locator, view: str) -> None:
    """Add a visualization or a data profile, which is then open."""
    output.get_by_role("button", name="Add a visualization or a data profile").click()
    output.page.get_by_role("menuitem", name=view).click()
    expect(output.get_by_role("tab", name=re.compile(f"^{view}"), selected=True)).to_be_visible()


def rows_of(output: Locator) -> Locator:
    return output.locator(".ag-row")


def column(output: Locator, name: str) -> list[str]:
    """Return the visible cells of a column."""
    head = output.get_by_role("columnheader", name=re.compile(rf"^{name}\b")).get_attribute("col-id")
    return output.locator(f".ag-row [col-id='{head}']").all_inner_texts()


def test_rows_can_be_sorted_searched_filtered_and_loaded(output: Locator) -> None:
    assert column(output, "big")[:2] == [str(2**60), str(2**60 + 1)]

    output.get_by_role("columnheader", name=re.compile("^distance")).click()
    expect(output.get_by_role("columnheader", name=re.compile("^distance"))).to_have_attribute("aria-sort", "ascending")
    assert [int(text) for text in column(output, "distance")[:3]] == [0, 0, 1]

    output.get_by_label("Search in all columns").fill("UA 2026-01-0")
    expect(status(output)).to_have_text("54 of the first 10,000 rows match")
    expect(output.get_by_role("grid")).to_have_attribute("aria-rowcount", "55")
    assert set(column(output, "carrier")) == {"UA"}

    output.get_by_label("Search in all columns").fill("")
    output.get_by_role("button", name="Load more").click()
    expect(status(output)).to_have_text("12,000 rows")
    expect(output.get_by_role("grid")).to_have_attribute("aria-rowcount", "12001")


def status(output: Locator) -> Locator:
    """Return what is said about the rows."""
    return output.get_by_role("status").first


def names_of(output: Locator) -> Locator:
    """Return the names of the columns in the grid's header."""
    return output.locator(".ag-header-cell-text")


def is_cut(names: Locator) -> list[str]:
    """Return the names, or cells, that do not fit into their columns."""
    return list(names.evaluate_all("all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)"))


def test_changes_of_the_grid_are_kept_over_tabs_and_reopening(output: Locator, side: Side) -> None:
    distance = output.get_by_role("columnheader", name=re.compile("^distance"))
    distance.click()
    expect(distance).to_have_attribute("aria-sort", "ascending")
    assert is_cut(names_of(output)) == []
    output.get_by_label("Search in all columns").fill("DL")
    before = distance.bounding_box()["width"]  # type: ignore[index]
    edge = distance.locator(".ag-header-cell-resize")
    edge.drag_to(edge, target_position={"x": 100, "y": 5}, force=True)
    width = distance.bounding_box()["width"]  # type: ignore[index]
    assert width > before + 50

    add(output, "Data Profile")
    output.get_by_role("tab", name="Table").click()

    expect(status(output)).to_have_text("2,500 of the first 10,000 rows match")
    reopen(side)
    expect(status(output)).to_have_text("2,500 of the first 10,000 rows match")
    expect(distance).to_have_attribute("aria-sort", "ascending")
    assert abs(distance.bounding_box()["width"] - width) <= 1  # type: ignore[index]
    widths = output.get_by_role("columnheader").evaluate_all("heads => heads.map(head => head.clientWidth)")
    assert min(widths[1:]) > 70
    assert is_cut(names_of(output)) == is_cut(output.locator(".jp-Dbx-rowNumber")) == []
    assert not side.page.evaluate("window.jupyterapp.shell.currentWidget.context.model.dirty")


def reopen(side: Side) -> None:
    """Save the notebook, close it, and open it again."""
    side.lab_page.command("docmanager:save")
    side.page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    path = side.page.evaluate("window.jupyterapp.shell.currentWidget.context.path")
    side.page.evaluate("window.jupyterapp.shell.currentWidget.dispose()")
    side.page.evaluate(OPEN_IN_BACKGROUND, path)


#: Opens a notebook behind another tab, and shows it once its output is there.
OPEN_IN_BACKGROUND = """async path => {
  const { commands, shell } = window.jupyterapp;
  const widget = await commands.execute('docmanager:open', { path, factory: 'Notebook', options: { activate: false } });
  const other = await commands.execute('launcher:create');
  shell.activateById(other.id);
  await widget.context.ready;
  await widget.sessionContext.ready;
  await new Promise(resolve => setTimeout(resolve, 500));
  other.dispose();
  shell.activateById(widget.id);
}"""


def test_copy_has_what_is_selected_else_what_is_shown(output: Locator, side: Side) -> None:
    side.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    clipboard = "navigator.clipboard.readText()"
    output.get_by_label("Search in all columns").fill("UA 2026-01-0")
    expect(status(output)).to_have_text("54 of the first 10,000 rows match")

    output.get_by_role("button", name="Copy").click()
    expect(output).to_contain_text("Copied 54 rows")
    lines = side.page.evaluate(clipboard).splitlines()
    assert len(lines) == 55 and lines[0].split("\t")[:2] == ["carrier", "distance"]

    rows_of(output).nth(0).locator("[col-id=':distance']").click()
    side.page.keyboard.press("Shift+ArrowDown")
    side.page.keyboard.press("Shift+ArrowRight")
    expect(status(output)).to_contain_text("Selected: 2 × 2 cells")
    side.page.keyboard.press("Control+c")
    chosen = f"0\t{2**60}\n1676\t{2**60 + 4}"
    side.page.wait_for_function(
        f"text => {clipboard}.then(found => found === text)", arg=chosen
    )  # nothing announces it

    rows_of(output).nth(2).locator("[col-id=':distance']").drag_to(
        rows_of(output).nth(5).locator("[col-id=':big']"), steps=5
    )
    expect(status(output)).to_contain_text("Selected: 4 × 2 cells")
    output.get_by_role("button", name="Copy").click()
    expect(output).to_contain_text("Copied 4 rows")
    assert side.page.evaluate(clipboard).splitlines()[0] == "distance\tbig"

    rows_of(output).nth(1).locator("[col-id='#']").click()
    expect(status(output)).to_contain_text("Selected: 1 × 5 cells")
    side.page.keyboard.press("Control+a")
    expect(status(output)).to_contain_text("Selected: 54 × 5 cells")
    side.page.keyboard.press("Escape")
    expect(status(output)).to_have_text("54 of the first 10,000 rows match")


def test_wide_frame_is_usable_and_names_what_is_left_out(side: Side) -> None:
    side.lab_page.run(
        "import numpy, pandas\nwide = pandas.DataFrame(numpy.ones((20, 18_000))).add_prefix('c')\n"
        "wide.columns = ['', 'a', 'a', *wide.columns[3:]]\ndisplay(wide)"
    )
    output = side.page.locator(".jp-Dbx-display")

    expect(status(output)).to_have_text("20 rows · First 1,000 of 18,000 columns")
    expect(rows_of(output).first).to_be_visible()
    assert output.get_by_role("columnheader").count() < 100  # only those in view are drawn
    add(output, "Data Profile")
    expect(output).to_contain_text("20 rows · First 200 of 18,000 columns")


def test_files_have_the_rows_that_are_shown_or_all_of_them(output: Locator, side: Side, tmp_path: Path) -> None:
    import pandas as pd

    output.get_by_label("Search in all columns").fill("DL")
    output.get_by_role("columnheader", name=re.compile("^big")).click(click_count=1)
    output.get_by_role("columnheader", name=re.compile("^big")).click()
    expect(output.get_by_role("columnheader", name=re.compile("^big"))).to_have_attribute("aria-sort", "descending")
    found = {}
    for choice in ("filtered rows (2,500)", "all rows, up to 100 MB"):
        for name, read in (("CSV", pd.read_csv), ("Parquet", pd.read_parquet)):
            download(output, f"{name}: {choice}").save_as(tmp_path / name)
            found[choice[:3], name] = read(tmp_path / name)

    filtered, everything = [2**60 + i for i in range(9998, 0, -4)], [2**60 + i for i in range(12_000)]
    for name in ("CSV", "Parquet"):
        assert found["fil", name]["big"].tolist() == filtered
        assert found["all", name]["big"].tolist() == everything
    assert str(found["all", "Parquet"]["day"].dtype).startswith("datetime64")
    expect(output).to_contain_text("Saved 12,000 rows in table.parquet")


def download(output: Locator, choice: str) -> Download:
    """Return the file that a choice of the menu saves."""
    with output.page.expect_download() as found:
        output.get_by_role("button", name="Download").click()
        output.page.get_by_role("menuitem", name=choice).click()
    return found.value


def test_grid_works_by_keyboard_without_triggering_notebook_shortcuts(output: Locator, side: Side) -> None:
    keys = side.page.keyboard
    rows_of(output).first.locator("[col-id=':tags']").click()

    keys.press("ArrowDown")
    keys.press("d")
    keys.press("d")  # would delete the notebook's cell
    keys.press("Enter")

    expect(output.locator(".jp-Dbx-opened pre")).to_have_text(re.compile(r'"a": 1'))
    output.get_by_role("button", name="Close").click()
    expect(output.locator(".jp-Dbx-opened")).to_be_hidden()


def test_chart_is_configured_without_code_and_stays_with_the_cell(output: Locator, side: Side) -> None:
    add(output, "Visualization")
    output.get_by_role("combobox", name="Chart").select_option("Scatter")
    output.get_by_role("combobox", name="X").select_option("day")
    expect(output.locator(".jp-Dbx-drawing canvas")).to_be_visible()
    expect(output.get_by_text("First 10,000 rows · 5,000 of 10,000 points")).to_be_visible()

    side.lab_page.command("notebook:run-cell")

    expect(output.locator(".jp-Dbx-drawing canvas")).to_be_visible()
    expect(output.get_by_role("combobox", name="Chart")).to_have_value("scatter")
    expect(output.get_by_role("combobox", name="X")).to_have_value("day")
    output.get_by_role("tab", name="Table").click()
    expect(rows_of(output).first).to_be_visible()


def test_chart_is_of_all_rows_or_of_those_that_a_filter_leaves(output: Locator) -> None:
    add(output, "Visualization")
    expect(output.locator(".jp-Dbx-aboutChart")).to_have_text("All rows")

    output.get_by_role("tab", name="Table").click()
    output.get_by_label("Search in all columns").fill("UA")
    output.get_by_role("tab", name="Visualization 1").click()

    expect(output.locator(".jp-Dbx-aboutChart")).to_have_text("2,500 filtered rows of 10,000")


def test_profile_covers_all_rows(output: Locator) -> None:
    add(output, "Data Profile")

    expect(output).to_contain_text("12,000 rows")
    expect(output.get_by_role("row", name=re.compile("^carrier"))).to_contain_text("25%")
    expect(output.get_by_role("img", name="Histogram of distance")).to_be_visible()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def test_page_is_accessible(output: Locator, side: Side, theme: str) -> None:
    if not AXE.exists():
        reason = "axe-core is missing: run `npm ci` in labextension"
        pytest.fail(reason) if os.environ.get("CI_REQUIRES_BROWSER") else pytest.skip(reason)
    side.lab_page.command("apputils:change-theme", theme=theme)
    side.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=theme)

    found = side.serious_findings(".jp-Dbx-display")
    output.get_by_role("button", name="Choose columns").click()
    expect(output.get_by_role("option").first).to_be_visible()
    found += side.serious_findings(".jp-Dbx-display")
    for view in ("Visualization", "Data Profile"):
        add(output, view)
        expect(output.locator(".jp-Dbx-drawing canvas, .jp-Dbx-profile").first).to_be_visible()
        found += side.serious_findings(".jp-Dbx-display")

    assert found == []
    side.lab_page.command("apputils:change-theme", theme="JupyterLab Light")
