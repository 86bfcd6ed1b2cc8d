"""`dbutils.data`: what a table holds."""

from __future__ import annotations

from typing import Any

from IPython.display import display

from jupyter_dbx.kernel.dbutils.utility import Utility
from jupyter_dbx.kernel.display.showing import source_of
from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.session import NotebookSession


class Data(Utility):
    """Understand and interact with data sets."""

    def __init__(self, session: NotebookSession) -> None:
        self._session = session

    def summarize(self, df: Any, precise: bool = False) -> None:
        """Show what the columns of a DataFrame hold.

        For each column: nulls, distinct values, least and greatest value, mean, standard deviation, quantiles, a histogram, and
        the most frequent values. All is computed by one pass over the data on the cluster.

        Parameters
        ----------
        df : of Spark or pandas, or anything else that `display` shows as a table
        precise : count distinct values and find quantiles exactly; without, they are approximate, and much faster

        Raises
        ------
        NotebookError : it is a stream, or has no rows and columns

        Source: Databricks Utilities, `dbutils.data.summarize`.
        """
        source = source_of(df)
        if source is None:
            raise NotebookError(f"{type(df).__name__} cannot be summarized: give a DataFrame that is not streaming.")
        display(source.profile(precise=precise))
