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

UTILITIES = ("data", "fs", "jobs", "library", "notebook", "secrets", "widgets")


class DBUtils:
    """The Databricks Utilities. `dbutils.fs.help()` lists the commands of one utility."""

    # Each utility is imported at its first use, which keeps the kernel's start fast.

    def __init__(self, shell: Any) -> None:
        self._shell, self._session = shell, shell.kernel.spark_session

    @cached_property
    def data(self) -> Data:
        """Return the utility for summary statistics."""
        from jupyter_dbx.kernel.dbutils.data import Data

        return Data(self._session)

    @cached_property
    def fs(self) -> FileSystem:
        """Return the file system utility."""
        from jupyter_dbx.kernel.dbutils.fs import FileSystem

        return FileSystem(self._session)

    @cached_property
    def jobs(self) -> Jobs:
        """Return the utility for job task values."""
        from jupyter_dbx.kernel.dbutils.jobs import Jobs

        return Jobs()

    @cached_property
    def library(self) -> Library:
        """Return the utility that restarts Python."""
        from jupyter_dbx.kernel.dbutils.library import Library

        return Library(self._shell)

    @cached_property
    def notebook(self) -> Notebooks:
        """Return the utility that runs and exits notebooks."""
        from jupyter_dbx.kernel.dbutils.notebook import Notebooks

        return Notebooks(self._session)

    @cached_property
    def secrets(self) -> Secrets:
        """Return the utility that reads secrets."""
        from jupyter_dbx.kernel.dbutils.secrets import Secrets

        return Secrets(self._session.notebook)

    @cached_property
    def widgets(self) -> Widgets:
        """Return the utility for notebook widgets."""
        from jupyter_dbx.kernel.dbutils.widgets import Widgets

        return Widgets(self._session.notebook.arguments)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"dbutils has no {name!r}. It has: {', '.join(UTILITIES)}. dbutils.help() describes them.")

    def help(self, utility: str = "") -> None:
        """Print the utilities, or the commands of one."""
        if utility in UTILITIES:
            getattr(self, utility).help()
            return
        print(inspect.getdoc(self), "", sep="\n")
        for name in UTILITIES:
            print(f"{name}: {(inspect.getdoc(getattr(self, name)) or '').splitlines()[0]}")
