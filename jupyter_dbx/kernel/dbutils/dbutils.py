"""The object `dbutils`."""

from __future__ import annotations

import inspect
from typing import Any

from jupyter_dbx.kernel.dbutils.data import Data
from jupyter_dbx.kernel.dbutils.fs import FileSystem
from jupyter_dbx.kernel.dbutils.jobs import Jobs
from jupyter_dbx.kernel.dbutils.library import Library
from jupyter_dbx.kernel.dbutils.notebook import Notebooks
from jupyter_dbx.kernel.dbutils.secrets import Secrets
from jupyter_dbx.kernel.dbutils.utility import Utility
from jupyter_dbx.kernel.dbutils.widgets import Widgets


class DBUtils:
    """Databricks' utilities, a group of commands each: `dbutils.fs.help()` tells what is in one."""

    def __init__(self, shell: Any) -> None:
        session = shell.kernel.spark_session
        self.fs = FileSystem(session)
        self.widgets = Widgets(session.arguments)
        self.notebook = Notebooks(session)
        self.library = Library(shell)
        self.data = Data(session)
        self.jobs = Jobs()
        self.secrets = Secrets(session)

    def help(self, group: str = "") -> None:
        """Tell which groups there are, or what is in one."""
        groups = {name: value for name, value in vars(self).items() if isinstance(value, Utility)}
        if group in groups:
            groups[group].help()
            return
        print(inspect.getdoc(self), "", sep="\n")
        for name, value in sorted(groups.items()):
            print(f"{name}: {(inspect.getdoc(value) or '').splitlines()[0]}")
