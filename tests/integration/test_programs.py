"""Notebooks that programs run: papermill, nbconvert and `jupyter execute`."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from live import Server

pytestmark = pytest.mark.spark

CELLS = [
    "spark.range(n).count()",
    "%sql SELECT :n AS bound",
    "import os; os.path.basename(os.getcwd())",
    "dbutils.notebook.getContext().notebookPath().get()",
    "dbutils.notebook.exit('done')",
    "1 / 0",
]


def write(path: Path, cluster_id: str, cells: list[str] = CELLS) -> Path:
    """Write a notebook whose metadata names its cluster, with a cell of parameters."""
    parameters = nbformat.v4.new_code_cell("n = 1", metadata={"tags": ["parameters"]})
    metadata = {
        "kernelspec": {"name": "jupyter-dbx", "display_name": "", "language": "python"},
        "jupyter_dbx": {"cluster_id": cluster_id},
    }
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[parameters, *code], metadata=metadata), path)
    return path


def run(server: Server, *command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a module as a program that knows only the server's URL."""
    env = dict(os.environ) | {
        "DATABRICKS_HOST": server.url,
        "JUPYTER_RUNTIME_DIR": str(server.workspace.folder / "runtime"),
        "JUPYTER_DATA_DIR": str(server.workspace.folder / "data-of-programs"),
    }
    env.pop("DATABRICKS_TOKEN", None)
    words = [sys.executable, "-m", *map(str, command)]
    return subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, timeout=120)


def outputs(path: Path) -> str:
    """Return the text of all outputs of a notebook."""
    cells = nbformat.read(path, as_version=4).cells
    shown = [output for cell in cells for output in cell.get("outputs", [])]
    return "\n".join(str(o.get("text") or o.get("data", {}).get("text/plain") or o.get("evalue")) for o in shown)


def test_papermill_ends_well_with_exit_and_writes_its_outputs(server: Server, cluster_id: str, tmp_path: Path) -> None:
    pytest.importorskip("papermill")
    write(tmp_path / "in #1.ipynb", cluster_id)
    (tmp_path / "sub").mkdir()
    options = ("-k", "jupyter-dbx", "--log-output", "--autosave-cell-every", "1", "--cwd", "sub")

    def execute(n: int) -> subprocess.CompletedProcess[str]:
        return run(server, "papermill", "in #1.ipynb", f"out{n}.ipynb", "-p", "n", str(n), *options, cwd=tmp_path)

    with ThreadPoolExecutor() as pool:
        ended = list(pool.map(execute, (5, 6)))

    assert [done.returncode for done in ended] == [0, 0], ended
    for n in (5, 6):
        text = outputs(tmp_path / f"out{n}.ipynb")
        assert f"\n{n}\n" in f"\n{text}\n" and "bound" in text
        assert "'sub'" in text and "/in #1'" in text
        assert "Notebook exited: done" in text and "ZeroDivisionError" not in text


def test_nbconvert_ends_well_with_exit(server: Server, cluster_id: str, tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", cluster_id)

    done = run(server, "nbconvert", "--execute", "--to", "html", "a.ipynb", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    page = (tmp_path / "a.html").read_text()
    assert "Notebook exited: done" in page and "bound" in page and "ZeroDivisionError" not in page


def test_jupyter_execute_ends_well_with_exit(server: Server, cluster_id: str, tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", cluster_id)

    done = run(server, "jupyter", "execute", "--inplace", "a.ipynb", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "Notebook exited: done" in outputs(tmp_path / "a.ipynb")


def test_error_before_exit_fails_the_run(server: Server, cluster_id: str, tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", cluster_id, ["1 / 0", "dbutils.notebook.exit('done')"])

    done = run(server, "jupyter", "execute", "--inplace", "a.ipynb", cwd=tmp_path)

    assert done.returncode != 0
    assert "ZeroDivisionError" in done.stderr
