"""Translates paths on their way to Spark: workspace folders have Databricks' names.

Relative paths start in the notebook's folder, where the driver's file system resolves those that do not pass here
(NotebookFileSystem.java).
"""

from __future__ import annotations

import functools
import inspect
import os
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.workspace.folders import Folders

#: Class → method → names of the parameters that hold a path.
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
        "saveAsTable": (),  # its options may hold a path
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
    "Catalog": {"createTable": ("path",), "createExternalTable": ("path",)},
    "RDD": {f"saveAs{form}File": ("path",) for form in ("Text", "Pickle", "Sequence", "Hadoop", "NewAPIHadoop")},
}

#: Methods of Java objects whose string arguments are paths, in the libraries for machine learning.
CALLS = frozenset("handleOverwrite load loadLabeledPoints loadLibSVMFile loadVectors save saveAsLibSVMFile".split())

#: Methods of SparkContext that take several paths in one string.
COMMA_SEPARATED = frozenset(
    "textFile wholeTextFiles binaryFiles binaryRecords sequenceFile hadoopFile newAPIHadoopFile pickleFile".split()
)

#: Classes whose relative paths Spark resolves elsewhere: in the schema's folder, on another thread, or on an executor.
RESOLVED_ELSEWHERE = ("Catalog", "DataStreamWriter")

#: Characters with a meaning in a pattern.
_SPECIAL = re.compile(r"[\\{}\[\]*?]")

#: What makes a path a pattern, or several paths.
_PATTERN = re.compile(r"[*?\[\]{},\\]")

#: Options whose value is a path; Spark resolves a checkpoint's elsewhere.
OPTIONS = ("path", "checkpointlocation")


def for_spark(path: Any, folders: Folders | None = None) -> Any:
    """Return a path, or several, for Spark; other values are returned unchanged.

    Parameters
    ----------
    folders : the workspace's folders, whose names are translated
    """
    if isinstance(path, list | tuple):
        return type(path)(for_spark(p, folders) for p in path)
    if isinstance(path, os.PathLike):
        path = os.fspath(path)
    if not isinstance(path, str) or not path:
        return path
    if not _is_relative(path):
        return folders.for_spark(path) if folders is not None else path
    # Joined, because Spark finds the output of a stream only by its absolute path, and Hadoop takes what precedes a colon for a
    # scheme. In a folder whose name would be a pattern, the driver's file system resolves it.
    return path if _PATTERN.search(os.getcwd()) and ":" not in path else _joined(path)


def absolute(path: Any, folders: Folders | None = None) -> Any:
    """Return a path, or several, for Spark, made absolute from the working folder; other values are returned unchanged."""
    path = for_spark(path, folders)
    if isinstance(path, list | tuple):
        return type(path)(absolute(p) for p in path)
    return _joined(path) if isinstance(path, str) and path and _is_relative(path) else path


def _is_relative(path: str) -> bool:
    return not path.startswith("/") and re.match(r"[A-Za-z][\w+.-]*:", path) is None


def _joined(path: str) -> str:
    return os.path.join(os.getcwd(), path)  # as text: normalising would lose a trailing slash


def written(path: Any, folders: Folders | None = None) -> Any:
    """Return a path for Spark to write to.

    Raises
    ------
    NotebookError : it is the notebook's folder or contains it, so that `overwrite` would delete the notebook
    """
    made = for_spark(path, folders)
    if isinstance(made, str) and made:
        place = os.path.realpath(absolute(made).removeprefix("file:"))
        if f"{os.path.realpath(os.getcwd())}/".startswith(f"{place.rstrip('/')}/"):
            raise NotebookError(
                f"{path} contains this notebook's folder. Write to a folder of its own, e.g. '{made}/out'."
            )
    return made


def in_command(command: str, folders: Folders) -> str:
    """Return a py4j command whose arguments are paths for Spark, if its method is one of those in CALLS.

    A command has a line for each part: kind, object, method, arguments, end. A string argument begins with "s".
    """
    lines = command.split("\n", 3)
    if len(lines) < 4 or lines[0] != "c" or lines[2] not in CALLS:
        return command
    arguments = (f"s{folders.for_spark(line[1:])}" if line[:2] == "s/" else line for line in lines[3].split("\n"))
    return "\n".join([*lines[:3], *arguments])


def pattern(path: Any, folders: Folders | None = None) -> Any:
    """Return a path, or several, for methods that read patterns: absolute, with the names of existing folders as they are."""
    if isinstance(path, list | tuple):
        return type(path)(pattern(p, folders) for p in path)
    found = absolute(path, folders)
    return _with_literal_folders(found) if isinstance(found, str) and found.startswith("/") else found


def pattern_of_stream(path: Any, folders: Folders | None = None) -> Any:
    """Return a path for a stream that reads files.

    Raises
    ------
    NotebookError : Spark's file streams would read the files of this folder several times
    """
    found, plain = pattern(path, folders), absolute(path, folders)
    if found != plain:
        raise NotebookError(
            f"Spark cannot stream from {plain}, because the name contains a character of patterns ([ ] {{ }} * ? \\). Rename "
            "the folder, or stream from another one."
        )
    return found


def each_pattern(paths: Any, folders: Folders | None = None) -> Any:
    """Return a comma-separated list of patterns, as Hadoop's input formats accept it, with each made absolute."""
    if not isinstance(paths, str):
        return pattern(paths, folders)
    several = [paths] if os.path.lexists(paths) else _split(paths)
    # Only the name of a folder can have a comma now. Escaped and in braces, it does not separate paths, and matches itself.
    return ",".join(r"{\,}".join(_split(pattern(path, folders))) for path in several)


def _with_literal_folders(path: str) -> str:
    """Escape the leading names in a pattern that exist as they are written, e.g. a folder `data[2024]`."""
    parts, known = path.split("/"), ""
    for i, part in enumerate(parts):
        known = f"{known}/{part}" if i else part
        if _SPECIAL.search(part):
            if not os.path.lexists(known):
                break
            parts[i] = _SPECIAL.sub(r"\\\g<0>", part)
    return "/".join(parts)


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
    """Make the methods of a PySpark class accept the notebook's paths."""
    readers = {"DataFrameReader": pattern, "DataStreamReader": pattern_of_stream}
    option = partial(readers.get(cls.__name__, absolute), folders=folders)
    is_absolute = cls.__name__ in readers or cls.__name__ in RESOLVED_ELSEWHERE
    one = (
        option if is_absolute else partial(written if cls.__name__ == "DataFrameWriter" else for_spark, folders=folders)
    )
    for name, parameters in METHODS.get(cls.__name__, {}).items():
        if name in vars(cls):
            make = partial(each_pattern, folders=folders) if name in COMMA_SEPARATED else one
            setattr(cls, name, _with_paths(vars(cls)[name], parameters, make, option))
    if cls.__name__ in METHODS and "option" in vars(cls):
        cls.option = _with_option(vars(cls)["option"], option)  # type: ignore[attr-defined]
    if cls.__name__ in METHODS and "options" in vars(cls):
        cls.options = _with_paths(vars(cls)["options"], one=option)  # type: ignore[attr-defined]


def _with_paths(
    method: Callable[..., Any],
    parameters: tuple[str, ...] = (),
    make: Callable[[Any], Any] = for_spark,
    one: Callable[[Any], Any] = for_spark,
) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @functools.wraps(method)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            return method(*args, **kwargs)  # its own error message is better
        for name in parameters:
            if name in bound.arguments:
                bound.arguments[name] = make(bound.arguments[name])
        for options in (p.name for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD):
            extra = bound.arguments.get(options, {})
            extra.update({k: one(v) for k, v in extra.items() if k.lower() in OPTIONS})
        return method(*bound.args, **bound.kwargs)

    return wrapped


def _with_option(method: Callable[..., Any], one: Callable[[Any], Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def option(self: Any, key: str, value: Any) -> Any:
        return method(self, key, one(value) if str(key).lower() in OPTIONS else value)

    return option
