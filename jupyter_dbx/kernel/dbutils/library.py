"""`dbutils.library`: what is left of it in Databricks, restarting Python."""

from __future__ import annotations

from typing import Any

from jupyter_dbx.kernel.dbutils.utility import Utility


class Library(Utility):
    """Packages of this notebook; `%pip` installs them."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._is_restarting = False

    def restartPython(self) -> None:  # Databricks' name
        """Forget all variables, and import packages that `%pip` installed anew; the session, its views and widgets stay.

        It takes effect when the cell ends, and the cells after it run then. Parts of a package that are no Python (numpy's, for
        one) stay as they are in this process: to change those, restart the kernel.
        """
        if not self._is_restarting:
            self._is_restarting = True
            self._shell.events.register("post_run_cell", self._restart)

    def _restart(self, _result: Any = None) -> None:
        self._shell.events.unregister("post_run_cell", self._restart)
        self._is_restarting = False
        self._shell.kernel.spark_session.environment.forget_imports()
        self._shell.kernel.restart_python()
