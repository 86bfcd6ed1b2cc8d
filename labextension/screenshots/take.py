"""Takes the README's screenshot: `python labextension/screenshots/take.py [FOLDER]`, with Debian's Chromium and one real cluster.

A folder gets further pictures, with the widget panel, in both themes.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parents[2] / "tests"
sys.path[:0] = [str(TESTS / "browser"), str(TESTS / "integration")]

from conftest import serve  # noqa: E402
from lab import FLAGS, Lab, LabPage  # noqa: E402
from playwright.sync_api import expect, sync_playwright  # noqa: E402

CELL = """from pyspark.sql import functions as F

trips = spark.range(500_000).select(
    (F.col("id") % 24).alias("hour"), F.round(F.abs(F.sin("id")) * 40, 2).alias("fare"))
display(trips.groupBy("hour").agg(F.count("*").alias("trips"), F.round(F.avg("fare"), 2).alias("fare")).orderBy("hour"))"""


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="dbx-screenshot-"))
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        lab = Lab(serve(folder, folder / "cache", simulated=False), browser)
        try:
            cluster_id = lab.server.create("etl", num_workers=1)
            assert lab.server.wait(cluster_id, "RUNNING", "TERMINATED")["state"] == "RUNNING"
            take(lab.open("trips.ipynb"), cluster_id, pictures)
        finally:
            lab.close()
            browser.close()
            shutil.rmtree(folder, ignore_errors=True)


def take(page: LabPage, cluster_id: str, pictures: Path | None) -> None:
    page.page.set_viewport_size({"width": 1500, "height": 820})
    page.command("dbx:show-clusters")
    expect(page.page.locator(".jp-Dbx-row")).to_contain_text("Running")
    picker = page.page.locator(".jp-Dbx-pick").first
    picker.click()
    page.page.get_by_role("option", name="etl (Running)").click()
    expect(picker).to_contain_text("etl")
    page.run(CELL)
    expect(page.page.locator(".jp-Dbx-display .ag-row").first).to_be_visible(timeout=120_000)
    page.command("dbx:open-cluster", cluster_id=cluster_id)
    expect(page.page.locator(".jp-Dbx-page")).to_be_visible()
    page.page.evaluate(
        "() => { const { shell } = jupyterapp; shell.add(shell.currentWidget, 'main', { mode: 'split-right' }) }"
    )
    page.page.get_by_role("tab", name="Event log").click()
    page.page.wait_for_timeout(2000)
    page.page.screenshot(path=Path(__file__).with_name("lab.png"))
    if pictures:
        page.command("docmanager:open", path="trips.ipynb")
        page.add_cell("%cluster panel")
        expect(page.panel).to_be_visible()
    for theme in ("JupyterLab Light", "JupyterLab Dark") if pictures else ():
        page.command("apputils:change-theme", theme=theme)
        page.page.wait_for_timeout(2000)
        page.page.screenshot(path=pictures / f"page-{theme.split()[1]}.png")


if __name__ == "__main__":
    main()
