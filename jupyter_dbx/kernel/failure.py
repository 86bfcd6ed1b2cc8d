"""Failure: what an error of Spark says, apart from what only Spark's developers read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from jupyter_dbx.kernel.errors import NotebookError

#: A line of Java's stack, and where a block of it begins.
_JAVA_LINE = re.compile(r"^\s*(at [\w.$/<>]+\(.*\)|\.\.\. \d+ more|Driver stacktrace:)\s*$")
_CAUSE = re.compile(r"^(?:Caused by|Suppressed): ", re.MULTILINE)

#: Java's class names before a message.
_CLASS_PREFIX = re.compile(r"^(?:[a-z]\w*\.)+([A-Z][\w$]*)(?:: |$)")

#: How Spark writes what it calls an error, and what the SQL standard does.
_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_]+(?:\.[A-Z0-9_]+)?)\] ")
_SQL_STATE = re.compile(r"\s*SQLSTATE: \w{5}")

#: Where Python's own traceback begins in what a task says.
_TRACEBACK = "Traceback (most recent call last):"


@dataclass(frozen=True)
class Failure:
    """What an error of Spark says."""

    #: Spark's name for it, such as "DIVIDE_BY_ZERO", or ""
    condition: str
    message: str
    #: where in the statement, or by which call: as Spark tells it, several lines each
    places: tuple[str, ...] = ()
    #: what Python said on a worker, from "Traceback" on, or ""
    traceback: str = ""
    #: all that Java says, with its stack, or ""
    java: str = ""


def failure_of(error: Any) -> Failure:
    """Return what an error of PySpark or of py4j (hence Any) says; also if its driver has ended since."""
    java = java_text(error)
    if not java:
        return Failure(error.getCondition() or "", _cleaned(error.getMessage()))
    told = _without_java(java)
    head, *causes = (_CLASS_PREFIX.sub(r"\1: ", part).strip() for part in _CAUSE.split(told))
    condition, message, places = _as_spark_says(error)
    if not message:
        news = [cause for cause in causes if (cause.partition(": ")[2] or cause) not in head]
        message = "\n".join([head, *(f"Caused by: {cause}" for cause in news)])
        found = _CONDITION.search(message)
        condition = found[1] if found else ""
    _, marker, traceback = head.partition(_TRACEBACK)
    if marker:
        traceback = marker + traceback
        message = _last_words(traceback)
    return Failure(condition, _cleaned(message), places, traceback, java)


def java_text(error: Any) -> str:
    """Return all that Java says of an error, with its stack, or "" if Java has no part in it."""
    if hasattr(error, "java_exception"):
        return str(error).partition("\n: ")[2] or str(error)
    return str(getattr(error, "_stackTrace", ""))


def _as_spark_says(error: Any) -> tuple[str, str, tuple[str, ...]]:
    """Return condition, message and places of an error with a condition; the driver is asked for them."""
    from py4j.protocol import Py4JError

    if not hasattr(error, "getQueryContext"):
        return "", "", ()
    try:
        condition = error.getCondition() or ""
        places = tuple(context.summary().strip() for context in error.getQueryContext())
        return condition, error.getMessage() if condition else "", tuple(filter(None, places))
    except (AssertionError, NotebookError, Py4JError):  # there is no driver any more, or another one
        return "", "", ()


def _without_java(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not _JAVA_LINE.match(line)).strip()


def _cleaned(message: str) -> str:
    """Return a message without what is told beside it: condition and SQL state."""
    return _SQL_STATE.sub("", _CONDITION.sub("", message, count=1)).strip()


def _last_words(traceback: str) -> str:
    """Return what stands below the frames of a traceback: the error's class and message."""
    lines = traceback.splitlines()
    last_frame = max((i for i, line in enumerate(lines) if line.startswith("  ")), default=0)
    return "\n".join(lines[last_frame + 1 :]).strip()
