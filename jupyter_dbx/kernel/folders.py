"""Folders of the workspace under the names that they have in Databricks: `/Volumes`, `/Workspace`, `/dbfs`, and `dbfs:/`.

There they are mounted on every machine, which takes root's rights. Here Spark, Python and shell scripts get them without: paths
are translated where they are handed over, and only if the machine itself has no such folder. Python's part is `open` and the
functions of `os` that take a path, upon which pathlib, shutil, glob and pandas are built; libraries that open files in C by a
path of their own see the machine's folders only.

`dbfs:/` is a file system of its own on every cluster (see `spark/conf.py`); what is mounted into it is kept in `mounts.json`.
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

from jupyter_dbx.kernel.mounts import MountTable

#: Functions of `os` whose first one or two arguments are paths.
OS_FUNCTIONS = (
    "access chdir chmod link listdir lstat makedirs mkdir open readlink remove removedirs rename renames replace rmdir "
    "scandir stat statvfs symlink truncate unlink utime"
).split()

#: Folders at DBFS's root that notebooks name without its scheme.
DBFS_FOLDERS = ("/FileStore", "/databricks-datasets", "/databricks-results")


@dataclass(frozen=True)
class Folders:
    """Where the workspace's folders are on this machine.

    Parameters
    ----------
    data : the workspace's own, which holds `dbfs/` and `Volumes/`
    root : of the Jupyter server, which is `/Workspace`
    """

    data: Path
    root: Path

    @functools.cached_property
    def roots(self) -> Mapping[str, Path]:
        """Return name → folder, of those names that the machine itself has no use for."""
        named = {"/Volumes": self.data / "Volumes", "/Workspace": self.root, "/dbfs": self.dbfs}
        return {name: folder for name, folder in named.items() if not os.path.lexists(name)}

    @property
    def dbfs(self) -> Path:
        """Return the folder that `dbfs:/` shows."""
        return self.data / "dbfs"

    @property
    def mounts_file(self) -> Path:
        """Return the file that says what is mounted into `dbfs:/`."""
        return self.data / "mounts.json"

    def on_machine(self, path: Any) -> Any:
        """Return a path as the machine knows it; anything but a path below one of the names stays as it is."""
        text = path if type(path) is str else os.fspath(path) if isinstance(path, os.PathLike) else None
        if type(text) is not str or not text.startswith(("/Volumes", "/Workspace", "/dbfs")):
            return path
        if text.startswith("/dbfs/mnt/") and (mounted := self._mounted(text.removeprefix("/dbfs"))):
            text = mounted.removeprefix("file://") if mounted.startswith("file:///") else text
        name, slash, rest = text[1:].partition("/")
        folder = self.roots.get(f"/{name}")
        return text if folder is None else f"{folder}{slash}{rest}"

    def for_spark(self, path: str) -> str:
        """Return a path or URI as clusters know it: the workspace's folders as the machine's, DBFS's by its scheme."""
        plain = re.sub(r"\A(?:dbfs:|file:)(?://)?(?=/(?:Volumes|Workspace)(?:/|\Z))", "", path)
        plain = re.sub(r"\Afile:(?://)?(?=/dbfs(?:/|\Z))", "", plain)
        if re.match(r"/dbfs(?:/|\Z)", plain) and "/dbfs" in self.roots:
            return f"dbfs:{plain.removeprefix('/dbfs') or '/'}"
        if plain.startswith(DBFS_FOLDERS) and not os.path.lexists("/" + plain.split("/")[1]):
            return f"dbfs:{plain}"
        if plain.startswith("/mnt/") and self._mounted(plain) is not None:
            return f"dbfs:{plain}"
        return str(self.on_machine(plain))

    def _mounted(self, path: str) -> str | None:
        """Return the URI of what a path like `/mnt/NAME/…` stands for, or None if nothing is mounted there."""
        for point, mount in MountTable(self.mounts_file).read().items():
            if path == point or path.startswith(f"{point}/"):
                return mount.source + path.removeprefix(point)
        return None

    def in_script(self, script: str) -> str:
        """Return a shell script with the names of the workspace's folders replaced."""
        for name, folder in self.roots.items():
            script = re.sub(rf"(?<![\w./~-]){name}(?![\w.-])", str(folder).replace("\\", "\\\\"), script)
        return script

    def install(self) -> None:
        """Let Python's own functions take the names."""
        self.roots  # noqa: B018  # found out now, by functions that translate nothing yet
        # The `open` of cells is IPython's, which has taken hold of Python's already.
        builtins.open = io.open = interactiveshell.io_open = _Translating(io.open, self.on_machine, "io")
        # A function that calls it is sent to workers with it.
        interactiveshell._modified_open.__wrapped__ = io.open
        for name in OS_FUNCTIONS:
            plain = getattr(os, name)
            translating = _Translating(plain, self.on_machine, "os")
            setattr(os, name, translating)
            # What a function can do on this system is asked by looking for it in these sets.
            for able in (os.supports_dir_fd, os.supports_effective_ids, os.supports_fd, os.supports_follow_symlinks):
                if plain in able:
                    able.add(translating)


class _Translating:
    """A function of one of Python's modules, whose first one or two arguments are paths, which are translated."""

    def __init__(self, function: Callable[..., Any], on_machine: Callable[[Any], Any], module: str) -> None:
        functools.update_wrapper(self, function)
        self.__module__ = module
        self._function, self._on_machine = function, on_machine

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(*map(self._on_machine, args[:2]), *args[2:], **kwargs)

    def __reduce__(self) -> str:
        # By its name, which on a worker is Python's own.
        return self._function.__name__
