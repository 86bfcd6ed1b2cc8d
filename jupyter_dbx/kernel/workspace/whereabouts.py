"""Hints on errors about files that exist under another spelling of their path.

`/tmp/x` is a file of this machine for Spark and Python, and `dbfs:/tmp/x` or `/dbfs/tmp/x` is a file of the workspace. Libraries
that open files themselves, without Python, do not know `/dbfs` and `/Volumes`.
"""

from __future__ import annotations

import linecache
import os
import re
from collections.abc import Iterator
from pathlib import Path

from jupyter_dbx.kernel.workspace.folders import Folders

#: Matches a path with or without a scheme, also of names with spaces if quotes surround it.
_PATH = re.compile(
    r"""(?<![\w/.:-])(?:"((?:dbfs:|file:)?/[^"\n]+)"|'((?:dbfs:|file:)?/[^'\n]+)'|((?:dbfs:|file:)?/[^\s"'`,;()\[\]]+))"""
)

#: Matches messages about a file that was not found.
_NOT_FOUND = re.compile(
    r"(?i)no such file|not found|no files found|not exist|(cannot|can't|could not|unable to) (\w+ )*open"
)


def hint_for(error: BaseException, folders: Folders) -> str:
    """Return where the file of a Python error is, or ""."""
    message = str(error)
    if not isinstance(error, OSError) and not _NOT_FOUND.search(message):
        return ""
    if isinstance(error, OSError) and isinstance(error.filename, str):
        return _hint(error.filename, folders)
    return hint_on(message, folders) or hint_on("\n".join(_lines_of(error)), folders)


def hint_on(text: str, folders: Folders) -> str:
    """Return where the first file that a text mentions and that exists under another spelling is, or ""."""
    return next((hint for path in paths_in(text) if (hint := _hint(path, folders))), "")


def paths_in(text: str) -> Iterator[str]:
    """Yield the absolute paths in a text; those of this machine without their scheme."""
    for found in _PATH.finditer(text):
        path = next(group for group in found.groups() if group).rstrip(".")
        yield re.sub(r"\Afile:(//)?(?=/)", "", path)


def _hint(path: str, folders: Folders) -> str:
    on_machine = folders.on_machine(path)
    if on_machine != path and Path(on_machine).parent.exists():
        in_dbfs = path.removeprefix("/dbfs")
        if path.startswith("/dbfs/") and not os.path.lexists(on_machine) and os.path.lexists(in_dbfs):
            return _on_machine(in_dbfs)
        name = "/" + path.split("/")[1]
        return (
            f"This library opens files itself and does not know {name}. Use {on_machine!r}, or open the file with Python. "
            f"`jupyter dbx doctor` describes how to create {name} on this machine."
        )
    workspace_path = _in_dbfs(path, folders)
    if workspace_path is not None:
        exists_here = os.path.lexists(workspace_path) and not os.path.lexists(f"{folders.dbfs}{workspace_path}")
        return _on_machine(workspace_path) if exists_here else ""
    if path != "/" and not os.path.lexists(path) and os.path.lexists(f"{folders.dbfs}{path}"):
        return (
            f"This file is in the workspace: `dbfs:{path}` for Spark and dbutils.fs, `/dbfs{path}` for Python and %sh."
        )
    return ""


def _on_machine(path: str) -> str:
    return (
        f"This file is on this machine, not in the workspace: `file:{path}` for Spark and dbutils.fs, `{path}` for Python "
        "and %sh."
    )


def _in_dbfs(path: str, folders: Folders) -> str | None:
    """Return the path inside `dbfs:/` that a path refers to, or None if it is another one."""
    for prefix in ("dbfs:", f"{folders.dbfs}/"):
        if path.startswith(prefix):
            return "/" + path.removeprefix(prefix).lstrip("/")
    return None


def _lines_of(error: BaseException) -> Iterator[str]:
    """Yield the lines of code that an error passed through, last call first; a message may lack the path."""
    frames, traceback = [], error.__traceback__
    while traceback is not None:
        frames.append((traceback.tb_frame.f_code.co_filename, traceback.tb_lineno))
        traceback = traceback.tb_next
    for file, number in reversed(frames):
        yield linecache.getline(file, number)
