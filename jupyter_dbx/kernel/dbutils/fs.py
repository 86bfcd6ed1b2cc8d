"""`dbutils.fs`: files on any file system that the cluster can reach.

Source: Databricks, "Databricks Utilities reference", file system utility.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path, PurePosixPath
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from py4j.protocol import Py4JJavaError

from jupyter_dbx.kernel.dbutils.passing import Passing, is_own
from jupyter_dbx.kernel.dbutils.utility import Utility
from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.pyspark.paths import absolute
from jupyter_dbx.kernel.workspace.folders import Folders
from jupyter_dbx.kernel.workspace.mounts import Mount, MountInfo
from jupyter_dbx.kernel.workspace.rights import hint_on_rights
from jupyter_dbx.kernel.workspace.whereabouts import hint_on

P = ParamSpec("P")
R = TypeVar("R")

#: Folders that `rm` never removes: roots of file systems, and folders shared by a whole workspace or machine.
PROTECTED = re.compile(
    r"(?:[A-Za-z][\w+.-]*:)?(?://[^/]*)?(?:/(?:Volumes|Workspace|dbfs|mnt|home|root|usr|etc|tmp|var)?/*)?"
)


class FileError(NotebookError):
    """A file operation failed; the message gives the reason."""


class FileInfo(NamedTuple):
    """A file or folder."""

    path: str
    #: ends with a slash if it is a folder
    name: str
    #: bytes; 0 for a folder
    size: int
    #: ms since the epoch, UTC
    modificationTime: int  # the name is Databricks'

    def isDir(self) -> bool:
        """Return whether it is a folder."""
        return self.name.endswith("/")

    def isFile(self) -> bool:
        """Return whether it is a file."""
        return not self.isDir()


def _translated_errors(
    method: Callable[Concatenate[FileSystem, P], R],
) -> Callable[Concatenate[FileSystem, P], R]:
    """Turn a Java exception into a FileError that keeps the exception's name, which notebooks check for."""

    @wraps(method)
    def translated(self: FileSystem, /, *args: P.args, **kwargs: P.kwargs) -> R:
        __tracebackhide__ = True
        try:
            return method(self, *args, **kwargs)
        except Py4JJavaError as error:
            java = error.java_exception
            kind, message = java.getClass().getName(), str(java.getMessage())
            hint = hint_on(message, self._folders) if kind.endswith("FileNotFoundException") else ""
            if not hint and (user := self._session.driver_user):
                hint = hint_on_rights(f"{kind}: {message}", user)
            raise FileError(f"{message.removeprefix(kind).lstrip(': ')} ({kind}) {hint}".rstrip()) from None

    return translated


class FileSystem(Utility):
    """Files and folders: on this machine, in `/Volumes` and `dbfs:/`, and on any file system that the cluster can reach."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._folders: Folders = session.notebook.folders
        self._table = self._folders.mounts

    @_translated_errors
    def ls(self, dir: str) -> list[FileInfo]:
        """List the contents of a folder, or one file."""
        path, fs = self._open(dir)
        status, full = fs.getFileStatus(path), self._with_scheme(dir)
        if status.isFile():
            return [self._info(full.rstrip("/").rpartition("/")[0], status)]
        return sorted(self._info(full, status) for status in fs.listStatus(path))

    @_translated_errors
    def cp(self, from_: str, to: str, recurse: bool = False) -> bool:
        """Copy a file, or with `recurse` a folder; existing files are replaced."""
        return self._copy(from_, to, recurse, move=False)

    @_translated_errors
    def mv(self, from_: str, to: str, recurse: bool = False) -> bool:
        """Move a file, or with `recurse` a folder."""
        return self._copy(from_, to, recurse, move=True)

    @_translated_errors
    def rm(self, dir: str, recurse: bool = False) -> bool:
        """Remove a file, or with `recurse` a folder and its contents; return whether it existed."""
        self._check_removable(dir)
        path, fs = self._open(dir)
        if not fs.exists(path):
            return False
        if not recurse and fs.getFileStatus(path).isDirectory() and fs.listStatus(path):
            raise FileError(f"{dir} is a folder and not empty. rm({dir!r}, recurse=True) removes it with its contents.")
        return bool(fs.delete(path, recurse))

    @_translated_errors
    def mkdirs(self, dir: str) -> bool:
        """Create a folder, and any missing parent folders."""
        path, fs = self._open(dir)
        if not fs.mkdirs(path):
            raise FileError(f"{dir} cannot be created: its parent is a file, or you may not write there.")
        return True

    @_translated_errors
    def head(self, file: str, maxBytes: int = 65_536) -> str:  # the name is Databricks'
        """Return the first `maxBytes` bytes of a file, decoded as UTF-8."""
        path, fs = self._open(file)
        if fs.getFileStatus(path).isDirectory():
            raise FileError(f"{file} is a folder. List it with ls({file!r}).")
        stream = fs.open(path)
        try:
            raw = self._session.spark._jvm.org.apache.commons.io.IOUtils.toByteArray(
                self._session.spark._jvm.org.apache.commons.io.input.BoundedInputStream(stream, int(maxBytes))
            )
        finally:
            stream.close()
        if fs.getFileStatus(path).getLen() > maxBytes:
            print(f"[Truncated to first {maxBytes} bytes]")
        return bytes(raw).decode("utf-8", "replace")

    @_translated_errors
    def put(self, file: str, contents: str, overwrite: bool = False) -> bool:
        """Write a string to a file, encoded as UTF-8."""
        path, fs = self._open(file)
        if not overwrite and fs.exists(path):
            raise FileError(f"{file} already exists. put({file!r}, …, overwrite=True) replaces it.")
        stream = fs.create(path, bool(overwrite))
        try:
            raw = contents.encode()
            stream.write(bytearray(raw))
        finally:
            stream.close()
        print(f"Wrote {len(raw)} bytes.")
        return True

    @_translated_errors
    def mount(
        self,
        source: str,
        mount_point: str,
        encryption_type: str = "",
        owner: str = "",
        extra_configs: Mapping[str, str] | None = None,
    ) -> bool:
        """Mount a folder, e.g. `s3a://bucket/folder` or `file:/data`, at `/mnt/NAME` in `dbfs:/`, for the whole workspace.

        `extra_configs` are Hadoop properties that its file system needs. Running clusters see the mount when the next notebook
        attaches, or after `refreshMounts()`.
        """
        point = _mount_point(mount_point)
        if point in self._table.read():
            raise FileError(f"{point} is already mounted. Use updateMount, or unmount it first.")
        return self._set_mount(point, source, encryption_type, extra_configs)

    @_translated_errors
    def updateMount(  # the names from here on are Databricks'
        self,
        source: str,
        mount_point: str,
        encryption_type: str = "",
        owner: str = "",
        extra_configs: Mapping[str, str] | None = None,
    ) -> bool:
        """Mount a different folder at an existing mount point."""
        point = self._known_point(mount_point)
        return self._set_mount(point, source, encryption_type, extra_configs)

    @_translated_errors
    def unmount(self, mount_point: str) -> bool:
        """Remove a mount; the mounted folder is unchanged."""
        point = self._known_point(mount_point)
        self._table.change(lambda mounts: mounts.__delitem__(point))
        print(f"{point} has been unmounted.")
        return self.refreshMounts()

    def mounts(self) -> list[MountInfo]:
        """List the mounts."""
        found = sorted(self._table.read().items())
        return [MountInfo("/", "DatabricksRoot", ""), *(MountInfo(p, m.source, m.encryption) for p, m in found)]

    def refreshMounts(self) -> bool:
        """Update this cluster's mounts to those made elsewhere."""
        self._session.adopted.apply_mounts(self._table)
        return True

    def _set_mount(self, point: str, source: str, encryption: str, options: Mapping[str, str] | None) -> bool:
        target = re.sub(r"\Afile:(//)?(?=/)", "", self._folders.for_spark(absolute(source)))
        target = PurePosixPath(target).as_uri() if target.startswith("/") else target
        jvm = self._session.spark._jvm
        configuration = self._configuration()
        for name, value in (options or {}).items():
            configuration.set(name, str(value))
        path = jvm.org.apache.hadoop.fs.Path(jvm.java.net.URI(target))
        if not path.getFileSystem(configuration).exists(path):
            raise FileError(f"The folder {source} does not exist, or cannot be reached with these extra_configs.")
        made = Mount(target, encryption, {str(k): str(v) for k, v in (options or {}).items()})
        self._table.change(lambda mounts: mounts.__setitem__(point, made))
        return self.refreshMounts()

    def _known_point(self, mount_point: str) -> str:
        point, known = _mount_point(mount_point), sorted(self._table.read())
        if point not in known:
            raise FileError(f"{point} is not mounted. Mount points: {', '.join(known) or 'none'}.")
        return point

    def _copy(self, from_: str, to: str, recurse: bool, *, move: bool) -> bool:
        own_source, own_target = self._own_file(from_), self._own_file(to, to_write=True)
        source, source_fs = self._open(from_)
        is_folder = own_source.is_dir() if own_source else source_fs.getFileStatus(source).isDirectory()
        if is_folder and not recurse:
            verb = "mv" if move else "cp"
            done = "moves" if move else "copies"
            raise FileError(
                f"{from_} is a folder. {verb}({from_!r}, {to!r}, recurse=True) {done} it with its contents."
            )
        if move:
            self._check_removable(from_)
        if own_source or own_target:
            Passing(self._session.spark._jvm, self._session.adopted.driver_files).copy(
                own_source or (source_fs, source), own_target or self._open(to)[::-1], move=move
            )
            return True
        target, target_fs = self._open(to)
        jvm = self._session.spark._jvm
        name = str(source.getName())
        into = target_fs.exists(target) and target_fs.getFileStatus(target).isDirectory()
        places = self._on_machine(from_), self._on_machine(f"{to.rstrip('/')}/{name}" if into else to)
        if None not in places and os.path.realpath(str(places[0])) == os.path.realpath(str(places[1])):
            raise FileError(f"{from_} and {to} are the same file.")  # which Hadoop would empty
        copy = jvm.org.apache.hadoop.fs.FileUtil.copy
        return bool(copy(source_fs, source, target_fs, target, move, True, self._configuration()))

    def _open(self, path: str) -> tuple[Any, Any]:
        """Return the Hadoop path and its file system."""
        _check_path(path)
        jpath = self._session.spark._jvm.org.apache.hadoop.fs.Path(self._folders.for_spark(absolute(path)))
        return jpath, jpath.getFileSystem(self._configuration())

    def _own_file(self, path: str, *, to_write: bool = False) -> Path | None:
        """Return a file or folder of this machine that the kernel may use and the cluster may not, else None."""
        place = re.sub(r"\Afile:(?://)?(?=/)", "", self._folders.for_spark(absolute(path)))
        files = self._session.adopted.driver_files
        if not files.user or not place.startswith("/") or Path(place).is_relative_to(self._folders.data):
            return None
        return Path(place) if is_own(Path(place), files, to_write=to_write) else None

    def _check_removable(self, path: str) -> None:
        """Raise FileError for folders that others need, by whatever name."""
        _check_path(path)
        place, folders = self._on_machine(path), self._folders
        needed = [
            str(folder) for folder in (folders.root, folders.data, folders.dbfs, folders.data / "Volumes", Path.home())
        ]
        is_needed = place is not None and any(
            f"{os.path.realpath(folder)}/".startswith(f"{place.rstrip('/')}/") for folder in needed
        )
        if is_needed or PROTECTED.fullmatch(path.strip()) or (place and PROTECTED.fullmatch(place)):
            raise FileError(f"{path!r} is protected and cannot be removed. Remove individual items in it.")

    def _on_machine(self, path: str) -> str | None:
        """Return the local path of a file or folder, without `..` and links of its parents; None = elsewhere."""
        text = re.sub(r"\Afile:(?://)?(?=/)", "", self._folders.for_spark(absolute(path)))
        if text.startswith("dbfs:"):
            text = f"{self._folders.dbfs}/{text.removeprefix('dbfs:').lstrip('/')}"
        if not text.startswith("/"):
            return None
        parent, name = os.path.split(os.path.normpath(text))
        return os.path.join(os.path.realpath(parent), name)

    def _configuration(self) -> Any:
        return self._session.spark._jsparkSession.sessionState().newHadoopConf()

    def _with_scheme(self, path: str) -> str:
        """Return a path with its scheme, as Databricks shows it; functions that take paths accept it."""
        path = absolute(path)
        if re.match(r"[A-Za-z][\w+.-]*:", path):
            return path
        if (for_spark := self._folders.for_spark(path)).startswith("dbfs:"):
            return for_spark
        return f"dbfs:{path}" if path.startswith(("/Volumes", "/Workspace")) else f"file:{path}"

    def _info(self, folder: str, status: Any) -> FileInfo:
        name, is_folder = status.getPath().getName(), bool(status.isDirectory())
        slash = "/" if is_folder else ""
        return FileInfo(
            f"{folder.rstrip('/')}/{name}{slash}",
            f"{name}{slash}",
            0 if is_folder else int(status.getLen()),
            int(status.getModificationTime()),
        )


def _check_path(path: object) -> None:
    if not isinstance(path, str) or not path.strip():
        raise FileError(f"A path must be a non-empty string, not {path!r}.")


def _mount_point(path: str) -> str:
    point = re.sub(r"\Adbfs:(//)?", "", path).rstrip("/")
    if not re.fullmatch(r"/mnt/[^/]+(/[^/]+)*", point):
        raise FileError(f"A mount point must have the form /mnt/NAME, not {path!r}.")
    return point
