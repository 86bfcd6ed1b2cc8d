"""What is mounted into `dbfs:/`: one table for the workspace, in a file, told to each driver by the notebooks on it.

A mount is a link of Hadoop's ViewFS. A driver's Hadoop configuration is handed to its executors with each job, and no `dbfs:/`
file system outlives its use there (see `spark/conf.py`), so that a mount holds from the next job on.
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

#: Of Hadoop's configuration: a link of DBFS's mount table.
LINK = "fs.viewfs.mounttable.default.link./mnt/"


class MountInfo(NamedTuple):
    """A mount, as `dbutils.fs.mounts` tells it."""

    mountPoint: str  # Databricks' name
    source: str
    encryptionType: str


@dataclass(frozen=True)
class Mount:
    """A mount."""

    #: a URI, or a folder of this machine
    source: str
    encryption: str = ""
    #: properties of Hadoop that its file system needs, e.g. keys
    options: dict[str, str] = field(default_factory=dict)


class MountTable:
    """The workspace's mounts: mount point → Mount."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> dict[str, Mount]:
        """Return what is mounted."""
        try:
            return {point: Mount(**facts) for point, facts in json.loads(self._file.read_text()).items()}
        except FileNotFoundError:
            return {}

    def change(self, how: Callable[[dict[str, Mount]], None]) -> None:
        """Change the table, alone: other notebooks wait meanwhile. The file is its owner's only, for the keys in it."""
        with self._alone():
            mounts = self.read()
            how(mounts)
            draft = self._file.with_suffix(f".{os.getpid()}")
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump({point: asdict(mount) for point, mount in mounts.items()}, file, indent=2)
            draft.replace(self._file)

    def tell(self, configuration: Any) -> None:
        """Make a driver's Hadoop configuration (dynamic, hence Any) say what the table says."""
        mounts = self.read()
        for name in list(configuration.getPropsWithPrefix(LINK)):
            if f"/mnt/{name}" not in mounts:
                configuration.unset(f"{LINK}{name}")
        for point, mount in mounts.items():
            for name, value in mount.options.items():
                configuration.set(name, value)
            configuration.set(f"{LINK}{point.removeprefix('/mnt/')}", mount.source)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with open(self._file.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
