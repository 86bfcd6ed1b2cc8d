"""Mounts of `dbfs:/`: one table per workspace, stored in a file, which notebooks apply to the driver they are attached to.

A mount is a link in Hadoop's ViewFS. A driver sends its Hadoop configuration to the executors with each job, and executors do not
cache `dbfs:/` file systems (see `spark/conf.py`), so a mount takes effect with the next job.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from jupyter_dbx.kernel.errors import NotebookError

#: The Hadoop property with the folder behind `dbfs:/`, a URI.
DBFS_FOLDER = "fs.viewfs.mounttable.default.linkFallback"

#: Prefix of the Hadoop properties that link mount points in DBFS.
LINK = "fs.viewfs.mounttable.default.link./mnt/"


class MountInfo(NamedTuple):
    """A mount, as `dbutils.fs.mounts` lists it."""

    mountPoint: str  # the name is Databricks'
    source: str
    encryptionType: str


@dataclass(frozen=True)
class Mount:
    """A mount."""

    #: a URI
    source: str
    encryption: str = ""
    #: Hadoop properties that its file system needs, e.g. keys
    options: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """Return the folder on this machine, or "" if it is on another file system."""
        return unquote(self.source.removeprefix("file://")) if self.source.startswith("file:///") else ""


class MountTable:
    """The workspace's mounts: mount point → Mount.

    Attributes
    ----------
    reported : the text of the file as the driver reads it, for a kernel whose OS user may not read it; None = it may
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.reported: str | None = None

    def read(self) -> dict[str, Mount]:
        """Return the mounts, by mount point."""
        try:
            text = self._file.read_text() if self.reported is None else self.reported
        except (FileNotFoundError, PermissionError):
            text = ""
        return {point: Mount(**facts) for point, facts in json.loads(text or "{}").items()}

    def change(self, how: Callable[[dict[str, Mount]], None]) -> None:
        """Change the table under a lock. Only its owner can read the file, because it may contain keys.

        Raises
        ------
        NotebookError : the kernel's OS user may not change it
        """
        if self.reported is not None:
            raise NotebookError(
                "The mounts belong to the cluster's OS user, so that this notebook cannot change them. Ask that user to, or use "
                "the source's own URI, e.g. `s3a://…`."
            )
        with self._locked():
            mounts = self.read()
            how(mounts)
            draft = self._file.with_suffix(f".{os.getpid()}")
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump({point: asdict(mount) for point, mount in mounts.items()}, file, indent=2)
            draft.replace(self._file)

    def apply_to(self, configuration: Any) -> None:
        """Set the mounts in a driver's Hadoop configuration (dynamic, hence Any)."""
        mounts = self.read()
        links = configuration.getPropsWithPrefix(LINK)
        for name in (
            list(links) if len(links) else ()
        ):  # py4j ends each iteration with an exception of the JVM, which is slow
            if f"/mnt/{name}" not in mounts:
                configuration.unset(f"{LINK}{name}")
        for point, mount in mounts.items():
            for name, value in mount.options.items():
                configuration.set(name, value)
            configuration.set(f"{LINK}{point.removeprefix('/mnt/')}", mount.source)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with open(self._file.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
