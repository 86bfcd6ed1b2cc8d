"""`display()` in JupyterLab: the grid, the chart and the profile of a frame of the kernel; no Spark is needed for that."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect
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


def rows_of(output: Locator) -> Locator:
    return output.locator(".ag-row")


def column(output: Locator, name: str) -> list[str]:
    """Return the cells of a column that are in view."""
    head = output.get_by_role("columnheader", name=re.compile(rf"^{name}\b")).get_attribute("col-id")
    return output.locator(f".ag-row [col-id='{head}']").all_inner_texts()


def test_rows_are_sorted_searched_filtered_and_added_to(output: Locator) -> None:
    assert column(output, "big")[:2] == [str(2**60), str(2**60 + 1)]

    output.get_by_role("columnheader", name=re.compile("^distance")).click()
    expect(output.get_by_role("columnheader", name=re.compile("^distance"))).to_have_attribute("aria-sort", "ascending")
    assert [int(text) for text in column(output, "distance")[:3]] == [0, 0, 1]

    output.get_by_label("Search in all columns").fill("UA")
    expect(output.get_by_role("grid")).to_have_attribute("aria-rowcount", "2501")
    assert set(column(output, "carrier")) == {"UA"}

    output.get_by_label("Search in all columns").fill("")
    output.get_by_role("button", name="Load more").click()
    expect(output.get_by_role("status")).to_have_text("12,000 rows")
    expect(output.get_by_role("grid")).to_have_attribute("aria-rowcount", "12001")


def test_files_have_what_is_shown(output: Locator, side: Side, tmp_path: Path) -> None:
    import pandas as pd

    for name in ("CSV", "Parquet"):
        with side.page.expect_download() as download:
            output.get_by_role("button", name=name).click()
        download.value.save_as(tmp_path / name)

    csv, parquet = pd.read_csv(tmp_path / "CSV"), pd.read_parquet(tmp_path / "Parquet")
    assert csv["big"].tolist() == parquet["big"].tolist() == [2**60 + i for i in range(10_000)]
    assert str(parquet["day"].dtype).startswith("datetime64")


def test_grid_is_used_by_keyboard_and_the_notebook_leaves_it_its_keys(output: Locator, side: Side) -> None:
    keys = side.page.keyboard
    rows_of(output).first.locator("[col-id='4']").click()

    keys.press("ArrowDown")
    keys.press("d")
    keys.press("d")  # would delete the notebook's cell
    keys.press("Enter")

    expect(output.locator(".jp-Dbx-opened pre")).to_have_text(re.compile(r'"a": 1'))
    output.get_by_role("button", name="Close").click()
    expect(output.locator(".jp-Dbx-opened")).to_be_hidden()


def test_chart_is_chosen_without_code_and_stays_with_the_cell(output: Locator, side: Side) -> None:
    output.get_by_role("tab", name="Chart").click()
    output.get_by_role("combobox", name="Chart").select_option("Scatter")
    output.get_by_role("combobox", name="X").select_option("day")
    expect(output.locator(".jp-Dbx-drawing canvas")).to_be_visible()

    side.lab_page.command("notebook:run-cell")

    expect(output.locator(".jp-Dbx-drawing canvas")).to_be_visible()
    expect(output.get_by_role("combobox", name="Chart")).to_have_value("scatter")
    expect(output.get_by_role("combobox", name="X")).to_have_value("day")
    output.get_by_role("tab", name="Table").click()
    expect(rows_of(output).first).to_be_visible()


def test_profile_is_of_all_rows(output: Locator) -> None:
    output.get_by_role("tab", name="Profile").click()

    expect(output).to_contain_text("12,000 rows")
    expect(output.get_by_role("row", name=re.compile("^carrier"))).to_contain_text("25 %")
    expect(output.get_by_role("img", name="Histogram of distance")).to_be_visible()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def test_nothing_keeps_anybody_from_using_it(output: Locator, side: Side, theme: str) -> None:
    if not AXE.exists():
        reason = "axe-core is missing: run `npm ci` in labextension"
        pytest.fail(reason) if os.environ.get("CI_REQUIRES_BROWSER") else pytest.skip(reason)
    side.lab_page.command("apputils:change-theme", theme=theme)
    side.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=theme)

    found = side.serious_findings(".jp-Dbx-display")
    for tab in ("Chart", "Profile"):
        output.get_by_role("tab", name=tab).click()
        expect(output.locator(".jp-Dbx-drawing canvas, .jp-Dbx-profile").first).to_be_visible()
        found += side.serious_findings(".jp-Dbx-display")

    assert found == []
    side.lab_page.command("apputils:change-theme", theme="JupyterLab Light")
