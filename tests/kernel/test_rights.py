"""Hints on files that one of two OS users may not use."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_dbx.kernel.workspace.folders import Folders
from jupyter_dbx.kernel.workspace.rights import hint_on_rights, hint_on_workspace


def test_file_that_only_the_kernel_sees_is_missing_for_spark(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    text = f"[PATH_NOT_FOUND] Path does not exist: file:{tmp_path}/a.csv. "

    hint = hint_on_rights(text, "ann")

    assert hint.startswith(f"Spark runs as the OS user 'ann', who may not use {tmp_path}/a.csv.")
    assert f"dbutils.fs.cp('file:{tmp_path}/a.csv', 'dbfs:/…')" in hint


def test_spark_cannot_create_a_file_in_a_folder_of_the_kernel(tmp_path: Path) -> None:
    text = f"IOException: Mkdirs failed to create file:{tmp_path}/out/_temporary/0 (exists=false)"

    assert f"'ann', who may not write to {tmp_path}. " in hint_on_rights(text, "ann")


def test_module_in_a_folder_of_the_kernel() -> None:
    assert "sc.addPyFile('module.py')" in hint_on_rights("ModuleNotFoundError: No module named 'beside'", "ann")


@pytest.mark.parametrize(
    "text",
    [
        "[PATH_NOT_FOUND] Path does not exist: dbfs:/a.csv. ",
        "[PATH_NOT_FOUND] Path does not exist: s3a://bucket/a.csv. ",
        "[DIVIDE_BY_ZERO] Division by zero at /etc/passwd",
    ],
)
def test_other_errors_have_other_reasons(text: str) -> None:
    assert hint_on_rights(text, "ann") == ""


def test_workspace_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = Folders(tmp_path / "data", tmp_path)
    refused = PermissionError(13, "Permission denied", str(folders.dbfs / "models/a"))

    monkeypatch.setattr("os.access", lambda path, mode: False)

    assert "`dbutils.fs.cp('dbfs:/models/a', 'file:/…')`" in hint_on_workspace(refused, folders)
    assert hint_on_workspace(PermissionError(13, "Permission denied", "/etc/shadow"), folders) == ""


def test_refused_file_in_ones_own_workspace_gets_no_hint(tmp_path: Path) -> None:
    folders = Folders(tmp_path, tmp_path)
    folders.dbfs.mkdir()

    assert hint_on_workspace(PermissionError(13, "Permission denied", str(tmp_path / "dbfs/a")), folders) == ""
