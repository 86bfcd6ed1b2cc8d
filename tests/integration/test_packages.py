"""Packages of `%pip` on workers of real Spark."""

from __future__ import annotations

import pytest
from live import Notebook, Server

pytestmark = pytest.mark.spark

PROJECT = """[project]
name = "dbx-edited"
version = "1.0"
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""

#: A build backend without dependencies: an editable wheel is a `.pth` file with the project's folder.
BACKEND = """
import os, zipfile

def get_requires_for_build_editable(settings=None):
    return []

def build_editable(folder, settings=None, metadata=None):
    info, name = "dbx_edited-1.0.dist-info", "dbx_edited-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("dbx_edited.pth", os.getcwd())
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: dbx-edited\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/top_level.txt", "dbx_edited")
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""


def test_editable_package_is_imported_in_the_kernel_and_on_workers(notebook: Notebook, server: Server) -> None:
    project = server.workspace.root / "edited project"
    project.mkdir()
    for name, text in (("pyproject.toml", PROJECT), ("backend.py", BACKEND), ("dbx_edited.py", "V = 7")):
        (project / name).write_text(text)

    notebook.run(f"folder = {str(project)!r}\n%pip install -q --no-index -e '{{folder}}'\nimport dbx_edited").ok()

    values = "dbx_edited.V, spark.range(1).rdd.map(lambda _: __import__('dbx_edited').V).collect()"
    assert notebook.value(values) == (7, [7])
    notebook.run("%pip uninstall -q dbx-edited").ok()
    assert "ModuleNotFoundError" in notebook.run(values.partition(", ")[2]).error


def test_second_pyspark_leaves_the_notebook_as_it_was(notebook: Notebook) -> None:
    refused = notebook.run("!pip install -q --no-index databricks-connect pyspark==3.5.1")

    assert "PipFailed" in refused.error
    assert notebook.value("spark.range(3).rdd.map(lambda i: i.id).collect()") == [0, 1, 2]
