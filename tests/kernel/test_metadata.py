"""The cluster in a notebook's file, even if the file is broken."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from jupyter_dbx.kernel.session.metadata import read_cluster_id, read_languages


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def notebook_with(cluster_id: object) -> dict[str, Any]:
    return {"cells": [], "metadata": {"kernelspec": {}, "jupyter_dbx": {"cluster_id": cluster_id}}}


def test_cluster_is_read_from_the_metadata(tmp_path: Path) -> None:
    path = write(tmp_path / "a ü.ipynb", notebook_with("1122-101839-abcdef12"))

    assert read_cluster_id(str(path)) == "1122-101839-abcdef12"


@pytest.mark.parametrize("path", ["a.ipynb", "work/deep/a.ipynb", "./a.ipynb"])
def test_path_below_the_servers_root_is_resolved_in_the_notebooks_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    write(tmp_path / "a.ipynb", notebook_with("c1"))
    monkeypatch.chdir(tmp_path)

    assert read_cluster_id(path) == "c1"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "null",
        "[]",
        "7",
        {},
        {"metadata": None},
        {"metadata": []},
        {"metadata": {}},
        {"metadata": {"jupyter_dbx": None}},
        {"metadata": {"jupyter_dbx": "c1"}},
        {"metadata": {"jupyter_dbx": {}}},
        notebook_with(None),
        notebook_with(""),
        notebook_with(["c1"]),
        notebook_with({"a": 1}),
        "[" * 100_000,
    ],
    ids=lambda content: repr(content)[:60],
)
def test_file_without_a_valid_cluster_id_has_none(tmp_path: Path, content: Any) -> None:
    assert read_cluster_id(str(write(tmp_path / "a.ipynb", content))) == ""


def test_file_that_is_not_text_has_none(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_bytes(b"\xff\xfe\x00")

    assert read_cluster_id(str(tmp_path / "a.ipynb")) == ""


@pytest.mark.parametrize(
    "path", ["", "nothing.ipynb", "/nothing/here.ipynb", "a.py", "/", "\0.ipynb", "x" * 5000 + ".ipynb"]
)
def test_path_that_is_not_a_notebook_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    write(tmp_path / "a.py", notebook_with("c1"))
    monkeypatch.chdir(tmp_path)

    assert read_cluster_id(path) == ""


def test_folder_and_unreadable_file_have_none(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").mkdir()
    os.symlink("loop.ipynb", tmp_path / "loop.ipynb")

    assert read_cluster_id(str(tmp_path / "a.ipynb")) == ""
    assert read_cluster_id(str(tmp_path / "loop.ipynb")) == ""


def test_working_folder_that_was_removed_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    assert read_cluster_id("a.ipynb") == ""


@pytest.mark.parametrize("path", ["a.ipynb", "work/a.ipynb"])
def test_languages_are_read_from_the_metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    cells = [
        {"id": "c1", "metadata": {"vscode": {"languageId": "python"}}},
        {"id": "c2", "metadata": {"vscode": {"languageId": "sql"}}},
        {"id": "c3", "metadata": {"vscode": None}},
        {"metadata": 7},
        8,
    ]
    write(tmp_path / "a.ipynb", {"cells": cells, "metadata": {"language_info": {"name": "SQL"}}})
    monkeypatch.chdir(tmp_path)

    languages = read_languages(path)

    assert [languages.magic_of(cell_id) for cell_id in ("c1", "c2", "c3", "new", "")] == [
        "",
        "sql",
        "sql",
        "sql",
        "sql",
    ]


@pytest.mark.parametrize(
    "content",
    ["", '"name": "sql"', '["name", {"name": "sql"}]', {"cells": 7, "metadata": {"language_info": {"name": 1}}}],
)
def test_cells_of_a_broken_file_are_python(tmp_path: Path, content: Any) -> None:
    assert read_languages(str(write(tmp_path / "a.ipynb", content))).magic_of("c1") == ""
    assert read_languages("").magic_of("c1") == read_languages(str(tmp_path)).magic_of("c1") == ""
