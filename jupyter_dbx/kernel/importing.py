"""Imports PySpark in the background, so that the kernel is ready at once and the first Spark cell need not wait for it."""

from __future__ import annotations

import builtins
import threading
from typing import Any


class BackgroundImport:
    """Imports `pyspark.sql` on a thread of its own; whoever imports any of PySpark meanwhile waits for it.

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
            self._import = builtins.__import__
            builtins.__import__ = self._patient_import
            self._thread.start()

    def _patient_import(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] in ("pyspark", "py4j") and threading.current_thread() is not self._thread:
            self._thread.join()
        return self._import(name, *args, **kwargs)

    def _run(self) -> None:
        try:
            self._import("pyspark.sql")
        finally:
            builtins.__import__ = self._import
