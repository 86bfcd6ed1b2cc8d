"""Makes a worker follow its notebook: the notebook's `sys.path` and folder, and the current state of the user's modules."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import sysconfig
import zipimport
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

from jupyter_dbx.model.protocol import FOLDER_PROPERTY, MODULE_PATH_PROPERTY

#: Folders of modules that stay as they are while this process runs: Python's, the kernel's packages, and those of `%pip`, after
#: which new workers start.
INSTALLED = tuple(
    {
        *(f"{sysconfig.get_path(name)}/" for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        *(f"{folder}/" for folder in sys.path if folder.endswith(("site-packages", "dist-packages"))),
    }
)

#: Modules of the user that this worker has loaded → their file, with its time of change (ns) and its size (bytes) at that time.
_loaded: dict[str, tuple[str, int, int]] = {}

#: The worker's part of `sys.path`, whose first folder is its working folder, and the notebook's part.
_own, _followed = list(sys.path), list[str]()


def install() -> None:
    """Prepare this process, before PySpark's workers are imported."""
    from pyspark import worker_util

    setup = worker_util.setup_spark_files

    def setup_spark_files(*args: Any) -> None:
        setup(*args)
        follow()

    worker_util.setup_spark_files = setup_spark_files
    SourceFileLoader.exec_module = _exec_source  # type: ignore[assignment,method-assign]
    zipimport.zipimporter.exec_module = _exec_zipped  # type: ignore[method-assign,assignment]


def follow() -> None:
    """Take over `sys.path` and the folder of the task's notebook, and forget the user's modules if one of their files changed."""
    from pyspark import TaskContext

    task = TaskContext.get()
    path = task.getLocalProperty(MODULE_PATH_PROPERTY) if task is not None else None
    if task is not None and path is not None:
        set_module_path(json.loads(path))
        with contextlib.suppress(OSError):  # it is gone, or on another machine
            os.chdir(task.getLocalProperty(FOLDER_PROPERTY) or ".")
    if any(_state(file) != (file, *state) for file, *state in _loaded.values()):
        for name in _loaded:
            sys.modules.pop(name, None)
        _loaded.clear()
        importlib.invalidate_caches()


def set_module_path(path: list[str]) -> None:
    """Put these folders before the worker's own, in place of the notebook's earlier ones, and behind its added files."""
    followed = [folder for folder in path if folder not in _own]
    if followed == _followed:
        return
    added = [folder for folder in sys.path if folder not in _own and folder not in _followed]
    sys.path[:] = [*_own[:1], *added, *followed, *_own[1:]]
    _followed[:] = followed
    importlib.invalidate_caches()


def _exec_source(loader: SourceFileLoader, module: ModuleType) -> None:
    if loader.path.startswith(INSTALLED):
        return _run(loader, module)
    _loaded[module.__name__] = _state(loader.path)
    # Not from the file of compiled code: within one second, an edit of equal length would go unnoticed.
    exec(loader.source_to_code(loader.get_data(loader.path), loader.path), module.__dict__)


def _exec_zipped(loader: zipimport.zipimporter, module: ModuleType) -> None:
    _loaded[module.__name__] = _state(loader.archive)
    _run(loader, module)


def _run(loader: SourceFileLoader | zipimport.zipimporter, module: ModuleType) -> None:
    code = loader.get_code(module.__name__)
    assert code is not None
    exec(code, module.__dict__)


def _state(file: str) -> tuple[str, int, int]:
    try:
        found = os.stat(file)
    except OSError:
        return file, 0, 0
    return file, found.st_mtime_ns, found.st_size
