"""`dbutils.notebook`: runs another notebook in its own kernel, exits this one, and describes its context.

Source: Databricks, "Orchestrate notebooks and modularize code in notebooks".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_dbx.kernel.dbutils.context import NotebookContext
from jupyter_dbx.kernel.dbutils.running import run_notebook
from jupyter_dbx.kernel.dbutils.utility import Utility
from jupyter_dbx.kernel.errors import NotebookExited


class Notebooks(Utility):
    """Run other notebooks, and exit this one."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def run(self, path: str, timeout_seconds: float = 0, arguments: Mapping[str, Any] | None = None) -> str:
        """Run a notebook in its own kernel on this cluster; return the value it passes to `exit`, or "".

        `arguments` are the values of its widgets. If `timeout_seconds` is 0, there is no time limit.
        """
        __tracebackhide__ = True
        return run_notebook(self._session, path, timeout_seconds, arguments or {})

    def exit(self, value: Any = "") -> None:
        """Exit this notebook and return a value to its caller."""
        raise NotebookExited(str(value))

    def getContext(self) -> NotebookContext:  # the name is Databricks'
        """Return facts about this notebook: its path, cluster, user, and the API's URL and token."""
        return NotebookContext(self._session)

    @property
    def entry_point(self) -> EntryPoint:
        """Return the entry point of `entry_point.getDbutils().notebook().getContext()`."""
        return EntryPoint(self)


class EntryPoint:
    """The part of Databricks' Java objects that notebooks use."""

    def __init__(self, notebook: Notebooks) -> None:
        self._notebook = notebook

    def getDbutils(self) -> EntryPoint:  # the name is Databricks'
        """Return an object whose `notebook()` provides the context."""
        return self

    def notebook(self) -> Notebooks:
        """Return the object that provides the context."""
        return self._notebook
