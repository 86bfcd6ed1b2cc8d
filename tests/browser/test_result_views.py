"""The visualizations of a displayed table, and the choice of its columns, in JupyterLab; without Spark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect
from side import Side
from test_display_in_lab import FLIGHTS, add, download, names_of, reopen, status

pytestmark = pytest.mark.browser

WIDE = """
import pandas as pd
display(pd.DataFrame({f"c{i}": [i, 2 * i, 3 * i] for i in range(3000)}))
"""


@pytest.fixture
def output(side: Side) -> Locator:
    """The output of a cell that displays a frame."""
    side.lab_page.run(f"{FLIGHTS}display(flights)")
    return shown(side)


@pytest.fixture
def wide(side: Side) -> Locator:
    """The output of a cell that displays a frame with 3,000 columns."""
    side.lab_page.run(WIDE)
    return shown(side)


def shown(side: Side) -> Locator:
    found = side.page.locator(".jp-Dbx-display")
    expect(found.locator(".ag-row").first).to_be_visible()
    return found


def tabs(output: Locator) -> Locator:
    return output.get_by_role("tab")


def choose(output: Locator, label: str, option: str) -> None:
    output.get_by_role("combobox", name=label, exact=True).select_option(option)


def menu(output: Locator, tab: str, item: str) -> None:
    """Choose an item of a tab's menu."""
    output.get_by_role("tab", name=tab, exact=True).click(button="right")
    output.page.get_by_role("menuitem", name=item).click()


def test_result_has_any_number_of_visualizations_each_with_its_settings(output: Locator, side: Side) -> None:
    expect(tabs(output)).to_have_text(["Table"])
    add(output, "Visualization")
    choose(output, "Chart", "Histogram")
    choose(output, "X", "distance")
    expect(output.locator(".jp-Dbx-aboutChart")).to_have_text("All rows")
    add(output, "Visualization")
    choose(output, "Chart", "Pie")
    expect(output.locator(".jp-Dbx-aboutChart")).to_contain_text("All rows")
    output.get_by_role("tab", name="Visualization 2").dblclick()
    output.get_by_role("textbox", name="Name of the view").fill("Carriers")
    side.page.keyboard.press("Enter")
    menu(output, "Carriers", "Duplicate")
    choose(output, "Chart", "Line")
    expect(tabs(output)).to_have_text(["Table", "Visualization 1", "Carriers", "Carriers (copy)"])

    for again in (lambda: reopen(side), lambda: side.lab_page.command("notebook:run-cell")):
        again()
        expect(tabs(output)).to_have_text(["Table", "Visualization 1", "Carriers", "Carriers (copy)"])
        expect(output.get_by_role("tab", selected=True)).to_have_text("Carriers (copy)")
        for tab, kind in (("Carriers", "pie"), ("Visualization 1", "histogram"), ("Carriers (copy)", "line")):
            output.get_by_role("tab", name=tab, exact=True).click()
            expect(output.get_by_role("combobox", name="Chart", exact=True)).to_have_value(kind)
            expect(output.locator(".jp-Dbx-drawing canvas")).to_be_visible()

    menu(output, "Carriers", "Remove")
    expect(tabs(output)).to_have_text(["Table", "Visualization 1", "Carriers (copy)"])
    expect(output.get_by_role("tab", selected=True)).to_have_text("Visualization 1")


def test_tabs_work_by_keyboard(output: Locator, side: Side) -> None:
    keys = side.page.keyboard
    output.get_by_role("button", name="Add a visualization or a data profile").press("Enter")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(tabs(output)).to_have_text(["Table", "Data Profile"])

    output.get_by_role("tab", name="Data Profile").focus()
    keys.press("F2")
    keys.type("All columns")
    keys.press("Enter")
    expect(tabs(output)).to_have_text(["Table", "All columns"])
    output.get_by_role("tab", name="All columns").press("Shift+F10")
    keys.press("ArrowDown")
    keys.press("Enter")
    keys.type("Columns")
    keys.press("Escape")
    expect(tabs(output)).to_have_text(["Table", "All columns"])
    output.get_by_role("tab", name="All columns").press("ArrowLeft")
    expect(output.get_by_role("tab", name="Table")).to_be_focused()
    expect(output.get_by_role("grid")).to_be_visible()


def test_tabs_are_moved_by_dragging_and_by_their_menu(output: Locator, side: Side) -> None:
    for view in ("Visualization", "Visualization", "Data Profile"):
        add(output, view)
    output.get_by_role("tab", name="Data Profile").drag_to(output.get_by_role("tab", name="Visualization 1"))
    expect(tabs(output)).to_have_text(["Table", "Data Profile", "Visualization 1", "Visualization 2"])

    menu(output, "Data Profile", "Move right")
    reopen(side)
    expect(tabs(output)).to_have_text(["Table", "Visualization 1", "Data Profile", "Visualization 2"])


def test_chart_of_an_earlier_version_is_still_there(side: Side) -> None:
    side.lab_page.run(f"{FLIGHTS}display(flights)")
    output = shown(side)
    chart = {"kind": "scatter", "x": "day", "y": "distance", "series": "", "aggregate": "count"}
    side.page.evaluate(
        """state => {
          const { activeCell } = window.jupyterapp.shell.currentWidget.content;
          activeCell.model.setMetadata('jupyter_dbx', { display: { 0: state } });
        }""",
        {"tab": "chart", "chart": chart, "search": "UA"},
    )

    reopen(side)

    expect(tabs(output)).to_have_text(["Table", "Visualization 1"])
    expect(output.get_by_role("combobox")).to_have_count(0)
    output.get_by_role("button", name="Edit visualization").click()
    expect(output.get_by_role("combobox", name="Chart", exact=True)).to_have_value("scatter")
    expect(output.locator(".jp-Dbx-aboutChart")).to_contain_text("2,500 filtered rows of 10,000")


def test_chosen_columns_are_shown_copied_and_saved(output: Locator, side: Side, tmp_path: Path) -> None:
    side.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    output.get_by_role("button", name="Choose columns").click()
    options = output.get_by_role("option")
    expect(options).to_have_text([re.compile(name) for name in ("carrier", "distance", "big", "day", "tags")])
    output.get_by_role("option", name="big").click()
    side.page.keyboard.type("T")  # the search has the focus
    expect(options).to_have_text([re.compile("distance"), re.compile("tags")])
    side.page.keyboard.press("ArrowDown")
    side.page.keyboard.press("Enter")

    expect(names_of(output)).to_have_text(["#", "carrier", "distance", "day"])
    expect(status(output)).to_have_text("First 10,000 rows · 3 of 5 columns")
    output.get_by_role("button", name="Copy").click()
    expect(output).to_contain_text("Copied 10,000 rows")
    assert side.page.evaluate("navigator.clipboard.readText()").split("\n")[0] == "carrier\tdistance\tday"
    for choice in ("CSV: loaded rows (10,000)", "CSV: all rows, up to 100 MB"):
        download(output, choice).save_as(tmp_path / "table.csv")
        assert (tmp_path / "table.csv").read_text().splitlines()[0] == "carrier,distance,day"

    output.get_by_role("combobox", name="Search columns").press("Escape")
    expect(output.get_by_role("option")).to_have_count(0)
    reopen(side)
    expect(names_of(output)).to_have_text(["#", "carrier", "distance", "day"])
    output.get_by_role("button", name="Choose columns").click()
    output.get_by_role("button", name="Select all").click()
    expect(names_of(output)).to_have_text(["#", "carrier", "distance", "big", "day", "tags"])


def test_column_that_was_not_loaded_can_be_chosen(wide: Locator, side: Side, tmp_path: Path) -> None:
    wide.get_by_role("button", name="Choose columns").click()
    expect(wide).to_contain_text("1,000 of 3,000 shown")
    wide.get_by_role("button", name="Clear all").click()
    expect(names_of(wide)).to_have_text(["#"])
    wide.get_by_role("combobox", name="Search columns").fill("c2500")
    side.page.keyboard.press("Enter")

    expect(names_of(wide)).to_have_text(["#", "c2500"])
    cells = wide.locator(".ag-row [col-id=':c2500']")
    expect(cells).to_have_text(["2500", "5000", "7500"])
    download(wide, "Parquet: all rows").save_as(tmp_path / "table.parquet")
    import pandas as pd

    assert pd.read_parquet(tmp_path / "table.parquet").to_dict("list") == {"c2500": [2500, 5000, 7500]}

    for again in (lambda: reopen(side), lambda: side.lab_page.command("notebook:run-cell")):
        again()
        expect(names_of(wide)).to_have_text(["#", "c2500"])
        expect(cells).to_have_text(["2500", "5000", "7500"])

    add(wide, "Visualization")
    choose(wide, "X", "c2500")
    expect(wide.locator(".jp-Dbx-drawing canvas")).to_be_visible()
