"""DriverFiles: how the kernel's files reach the driver, which may run as another OS user.

As one OS user, both hand files over by path, which costs nothing. Two OS users have no rights in each other's folders, and need
none: then bytes pass through the gateway, and PySpark uses the sockets that it has for encrypted sessions.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

#: Bytes of one call through the gateway.
CHUNK_BYTES = 2**20


class DriverFiles:
    """The files of the driver's JVM.

    Attributes
    ----------
    user : the driver's OS user if it is not the kernel's, else ""

    Parameters
    ----------
    jvm : the driver's JVM (dynamic, hence Any)
    folder : any folder that the JVM has made
    """

    def __init__(self, jvm: Any, folder: str) -> None:
        self._jvm = jvm
        self.user = "" if _is_own(folder) else str(jvm.java.lang.System.getProperty("user.name"))

    def copy(self, source: Path, target: Path) -> None:
        """Copy a file of the kernel to the driver; missing folders are created."""
        if not self.user:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            return
        self._file(target.parent).mkdirs()
        self.send(source, self._jvm.java.io.FileOutputStream(str(target)))

    def send(self, source: Path, stream: Any) -> None:
        """Write a file of the kernel to an output stream of the JVM, and close that."""
        try:
            with open(source, "rb") as file:
                while chunk := file.read(CHUNK_BYTES):
                    stream.write(chunk)
        finally:
            stream.close()

    def fetch(self, stream: Any, target: Path) -> None:
        """Write an input stream of the JVM to a file of the kernel, and close the stream."""
        io = self._jvm.org.apache.commons.io
        try:
            with open(target, "wb") as file:
                while chunk := io.IOUtils.toByteArray(io.input.BoundedInputStream(stream, CHUNK_BYTES)):
                    file.write(chunk)
        finally:
            stream.close()

    def may_use(self, path: Path, *, to_write: bool) -> bool:
        """Return whether the driver's OS user may read a file or folder, or write to it."""
        file = self._file(path)
        return bool(file.canWrite() if to_write else file.canRead())

    def read_text(self, path: Path) -> str:
        """Return a file of the driver, or "" if it is missing."""
        if not self._file(path).exists():
            return ""
        return str(self._jvm.java.nio.file.Files.readString(self._file(path).toPath()))

    def can_run(self, program: str, *needed: str) -> bool:
        """Return whether the driver's OS user can run a program, and read the files that it needs."""
        return bool(self._file(program).canExecute()) and all(self._file(file).canRead() for file in needed)

    def unpack(self, archive: Path, folder: Path) -> None:
        """Unpack an archive of the driver there, and delete it."""
        getattr(self._jvm, "org.apache.spark.util.Utils").unpack(self._file(archive), self._file(folder))
        self.delete(archive)

    def delete(self, path: Path | str) -> None:
        """Delete a file of the driver, if it exists."""
        self._file(path).delete()

    def _file(self, path: Path | str) -> Any:
        return self._jvm.java.io.File(str(path))


def _is_own(folder: str) -> bool:
    """Return whether a folder belongs to the kernel's OS user; one that the kernel cannot reach does not."""
    try:
        return os.stat(folder).st_uid == os.geteuid()
    except OSError:
        return False
