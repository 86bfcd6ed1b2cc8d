"""Failure: what an error of Spark says, apart from what only Spark's developers read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jupyter_dbx.kernel.errors import NotebookError

#: How py4j begins when it hands on what Java says.
_HANDED_ON = re.compile(r"An error occurred while calling .*?(?:\n: | Trace:\n)", re.DOTALL)

#: A line of Java's stack, and where the next exception begins.
_JAVA_LINE = re.compile(r"\s*(at [\w.$/<>]+\(.*\)|\.\.\. \d+ (more|common frames omitted)|Driver stacktrace:)\s*$")
_CAUSE = re.compile(r"^(?:Caused by|Suppressed): ", re.MULTILINE)

#: The package before the name of an exception of Java; the name is kept.
_PACKAGE = re.compile(r"^(?:[a-z]\w*\.)+(?=[A-Z])")

#: Spark's name for an error, where it has one: before the message, after the name of Java's exception.
_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_]+(?:\.[A-Z0-9_]+)?)\] ")
_BEFORE_CONDITION = re.compile(r"^[A-Z]\w*:\s+(?=\[[A-Z])")

#: Where Python's own traceback begins in what a worker says.
_TRACEBACK = "Traceback (most recent call last):\n"


@dataclass(frozen=True)
class Failure:
    """What an error of Spark says."""

    #: Spark's names for it and for what is behind it, such as "DIVIDE_BY_ZERO"; the first is its own
    conditions: tuple[str, ...]
    message: str
    #: where it is: lines of the statement with marks below them, or the call that made the column
    places: tuple[str, ...] = ()
    #: Python's frames on a worker as Python prints them, without what the message has, or ""
    traceback: str = ""


def failure_of(error: Any) -> Failure:
    """Return what an error of PySpark or of py4j (hence Any) says; also if its driver has ended since."""
    java = java_text(error)
    if not java:
        return Failure(tuple(_CONDITION.findall(str(error))), _CONDITION.sub("", str(error), count=1))
    head, *causes = (_PACKAGE.sub("", part.strip()) for part in _CAUSE.split(_without_stack(java)))
    told, _, rest = _BEFORE_CONDITION.sub("", head).partition("SQLSTATE: ")
    told, has_traceback, traceback = told.partition(_TRACEBACK)
    conditions = tuple(_CONDITION.findall(told))
    if has_traceback:
        frames, message = _parts_of(traceback)
        return Failure(conditions, message, tuple(_places(error, rest)), frames)
    news = dict.fromkeys(cause for cause in causes if (cause.partition(": ")[2] or cause) not in head)
    message = "\n".join([_CONDITION.sub("", told, count=1).strip(), *(f"Caused by: {cause}" for cause in news)])
    return Failure(conditions, message, tuple(_places(error, rest)))


def java_text(error: Any) -> str:
    """Return all that Java says of an error, with its stack, or "" if it says nothing."""
    if hasattr(error, "_stackTrace"):
        return str(error._stackTrace)
    handed_on = _HANDED_ON.match(str(error))
    return str(error)[handed_on.end() :] if handed_on else ""


def _without_stack(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not _JAVA_LINE.match(line))


def _parts_of(traceback: str) -> tuple[str, str]:
    """Return the frames of a traceback and what stands below them: class and message of the error."""
    lines = traceback.rstrip().splitlines()
    last = max((i for i, line in enumerate(lines) if line.startswith("  ")), default=-1)
    return "\n".join(lines[: last + 1]), "\n".join(lines[last + 1 :])


def _places(error: Any, rest: str) -> Iterator[str]:
    """Yield where the error is; `rest` is what the message says of that, which is all there is without a driver."""
    from py4j.protocol import Py4JError

    try:
        contexts = error.getQueryContext() if hasattr(error, "getQueryContext") else []
        places = [_place(context) for context in contexts]
    except (AssertionError, NotebookError, Py4JError):  # there is no driver any more, or another one
        places = []
    yield from filter(None, places or [rest[rest.find("== SQL") :].strip() if "== SQL" in rest else ""])


def _place(context: Any) -> str:
    if context.contextType().name == "SQL":
        return str(context.summary()).strip()
    site = str(context.callSite())
    # Where Java itself made the column, its frame tells nothing.
    return "" if site.startswith("java") else f"The column was made by `{context.fragment()}`: {site}"
