"""Lets libraries that look for a notebook of Databricks' find this one: `databricks.sdk.runtime`, `w.dbutils`, `DBUtils(spark)`.

They look for the modules `dbruntime` and `pyspark.dbutils`. These are put where Python looks first, in this process only: nothing
else on this machine may take it for Databricks'.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

import wrapt

from jupyter_dbx.kernel.choice import ClusterChoice
from jupyter_dbx.kernel.client import ServerUnreachable
from jupyter_dbx.kernel.errors import NotebookError

if TYPE_CHECKING:
    from jupyter_dbx.kernel.session import NotebookSession

#: Names that a notebook has from its start, and those that it has once it is bound.
AT_ONCE = ("dbutils", "display", "displayHTML", "getArgument")
BOUND = ("spark", "sc", "sqlContext", "sql", "table", "udf")


def install(session: NotebookSession, namespace: dict[str, Any]) -> None:
    """Make the modules; they hold nothing, and look at the notebook when they are asked.

    Parameters
    ----------
    namespace : the notebook's variables
    """

    class UserNamespaceInitializer:
        """Databricks' way to the names of a notebook."""

        @staticmethod
        def getOrCreate() -> type[UserNamespaceInitializer]:
            """Return the one there is."""
            return UserNamespaceInitializer

        @staticmethod
        def get_namespace_globals() -> NamespaceGlobals:
            """Return the notebook's names."""
            return NamespaceGlobals(session, namespace)

    class DBUtils:
        """The notebook's `dbutils`, whatever session it is asked for with."""

        def __new__(cls, spark: Any = None) -> Any:
            if "dbutils" not in namespace:
                raise NotebookError("This notebook has no `dbutils` any more: restart its kernel to get it back.")
            return namespace["dbutils"]

    def find_initializer(name: str) -> Any:
        # Without it, the SDK makes a `dbutils` of its own; with it, it takes ours for granted.
        if name == "UserNamespaceInitializer" and "dbutils" in namespace:
            return UserNamespaceInitializer
        raise AttributeError(name)

    def find_bound(name: str) -> Any:
        if name not in BOUND:
            raise AttributeError(name)
        return NamespaceGlobals(session, namespace)[name]

    _add_module("dbruntime", is_package=True, __getattr__=find_initializer)
    _add_module("dbruntime.databricks_repl_context", get_context=lambda: _context_of(session))
    dbutils = _add_module("pyspark.dbutils", DBUtils=DBUtils)
    wrapt.register_post_import_hook(lambda pyspark: setattr(pyspark, "dbutils", dbutils), "pyspark")
    # The SDK asks for all names when it is imported, which must not start a cluster: it gets those that need one later.
    wrapt.register_post_import_hook(lambda module: setattr(module, "__getattr__", find_bound), "databricks.sdk.runtime")


class NamespaceGlobals(dict[str, Any]):
    """The notebook's names. Those of BOUND are not in it, but looked up when asked for, which binds."""

    def __init__(self, session: NotebookSession, namespace: dict[str, Any]) -> None:
        super().__init__({name: namespace[name] for name in AT_ONCE if name in namespace})
        self._session = session

    def __missing__(self, name: str) -> Any:
        if name not in BOUND:
            raise KeyError(name)
        if name == "udf":
            from pyspark.sql.functions import udf

            return udf
        spark = self._session.spark
        if name == "sqlContext":
            from pyspark.sql import SQLContext

            return SQLContext._get_or_create(spark.sparkContext)
        return {"spark": spark, "sc": spark.sparkContext, "sql": spark.sql, "table": spark.table}[name]


class ReplContext:
    """What Databricks' libraries ask about where they run."""

    #: They would take it for a host that speaks https.
    workspaceUrl = None

    def __init__(self, session: NotebookSession) -> None:
        self._session = session
        self.apiUrl, self.apiToken = session.client.url.rstrip("/"), session.client.token
        self.notebookPath = session.notebook

    @property
    def clusterId(self) -> str:
        """Return the id of the cluster that the notebook wants, or ""."""
        return ClusterChoice(self._session).cluster_id()


def _context_of(session: NotebookSession) -> ReplContext | None:
    try:
        return ReplContext(session)
    except ServerUnreachable:
        return None


def _add_module(name: str, *, is_package: bool = False, **content: Callable[..., Any]) -> ModuleType:
    module = importlib.util.module_from_spec(ModuleSpec(name, None, is_package=is_package))
    vars(module).update(content)
    sys.modules[name] = module
    return module
