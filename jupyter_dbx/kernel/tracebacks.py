"""How a cell shows an error of Spark: the user's lines, what Spark says, and what to do about it.

IPython draws it as it draws every error. It is only given another one, with the same name, chain and notes, whose frames are
the user's and whose message is for people. What is left out is shown by `%jvm_stack`.
"""

from __future__ import annotations

import linecache
import os
import re
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from IPython.core.getipython import get_ipython

from jupyter_dbx.kernel.advice import advice_for
from jupyter_dbx.kernel.failure import Failure, failure_of, java_text

#: Packages whose frames are not the user's.
HIDDEN = ("pyspark", "py4j", "jupyter_dbx", "IPython", "ipykernel")

#: Where the rest is, in grey.
MORE = "\x1b[38;5;244mThe whole stack: %jvm_stack\x1b[0m"

#: Errors that led to one which are told of, count.
LONGEST_CHAIN = 20

#: A frame as Python prints it.
_FRAME = re.compile(r'  File "(.+)", line (\d+), in (.+)')

#: A line of a cell as PySpark tells it.
_CELL_LINE = re.compile(r"line (\d+) in cell \[(\d+)\]")


def render(error: BaseException) -> list[str]:
    """Return what IPython shows for an error of Spark; it becomes a method of their classes, `_render_traceback_`."""
    shell = get_ipython()
    shown = readable(error, shell)
    lines = shell.InteractiveTB.structured_traceback(type(shown), shown, shown.__traceback__, tb_offset=0)
    return [*lines, MORE]


def readable(error: BaseException, shell: Any) -> BaseException:
    """Return an error that reads well in place of one of Spark's; any other as it is."""
    if getattr(type(error), "_render_traceback_", None) is not render:
        return error
    kind: type[BaseException] = type(type(error).__name__, (Exception,), {})
    shown = kind(_message_of(failure_of(error), shell))
    shown.__traceback__ = _users_part(error.__traceback__)
    if error.__cause__ is not None:
        shown.__cause__ = readable(error.__cause__, shell)
    elif error.__context__ is not None and not error.__suppress_context__:
        shown.__context__ = readable(error.__context__, shell)
    if hasattr(error, "__notes__"):
        shown.__notes__ = error.__notes__
    return shown


def whole_stack(error: BaseException) -> str:
    """Return all that is known of an error: every frame of it and of the errors that led to it, and Java's stack."""
    java, parts = java_text(error), list[str]()
    earlier: BaseException | None = error
    while earlier is not None and len(parts) < LONGEST_CHAIN:
        parts.append("".join(traceback.format_exception(earlier, chain=False)).rstrip())
        earlier = earlier.__cause__ or earlier.__context__
    told = "\n\n".join(reversed(parts))
    return told if not java or java.strip() in told else f"{told}\n\nJava's stack:\n{java}"


def _message_of(failure: Failure, shell: Any) -> str:
    """Return what a failure says and what to do about it, in paragraphs."""
    name = f"[{failure.conditions[0]}] " if failure.conditions else ""
    places = [_CELL_LINE.sub(lambda found: _cell_line(found, shell), place) for place in failure.places]
    if failure.traceback:
        places.append("\n".join(["On a worker (most recent call last):", *_workers_lines(failure.traceback, shell)]))
    advice = advice_for(failure.conditions, "\n".join([failure.message, *failure.places]))
    return "\n\n".join([name + failure.message, *places, *([f"Hint: {advice}"] if advice else [])])


def _cell_line(found: re.Match[str], shell: Any) -> str:
    """Return IPython's words for a line of a cell. PySpark asks it for the next cell's number, since IPython 9."""
    ahead = shell.execution_count - len(shell.history_manager.input_hist_parsed) + 1
    return f"Cell In[{int(found[2]) - ahead}], line {found[1]}"


def _workers_lines(text: str, shell: Any) -> Iterator[str]:
    """Yield the lines of a worker's traceback with the user's frames only, and with the source where the worker had none."""
    is_user, source = True, ""
    for line in text.splitlines():
        frame = _FRAME.match(line)
        if frame:
            file, number, function = frame.groups()
            is_user, source = not file.startswith(_hidden_folders()), linecache.getline(file, int(number)).strip()
            if is_user:
                label = shell.compile.format_code_name(file) or ("File", file)
                yield f"  {' '.join(label)}, line {number}, in {function}"
                yield from [f"    {source}"] if source else []
        elif not line.startswith("    ") or (is_user and not source):
            yield line


def _users_part(tb: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the frames of PySpark and of ours."""
    frames = []
    while tb is not None:
        frame = tb.tb_frame
        is_hidden = frame.f_code.co_filename.startswith(_hidden_folders()) or frame.f_locals.get("__tracebackhide__")
        # PySpark makes up frames of what a worker says, in a module "?"; IPython shows other lines for them.
        if not is_hidden and frame.f_globals.get("__name__") != "?":
            frames.append(tb)
        tb = tb.tb_next
    part: TracebackType | None = None
    for tb in reversed(frames):
        part = TracebackType(part, tb.tb_frame, tb.tb_lasti, tb.tb_lineno)
    return part


def _hidden_folders() -> tuple[str, ...]:
    return tuple(os.path.dirname(sys.modules[name].__file__ or "") + os.sep for name in HIDDEN if name in sys.modules)
