"""Imports PySpark in the background, so that the kernel is ready at once and the first Spark cell need not wait for it."""

from __future__ import annotations

import builtins
import importlib
import threading
from collections.abc import Mapping
from types import ModuleType
from typing import Any

#: What the thread imports: PySpark, and the modules of ours that binding needs.
NAMES = ("pyspark.sql", "jupyter_dbx.kernel.gateway", "jupyter_dbx.kernel.seat")


class BackgroundImport:
    """Imports PySpark on a thread of its own, and nowhere else.

    Two threads that import different parts of a package with circular imports see half-made modules, because Python breaks
    the deadlock that way. So whoever wants any of it first is held at the door, before it takes any module's lock.
    """

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name="dbx-import", daemon=True)
        self._begun = threading.Lock()
        self._import, self._import_module = builtins.__import__, importlib.import_module
        builtins.__import__, importlib.import_module = self._door, self._module_door

    def start(self) -> None:
        """Begin, unless begun; may be said by any thread."""
        with self._begun:
            if self._thread.ident is None:
                self._thread.start()

    def _door(self, name: str, globals: Mapping[str, Any] | None = None, *args: Any, **kwargs: Any) -> ModuleType:
        # A thread that came in another way is inside, with locks that this one needs: it may go on.
        if _is_held(name) and not _is_held(str((globals or {}).get("__name__"))):
            self._wait()
        return self._import(name, globals, *args, **kwargs)

    def _module_door(self, name: str, package: str | None = None) -> ModuleType:
        if _is_held(str(package) if name.startswith(".") else name):
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
            return  # whoever needs it sees the error at its own import
        finally:
            builtins.__import__, importlib.import_module = self._import, self._import_module


def _is_held(name: str) -> bool:
    return name.partition(".")[0] in ("pyspark", "py4j") or name in NAMES
