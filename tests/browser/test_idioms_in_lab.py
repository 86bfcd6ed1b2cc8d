"""The idioms of public notebooks, run from top to bottom in JupyterLab on a real cluster."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from lab import Lab
from playwright.sync_api import expect

from jupyter_dbx.kernel.source import read_cells

pytestmark = [pytest.mark.browser, pytest.mark.spark, pytest.mark.timeout(600)]

IDIOMS = Path(__file__).parents[1] / "notebooks" / "idioms"

#: How long one notebook may take, ms.
SLOW_MS = 120_000

RUN_ALL = """async () => {
  const { commands, shell } = window.jupyterapp;
  await commands.execute('notebook:run-all-cells');
  const cells = shell.currentWidget.content.model.cells;
  return Array.from(cells)
    .flatMap(cell => Array.from({ length: cell.outputs?.length ?? 0 }, (_, i) => cell.outputs.get(i).toJSON()))
    .filter(output => output.output_type === 'error')
    .map(output => `${output.ename}: ${output.evalue}`);
}"""


def test_every_notebook_runs_without_an_error(real_lab: Lab) -> None:
    server = real_lab.server
    cluster_id = server.create("idioms", num_workers=2)
    assert server.wait(cluster_id, "RUNNING", "TERMINATED")["state"] == "RUNNING"
    shutil.copytree(IDIOMS / "tools", server.workspace.root / "tools")

    failed = {}
    for file in sorted(IDIOMS.glob("*.py")):
        path = real_lab.write(f"{file.stem}.ipynb", "")
        document = json.loads((server.workspace.root / path).read_text())
        empty = document["cells"][0]
        document["cells"] = [empty | {"id": f"c{n}", "source": code} for n, code in enumerate(read_cells(file))]
        document["metadata"]["jupyter_dbx"] = {"cluster_id": cluster_id}
        page = real_lab.open(path, document)
        page.page.set_default_timeout(SLOW_MS)
        if errors := page.page.evaluate(RUN_ALL):
            failed[file.stem] = errors
        expect(page.page.locator(".jp-InputPrompt", has_text="[*]")).to_have_count(0)
        page.close()

    assert failed == {}
