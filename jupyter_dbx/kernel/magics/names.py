"""Names that Databricks' notebooks have from the start, beside those that binding gives."""

from __future__ import annotations

from typing import Any

from jupyter_dbx.kernel.dbutils.dbutils import DBUtils
from jupyter_dbx.kernel.display import display, displayHTML
from jupyter_dbx.kernel.session import NotebookSession


def given_names(session: NotebookSession, dbutils: DBUtils) -> dict[str, Any]:
    """Return them; those that need Spark bind when they are called."""

    def sql(query: str, *args: Any, **kwargs: Any) -> Any:
        """Return the DataFrame of a query, as `spark.sql` does."""
        return session.spark.sql(query, *args, **kwargs)

    def table(name: str) -> Any:
        """Return a table as a DataFrame, as `spark.table` does."""
        return session.spark.table(name)

    def udf(*args: Any, **kwargs: Any) -> Any:
        """Make a user-defined function, as `pyspark.sql.functions.udf` does."""
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
