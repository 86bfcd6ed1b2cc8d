"""Workspace folders under their Databricks names: `/Volumes`, `/Workspace`, `/dbfs`, and `dbfs:/`.

Databricks mounts them on every machine, which requires root. Here, Spark, Python and shell scripts use them without mounts: paths
are translated on their way in, unless the machine has a folder of that name. In Python, `open` and the path functions of `os` are
patched, which pathlib, shutil, glob and pandas build on; libraries that open files in C see only the machine's folders.

`dbfs:/` is a file system on every cluster (see `spark/conf.py`); its mounts are stored in `mounts.json`.
"""

from __future__ import annotations

import builtins
import functools
import io
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython.core import interactiveshell

from jupyter_dbx.kernel.workspace.mounts import MountTable
from jupyter_dbx.kernel.workspace.scripts import replace_folders

#: Functions of `os` whose first one or two arguments are paths.
OS_FUNCTIONS = (
    "access chdir chmod getxattr link listdir listxattr lstat makedirs mkdir open readlink remove removedirs removexattr "
    "rename renames replace rmdir scandir setxattr stat statvfs symlink truncate unlink utime"
).split()


@dataclass(frozen=True)
class Folders:
    """The workspace's folders on this machine.

    Parameters
    ----------
    data : workspace data, which contains `dbfs/` and `Volumes/`
    root : root folder of the Jupyter server, used as `/Workspace`
    """

    data: Path
    root: Path

    @functools.cached_property
    def roots(self) -> Mapping[str, Path]:
        """Return name → folder, for the names that do not exist on the machine itself."""
        named = {"/Volumes": self.data / "Volumes", "/Workspace": self.root, "/dbfs": self.dbfs}
        return {name: folder for name, folder in named.items() if not os.path.lexists(name)}

    @property
    def dbfs(self) -> Path:
        """Return the folder behind `dbfs:/`."""
        return self.data / "dbfs"

    @functools.cached_property
    def mounts(self) -> MountTable:
        """Return the mounts of `dbfs:/`."""
        return MountTable(self.data / "mounts.json")

    def candidates_for(self, notebook: str, folder: Path) -> tuple[Path, Path]:
        """Return the files that a notebook's path can refer to, in order of preference.

        A relative path is relative to `folder`. An absolute path that does not exist on this machine is relative to the
        workspace root, as in Databricks.
        """
        return folder / Path(self.on_machine(notebook)).expanduser(), self.root / notebook.lstrip("/")

    def on_machine(self, path: Any) -> Any:
        """Return a path as the machine knows it; values other than paths in a workspace folder are returned unchanged."""
        text = path if type(path) is str else os.fspath(path) if isinstance(path, os.PathLike) else None
        if type(text) is not str or not text.startswith(("/Volumes", "/Workspace", "/dbfs")):
            return path
        if text.startswith("/dbfs/mnt/") and (mounted := self._mounted(text.removeprefix("/dbfs"))):
            text = mounted
        name, slash, rest = text[1:].partition("/")
        folder = self.roots.get(f"/{name}")
        return text if folder is None else f"{folder}{slash}{rest}"

    def for_spark(self, path: str) -> str:
        """Return a path or URI for Spark: workspace folders as the machine's folders, DBFS paths with their scheme."""
        plain = re.sub(r"\A(?:dbfs:|file:)(?://)?(?=/(?:Volumes|Workspace)(?:/|\Z))", "", path)
        plain = re.sub(r"\Afile:(?://)?(?=/dbfs(?:/|\Z))", "", plain)
        if re.match(r"/dbfs(?:/|\Z)", plain) and "/dbfs" in self.roots:
            return f"dbfs:{plain.removeprefix('/dbfs') or '/'}"
        if plain.startswith("/mnt/") and self._mounted(plain) is not None:
            return f"dbfs:{plain}"
        on_machine = str(self.on_machine(plain))
        return f"dbfs:{plain}" if on_machine == plain and self._is_unknown(plain) else on_machine

    def _is_unknown(self, path: str) -> bool:
        """Return whether the machine lacks the first folder of an absolute path, such as `/FileStore`."""
        first = path.split("/")[1] if path.startswith("/") else ""
        return first != "" and re.search(r"[*?{[]", first) is None and not os.path.lexists(f"/{first}")

    def _mounted(self, path: str) -> str | None:
        """Return the folder on this machine that a path like `/mnt/NAME/…` refers to, "" if on another file system.

        It is None if nothing is mounted there.
        """
        for point, mount in self.mounts.read().items():
            if path == point or path.startswith(f"{point}/"):
                return mount.folder and mount.folder + path.removeprefix(point)
        return None

    def in_script(self, script: str) -> str:
        """Return a shell script with the names of workspace folders replaced."""
        mounts = self.mounts.read().items()
        mounted = {f"/dbfs{point}": mount.folder for point, mount in mounts if mount.folder}
        return replace_folders(script, {name: str(folder) for name, folder in self.roots.items()} | mounted)

    def install(self) -> None:
        """Make Python's functions accept the names."""
        self.roots  # noqa: B018  # computed now, by functions that do not translate yet
        # Cells use IPython's `open`, which already holds a reference to Python's.
        builtins.open = io.open = interactiveshell.io_open = _Translating(io.open, self.on_machine, "io")
        # A function that calls it is pickled for workers together with it.
        interactiveshell._modified_open.__wrapped__ = io.open
        for name in OS_FUNCTIONS:
            plain = getattr(os, name)
            translating = _Translating(plain, self.on_machine, "os")
            setattr(os, name, translating)
            # Callers check a function's capabilities by its membership in these sets.
            for supported in (
                os.supports_dir_fd,
                os.supports_effective_ids,
                os.supports_fd,
                os.supports_follow_symlinks,
            ):
                if plain in supported:
                    supported.add(translating)


def git_work_tree(folder: Path) -> Path | None:
    """Return the root of the Git work tree that contains a folder, where Databricks also looks for modules; None = no Git."""
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), None)


class _Translating:
    """A function of a Python module that translates its first two arguments if they are paths."""

    def __init__(self, function: Callable[..., Any], on_machine: Callable[[Any], Any], module: str) -> None:
        functools.update_wrapper(self, function)
        self.__module__ = module
        self._function, self._on_machine = function, on_machine

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(*map(self._on_machine, args[:2]), *args[2:], **kwargs)

    def __reduce__(self) -> str:
        # Pickled by name, which is Python's own function on a worker.
        return self._function.__name__
