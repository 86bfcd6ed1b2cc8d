"""The parts that all views are made of, on one page, in every state and theme; and the fonts of the views made of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lab import Lab
from playwright.sync_api import expect
from side import AXE, Side

pytestmark = pytest.mark.browser

#: For each text below an element, also in shadow roots: its font's size, px, and its first family.
FONTS = """root => {
  const found = new Set();
  const walk = node => {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE && child.data.trim() && node.nodeType === Node.ELEMENT_NODE) {
        const style = getComputedStyle(node);
        found.add(`${Math.round(parseFloat(style.fontSize))} ${style.fontFamily.split(',')[0]}`);
      } else if (child.nodeType === Node.ELEMENT_NODE && child.tagName !== 'STYLE') {
        if (child.matches('input, textarea, select, button')) {
          const style = getComputedStyle(child);
          found.add(`${Math.round(parseFloat(style.fontSize))} ${style.fontFamily.split(',')[0]}`);
        }
        walk(child);
      }
    }
    if (node.shadowRoot) {
      walk(node.shadowRoot);
    }
  };
  walk(root);
  return [...found];
}"""

#: The theme's own sizes and families.
SCALE = """() => {
  const style = getComputedStyle(document.body);
  const probe = document.body.appendChild(document.createElement('div'));
  const read = (property, name) => {
    probe.style[property] = `var(${name})`;
    return getComputedStyle(probe)[property];
  };
  const sizes = ['--jp-ui-font-size0', '--jp-ui-font-size1', '--jp-ui-font-size2', '--jp-ui-font-size3', '--jp-code-font-size']
    .map(name => Math.round(parseFloat(read('fontSize', name))));
  const families = ['--jp-ui-font-family', '--jp-code-font-family'].map(name => read('fontFamily', name).split(',')[0]);
  probe.remove();
  return { sizes, families };
}"""

THEMES = ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"]


def strange_fonts(side: Side, selector: str) -> list[str]:
    """Return the sizes and families of text that are not of the theme's scale."""
    scale = side.page.evaluate(SCALE)
    allowed = {f"{size} {family}" for size in scale["sizes"] for family in scale["families"]}
    return sorted(set(side.page.locator(selector).evaluate(FONTS)) - allowed)


@pytest.mark.parametrize("theme", THEMES)
def test_parts_are_readable_in_every_state_and_theme(side: Side, theme: str, tmp_path: Path) -> None:
    if not AXE.exists():
        reason = "axe-core is missing: run `npm ci` in labextension"
        pytest.fail(reason) if os.environ.get("CI_REQUIRES_BROWSER") else pytest.skip(reason)
    side.lab_page.command("apputils:change-theme", theme=theme)
    side.lab_page.command("dbx:show-gallery")
    page = side.page.locator(".jp-Dbx-gallery")
    expect(page.get_by_role("region", name="Marks")).to_be_visible()

    picture = page.screenshot(path=tmp_path / f"{theme}.png")
    assert len(picture) > 10_000  # of an empty page: 3 KB
    assert side.serious_findings(".jp-Dbx-gallery") == []
    assert strange_fonts(side, ".jp-Dbx-gallery") == []
    heights = page.locator("jp-button, jp-text-field .root, jp-number-field .root, jp-select").evaluate_all(
        "all => all.map(one => Math.round(one.getBoundingClientRect().height))"
    )
    assert set(heights) <= {24}
    side.lab_page.command("apputils:change-theme", theme="JupyterLab Light")


def test_parts_of_a_choice_work_by_keyboard(side: Side) -> None:
    side.lab_page.command("dbx:show-gallery")
    page, keys = side.page.locator(".jp-Dbx-gallery"), side.page.keyboard

    page.get_by_role("combobox", name="Select").focus()
    keys.press("ArrowDown")
    expect(page.get_by_role("combobox", name="Select")).to_contain_text("Two")
    expect(page.get_by_role("tabpanel")).to_have_text("Two")
    page.get_by_role("tab", name="Two").focus()
    keys.press("ArrowRight")
    expect(page.get_by_role("tabpanel")).to_have_text("Three")
    expect(page.get_by_role("radio", name="Three")).to_be_checked()
    page.get_by_role("radio", name="Three").focus()
    keys.press("ArrowLeft")
    expect(page.get_by_role("button", name="Two", exact=True)).to_have_attribute("aria-pressed", "true")


def test_rows_have_one_height_and_one_action_in_every_state(lab: Lab, side: Side) -> None:
    long = "a cluster with a name that is too long for any panel"
    lab.server.create(long, num_workers=2, node_type_id="memory-1c")
    ended = lab.server.create("old", num_workers=1, node_type_id="memory-1c")
    lab.server.call("POST", "api/2.0/clusters/delete", {"cluster_id": ended})
    lab.server.call("POST", "api/2.0/clusters/pin", {"cluster_id": ended})
    expect(side.row(long)).to_contain_text("busy", timeout=20_000)
    with lab.held():
        lab.server.create("new", num_workers=1, node_type_id="memory-1c")
        expect(side.row("new")).to_contain_text("Waiting for the driver")
        rows = side.panel.get_by_role("listitem")
        boxes = rows.evaluate_all("all => all.map(row => [row.offsetHeight, row.scrollWidth - row.clientWidth])")
        actions = rows.evaluate_all(
            "all => all.map(row => [...row.querySelectorAll('jp-button')].map(one => one.getAttribute('aria-label')))"
        )

    assert len({height for height, _ in boxes}) == 1
    assert {overflow for _, overflow in boxes} == {0}
    assert sorted(first for first, _ in actions) == ["Start", "Terminate", "Terminate"]
    assert {more for _, more in actions} == {"More actions"}


def test_form_has_the_fonts_of_the_theme_and_says_what_is_too_much(lab: Lab, side: Side) -> None:
    side.lab_page.command("dbx:create-cluster")
    side.form.get_by_text("Advanced").click()
    side.field("Spark config").fill("nonsense")
    assert strange_fonts(side, ".jp-Dbx-form") == []
    side.field("Spark config").fill("")

    create = side.form.get_by_role("button", name="Create")
    summary = side.form.get_by_role("complementary", name="Summary")
    expect(summary).to_contain_text("Total: 3 nodes, 3 cores, 6 GiB.")
    side.field("Workers").fill("5000")
    expect(create).to_be_disabled()
    expect(summary).to_contain_text("Takes 5001 cores, but")
    side.form.get_by_role("radio", name="Single node").click()
    expect(summary).to_contain_text("Total: 1 node, 1 core, 2 GiB.")
    expect(create).to_be_enabled()


def test_row_dropped_on_a_cell_inserts_the_line_that_attaches(lab: Lab, side: Side) -> None:
    lab.server.create("a b", num_workers=2, node_type_id="memory-1c")
    expect(side.row("a b")).to_contain_text("Running")

    cell = side.page.locator(".jp-Notebook:visible .cm-content").first
    side.row("a b").drag_to(cell)
    expect(cell).to_have_text('%cluster attach "a b"')
    side.picker.click()
    item = side.page.get_by_role("option", name="a b (Running) · 2 workers · 1 core, 2 GiB each")
    expect(item.locator(".jp-Dbx-dot.jp-mod-up")).to_be_visible()
    side.page.keyboard.press("Escape")
