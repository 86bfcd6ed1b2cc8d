"""Paths are the notebook's: relative ones begin in its folder, and the workspace's folders have Databricks' names."""

from __future__ import annotations

import functools
import inspect
import os
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from jupyter_dbx.kernel.folders import Folders

#: Method → names of the parameters that hold a path, by class.
METHODS: dict[str, dict[str, tuple[str, ...]]] = {
    "DataFrameReader": {
        "load": ("path",),
        "csv": ("path",),
        "json": ("path",),
        "orc": ("path",),
        "parquet": ("paths",),
        "text": ("paths",),
        "xml": ("path",),
    },
    "DataFrameWriter": {
        **{name: ("path",) for name in ("save", "csv", "json", "orc", "parquet", "text", "xml")},
        "saveAsTable": (),  # its options may hold one
    },
    "DataStreamReader": {name: ("path",) for name in ("load", "csv", "json", "orc", "parquet", "text", "xml")},
    "DataStreamWriter": {"start": ("path",), "toTable": ()},
    "SparkContext": {
        "textFile": ("name",),
        "wholeTextFiles": ("path",),
        "binaryFiles": ("path",),
        "binaryRecords": ("path",),
        "sequenceFile": ("path",),
        "hadoopFile": ("path",),
        "newAPIHadoopFile": ("path",),
        "pickleFile": ("name",),
        "setCheckpointDir": ("dirName",),
        "addFile": ("path",),
        "addPyFile": ("path",),
        "addArchive": ("path",),
    },
    "RDD": {f"saveAs{form}File": ("path",) for form in ("Text", "Pickle", "Sequence", "Hadoop", "NewAPIHadoop")},
}

#: Methods of SparkContext that take several paths in one string.
COMMA_SEPARATED = frozenset(
    "textFile wholeTextFiles binaryFiles binaryRecords sequenceFile hadoopFile newAPIHadoopFile".split()
)

#: Options whose value is a path.
OPTIONS = ("path", "checkpointlocation")


def absolute(path: Any, folders: Folders | None = None) -> Any:
    """Return a path, or several, made absolute from the working folder; URIs, absolute paths and other values as they are.

    Parameters
    ----------
    folders : of the workspace, whose names are translated
    """
    if isinstance(path, list | tuple):
        return type(path)(absolute(p, folders) for p in path)
    if isinstance(path, os.PathLike):
        path = os.fspath(path)
    if not isinstance(path, str) or not path:
        return path
    if path.startswith("/") or re.match(r"[A-Za-z][\w+.-]*:", path):
        return folders.for_spark(path) if folders is not None else path
    # Joined as text: normalising would lose a trailing slash.
    return os.path.join(os.getcwd(), path)


def each_absolute(paths: Any, folders: Folders | None = None) -> Any:
    """Return a comma-separated list of paths, as Hadoop's input formats take it, with each made absolute."""
    if not isinstance(paths, str):
        return absolute(paths, folders)
    return ",".join(absolute(path, folders) for path in _split(paths))


def _split(paths: str) -> list[str]:
    """Return the paths between commas; a comma in braces belongs to a pattern such as `{2024,2025}/*.txt`."""
    parts, depth = [""], 0
    for character in paths:
        depth += (character == "{") - (character == "}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def patch(cls: type, folders: Folders | None = None) -> None:
    """Make the methods of a PySpark class take the notebook's paths."""
    one, each = partial(absolute, folders=folders), partial(each_absolute, folders=folders)
    for name, parameters in METHODS.get(cls.__name__, {}).items():
        if name in vars(cls):
            make = each if name in COMMA_SEPARATED else one
            setattr(cls, name, _with_absolute(vars(cls)[name], parameters, make, one))
    if cls.__name__ in METHODS and "option" in vars(cls):
        cls.option = _with_absolute_option(vars(cls)["option"], one)  # type: ignore[attr-defined]
    if cls.__name__ in METHODS and "options" in vars(cls):
        cls.options = _with_absolute(vars(cls)["options"], one=one)  # type: ignore[attr-defined]


def _with_absolute(
    method: Callable[..., Any],
    parameters: tuple[str, ...] = (),
    make: Callable[[Any], Any] = absolute,
    one: Callable[[Any], Any] = absolute,
) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @functools.wraps(method)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            return method(*args, **kwargs)  # whose own message is the better one
        for name in parameters:
            if name in bound.arguments:
                bound.arguments[name] = make(bound.arguments[name])
        for options in (p.name for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD):
            extra = bound.arguments.get(options, {})
            extra.update({k: one(v) for k, v in extra.items() if k.lower() in OPTIONS})
        return method(*bound.args, **bound.kwargs)

    return wrapped


def _with_absolute_option(method: Callable[..., Any], one: Callable[[Any], Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def option(self: Any, key: str, value: Any) -> Any:
        return method(self, key, one(value) if str(key).lower() in OPTIONS else value)

    return option
