"""Failure: the parts of a Spark error that matter to a user, without Spark's internals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jupyter_dbx.kernel.errors import NotebookError

#: The beginning of a py4j message that contains a Java error.
_PY4J_PREFIX = re.compile(r"An error occurred while calling .*?(?:\n: | Trace:\n)", re.DOTALL)

#: A line of a Java stack trace, and the beginning of the next exception.
_JAVA_LINE = re.compile(r"\s*(at [\w.$/<>]+\(.*\)|\.\.\. \d+ (more|common frames omitted)|Driver stacktrace:)\s*$")
_CAUSE = re.compile(r"^(?:Caused by|Suppressed): ", re.MULTILINE)

#: The package name in front of a Java exception's class name.
_PACKAGE = re.compile(r"^(?:[a-z]\w*\.)+(?=[A-Z])")

#: Spark's error condition, if any, in front of the message, after the Java exception's name.
_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_]+(?:\.[A-Z0-9_]+)?)\] ")
_BEFORE_CONDITION = re.compile(r"^[A-Z]\w*:\s+(?=\[[A-Z])")

#: The first line of a Python traceback in a worker's error.
_TRACEBACK = "Traceback (most recent call last):\n"


@dataclass(frozen=True)
class Failure:
    """A Spark error."""

    #: Spark's error conditions, such as "DIVIDE_BY_ZERO": the error's own, then those of its causes
    conditions: tuple[str, ...]
    message: str
    #: lines of the statement with markers below them, or the call that created the column
    locations: tuple[str, ...] = ()
    #: Python frames on a worker, formatted by Python, without the message; or ""
    traceback: str = ""


def failure_of(error: Any) -> Failure:
    """Return the parts of a PySpark or py4j error (hence Any), even if its driver has ended."""
    java = java_text(error)
    if not java:
        return Failure(tuple(_CONDITION.findall(str(error))), _CONDITION.sub("", str(error), count=1))
    head, *causes = (_PACKAGE.sub("", part.strip()) for part in _CAUSE.split(_without_stack(java)))
    text, _, rest = _BEFORE_CONDITION.sub("", head).partition("SQLSTATE: ")
    text, has_traceback, traceback = text.partition(_TRACEBACK)
    conditions = tuple(_CONDITION.findall(text))
    if has_traceback:
        frames, message = _split_traceback(traceback)
        return Failure(conditions, message, tuple(_locations(error, rest)), frames)
    new_causes = dict.fromkeys(cause for cause in causes if (cause.partition(": ")[2] or cause) not in head)
    message = "\n".join([_CONDITION.sub("", text, count=1).strip(), *(f"Caused by: {cause}" for cause in new_causes)])
    return Failure(conditions, message, tuple(_locations(error, rest)))


def java_text(error: Any) -> str:
    """Return an error's Java message and stack trace, or "" if it has none."""
    if hasattr(error, "_stackTrace"):
        return str(error._stackTrace)
    prefix = _PY4J_PREFIX.match(str(error))
    return str(error)[prefix.end() :] if prefix else ""


def _without_stack(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not _JAVA_LINE.match(line))


def _split_traceback(traceback: str) -> tuple[str, str]:
    """Return the frames of a traceback, and the error's class and message below them."""
    lines = traceback.rstrip().splitlines()
    last = max((i for i, line in enumerate(lines) if line.startswith("  ")), default=-1)
    return "\n".join(lines[: last + 1]), "\n".join(lines[last + 1 :])


def _locations(error: Any, rest: str) -> Iterator[str]:
    """Yield the locations of an error; without a driver, only the end of the message, `rest`, has any."""
    from py4j.protocol import Py4JError

    try:
        contexts = error.getQueryContext() if hasattr(error, "getQueryContext") else []
        locations = [_location(context) for context in contexts]
    except (AssertionError, NotebookError, Py4JError):  # the driver has ended, or was replaced
        locations = []
    yield from filter(None, locations or [rest[rest.find("== SQL") :].strip() if "== SQL" in rest else ""])


def _location(context: Any) -> str:
    if context.contextType().name == "SQL":
        return str(context.summary()).strip()
    site = str(context.callSite())
    # A frame inside Java, which created the column itself, means nothing to the user.
    return "" if site.startswith("java") else f"The column was created by `{context.fragment()}`: {site}"
