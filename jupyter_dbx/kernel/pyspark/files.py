"""SessionFiles: the files that a notebook adds with `addFile`, `addPyFile`, `addArchive` and `ADD …`, for itself alone.

Spark keeps added files by the session that adds them, but serves local ones by name, so that `utils.py` of two notebooks would
clash, and reads them when a task needs them. Here each addition is a copy in the session's own folder of artifacts, which the
driver serves by path: later changes and deletions of the original do no harm, and adding it again replaces the copy.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from jupyter_dbx.kernel.pyspark.driver_files import DriverFiles


class SessionFiles:
    """The files of one session.

    Parameters
    ----------
    driver : the driver's files
    root : folder with the driver's copies of the files of all sessions
    jcontext : the driver's SparkContext (dynamic, hence Any)
    jsession : the notebook's SparkSession
    """

    def __init__(self, driver: DriverFiles, root: Path, jcontext: Any, jsession: Any) -> None:
        manager = jsession.artifactManager()
        self._driver, self._jcontext, self._id = driver, jcontext, str(jsession.sessionUUID())
        #: the session's own folder on the driver
        self.folder = Path(str(manager.artifactPath().toString()))
        self._uri = str(manager.artifactURI())
        self._numbers = itertools.count(1)
        # Another OS user's copies cannot be read: then the kernel has its own.
        self._copies = tempfile.TemporaryDirectory(prefix="dbx-files-") if driver.user else None
        #: folder with the copies for this process, which `SparkFiles` names
        self.root = self._copies.name if self._copies else str(root / self._id)

    def stage(self, path: str) -> str:
        """Return the URI of a copy of a local file, to be added in its place; another path is returned unchanged.

        Parameters
        ----------
        path : path or URI; a fragment names the folder of an archive
        """
        place, mark, fragment = path.partition("#") if not os.path.exists(path) else (path, "", "")
        local = _local(place)
        if local is None or not local.is_file():
            return path
        folder = f"files/{next(self._numbers)}"
        self._driver.copy(local, self.folder / folder / local.name)
        if self._copies is not None:
            shutil.copyfile(local, f"{self.root}/{local.name}")
        self._forget(fragment or local.name)
        return f"{self._uri}/{folder}/{quote(local.name)}{mark}{fragment}"

    def stage_jar(self, path: str) -> str:
        """Return a copy of a local JAR with a unique name, since Spark serves JARs by name; another path is unchanged.

        The name is also a secret: Spark serves a JAR to anyone on the machine who knows it.
        """
        local = _local(path)
        if local is None or not local.is_file():
            return path
        copy = self.folder / f"added-jars/{local.stem}-{self._id}-{next(self._numbers)}{local.suffix}"
        self._driver.copy(local, copy)
        return copy.as_uri()

    def uris(self, *, archives: bool = False) -> list[str]:
        """Return the URIs that are added now."""
        added = self._added(archives)
        return [] if added is None else [uri for uri in str(added.keySet().mkString("\n")).split("\n") if uri]

    def _forget(self, name: str) -> None:
        """Remove earlier additions of this name, which new executors would also fetch, in any order."""
        for archives in (False, True):
            for uri in self.uris(archives=archives):
                if _name(uri) == name:
                    self._added(archives).remove(uri)

    def _added(self, archives: bool) -> Any:
        """Return Spark's map of URIs, or None if it has none for this session."""
        context = self._jcontext
        found = (context.addedArchives() if archives else context.addedFiles()).get(self._id)
        return found.get() if found.isDefined() else None


def _local(path: str) -> Path | None:
    """Return a path on this machine, or None if a URI names another place."""
    if re.match(r"file:", path):
        return Path(unquote(urlsplit(path).path))
    return None if re.match(r"[A-Za-z][\w+.-]*:", path) else Path(path)


def _name(uri: str) -> str:
    """Return the name under which executors store an added file or archive."""
    parts = urlsplit(uri)
    return parts.fragment or unquote(parts.path.rpartition("/")[2])
