"""`dbutils`: what needs no cluster."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_server import FakeClient

from jupyter_dbx.kernel.arguments import Arguments
from jupyter_dbx.kernel.dbutils.context import NotebookContext
from jupyter_dbx.kernel.dbutils.dbutils import DBUtils
from jupyter_dbx.kernel.dbutils.fs import KEPT, FileError, FileSystem
from jupyter_dbx.kernel.dbutils.jobs import Jobs, TaskValueError
from jupyter_dbx.kernel.dbutils.notebook import Notebooks
from jupyter_dbx.kernel.errors import NoCluster, NotebookExited
from jupyter_dbx.kernel.folders import Folders


class Session:
    """A notebook's session without a cluster."""

    kernel_id = "k1"
    client = FakeClient("http://127.0.0.1:8888/base/", "t")

    def __init__(self, notebook: str = "") -> None:
        self.notebook, self.folders, self.arguments = notebook, Folders(Path("/data"), Path("/home/ada")), Arguments()

    @property
    def spark(self) -> Any:
        raise NoCluster("none")


@pytest.mark.parametrize(
    ("notebook", "path"),
    [("/home/ada/work/a b.ipynb", "/work/a b"), ("/elsewhere/a.ipynb", "/elsewhere/a"), ("", None)],
)
def test_path_is_told_as_databricks_does(notebook: str, path: str | None) -> None:
    assert NotebookContext(Session(notebook)).notebookPath().get() == path


def test_context_tells_where_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    context = Notebooks(Session("/home/ada/a.ipynb")).entry_point.getDbutils().notebook().getContext()

    assert (context.apiUrl().get(), context.apiToken().get()) == ("http://127.0.0.1:8888/base", "t")
    assert context.browserHostName().getOrElse("") == "127.0.0.1:8888"
    assert context.tags().get("user").get() == context.tags().apply("user") == "ada"
    assert context.tags().get("jobId").isEmpty()
    assert context.clusterId().getOrElse("none") == "none"
    assert json.loads(context.toJson())["extraContext"]["api_token"] == "t"
    assert "api_token" not in context.safeToJson()


def test_exit_carries_its_value_as_text() -> None:
    with pytest.raises(NotebookExited) as caught:
        Notebooks(Session()).exit(7)

    assert (caught.value.value, str(caught.value)) == ("7", "Notebook exited: 7")


def test_task_values_outside_of_a_job_are_what_is_given_for_trials() -> None:
    values = Jobs().taskValues
    values.set("rows", {"a": [1]})

    assert values.get("before", "rows", debugValue=0) == 0
    with pytest.raises(TaskValueError, match=r"is no task of a job.*give a debugValue"):
        values.get("before", "rows", default=1)


@pytest.mark.parametrize(("value", "message"), [({1, 2}, "cannot be told as JSON"), ("x" * 50_000, "50,002 bytes")])
def test_task_value_that_cannot_be_kept_is_told(value: object, message: str) -> None:
    with pytest.raises(TaskValueError, match=message):
        Jobs().taskValues.set("rows", value)


@pytest.mark.parametrize(
    "path", ["/", "//", "dbfs:/", "dbfs:", "file:///", "/Volumes", "/Workspace/", "s3a://bucket/", "/home"]
)
def test_roots_are_never_removed(path: str) -> None:
    with pytest.raises(FileError, match="is not removed"):
        FileSystem(Session()).rm(path, True)


@pytest.mark.parametrize("path", ["/tmp/a", "dbfs:/a", "/Volumes/main", "s3a://bucket/a", "relative"])
def test_other_folders_may_be_removed(path: str) -> None:
    assert KEPT.fullmatch(path) is None


@pytest.mark.parametrize("point", ["", "/", "/mnt", "/mnt/", "/data", "mnt/a"])
def test_mount_point_is_below_mnt(point: str) -> None:
    with pytest.raises(FileError, match="A mount point is like /mnt/NAME"):
        FileSystem(Session()).unmount(point)


def test_help_is_there_at_every_level(capsys: pytest.CaptureFixture[str]) -> None:
    shell = SimpleNamespace(kernel=SimpleNamespace(spark_session=Session()))
    dbutils = DBUtils(shell)

    dbutils.help()
    assert "fs: Files and folders" in capsys.readouterr().out
    dbutils.help("widgets")
    assert "getAll() -> Return the values of all widgets" in capsys.readouterr().out
    dbutils.fs.help("cp")
    assert capsys.readouterr().out.startswith("cp(from_, to, recurse=False)\n\nCopy a file")
    dbutils.fs.help("copy")
    assert "There is no command 'copy' here" in capsys.readouterr().out
