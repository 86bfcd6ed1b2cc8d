"""Workspace folders under Databricks' names, in Python, Spark and scripts."""

from __future__ import annotations

import builtins
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core import interactiveshell

from jupyter_dbx.kernel.workspace.folders import OS_FUNCTIONS, Folders
from jupyter_dbx.kernel.workspace.mounts import Mount


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    for name in ("data/Volumes", "data/dbfs", "root"):
        (tmp_path / name).mkdir(parents=True)
    return Folders(tmp_path / "data", tmp_path / "root")


@pytest.fixture
def installed(folders: Folders) -> Iterator[Folders]:
    """The folders, installed in Python during a test."""
    plain = {name: getattr(os, name) for name in OS_FUNCTIONS}
    plain_open = builtins.open
    folders.install()
    yield folders
    builtins.open = io.open = interactiveshell.io_open = plain_open
    for name, function in plain.items():
        setattr(os, name, function)


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("/Volumes/a/b/c/x.csv", "DATA/Volumes/a/b/c/x.csv"),
        ("/Volumes", "DATA/Volumes"),
        ("dbfs:/Volumes/a/b", "DATA/Volumes/a/b"),
        ("file:/Workspace/a.py", "ROOT/a.py"),
        ("file:///Workspace/a.py", "ROOT/a.py"),
        ("/dbfs/tmp/x", "dbfs:/tmp/x"),
        ("/dbfs", "dbfs:/"),
        ("file:/dbfs/tmp/x", "dbfs:/tmp/x"),
        ("/FileStore/x", "dbfs:/FileStore/x"),
        ("dbfs:/tmp/x", "dbfs:/tmp/x"),
        ("/demos/retail/x", "dbfs:/demos/retail/x"),
        ("/Volumesque/a", "dbfs:/Volumesque/a"),
        ("/*/x", "/*/x"),
        ("/", "/"),
        ("/tmp/Volumes/a", "/tmp/Volumes/a"),
        ("s3a://Volumes/a", "s3a://Volumes/a"),
        ("file:/tmp/a", "file:/tmp/a"),
    ],
)
def test_path_is_translated_for_spark(folders: Folders, path: str, made: str) -> None:
    expected = made.replace("DATA", str(folders.data)).replace("ROOT", str(folders.root))

    assert folders.for_spark(path) == expected


def test_python_reads_and_writes_under_the_names(installed: Folders) -> None:
    import pandas as pd

    os.makedirs("/Volumes/main/default/raw")
    pd.DataFrame({"a": [1, 2]}).to_csv("/Volumes/main/default/raw/a.csv", index=False)
    shutil.copy("/Volumes/main/default/raw/a.csv", "/dbfs/b.csv")
    Path("/Workspace/c.txt").write_text("c")

    assert list(pd.read_csv("/dbfs/b.csv")["a"]) == [1, 2]
    assert [p.name for p in Path("/Volumes/main/default/raw").glob("*")] == ["a.csv"]
    assert (installed.root / "c.txt").read_text() == "c"
    assert (installed.data / "dbfs" / "b.csv").exists()

    shutil.rmtree("/Volumes/main")
    assert not os.path.exists("/Volumes/main")


def test_folder_that_exists_on_the_machine_is_not_translated(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "lexists", lambda path: path == "/Volumes")

    assert folders.on_machine("/Volumes/a") == "/Volumes/a"
    assert folders.on_machine("/dbfs/a") == f"{folders.dbfs}/a"


def test_mount_point_without_a_scheme_is_dbfs(folders: Folders, tmp_path: Path) -> None:
    (tmp_path / "my root").mkdir()
    folders.mounts.change(lambda m: m.update({"/mnt/a": Mount((tmp_path / "my root").as_uri())}))

    assert folders.for_spark("/mnt/a/x.csv") == "dbfs:/mnt/a/x.csv"
    assert folders.for_spark("/mnt/ab/x.csv") == "/mnt/ab/x.csv"
    assert folders.in_script("ls /dbfs/mnt/a /dbfs/mnt/ab") == f"ls '{tmp_path}/my root' {folders.dbfs}/mnt/ab"
    assert folders.on_machine("/dbfs/mnt/a/x.csv") == f"{tmp_path}/my root/x.csv"
    assert folders.on_machine("/dbfs/mnt/ab") == f"{folders.dbfs}/mnt/ab"


def test_function_that_opens_files_can_be_sent_to_a_worker(installed: Folders) -> None:
    from pyspark import cloudpickle

    namespace = {"open": interactiveshell._modified_open, "os": os, "__name__": "__main__"}
    exec("def read(path):\n    os.stat(path)\n    with open(path) as file:\n        return file.read()", namespace)
    (installed.data / "a.txt").write_text("a")

    sent = cloudpickle.dumps((namespace["read"], os.stat))

    worker = "import sys, pickle; read, _ = pickle.load(sys.stdin.buffer); print(read(sys.argv[1]))"
    command = [sys.executable, "-c", worker, f"{installed.data}/a.txt"]
    done = subprocess.run(command, input=sent, capture_output=True, check=False)
    assert done.stdout == b"a\n", done.stderr.decode()
