"""Imports PySpark in the background, so that the kernel is ready at once and the first Spark cell need not wait for it."""

from __future__ import annotations

import builtins
import sys
import threading
from typing import Any

#: Packages that this thread imports from; nobody else does until it is done.
HELD = ("pyspark", "py4j", "jupyter_dbx")


class BackgroundImport:
    """Imports `pyspark.sql`, and what binding needs, on a thread of its own; who imports any of it meanwhile waits.

    Two threads that import different parts of a package with circular imports see half-made modules, because Python breaks
    the deadlock that way. So the others are held at the door, before they take any module's lock.
    """

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="dbx-import", daemon=True)
        self._import = builtins.__import__
        self._begun = threading.Lock()

    def start(self) -> None:
        """Begin, unless begun; the shell's and the control channel's thread may both ask for it at once."""
        if self._begun.acquire(blocking=False):
            self._thread.start()

    def _patient_import(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] in HELD and threading.current_thread() is not self._thread:
            self._thread.join()
        return self._import(name, *args, **kwargs)

    def _run(self) -> None:
        self._import = builtins.__import__
        builtins.__import__ = self._patient_import
        try:
            if "pyspark" in sys.modules:
                return  # a cell was faster
            for name in ("pyspark.sql", "jupyter_dbx.kernel.gateway", "jupyter_dbx.kernel.seat"):
                self._import(name)
        finally:
            builtins.__import__ = self._import
