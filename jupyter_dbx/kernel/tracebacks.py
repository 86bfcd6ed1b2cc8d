"""How a cell shows an error of Spark: the user's lines, what Spark says, and what to do about it.

IPython draws it as it draws every error. It is only given another one, with the same name, chain and notes, whose frames are
the user's and whose message is for people. What is left out is shown by `%jvm_stack`.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

from IPython.core.getipython import get_ipython

from jupyter_dbx.kernel.advice import advice_for
from jupyter_dbx.kernel.failure import Failure, failure_of, java_text

#: Packages whose frames are not the user's.
HIDDEN = ("pyspark", "py4j", "jupyter_dbx", "IPython", "ipykernel")

#: Where the rest is, in grey.
MORE = "\x1b[38;5;244mThe whole stack: %jvm_stack\x1b[0m"


def render(error: BaseException) -> list[str]:
    """Return what IPython shows for an error of Spark; it becomes a method of their classes, `_render_traceback_`."""
    shown = readable(error)
    show = get_ipython().InteractiveTB.structured_traceback
    return [*show(type(shown), shown, shown.__traceback__, tb_offset=0), MORE]


def readable(error: BaseException) -> BaseException:
    """Return an error that reads well in place of one of Spark's; any other as it is."""
    if getattr(type(error), "_render_traceback_", None) is not render:
        return error
    failure = failure_of(error)
    kind: type[BaseException] = type(type(error).__name__, (Exception,), {})
    shown = kind(message_of(failure))
    shown.__traceback__ = _users_part(error, failure)
    if error.__cause__ is not None:
        shown.__cause__ = readable(error.__cause__)
    elif error.__context__ is not None and not error.__suppress_context__:
        shown.__context__ = readable(error.__context__)
    if hasattr(error, "__notes__"):
        shown.__notes__ = error.__notes__
    return shown


def message_of(failure: Failure) -> str:
    """Return what a failure says and what to do about it: paragraphs, the first of which begins with Spark's name for it."""
    name = f"[{failure.condition}] " if failure.condition else ""
    advice = advice_for(failure.condition, failure.message)
    return "\n\n".join([name + failure.message, *failure.places, *([f"Hint: {advice}"] if advice else [])])


def whole_stack(error: BaseException) -> str:
    """Return all that is known of an error: Python's traceback with every frame, and Java's stack."""
    python = "".join(traceback.format_exception(error)).rstrip()
    java = java_text(error)
    return python if not java or java in python else f"{python}\n\nJava's stack:\n{java}"


def _users_part(error: BaseException, failure: Failure) -> TracebackType | None:
    """Return the traceback without the frames of PySpark and of ours, and with those of the function that failed on a worker."""
    frames = [*_frames_of(error.__traceback__), *_frames_of(_workers_part(error, failure))]
    hidden = tuple(os.path.dirname(sys.modules[name].__file__ or "") + os.sep for name in HIDDEN if name in sys.modules)
    part: TracebackType | None = None
    for frame, instruction, line in reversed(frames):
        is_hidden = frame.f_code.co_filename.startswith(hidden) or frame.f_locals.get("__tracebackhide__")
        if not is_hidden:
            part = TracebackType(part, frame, instruction, line)
    return part


def _frames_of(tb: TracebackType | None) -> Iterator[tuple[FrameType, int, int]]:
    while tb is not None:
        yield tb.tb_frame, tb.tb_lasti, tb.tb_lineno
        tb = tb.tb_next


def _workers_part(error: Any, failure: Failure) -> TracebackType | None:
    """Return a traceback made of what a worker wrote; PySpark makes it itself for the errors that it converts."""
    if not failure.traceback or not hasattr(error, "java_exception"):
        return None
    from pyspark.errors.exceptions import base

    recover = getattr(base, "recover_python_exception", None)  # since PySpark 4.1
    return recover(Exception(failure.traceback)).__traceback__ if recover else None
