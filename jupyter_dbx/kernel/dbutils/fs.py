"""`dbutils.fs`: files, on whatever file system the cluster can reach.

Source: Databricks, "Databricks Utilities reference", file system utility.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

from py4j.protocol import Py4JJavaError

from jupyter_dbx.kernel.dbutils.utility import Utility
from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.folders import Folders
from jupyter_dbx.kernel.mounts import Mount, MountInfo, MountTable
from jupyter_dbx.kernel.paths import absolute

P = ParamSpec("P")
R = TypeVar("R")

#: What `rm` never removes: roots of file systems, and what all notebooks of a workspace or a machine share.
KEPT = re.compile(
    r"(?:[A-Za-z][\w+.-]*:)?(?://[^/]*)?(?:/(?:Volumes|Workspace|dbfs|mnt|home|root|usr|etc|tmp|var)?/*)?"
)


class FileError(NotebookError):
    """A file or folder cannot be used as asked; says why."""


class FileInfo(NamedTuple):
    """A file or folder."""

    path: str
    #: ends in a slash if it is a folder
    name: str
    #: bytes; 0 of a folder
    size: int
    #: ms since the epoch, UTC
    modificationTime: int  # Databricks' name

    def isDir(self) -> bool:
        """Return whether it is a folder."""
        return self.name.endswith("/")

    def isFile(self) -> bool:
        """Return whether it is a file."""
        return not self.isDir()


def _told(method: Callable[P, R]) -> Callable[P, R]:
    """Turn what Java says of a file into a sentence; it keeps the exception's name, which notebooks look for."""

    @wraps(method)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        __tracebackhide__ = True
        try:
            return method(*args, **kwargs)
        except Py4JJavaError as error:
            java = error.java_exception
            kind, message = java.getClass().getName(), str(java.getMessage())
            raise FileError(f"{message.removeprefix(kind).lstrip(': ')} ({kind})") from None

    return told


class FileSystem(Utility):
    """Files and folders, on this machine, in the workspace's `/Volumes` and `dbfs:/`, and wherever else the cluster can read."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._folders: Folders = session.folders
        self._table = MountTable(self._folders.mounts_file)

    @_told
    def ls(self, dir: str) -> list[FileInfo]:
        """Return what is in a folder, or the file itself."""
        path, fs = self._open(dir)
        if fs.getFileStatus(path).isFile():
            return [self._info(dir.rsplit("/", 1)[0], fs.getFileStatus(path))]
        return sorted(self._info(dir, status) for status in fs.listStatus(path))

    @_told
    def cp(self, from_: str, to: str, recurse: bool = False) -> bool:
        """Copy a file, or with `recurse` a folder; what is there already is replaced."""
        return self._copy(from_, to, recurse, move=False)

    @_told
    def mv(self, from_: str, to: str, recurse: bool = False) -> bool:
        """Move a file, or with `recurse` a folder."""
        return self._copy(from_, to, recurse, move=True)

    @_told
    def rm(self, dir: str, recurse: bool = False) -> bool:
        """Remove a file, or with `recurse` a folder with all that is in it; return whether there was one."""
        if KEPT.fullmatch(dir.strip()):
            raise FileError(f"{dir!r} is not removed: too much hangs on it. Name what in it is to go.")
        path, fs = self._open(dir)
        if not fs.exists(path):
            return False
        if not recurse and fs.getFileStatus(path).isDirectory() and fs.listStatus(path):
            raise FileError(f"{dir} is a folder with something in it: rm({dir!r}, recurse=True) removes all of it.")
        return bool(fs.delete(path, recurse))

    @_told
    def mkdirs(self, dir: str) -> bool:
        """Make a folder, and those that it lies in."""
        path, fs = self._open(dir)
        return bool(fs.mkdirs(path))

    @_told
    def head(self, file: str, maxBytes: int = 65_536) -> str:  # Databricks' name
        """Return the beginning of a file, at most so many bytes, as UTF-8."""
        path, fs = self._open(file)
        if fs.getFileStatus(path).isDirectory():
            raise FileError(f"{file} is a folder: ls lists it.")
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

    @_told
    def put(self, file: str, contents: str, overwrite: bool = False) -> bool:
        """Write a text to a file, as UTF-8."""
        path, fs = self._open(file)
        if not overwrite and fs.exists(path):
            raise FileError(f"{file} is there already: put({file!r}, …, overwrite=True) replaces it.")
        stream = fs.create(path, bool(overwrite))
        try:
            raw = contents.encode()
            stream.write(bytearray(raw))
        finally:
            stream.close()
        print(f"Wrote {len(raw)} bytes.")
        return True

    @_told
    def mount(
        self,
        source: str,
        mount_point: str,
        encryption_type: str = "",
        owner: str = "",
        extra_configs: Mapping[str, str] | None = None,
    ) -> bool:
        """Show a folder, e.g. `s3a://bucket/folder` or `file:/data`, at `/mnt/NAME` of `dbfs:/`, in the whole workspace.

        `extra_configs` are properties of Hadoop that its file system needs. Clusters that run learn of it with the next notebook
        that attaches, or by `refreshMounts()`.
        """
        point = _mount_point(mount_point)
        if point in self._table.read():
            raise FileError(f"{point} is a mount already: unmount or updateMount it.")
        return self._set_mount(point, source, encryption_type, extra_configs)

    @_told
    def updateMount(  # Databricks' names from here on
        self,
        source: str,
        mount_point: str,
        encryption_type: str = "",
        owner: str = "",
        extra_configs: Mapping[str, str] | None = None,
    ) -> bool:
        """Mount something else at a point that is one already."""
        point = self._known_point(mount_point)
        return self._set_mount(point, source, encryption_type, extra_configs)

    @_told
    def unmount(self, mount_point: str) -> bool:
        """End a mount; what was mounted stays as it is."""
        point = self._known_point(mount_point)
        self._table.change(lambda mounts: mounts.__delitem__(point))
        print(f"{point} has been unmounted.")
        return self.refreshMounts()

    def mounts(self) -> list[MountInfo]:
        """Return what is mounted."""
        found = sorted(self._table.read().items())
        return [MountInfo("/", "DatabricksRoot", ""), *(MountInfo(p, m.source, m.encryption) for p, m in found)]

    def refreshMounts(self) -> bool:
        """Let this cluster know of all mounts that were made elsewhere."""
        self._table.tell(self._session.spark._jsc.hadoopConfiguration())
        return True

    def _set_mount(self, point: str, source: str, encryption: str, options: Mapping[str, str] | None) -> bool:
        target = self._folders.for_spark(absolute(source))
        target = target if re.match(r"[A-Za-z][\w+.-]*:", target) else f"file://{target}"
        jvm = self._session.spark._jvm
        configuration = self._configuration()
        for name, value in (options or {}).items():
            configuration.set(name, str(value))
        path = jvm.org.apache.hadoop.fs.Path(target)
        if not path.getFileSystem(configuration).exists(path):
            raise FileError(f"There is no folder {source}, or it cannot be reached with these extra_configs.")
        made = Mount(target, encryption, {str(k): str(v) for k, v in (options or {}).items()})
        self._table.change(lambda mounts: mounts.__setitem__(point, made))
        return self.refreshMounts()

    def _known_point(self, mount_point: str) -> str:
        point, known = _mount_point(mount_point), sorted(self._table.read())
        if point not in known:
            raise FileError(f"{point} is no mount. Mounts are: {', '.join(known) or 'none'}.")
        return point

    def _copy(self, from_: str, to: str, recurse: bool, *, move: bool) -> bool:
        source, source_fs = self._open(from_)
        if source_fs.getFileStatus(source).isDirectory() and not recurse:
            verb = "mv" if move else "cp"
            raise FileError(f"{from_} is a folder: {verb}({from_!r}, {to!r}, recurse=True) takes all of it.")
        target, target_fs = self._open(to)
        jvm = self._session.spark._jvm
        copy = jvm.org.apache.hadoop.fs.FileUtil.copy
        return bool(copy(source_fs, source, target_fs, target, move, True, self._configuration()))

    def _open(self, path: str) -> tuple[Any, Any]:
        """Return Hadoop's path, and the file system that it is on."""
        if not isinstance(path, str) or not path.strip():
            raise FileError(f"Name a path, as text, instead of {path!r}.")
        jpath = self._session.spark._jvm.org.apache.hadoop.fs.Path(self._folders.for_spark(absolute(path)))
        return jpath, jpath.getFileSystem(self._configuration())

    def _configuration(self) -> Any:
        return self._session.spark._jsparkSession.sessionState().newHadoopConf()

    def _with_scheme(self, path: str) -> str:
        """Return an absolute path as people see it in Databricks; whatever takes paths takes it back."""
        for_spark = self._folders.for_spark(path)
        if for_spark.startswith("dbfs:"):
            return for_spark
        return f"dbfs:{path}" if path.startswith(("/Volumes", "/Workspace")) else f"file:{path}"

    def _info(self, folder: str, status: Any) -> FileInfo:
        name, is_folder = status.getPath().getName(), bool(status.isDirectory())
        asked = folder if re.match(r"[A-Za-z][\w+.-]*:", folder) else self._with_scheme(absolute(folder))
        slash = "/" if is_folder else ""
        return FileInfo(
            f"{asked.rstrip('/')}/{name}{slash}",
            f"{name}{slash}",
            0 if is_folder else int(status.getLen()),
            int(status.getModificationTime()),
        )


def _mount_point(path: str) -> str:
    point = re.sub(r"\Adbfs:(//)?", "", path).rstrip("/")
    if not re.fullmatch(r"/mnt/[^/]+(/[^/]+)*", point):
        raise FileError(f"A mount point is like /mnt/NAME, not {path!r}.")
    return point
