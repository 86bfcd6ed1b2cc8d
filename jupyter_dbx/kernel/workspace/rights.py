"""Hints on errors about files that one of two OS users may not use: the kernel's and the cluster's.

Spark and its Python workers run as the cluster's OS user. What that user may not see does not exist for Spark.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from jupyter_dbx.kernel.workspace.folders import Folders
from jupyter_dbx.kernel.workspace.whereabouts import paths_in

#: Matches messages about files that Spark may not read or write, or takes for missing.
_REFUSED = re.compile(
    r"PATH_NOT_FOUND|FileNotFoundException|Permission denied|Mkdirs failed|cannot be created|not exist"
)


def hint_on_rights(text: str, user: str) -> str:
    """Return what to do about a Spark error whose reason may be the OS user, or "".

    Parameters
    ----------
    text : the error's condition and message
    user : the cluster's OS user, who is not the kernel's
    """
    if "ModuleNotFoundError" in text:
        return (
            f"Python workers run as the OS user {user!r}, who has no right to your folders. `sc.addPyFile('module.py')` sends "
            "them a module, `%pip install` a package."
        )
    if not _REFUSED.search(text):
        return ""
    for path in paths_in(text):
        if path.startswith("/") and os.path.lexists(path):
            return (
                f"Spark runs as the OS user {user!r}, who may not use {path}. Give that user the right to, or copy it to the "
                f"workspace: `dbutils.fs.cp('file:{path}', 'dbfs:/…')`."
            )
        if path.startswith("/") and os.access(_existing(path), os.W_OK):
            return (
                f"Spark runs as the OS user {user!r}, who may not write to {_existing(path)}. Write to `dbfs:/…` or "
                "`/Volumes/…`; `dbutils.fs.cp(…, 'file:/…', recurse=True)` copies the result to your folder."
            )
    return ""


def hint_on_workspace(error: BaseException, folders: Folders) -> str:
    """Return what to do if the kernel's OS user has no right to the workspace's files, or ""."""
    if not isinstance(error, PermissionError) or not isinstance(error.filename, str):
        return ""
    if not Path(error.filename).is_relative_to(folders.data):
        return ""
    kind = Path(error.filename).relative_to(folders.data).parts[:1]
    if os.access(folders.data.joinpath(*kind), os.X_OK):
        return ""
    place = error.filename.removeprefix(str(folders.data)).removeprefix("/dbfs")
    return (
        f"The workspace's files belong to the cluster's OS user. Use Spark or dbutils.fs, or copy them to a folder of yours: "
        f"`dbutils.fs.cp('dbfs:{place}', 'file:/…')`."
    )


def _existing(path: str) -> str:
    """Return the first folder above a path that exists."""
    return str(next(above for above in Path(path).parents if os.path.exists(above)))
