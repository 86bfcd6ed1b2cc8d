"""The side panel with the variables of the current notebook."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lab import Lab, LabPage
from playwright.sync_api import Locator, expect
from side import AXE, Side

pytestmark = pytest.mark.browser

CODE = """import pandas as pd
orders = pd.DataFrame({"id": [1, 2, 3], "amount": [1.5, 2.5, 3.5]})
greeting = "hello"
"""


def variables(side: Side) -> Locator:
    side.lab_page.command("dbx:show-variables")
    return side.page.locator("#jp-dbx-variables")


def test_variables_follow_the_cells_and_the_kernel(lab: Lab, open_side: Callable[[Lab], Side]) -> None:
    side = open_side(lab)
    panel = variables(side)
    expect(panel).to_contain_text("No variables yet")

    side.lab_page.run(CODE)
    expect(panel).to_contain_text("'hello'")
    panel.get_by_text("3 rows · 2 columns").click()
    expect(panel.get_by_text("float64")).to_be_visible()
    if AXE.exists():  # installed by `npm ci`
        assert side.serious_findings("#jp-dbx-variables") == []

    panel.get_by_role("textbox").fill("amount")
    expect(panel.get_by_text("greeting")).to_have_count(0)
    panel.get_by_role("textbox").fill("")

    side.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    expect(panel).to_contain_text("No variables yet")


def test_variables_are_those_of_the_current_notebook(lab: Lab, open_page: Callable[[Lab], LabPage]) -> None:
    page = open_page(lab)
    page.run("first = 1")
    page.command("dbx:show-variables")
    panel = page.page.locator("#jp-dbx-variables")
    expect(panel).to_contain_text("first")

    page.command("notebook:create-new", kernelName="python3")

    expect(panel).to_contain_text("Open a notebook with the Spark kernel")
    page.page.evaluate(
        """async () => {
          const other = window.jupyterapp.shell.currentWidget;
          await other.sessionContext.shutdown();
          other.dispose();
        }"""
    )
    expect(panel).to_contain_text("first")
