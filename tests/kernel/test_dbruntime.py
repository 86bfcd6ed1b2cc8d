"""`dbruntime`: libraries for Databricks notebooks get this notebook's objects, and looking for them starts nothing."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_dbx.kernel import dbruntime
from jupyter_dbx.kernel.dbruntime import NamespaceGlobals
from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.model.answers.kernels import AttachmentChoice

OURS = ("dbruntime", "dbruntime.databricks_repl_context", "pyspark.dbutils")


class Session:
    """A notebook's session that counts uses of `spark`."""

    def __init__(self) -> None:
        client = SimpleNamespace(url="http://here/", token="t", get_choice=lambda *_: AttachmentChoice(cluster_id="c1"))
        self.notebook = SimpleNamespace(
            path="/home/ada/old.ipynb", current_path="/home/ada/a.ipynb", kernel_id="k1", client=client
        )
        self.bound = 0

    @property
    def spark(self) -> SimpleNamespace:
        self.bound += 1
        return SimpleNamespace(sparkContext="sc", sql="sql", table="table")


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def namespace(session: Session) -> Iterator[dict[str, Any]]:
    """The variables of a notebook with the modules installed."""
    namespace = {"dbutils": object(), "display": object(), "spark": "the user's own"}
    dbruntime.install(session, namespace)  # type: ignore[arg-type]  # the part that is used
    yield namespace
    for name in OURS:
        del sys.modules[name]


def found(name: str, module: str = "dbruntime") -> Any:
    return getattr(importlib.import_module(module), name)


def test_names_are_the_notebooks_and_listing_them_does_not_bind(namespace: dict[str, Any], session: Session) -> None:
    names = found("UserNamespaceInitializer").getOrCreate().get_namespace_globals()

    assert dict(names) == {name: namespace[name] for name in ("dbutils", "display")}
    assert "spark" not in names
    assert session.bound == 0


def test_names_that_need_spark_bind_on_access(namespace: dict[str, Any], session: Session) -> None:
    names = NamespaceGlobals(session, namespace)  # type: ignore[arg-type]

    assert (names["spark"].sql, names["sc"], names["sql"], names["table"]) == ("sql", "sc", "sql", "table")
    assert session.bound == 4
    with pytest.raises(KeyError):
        names["other"]


def test_arguments_are_read_from_the_widgets(namespace: dict[str, Any], session: Session) -> None:
    namespace["dbutils"] = SimpleNamespace(widgets=SimpleNamespace(getArgument=len))

    assert NamespaceGlobals(session, namespace)["getArgument"] is len  # type: ignore[arg-type]
    assert session.bound == 0


def test_sdk_uses_its_own_dbutils_if_the_notebook_has_none(namespace: dict[str, Any]) -> None:
    del namespace["dbutils"]

    with pytest.raises(ImportError):
        exec("from dbruntime import UserNamespaceInitializer")
    with pytest.raises(NotebookError, match="`dbutils` was deleted"):
        found("DBUtils", "pyspark.dbutils")(None)


def test_dbutils_of_a_session_are_the_notebooks(namespace: dict[str, Any]) -> None:
    assert found("DBUtils", "pyspark.dbutils")("spark") is namespace["dbutils"]


def test_context_has_the_api_the_path_and_the_cluster(namespace: dict[str, Any]) -> None:
    context = found("get_context", "dbruntime.databricks_repl_context")()

    assert (context.apiUrl, context.apiToken, context.workspaceUrl) == ("http://here", "t", None)
    assert (context.notebookPath, context.clusterId) == ("/home/ada/a.ipynb", "c1")


@pytest.mark.parametrize("name", ["dbruntime.sdk_credential_provider", "dbruntime.none"])
def test_module_that_only_databricks_has_is_missing(namespace: dict[str, Any], name: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(name)


def test_find_spec_finds_every_module(namespace: dict[str, Any]) -> None:
    assert all(importlib.util.find_spec(name) for name in OURS)
