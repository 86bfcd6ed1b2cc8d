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

#: Names of a notebook: its variables from the start, and those that are looked up when they are asked for.
AT_ONCE = ("dbutils", "display", "displayHTML")
LATER = ("spark", "sc", "sqlContext", "sql", "table", "udf", "getArgument")


def install(session: NotebookSession, namespace: dict[str, Any]) -> None:
    """Make the modules; they hold nothing, and look at the notebook when they are asked.

    Parameters
    ----------
    namespace : the notebook's variables
    """
    initializer = UserNamespaceInitializer(session, namespace)

    def find_initializer(name: str) -> Any:
        # Without it, the SDK makes a `dbutils` of its own; with it, it takes ours for granted.
        if name == "UserNamespaceInitializer" and "dbutils" in namespace:
            return initializer
        raise AttributeError(f"module 'dbruntime' has no attribute {name!r}")

    def find_later(name: str) -> Any:
        if name not in LATER:
            raise AttributeError(f"module 'databricks.sdk.runtime' has no attribute {name!r}")
        return initializer.get_namespace_globals()[name]

    def find_dbutils(spark: Any = None) -> Any:
        if "dbutils" not in namespace:
            raise NotebookError("This notebook has no `dbutils` any more: restart its kernel to get it back.")
        return namespace["dbutils"]

    _add_module("dbruntime", is_package=True, __getattr__=find_initializer)
    _add_module("dbruntime.databricks_repl_context", get_context=lambda: _context_of(session))
    dbutils = _add_module("pyspark.dbutils", DBUtils=find_dbutils)
    wrapt.register_post_import_hook(lambda pyspark: setattr(pyspark, "dbutils", dbutils), "pyspark")
    # The SDK asks for all names when it is imported, which must not start a cluster: it gets most of them later.
    wrapt.register_post_import_hook(lambda module: setattr(module, "__getattr__", find_later), "databricks.sdk.runtime")


class UserNamespaceInitializer:
    """Databricks' way to the names of a notebook."""

    def __init__(self, session: NotebookSession, namespace: dict[str, Any]) -> None:
        self._session, self._namespace = session, namespace

    def getOrCreate(self) -> UserNamespaceInitializer:
        """Return this, the only one; others would ask their class."""
        return self

    def get_namespace_globals(self) -> NamespaceGlobals:
        """Return the notebook's names."""
        return NamespaceGlobals(self._session, self._namespace)


class NamespaceGlobals(dict[str, Any]):
    """The notebook's names. Those of LATER are not in it, but found when asked for; most of them bind the notebook."""

    def __init__(self, session: NotebookSession, namespace: dict[str, Any]) -> None:
        super().__init__({name: namespace[name] for name in AT_ONCE if name in namespace})
        self._session = session

    def __missing__(self, name: str) -> Any:
        if name not in LATER:
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
