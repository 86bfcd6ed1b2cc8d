"""`dbutils` without a cluster."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_server import FakeClient

from jupyter_dbx.kernel.arguments import Arguments
from jupyter_dbx.kernel.dbutils.context import EMPTY, NotebookContext
from jupyter_dbx.kernel.dbutils.dbutils import DBUtils
from jupyter_dbx.kernel.dbutils.fs import PROTECTED, FileError, FileSystem
from jupyter_dbx.kernel.dbutils.jobs import Jobs, TaskValueError
from jupyter_dbx.kernel.dbutils.notebook import Notebooks
from jupyter_dbx.kernel.errors import NoCluster, NotebookError, NotebookExited
from jupyter_dbx.kernel.workspace.folders import Folders


class Session:
    """A notebook's session without a cluster."""

    def __init__(self, path: str = "") -> None:
        self.notebook = SimpleNamespace(
            kernel_id="k1",
            current_path=path,
            client=FakeClient("http://127.0.0.1:8888/base/", "t"),
            folders=Folders(Path("/data"), Path("/home/ada")),
            arguments=Arguments(),
        )

    @property
    def spark(self) -> Any:
        raise NoCluster("none")


@pytest.mark.parametrize(
    ("notebook", "path"),
    [("/home/ada/work/a b.ipynb", "/work/a b"), ("/elsewhere/a.ipynb", "/elsewhere/a"), ("", None)],
)
def test_notebook_path_is_relative_to_the_workspace(notebook: str, path: str | None) -> None:
    assert NotebookContext(Session(notebook)).notebookPath().get() == path


def test_context_has_the_api_the_user_and_the_cluster() -> None:
    context = Notebooks(Session("/home/ada/a.ipynb")).entry_point.getDbutils().notebook().getContext()

    assert (context.apiUrl().get(), context.apiToken().get()) == ("http://127.0.0.1:8888/base", "t")
    assert context.browserHostName().getOrElse("") == "127.0.0.1:8888"
    assert context.tags().get("user").get() == context.tags().apply("user") == "ada"
    assert context.tags().apply("orgId") == context.workspaceId().get() == "7"
    assert context.tags().get("jobId").isEmpty()
    assert context.clusterId().getOrElse("none") == "none"
    assert json.loads(context.toJson())["extraContext"]["api_token"] == "t"
    assert "api_token" not in context.safeToJson()


def test_context_has_the_facts_of_databricks_java_object() -> None:
    context = Notebooks(Session("/home/ada/a.ipynb")).getContext()

    assert context.extraContext().apply("notebook_path") == "/a"
    assert (
        context.extraContext().get("api_url").get() == context.extraContext().apply("api_url") == context.apiUrl().get()
    )
    assert context.tags().contains("user") and not context.tags().contains("jobId")
    assert context.jobGroup().get() == "dbx-k1"
    assert json.loads(context.toJson())["tags"]["orgId"] == "7"
    for name in EMPTY:
        assert not getattr(context, name)().isDefined()
        assert getattr(context, name)().getOrElse("none") == "none"


def test_fact_that_the_context_lacks_is_an_error_with_those_it_has() -> None:
    context = Notebooks(Session("/home/ada/a.ipynb")).getContext()

    with pytest.raises(NotebookError, match=r"no 'jobId'\. There are: user, .*orgId"):
        context.tags().apply("jobId")
    with pytest.raises(KeyError):
        context.extraContext().apply("nothing")
    with pytest.raises(AttributeError, match=r"no 'opId'\. It has: .*extraContext, .*rootRunId"):
        context.opId()


def test_exit_carries_its_value_as_a_string() -> None:
    with pytest.raises(NotebookExited) as caught:
        Notebooks(Session()).exit(7)

    assert (caught.value.value, str(caught.value)) == ("7", "Notebook exited: 7")


def test_task_value_outside_a_job_is_the_debug_value() -> None:
    values = Jobs().taskValues
    values.set("rows", {"a": [1]})

    assert values.get("before", "rows", debugValue=0) == 0
    with pytest.raises(TaskValueError, match=r"'rows'.*debugValue"):
        values.get("before", "rows", default=1)


@pytest.mark.parametrize(("value", "message"), [({1, 2}, "JSON"), ("x" * 50_000, "50,002 bytes")])
def test_task_value_must_be_json_of_limited_size(value: object, message: str) -> None:
    with pytest.raises(TaskValueError, match=message):
        Jobs().taskValues.set("rows", value)


@pytest.mark.parametrize(
    "path", ["/", "//", "dbfs:/", "dbfs:", "file:///", "/Volumes", "/Workspace/", "s3a://bucket/", "/home"]
)
def test_roots_are_never_removed(path: str) -> None:
    with pytest.raises(FileError, match="protected"):
        FileSystem(Session()).rm(path, True)


@pytest.mark.parametrize("path", ["/tmp/a", "dbfs:/a", "/Volumes/main", "s3a://bucket/a", "relative"])
def test_other_folders_may_be_removed(path: str) -> None:
    assert PROTECTED.fullmatch(path) is None


@pytest.mark.parametrize("point", ["", "/", "/mnt", "/mnt/", "/data", "mnt/a"])
def test_mount_point_is_below_mnt(point: str) -> None:
    with pytest.raises(FileError, match="/mnt/NAME"):
        FileSystem(Session()).unmount(point)


def test_help_exists_at_every_level(capsys: pytest.CaptureFixture[str]) -> None:
    shell = SimpleNamespace(kernel=SimpleNamespace(spark_session=Session()))
    dbutils = DBUtils(shell)

    dbutils.help()
    assert "fs: Files and folders" in capsys.readouterr().out
    dbutils.help("widgets")
    assert "getAll() -> Return the values of all widgets" in capsys.readouterr().out
    dbutils.fs.help("cp")
    assert capsys.readouterr().out.startswith("cp(from_, to, recurse=False)\n\nCopy a file")
    dbutils.fs.help("copy")
    assert "There is no command 'copy'" in capsys.readouterr().out
