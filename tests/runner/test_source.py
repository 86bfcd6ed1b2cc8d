"""Notebook files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_dbx.kernel.workspace.folders import Folders
from jupyter_dbx.runner.source import (
    NoSuchNotebook,
    UnreadableNotebook,
    find_notebook,
    is_databricks_source,
    read_cells,
)

PYTHON = """# Databricks notebook source
# DBTITLE 1,What it is
# MAGIC %md
# MAGIC # A title

# COMMAND ----------

import math  # a comment

x = 1

# COMMAND ----------

# DBTITLE 1,A query
# MAGIC %sql
# MAGIC SELECT 1
# MAGIC
# MAGIC FROM a

# COMMAND ----------

# MAGIC %run ./other $a="1"

# COMMAND ----------

"""


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_python_source_is_split_into_cells(tmp_path: Path) -> None:
    file = write(tmp_path, "a.py", PYTHON)

    cells = read_cells(file)

    assert is_databricks_source(file)
    assert cells == ["import math  # a comment\n\nx = 1", "%sql\nSELECT 1\n\nFROM a", '%run ./other $a="1"']


@pytest.mark.parametrize(
    ("name", "text", "cells"),
    [
        (
            "a.sql",
            "-- Databricks notebook source\nSELECT 1\n\n-- COMMAND ----------\n\n-- MAGIC %python\n-- MAGIC x = 1\n",
            ["%sql\nSELECT 1", "%python\nx = 1"],
        ),
        ("a.scala", "// Databricks notebook source\nval x = 1\n// COMMAND ----------\n", ["%scala\nval x = 1"]),
        ("a.r", "# Databricks notebook source\nx <- 1\n", ["%r\nx <- 1"]),
        ("plain.sql", "SELECT 1;\nSELECT 2\n", ["%sql\nSELECT 1;\nSELECT 2"]),
    ],
)
def test_cells_in_other_languages_start_with_a_magic(tmp_path: Path, name: str, text: str, cells: list[str]) -> None:
    assert read_cells(write(tmp_path, name, text)) == cells


def test_ipynb_returns_its_code_cells(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# a"]},
        {"cell_type": "code", "source": ["x = 1\n", "y = 2"]},
        {"cell_type": "code", "source": "  \n"},
        {"cell_type": "code", "source": "%sql\nSELECT 1"},
    ]

    found = read_cells(write(tmp_path, "a.ipynb", json.dumps({"cells": cells})))

    assert found == ["x = 1\ny = 2", "%sql\nSELECT 1"]


@pytest.mark.parametrize(
    ("metadata", "magic"),
    [
        ({"application/vnd.databricks.v1+notebook": {"language": "sql"}, "language_info": {"name": "python"}}, "sql"),
        ({"application/vnd.databricks.v1+notebook": {"language": "python"}, "language_info": {"name": "sql"}}, ""),
        ({"language_info": {"name": "scala"}}, "scala"),
        ({"language_info": {"name": "R"}}, "r"),
        ({"language_info": {"name": "python", "version": "3.11"}}, ""),
        ({"language_info": {"name": "julia"}}, ""),
        ({"language_info": "sql", "application/vnd.databricks.v1+notebook": []}, ""),
        ({}, ""),
    ],
)
def test_cells_of_an_ipynb_are_in_the_language_of_its_metadata(
    tmp_path: Path, metadata: dict[str, object], magic: str
) -> None:
    codes = ["CREATE VIEW s AS\nSELECT 1", "\n%python\nx = 1", "%md # a"]
    cells = [{"cell_type": "code", "source": code} for code in codes]
    file = write(tmp_path, "a.ipynb", json.dumps({"cells": cells, "metadata": metadata}))

    assert read_cells(file) == [f"%{magic} {codes[0]}" if magic else codes[0], *codes[1:]]


def test_language_of_a_cell_wins_over_that_of_its_notebook(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "code", "source": "a", "metadata": {"vscode": {"languageId": language}}}
        for language in ("sql", "python", "shellscript")
    ]
    document = {"cells": [*cells, {"cell_type": "code", "source": "a", "metadata": {}}]}

    assert read_cells(write(tmp_path, "a.ipynb", json.dumps(document))) == ["%sql a", "a", "%sh a", "a"]
    document |= {"metadata": {"language_info": {"name": "scala"}}}
    assert read_cells(write(tmp_path, "b.ipynb", json.dumps(document))) == ["%sql a", "a", "%sh a", "%scala a"]


@pytest.mark.parametrize("wanted", ["a", "./a", "a.ipynb", "sub/../a"])
def test_suffix_may_be_missing(tmp_path: Path, wanted: str) -> None:
    write(tmp_path, "a.py", "")
    (tmp_path / "sub").mkdir()
    file = write(tmp_path, "a.ipynb", "")

    assert (
        find_notebook(wanted, Folders(tmp_path, tmp_path / "root").candidates_for(wanted, tmp_path)) == file.resolve()
    )


def test_error_for_a_missing_notebook_lists_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path, "setup.py", "")
    write(tmp_path, "data.csv", "")

    with pytest.raises(NoSuchNotebook, match=r"no notebook './set_up'.*: setup\.py\.$"):
        find_notebook("./set_up", [tmp_path / "set_up"])
    with pytest.raises(NoSuchNotebook, match=r"There are no notebooks in .*nowhere"):
        find_notebook("nowhere/a", [tmp_path / "nowhere/a"])


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.ipynb", "{", "cannot be read as a notebook"),
        ("a.ipynb", "[]", "cannot be read as a notebook"),
        ("a.ipynb", '{"cells": 3}', "its cells are not a list"),
        ("a.txt", "x", "is not a notebook. Notebooks end in .ipynb, .py"),
    ],
)
def test_file_that_is_not_a_notebook_is_an_error(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(UnreadableNotebook, match=message):
        read_cells(write(tmp_path, name, text))


@pytest.mark.parametrize("wanted", ["/Workspace/sub/a", "/sub/a"])
def test_absolute_path_starts_at_the_workspace_root(tmp_path: Path, wanted: str) -> None:
    (tmp_path / "sub").mkdir()
    file = write(tmp_path / "sub", "a.py", "")

    assert (
        find_notebook(wanted, Folders(tmp_path, tmp_path).candidates_for(wanted, tmp_path / "elsewhere"))
        == file.resolve()
    )
