"""Imports PySpark in the background, so that the kernel is ready immediately and the first Spark cell need not wait."""

from __future__ import annotations

import builtins
import importlib
import threading
from collections.abc import Mapping
from types import ModuleType
from typing import Any

#: Modules that the thread imports: PySpark, and modules of this package that binding needs.
NAMES = ("pyspark.sql", "jupyter_dbx.kernel.pyspark.gateway", "jupyter_dbx.kernel.session.seat")


class BackgroundImport:
    """Imports PySpark on a dedicated thread, and nowhere else.

    Two threads that import different parts of a package with circular imports can see partly initialized modules, because that is
    how Python breaks the deadlock. Other threads therefore wait for this one before they take any module's lock.
    """

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="dbx-import", daemon=True)
        self._start_lock = threading.Lock()
        self._import, self._import_module = builtins.__import__, importlib.import_module
        builtins.__import__, importlib.import_module = self._guarded_import, self._guarded_import_module

    def start(self) -> None:
        """Start the import unless it has started; any thread may call this."""
        with self._start_lock:
            if self._thread.ident is None:
                self._thread.start()

    def _guarded_import(
        self, name: str, globals: Mapping[str, Any] | None = None, *args: Any, **kwargs: Any
    ) -> ModuleType:
        # A thread that is already inside PySpark holds locks that this thread needs, so it must continue.
        if _is_guarded(name) and not _is_guarded(str((globals or {}).get("__name__"))):
            self._wait()
        return self._import(name, globals, *args, **kwargs)

    def _guarded_import_module(self, name: str, package: str | None = None) -> ModuleType:
        if _is_guarded(str(package) if name.startswith(".") else name):
            self._wait()
        return self._import_module(name, package)

    def _wait(self) -> None:
        if threading.current_thread() is not self._thread:
            self.start()
            self._thread.join()

    def _run(self) -> None:
        try:
            for name in NAMES:
                self._import(name)
        except ImportError:
            return  # the next import of PySpark raises it again
        finally:
            builtins.__import__, importlib.import_module = self._import, self._import_module


def _is_guarded(name: str) -> bool:
    return name.partition(".")[0] in ("pyspark", "py4j") or name in NAMES
