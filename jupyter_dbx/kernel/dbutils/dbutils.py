"""The object `dbutils`."""

from __future__ import annotations

import inspect
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_dbx.kernel.dbutils.data import Data
    from jupyter_dbx.kernel.dbutils.fs import FileSystem
    from jupyter_dbx.kernel.dbutils.jobs import Jobs
    from jupyter_dbx.kernel.dbutils.library import Library
    from jupyter_dbx.kernel.dbutils.notebook import Notebooks
    from jupyter_dbx.kernel.dbutils.secrets import Secrets
    from jupyter_dbx.kernel.dbutils.widgets import Widgets

GROUPS = ("data", "fs", "jobs", "library", "notebook", "secrets", "widgets")


class DBUtils:
    """Databricks' utilities, a group of commands each: `dbutils.fs.help()` tells what is in one."""

    # A group is imported when it is used: kernels come up without any.

    def __init__(self, shell: Any) -> None:
        self._shell, self._session = shell, shell.kernel.spark_session

    @cached_property
    def data(self) -> Data:
        """Return what tells of a DataFrame's columns."""
        from jupyter_dbx.kernel.dbutils.data import Data

        return Data(self._session)

    @cached_property
    def fs(self) -> FileSystem:
        """Return what files are used by."""
        from jupyter_dbx.kernel.dbutils.fs import FileSystem

        return FileSystem(self._session)

    @cached_property
    def jobs(self) -> Jobs:
        """Return what tasks of jobs tell each other by."""
        from jupyter_dbx.kernel.dbutils.jobs import Jobs

        return Jobs()

    @cached_property
    def library(self) -> Library:
        """Return what restarts Python."""
        from jupyter_dbx.kernel.dbutils.library import Library

        return Library(self._shell)

    @cached_property
    def notebook(self) -> Notebooks:
        """Return what runs and ends notebooks."""
        from jupyter_dbx.kernel.dbutils.notebook import Notebooks

        return Notebooks(self._session)

    @cached_property
    def secrets(self) -> Secrets:
        """Return what reads secrets."""
        from jupyter_dbx.kernel.dbutils.secrets import Secrets

        return Secrets(self._session)

    @cached_property
    def widgets(self) -> Widgets:
        """Return the notebook's arguments."""
        from jupyter_dbx.kernel.dbutils.widgets import Widgets

        return Widgets(self._session.arguments)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"dbutils has no {name!r}. It has: {', '.join(GROUPS)}; dbutils.help() tells of them.")

    def help(self, group: str = "") -> None:
        """Tell which groups there are, or what is in one."""
        if group in GROUPS:
            getattr(self, group).help()
            return
        print(inspect.getdoc(self), "", sep="\n")
        for name in GROUPS:
            print(f"{name}: {(inspect.getdoc(getattr(self, name)) or '').splitlines()[0]}")
