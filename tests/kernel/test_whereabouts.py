"""Hints on files that exist under another spelling of their path."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_dbx.kernel.workspace.folders import Folders
from jupyter_dbx.kernel.workspace.whereabouts import hint_for, hint_on


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """A workspace; `HERE` in a test is this folder of the machine, which is also one of `dbfs:/`."""
    for name in ("data/Volumes/main", f"data/dbfs{tmp_path}", "root"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "on machine.csv").touch()
    (tmp_path / "machine.csv").touch()
    (tmp_path / "data" / f"dbfs{tmp_path}" / "dbfs.csv").touch()
    return Folders(tmp_path / "data", tmp_path / "root")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Path does not exist: dbfs:HERE/machine.csv. SQLSTATE: 42K03", "`file:HERE/machine.csv` for Spark"),
        ("No such file: 'DBFSHERE/on machine.csv'", "`HERE/on machine.csv` for Python"),
        ("No such file: '/dbfsHERE/machine.csv'", "`HERE/machine.csv` for Python"),
        ("Path does not exist: file:HERE/dbfs.csv.", "`dbfs:HERE/dbfs.csv` for Spark"),
        ("File file:///HERE/dbfs.csv does not exist", "`/dbfsHERE/dbfs.csv` for Python"),
        ('cannot open "/Volumes/main/a b.csv"', "Use 'DATA/Volumes/main/a b.csv'"),
        ("cannot open (/dbfsHERE/dbfs.csv)", "Use 'DBFSHERE/dbfs.csv'"),
    ],
)
def test_other_spelling_is_named(folders: Folders, tmp_path: Path, text: str, hint: str) -> None:
    def expand(part: str) -> str:
        return part.replace("DBFS", str(folders.dbfs)).replace("DATA", str(folders.data)).replace("HERE", str(tmp_path))

    assert expand(hint) in hint_on(expand(text).replace("////", "///"), folders)


@pytest.mark.parametrize(
    "text",
    [
        "Path does not exist: file:HERE/nowhere.csv",
        "Path does not exist: dbfs:HERE/nowhere.csv",
        "cannot open '/Volumes/missing/folder/a.csv'",
        "cannot open HERE/machine.csv",
        "dbfs:HERE/dbfs.csv is empty",
        "s3a:HERE/dbfs.csv, http://hostHERE/dbfs.csv",
        "a / b, /, //, '', dbfs:/",
    ],
)
def test_no_other_spelling_gives_no_hint(folders: Folders, tmp_path: Path, text: str) -> None:
    assert hint_on(text.replace("HERE", str(tmp_path)), folders) == ""


def read_by_python(folders: Folders, here: Path) -> None:
    open(f"{folders.dbfs}{here}/on machine.csv")


def read_by_sqlite(folders: Folders, here: Path) -> None:
    sqlite3.connect("/Volumes/main/a.db")


@pytest.mark.parametrize(
    ("read", "hint"),
    [(read_by_python, "on this machine, not in the workspace"), (read_by_sqlite, "does not know /Volumes")],
)
def test_error_of_python_has_a_hint(
    folders: Folders, tmp_path: Path, read: Callable[[Folders, Path], None], hint: str
) -> None:
    with pytest.raises((OSError, sqlite3.Error)) as caught:
        read(folders, tmp_path)

    assert hint in hint_for(caught.value, folders)


def test_error_about_something_else_has_no_hint(folders: Folders) -> None:
    assert hint_for(ValueError("/Volumes/main/a.csv has 3 columns"), folders) == ""
