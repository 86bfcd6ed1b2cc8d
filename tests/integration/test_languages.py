"""Notebooks in SQL or Scala by their metadata, opened and run from others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from live import Notebook, Server

pytestmark = pytest.mark.spark

DATABRICKS = "application/vnd.databricks.v1+notebook"


def write(server: Server, name: str, metadata: dict[str, object], *codes: str) -> Path:
    """Save a notebook with these cells in the workspace."""
    cells = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": code, "outputs": [], "execution_count": None}
        for i, code in enumerate(codes)
    ]
    path = server.workspace.root / name
    path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_notebook_in_sql_runs_where_it_is_opened_and_from_others(
    server: Server, cluster_id: str, open_notebook: Callable[[str], Notebook]
) -> None:
    view = "-- about it\nCREATE OR REPLACE TEMP VIEW s AS\nSELECT 7 AS x"
    write(
        server, "in_sql.ipynb", {DATABRICKS: {"language": "sql"}}, view, "%python\ny = 1", "SELECT x FROM s; SELECT 8"
    )
    exits = '%python\ndbutils.notebook.exit(str(spark.table("s").first().x))'
    write(server, "exits.ipynb", {"language_info": {"name": "sql"}}, view, exits)

    opened = open_notebook("in_sql.ipynb").attach(cluster_id)
    opened.run(view).ok()
    opened.run("SELECT x FROM s").ok()
    caller = open_notebook("caller.ipynb").attach(cluster_id)
    caller.run("%run ./in_sql").ok()

    assert opened.run('%python\nprint(_sqldf.first().x, spark.table("s").count())').ok().text == "7 1\n"
    assert caller.value("_sqldf.first()[0], y, spark.table('s').first().x") == (8, 1, 7)
    assert caller.value("dbutils.notebook.run('./exits')") == "7"


def test_notebook_in_scala_runs_where_it_is_opened_and_from_others(
    server: Server, cluster_id: str, open_notebook: Callable[[str], Notebook]
) -> None:
    code = 'val n = 3 // about it\nspark.range(n).createOrReplaceTempView("three")'
    write(server, "in_scala.ipynb", {"language_info": {"name": "scala"}}, code)

    opened = open_notebook("in_scala.ipynb").attach(cluster_id)
    opened.run(code).ok()
    caller = open_notebook("scala_caller.ipynb").attach(cluster_id)
    caller.run("%run ./in_scala").ok()

    assert opened.run('%python\nprint(spark.table("three").count())').ok().text == "3\n"
    assert caller.value("spark.table('three').count()") == 3
