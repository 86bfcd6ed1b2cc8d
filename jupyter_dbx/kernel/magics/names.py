"""Names defined in every Databricks notebook, in addition to those that binding defines."""

from __future__ import annotations

from typing import Any

from jupyter_dbx.kernel.dbutils.dbutils import DBUtils
from jupyter_dbx.kernel.display import display, displayHTML
from jupyter_dbx.kernel.session.session import NotebookSession


def initial_names(session: NotebookSession, dbutils: DBUtils) -> dict[str, Any]:
    """Return the names with their values; functions that need Spark bind when they are called."""

    def sql(query: str, *args: Any, **kwargs: Any) -> Any:
        """Return the result of a query as a DataFrame, like `spark.sql`."""
        return session.spark.sql(query, *args, **kwargs)

    def table(name: str) -> Any:
        """Return a table as a DataFrame, like `spark.table`."""
        return session.spark.table(name)

    def udf(*args: Any, **kwargs: Any) -> Any:
        """Create a user-defined function, like `pyspark.sql.functions.udf`."""
        from pyspark.sql import functions

        return functions.udf(*args, **kwargs)

    return {
        "dbutils": dbutils,
        "display": display,
        "displayHTML": displayHTML,
        "getArgument": dbutils.widgets.getArgument,
        "sql": sql,
        "table": table,
        "udf": udf,
    }
