"""Relative paths are the notebook's: makes them absolute from the kernel's working folder before the JVM sees them."""

from __future__ import annotations

import functools
import inspect
import os
import re
from collections.abc import Callable
from typing import Any

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
    "DataFrameWriter": {name: ("path",) for name in ("save", "csv", "json", "orc", "parquet", "text", "xml")},
    "DataStreamReader": {name: ("path",) for name in ("load", "csv", "json", "orc", "parquet", "text", "xml")},
    "DataStreamWriter": {"start": ("path",)},
    "SparkContext": {
        "textFile": ("name",),
        "wholeTextFiles": ("path",),
        "binaryFiles": ("path",),
        "binaryRecords": ("path",),
        "sequenceFile": ("path",),
        "pickleFile": ("name",),
        "setCheckpointDir": ("dirName",),
        "addFile": ("path",),
        "addPyFile": ("path",),
        "addArchive": ("path",),
    },
    "RDD": {"saveAsTextFile": ("path",), "saveAsPickleFile": ("path",), "saveAsSequenceFile": ("path",)},
}

#: Methods of SparkContext that take several paths in one string.
COMMA_SEPARATED = frozenset({"textFile", "wholeTextFiles", "binaryFiles", "binaryRecords", "sequenceFile"})

#: Options whose value is a path.
OPTIONS = ("path", "checkpointlocation")


def absolute(path: Any) -> Any:
    """Return a path, or several, made absolute from the working folder; URIs, absolute paths and other values as they are."""
    if isinstance(path, list | tuple):
        return type(path)(absolute(p) for p in path)
    if isinstance(path, os.PathLike):
        path = os.fspath(path)
    if not isinstance(path, str) or not path or path.startswith("/") or re.match(r"[A-Za-z][\w+.-]*:", path):
        return path
    # Joined as text: normalising would lose a trailing slash.
    return os.path.join(os.getcwd(), path)


def each_absolute(paths: Any) -> Any:
    """Return a comma-separated list of paths, as Hadoop's input formats take it, with each made absolute."""
    return ",".join(absolute(path) for path in paths.split(",")) if isinstance(paths, str) else absolute(paths)


def patch(cls: type) -> None:
    """Make the methods of a PySpark class take relative paths from the notebook's folder."""
    for name, parameters in METHODS.get(cls.__name__, {}).items():
        if name in vars(cls):
            make = each_absolute if name in COMMA_SEPARATED else absolute
            setattr(cls, name, _with_absolute(vars(cls)[name], parameters, make))
    for name in ("option", "options"):
        if name in vars(cls) and cls.__name__ in METHODS:
            setattr(cls, name, _with_absolute_options(vars(cls)[name]))


def _with_absolute(
    method: Callable[..., Any], parameters: tuple[str, ...], make: Callable[[Any], Any]
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
            extra.update({k: absolute(v) for k, v in extra.items() if k.lower() in OPTIONS})
        return method(*bound.args, **bound.kwargs)

    return wrapped


def _with_absolute_options(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 2 and str(args[0]).lower() in OPTIONS:
            args = (args[0], absolute(args[1]))
        given = {k: absolute(v) if k.lower() in OPTIONS else v for k, v in kwargs.items()}
        if str(given.get("key", "")).lower() in OPTIONS:
            given["value"] = absolute(given["value"])
        return method(self, *args, **given)

    return wrapped
