"""PythonWorkers: the interpreter, packages and variables of the notebook's Python workers.

Workers run as the driver's OS user. If that is another one than the kernel's, they may be unable to run its interpreter, and have
no right to the packages that `%pip` installed: then they use the cluster's interpreter, and a copy of these packages.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import jupyter_dbx
from jupyter_dbx.kernel.pyspark.driver_files import DriverFiles
from jupyter_dbx.kernel.workspace.environment import Environment
from jupyter_dbx.model.protocol import SEAT_VARIABLE


class PythonWorkers:
    """The Python workers of one seat.

    Parameters
    ----------
    context : PySpark's SparkContext, which starts them (dynamic, hence Any)
    files : the driver's files
    folder : a folder on the driver that lasts as long as the seat
    """

    def __init__(self, context: Any, kernel_id: str, files: DriverFiles, folder: Path) -> None:
        self._context, self._files, self._folder = context, files, folder
        self._copied = 0
        if files.user and not files.can_run(sys.executable, jupyter_dbx.__file__):
            self._python = str(context._conf.get("spark.pyspark.python"))
        else:
            self._python = sys.executable
        context.pythonExec = self._python
        context.environment[SEAT_VARIABLE] = kernel_id
        # Spark passes the cluster's secret to executors in this variable, and executors pass it on to Python workers.
        context.environment["_SPARK_AUTH_SECRET"] = ""

    def use(self, environment: Environment) -> None:
        """Let new workers import from the notebook's packages and its folder; start new ones if packages have changed."""
        packages = environment.packages
        if packages is not None and self._files.user:
            packages = self._copy_of(packages, environment.changes)
        else:
            self._context.pythonExec = environment.python if packages is not None else self._python
        # Spark reuses a worker only for jobs with the same variables.
        self._context.environment["DBX_PACKAGES"] = str(environment.changes)
        folders = [str(packages) if packages else "", os.getcwd(), os.environ.get("PYTHONPATH")]
        self._context.environment["PYTHONPATH"] = os.pathsep.join(filter(None, folders))

    def _copy_of(self, packages: Path, changes: int) -> Path:
        """Return the driver's copy of a folder of packages, after this number of changes; earlier copies may be in use."""
        copy = self._folder / "packages" / str(changes)
        if changes != self._copied:
            with tempfile.TemporaryDirectory(prefix="dbx-packages-") as folder:
                made = Path(shutil.make_archive(f"{folder}/packages", "zip", packages))
                self._files.copy(made, copy.parent / made.name)
            self._files.unpack(copy.parent / made.name, copy)
            self._copied = changes
        return copy
