"""`dbutils.library`: restarts Python, which is all that Databricks keeps of this utility."""

from __future__ import annotations

from typing import Any

from jupyter_dbx.kernel.dbutils.utility import Utility


class Library(Utility):
    """Libraries of this notebook; `%pip` installs them."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._is_restarting = False

    def restartPython(self) -> None:  # the name is Databricks'
        """Clear all variables and reload packages that `%pip` installed; the session, its views and the widgets remain.

        It takes effect when the cell ends, before the next cell runs. Compiled parts of a package (NumPy's, for example) remain
        loaded: to reload them, restart the kernel.
        """
        if not self._is_restarting:
            self._is_restarting = True
            self._shell.events.register("post_run_cell", self._restart)

    def _restart(self, _result: Any = None) -> None:
        self._shell.events.unregister("post_run_cell", self._restart)
        self._is_restarting = False
        self._shell.kernel.spark_session.notebook.environment.forget_imports()
        self._shell.kernel.restart_python()
