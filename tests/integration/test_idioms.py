"""Notebooks with the idioms of public Databricks notebooks run unmodified; each cell asserts what it expects."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from live import Notebook, Server

from jupyter_dbx.runner.source import read_cells

pytestmark = pytest.mark.spark

IDIOMS = Path(__file__).parents[1] / "notebooks" / "idioms"


@pytest.mark.parametrize("file", sorted(IDIOMS.glob("*.py")), ids=lambda file: file.stem)
def test_notebook_runs_from_top_to_bottom(
    file: Path, server: Server, cluster_id: str, open_notebook: Callable[[str], Notebook]
) -> None:
    shutil.copytree(IDIOMS / "tools", server.workspace.root / "idioms" / "tools", dirs_exist_ok=True)
    notebook = open_notebook(f"idioms/{file.stem}.ipynb").attach(cluster_id)
    cells = read_cells(file)
    assert len(cells) > 3

    for cell in cells:
        outcome = notebook.run(cell)
        assert not outcome.error, f"{cell}\n\n{outcome.error}\n{outcome.traceback}"
