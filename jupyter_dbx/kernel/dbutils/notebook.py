"""`dbutils.notebook`: run another notebook on its own, end this one, and ask where one is.

Source: Databricks, "Orchestrate notebooks and modularize code in notebooks".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_dbx.kernel.dbutils.context import NotebookContext
from jupyter_dbx.kernel.dbutils.utility import Utility
from jupyter_dbx.kernel.errors import NotebookExited
from jupyter_dbx.kernel.running import run_notebook


class Notebooks(Utility):
    """Notebooks that run each other."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def run(self, path: str, timeout_seconds: float = 0, arguments: Mapping[str, Any] | None = None) -> str:
        """Run a notebook in a kernel of its own on this cluster; return what it says with `exit`, or "".

        `arguments` are its widgets' values. Without `timeout_seconds`, or with 0, it may take as long as it likes.
        """
        __tracebackhide__ = True
        return run_notebook(self._session, path, timeout_seconds, arguments or {})

    def exit(self, value: Any = "") -> None:
        """End this notebook, with a value for whoever runs it."""
        raise NotebookExited(str(value))

    def getContext(self) -> NotebookContext:  # Databricks' name
        """Return what is known of this notebook: its path, cluster, user and the way to the API."""
        return NotebookContext(self._session)

    @property
    def entry_point(self) -> EntryPoint:
        """Return the other way to the context: `entry_point.getDbutils().notebook().getContext()`."""
        return EntryPoint(self)


class EntryPoint:
    """As much of Databricks' Java objects as notebooks use."""

    def __init__(self, notebook: Notebooks) -> None:
        self._notebook = notebook

    def getDbutils(self) -> EntryPoint:  # Databricks' name
        """Return an object whose `notebook()` has the context."""
        return self

    def notebook(self) -> Notebooks:
        """Return the object that has the context."""
        return self._notebook
