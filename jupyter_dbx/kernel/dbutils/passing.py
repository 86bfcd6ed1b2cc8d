"""Passing: copies between files that only the kernel's OS user may use, and the file systems of a cluster of another one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from jupyter_dbx.kernel.pyspark.driver_files import DriverFiles

#: A file system and a path in it, Hadoop's objects (dynamic, hence Any).
Remote = tuple[Any, Any]


def is_own(path: Path, files: DriverFiles, *, to_write: bool) -> bool:
    """Return whether the kernel may use a file or folder, or create it, and the driver's OS user may not."""
    while to_write and not os.path.exists(path):  # also below a folder that is closed
        path = path.parent
    return os.access(path, os.W_OK if to_write else os.R_OK) and not files.may_use(path, to_write=to_write)


class Passing:
    """Passes files through the notebook's gateway.

    Parameters
    ----------
    jvm : the driver's JVM (dynamic, hence Any)
    files : the driver's files
    """

    def __init__(self, jvm: Any, files: DriverFiles) -> None:
        self._jvm, self._files = jvm, files

    def copy(self, source: Path | Remote, target: Path | Remote, *, move: bool) -> None:
        """Copy or move a file, or a folder with its contents, into the target if that is a folder."""
        target = self._in_folder(target, source.name if isinstance(source, Path) else str(source[1].getName()))
        if isinstance(source, Path):
            if isinstance(target, Path):
                shutil.copytree(source, target, dirs_exist_ok=True) if source.is_dir() else shutil.copyfile(
                    source, target
                )
            else:
                self._send(source, *target)
            if move:
                shutil.rmtree(source) if source.is_dir() else source.unlink()
        else:
            assert isinstance(target, Path), "one of both is the kernel's"
            target.parent.mkdir(parents=True, exist_ok=True)
            self._fetch(*source, target)
            if move:
                source[0].delete(source[1], True)

    def _in_folder(self, target: Path | Remote, name: str) -> Path | Remote:
        if isinstance(target, Path):
            return target / name if target.is_dir() else target
        fs, path = target
        is_folder = fs.exists(path) and fs.getFileStatus(path).isDirectory()
        return (fs, self._path(path, name)) if is_folder else target

    def _send(self, source: Path, fs: Any, target: Any) -> None:
        if not source.is_dir():
            self._files.send(source, fs.create(target, True))
            return
        fs.mkdirs(target)
        for child in sorted(source.iterdir()):
            self._send(child, fs, self._path(target, child.name))

    def _fetch(self, fs: Any, source: Any, target: Path) -> None:
        if not fs.getFileStatus(source).isDirectory():
            self._files.fetch(fs.open(source), target)
            return
        target.mkdir(exist_ok=True)
        for status in fs.listStatus(source):
            self._fetch(fs, status.getPath(), target / str(status.getPath().getName()))

    def _path(self, folder: Any, name: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(folder, name)
