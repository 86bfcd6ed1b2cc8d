"""Cells as in Databricks notebooks: widgets above the notebook, language magics in the first line."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from side import Side

pytestmark = pytest.mark.browser

WIDGETS = """
dbutils.widgets.dropdown("airline", "UA", ["AA", "UA"], "Airline")
dbutils.widgets.text("least", "15", "Late from, minutes")
"""


def look(side: Side, name: str) -> None:
    """Save a screenshot, if a folder is configured."""
    if folder := os.environ.get("DBX_SCREENSHOTS"):
        side.page.screenshot(path=Path(folder) / f"{name}.png")


def test_widgets_are_above_the_notebook_and_a_change_runs_dependent_cells(side: Side) -> None:
    notebook = side.lab_page
    notebook.run(WIDGETS)
    bar = side.page.get_by_role("region", name="Notebook widgets")
    expect(bar.get_by_label("Airline")).to_have_value("UA")
    expect(bar.get_by_label("Airline")).to_be_in_viewport(ratio=1)
    box = bar.bounding_box()
    assert box is not None and box["height"] > 20
    expect(notebook.outputs).to_contain_text("The widgets are above the notebook.")
    notebook.add_cell('print("airline:", dbutils.widgets.get("airline"))')
    expect(notebook.outputs).to_contain_text("airline: UA")

    bar.get_by_label("Airline").select_option("AA")

    expect(notebook.outputs).to_contain_text("airline: AA")
    expect(notebook.outputs).not_to_contain_text("airline: UA")
    look(side, "widgets-light")
    notebook.command("apputils:change-theme", theme="JupyterLab Dark")
    expect(side.page.locator("body")).to_have_attribute("data-jp-theme-name", "JupyterLab Dark")
    look(side, "widgets-dark")
    notebook.command("apputils:change-theme", theme="JupyterLab Light")

    notebook.add_cell("dbutils.widgets.removeAll()")
    expect(bar.get_by_label("Airline")).to_be_hidden()


@pytest.mark.parametrize(
    ("source", "language"),
    [("%sql\nSELECT 'a' FROM b", "sql"), ("%sh\nls", "shell"), ("x = 1", "python"), ("%scala\nval x = 1", "scala")],
)
def test_cell_is_highlighted_in_the_language_of_its_first_line(side: Side, source: str, language: str) -> None:
    side.lab_page.run(source)

    editor = side.page.locator(".jp-CodeCell .cm-content").first
    expect(editor).to_have_attribute("data-language", language)


def test_markdown_and_shell_scripts_are_cells(side: Side) -> None:
    notebook = side.lab_page

    notebook.run("%md\n# A title\n\nand *words*")
    title = notebook.outputs.get_by_role("heading", name="A title")
    expect(title).to_be_visible()
    source = side.page.locator(".jp-CodeCell .cm-content").first
    expect(source).to_be_hidden()
    title.dblclick()
    expect(source).to_be_focused()
    notebook.command("notebook:run-cell")
    expect(source).to_be_hidden()
    expect(side.page.locator(".jp-InputPlaceholder")).to_be_hidden()

    notebook.add_cell("%sh\necho one; echo two >&2; exit 3")
    expect(notebook.outputs).to_contain_text("one\ntwo\nexit code 3")


CHOICES = """
dbutils.widgets.multiselect("days", "mon", ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "Days")
dbutils.widgets.text("least", "15", "Late from, minutes")
"""


def test_multiselect_is_a_list_of_checkboxes_over_the_notebook(side: Side) -> None:
    notebook, keys = side.lab_page, side.page.keyboard
    notebook.run(CHOICES)
    bar = side.page.get_by_role("region", name="Notebook widgets")
    button = bar.get_by_role("button", name=re.compile("^Days: "))
    notebook.add_cell('print("days:", dbutils.widgets.get("days"))')
    expect(notebook.outputs).to_contain_text("days: mon")
    height = bar.evaluate("bar => bar.offsetHeight")

    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    bar.get_by_role("checkbox", name="wed").check()
    expect(button).to_have_accessible_name("Days: mon, wed")
    assert bar.evaluate("bar => bar.offsetHeight") == height
    look(side, "multiselect-light")
    expect(bar.get_by_role("checkbox", name="fri")).to_be_in_viewport(ratio=1)

    bar.get_by_placeholder("Search").fill("s")
    expect(bar.get_by_role("checkbox")).to_have_count(2)  # sat and sun
    bar.get_by_role("button", name="All", exact=True).click()
    expect(button).to_have_accessible_name("Days: mon, wed, sat, sun")
    expect(notebook.outputs).to_contain_text("days: mon")  # cells run once the list is closed
    bar.get_by_role("textbox", name="Late from, minutes").click()
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(notebook.outputs).to_contain_text("days: mon,wed,sat,sun")

    button.focus()
    keys.press("ArrowDown")
    expect(bar.get_by_placeholder("Search")).to_be_focused()
    keys.press("ArrowDown")
    keys.press("Space")
    keys.press("Escape")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(notebook.outputs).not_to_contain_text("days: mon,wed,sat,sun")


def test_multiselect_opens_while_a_cell_runs(side: Side) -> None:
    notebook = side.lab_page
    notebook.run(CHOICES)
    bar = side.page.get_by_role("region", name="Notebook widgets")
    button = bar.get_by_role("button", name=re.compile("^Days: "))
    expect(button).to_be_visible()
    notebook.add_cell("import time\ntime.sleep(60)")
    expect(side.page.locator(".jp-InputPrompt", has_text="[*]")).to_be_visible()

    button.click()
    bar.get_by_role("button", name="None", exact=True).click()
    expect(button).to_have_accessible_name("Days: None")
    expect(side.page.locator(".jp-InputPrompt", has_text="[*]")).to_be_visible()
    notebook.command("notebook:interrupt-kernel")
