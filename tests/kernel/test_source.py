"""Notebooks as files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_dbx.kernel.folders import Folders
from jupyter_dbx.kernel.source import (
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


def test_python_source_is_read_in_cells(tmp_path: Path) -> None:
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
def test_other_languages_say_so_on_the_first_line(tmp_path: Path, name: str, text: str, cells: list[str]) -> None:
    assert read_cells(write(tmp_path, name, text)) == cells


def test_document_gives_its_code(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# a"]},
        {"cell_type": "code", "source": ["x = 1\n", "y = 2"]},
        {"cell_type": "code", "source": "  \n"},
        {"cell_type": "code", "source": "%sql\nSELECT 1"},
    ]

    found = read_cells(write(tmp_path, "a.ipynb", json.dumps({"cells": cells})))

    assert found == ["x = 1\ny = 2", "%sql\nSELECT 1"]


@pytest.mark.parametrize("wanted", ["a", "./a", "a.ipynb", "sub/../a"])
def test_suffix_may_be_missing(tmp_path: Path, wanted: str) -> None:
    write(tmp_path, "a.py", "")
    (tmp_path / "sub").mkdir()
    file = write(tmp_path, "a.ipynb", "")

    assert find_notebook(wanted, tmp_path, Folders(tmp_path, tmp_path / "root")) == file.resolve()


def test_missing_notebook_is_told_with_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path, "setup.py", "")
    write(tmp_path, "data.csv", "")

    with pytest.raises(NoSuchNotebook, match=r"no notebook './set_up'.*there are: setup\.py\.$"):
        find_notebook("./set_up", tmp_path, Folders(tmp_path, tmp_path / "root"))
    with pytest.raises(NoSuchNotebook, match=r"There are no notebooks in .*nowhere"):
        find_notebook("nowhere/a", tmp_path, Folders(tmp_path, tmp_path / "root"))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.ipynb", "{", "cannot be read as a notebook"),
        ("a.ipynb", "[]", "cannot be read as a notebook"),
        ("a.ipynb", '{"cells": 3}', "its cells are no list"),
        ("a.txt", "x", "is no notebook. Notebooks end in .ipynb, .py"),
    ],
)
def test_what_is_no_notebook_is_told(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(UnreadableNotebook, match=message):
        read_cells(write(tmp_path, name, text))


@pytest.mark.parametrize("wanted", ["/Workspace/sub/a", "/sub/a"])
def test_absolute_path_begins_at_the_workspaces_root(tmp_path: Path, wanted: str) -> None:
    (tmp_path / "sub").mkdir()
    file = write(tmp_path / "sub", "a.py", "")

    assert find_notebook(wanted, tmp_path / "elsewhere", Folders(tmp_path, tmp_path)) == file.resolve()
