"""`dbutils.data`: summary statistics of a table."""

from __future__ import annotations

from typing import Any

from IPython.display import display

from jupyter_dbx.kernel.dbutils.utility import Utility
from jupyter_dbx.kernel.display.dispatch import source_of
from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.session.session import NotebookSession


class Data(Utility):
    """Understand and summarize data sets."""

    def __init__(self, session: NotebookSession) -> None:
        self._session = session

    def summarize(self, df: Any, precise: bool = False) -> None:
        """Show summary statistics of a DataFrame's columns.

        For each column: nulls, distinct values, minimum, maximum, mean, standard deviation, quantiles, a histogram, and the most
        frequent values. The cluster computes all of them in one pass over the data.

        Parameters
        ----------
        df : a Spark or pandas DataFrame, or any other value that `display` shows as a table
        precise : compute distinct counts and quantiles exactly; the default is approximate and much faster

        Raises
        ------
        NotebookError : it is a streaming DataFrame, or not a table

        Source: Databricks Utilities, `dbutils.data.summarize`.
        """
        source = source_of(df)
        if source is None:
            raise NotebookError(f"{type(df).__name__} cannot be summarized. Pass a DataFrame that is not streaming.")
        display(source.profile(precise=precise))
