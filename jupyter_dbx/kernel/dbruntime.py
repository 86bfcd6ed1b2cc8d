"""Lets libraries for Databricks notebooks find this one: `databricks.sdk.runtime`, `w.dbutils`, `DBUtils(spark)`.

They look for the modules `dbruntime` and `pyspark.dbutils`. These are added to this process only, so that nothing else on the
machine is mistaken for Databricks.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

import wrapt

from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.session.attachment import NotebookAttachment

if TYPE_CHECKING:
    from jupyter_dbx.kernel.session.session import NotebookSession

#: Names in a notebook: variables defined at the start, and names resolved on access.
EAGER = ("dbutils", "display", "displayHTML")
LAZY = ("spark", "sc", "sqlContext", "sql", "table", "udf", "getArgument")


def install(session: NotebookSession, namespace: dict[str, Any]) -> None:
    """Add the modules; they hold no state and look names up in the notebook on access.

    Parameters
    ----------
    namespace : the notebook's variables
    """
    initializer = UserNamespaceInitializer(session, namespace)

    def find_initializer(name: str) -> Any:
        # Without it, the SDK creates its own `dbutils`; with it, it expects the notebook to have one.
        if name == "UserNamespaceInitializer" and "dbutils" in namespace:
            return initializer
        raise AttributeError(f"module 'dbruntime' has no attribute {name!r}")

    def find_later(name: str) -> Any:
        if name not in LAZY:
            raise AttributeError(f"module 'databricks.sdk.runtime' has no attribute {name!r}")
        return initializer.get_namespace_globals()[name]

    def find_dbutils(spark: Any = None) -> Any:
        if "dbutils" not in namespace:
            raise NotebookError("The variable `dbutils` was deleted. Restart the kernel to restore it.")
        return namespace["dbutils"]

    _add_module("dbruntime", is_package=True, __getattr__=find_initializer)
    _add_module("dbruntime.databricks_repl_context", get_context=lambda: _context_of(session))
    dbutils = _add_module("pyspark.dbutils", DBUtils=find_dbutils)
    wrapt.register_post_import_hook(lambda pyspark: setattr(pyspark, "dbutils", dbutils), "pyspark")
    # The SDK reads all names when it is imported, which must not start a cluster, so most of them are resolved later.
    wrapt.register_post_import_hook(lambda module: setattr(module, "__getattr__", find_later), "databricks.sdk.runtime")


class UserNamespaceInitializer:
    """Databricks' entry point to the names of a notebook."""

    def __init__(self, session: NotebookSession, namespace: dict[str, Any]) -> None:
        self._session, self._namespace = session, namespace

    def getOrCreate(self) -> UserNamespaceInitializer:
        """Return this object, the only instance."""
        return self

    def get_namespace_globals(self) -> NamespaceGlobals:
        """Return the notebook's names."""
        return NamespaceGlobals(self._session, self._namespace)


class NamespaceGlobals(dict[str, Any]):
    """The notebook's names. Those of LAZY are resolved on access; most of them bind the notebook."""

    def __init__(self, session: NotebookSession, namespace: dict[str, Any]) -> None:
        super().__init__({name: namespace[name] for name in EAGER if name in namespace})
        self._session = session

    def __missing__(self, name: str) -> Any:
        if name not in LAZY:
            raise KeyError(name)
        if name == "getArgument":
            return self["dbutils"].widgets.getArgument
        if name == "udf":
            from pyspark.sql.functions import udf

            return udf
        spark = self._session.spark
        if name == "sqlContext":
            from pyspark.sql import SQLContext

            return SQLContext._get_or_create(spark.sparkContext)
        return {"spark": spark, "sc": spark.sparkContext, "sql": spark.sql, "table": spark.table}[name]


class ReplContext:
    """The facts that Databricks libraries read about their environment."""

    #: None, because libraries assume a host with HTTPS.
    workspaceUrl = None

    def __init__(self, session: NotebookSession) -> None:
        self._session = session
        self.apiUrl, self.apiToken = session.notebook.client.url.rstrip("/"), session.notebook.client.token
        self.notebookPath = session.notebook.current_path

    @property
    def clusterId(self) -> str:
        """Return the id of the cluster that the notebook is attached to, or ""."""
        return NotebookAttachment(self._session.notebook).cluster_id()


def _context_of(session: NotebookSession) -> ReplContext | None:
    from jupyter_dbx.client.transport import (
        ServerUnreachable,  # imported here, because a kernel starts faster without it
    )

    try:
        return ReplContext(session)
    except ServerUnreachable:
        return None


def _add_module(name: str, *, is_package: bool = False, **content: Callable[..., Any]) -> ModuleType:
    module = importlib.util.module_from_spec(ModuleSpec(name, None, is_package=is_package))
    vars(module).update(content)
    sys.modules[name] = module
    return module
