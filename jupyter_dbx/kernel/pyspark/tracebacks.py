"""Renders a Spark error in a cell: the user's lines, Spark's message, and advice.

IPython formats it like any error. It receives a substitute with the same name, chain and notes, but with only the user's frames
and a readable message. `%jvm_stack` shows the rest.
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

from jupyter_dbx.kernel.pyspark.advice import advice_for
from jupyter_dbx.kernel.pyspark.failure import Failure, failure_of, java_text
from jupyter_dbx.kernel.workspace.rights import hint_on_rights
from jupyter_dbx.kernel.workspace.whereabouts import hint_on

#: Packages whose frames are hidden.
HIDDEN = ("pyspark", "py4j", "jupyter_dbx", "IPython", "ipykernel")

#: Pointer to the full stack trace, in grey.
MORE = "\x1b[38;5;244mFull stack trace: %jvm_stack\x1b[0m"

#: Maximum number of chained errors printed, count.
MAX_CHAIN = 20

#: A frame in a printed traceback.
_FRAME = re.compile(r'  File "(.+)", line (\d+), in (.+)')

#: What IPython makes of `%sql`: Spark's message has the statement itself.
_SQL_CALL = re.compile(r"get_ipython\(\)\.run_(line|cell)_magic\('sql(_result)?',")

#: PySpark's reference to a line of a cell.
_CELL_LINE = re.compile(r"line (\d+) in cell \[(\d+)\]")


def render(error: BaseException) -> list[str]:
    """Return IPython's output for a Spark error; installed as the method `_render_traceback_` of Spark's error classes."""
    shell = get_ipython()
    shown = readable(error, shell)
    lines = shell.InteractiveTB.structured_traceback(type(shown), shown, shown.__traceback__, tb_offset=0)
    return [*lines, MORE]


def readable(error: BaseException, shell: Any) -> BaseException:
    """Return a readable substitute for a Spark error; any other error is returned unchanged."""
    if getattr(type(error), "_render_traceback_", None) is not render:
        return error
    kind: type[BaseException] = type(type(error).__name__, (Exception,), {})
    shown = kind(_message_of(failure_of(error), shell))
    shown.__traceback__ = _user_frames(error.__traceback__)
    if error.__cause__ is not None:
        shown.__cause__ = readable(error.__cause__, shell)
    elif error.__context__ is not None and not error.__suppress_context__:
        shown.__context__ = readable(error.__context__, shell)
    if hasattr(error, "__notes__"):
        shown.__notes__ = error.__notes__
    return shown


def whole_stack(error: BaseException) -> str:
    """Return every frame of an error and of the errors it is chained to, and Java's stack trace."""
    java, parts = java_text(error), list[str]()
    earlier: BaseException | None = error
    while earlier is not None and len(parts) < MAX_CHAIN:
        parts.append("".join(traceback.format_exception(earlier, chain=False)).rstrip())
        earlier = earlier.__cause__ or earlier.__context__
    text = "\n\n".join(reversed(parts))
    return text if not java or java.strip() in text else f"{text}\n\nJava stack trace:\n{java}"


def _message_of(failure: Failure, shell: Any) -> str:
    """Return a failure's message, locations and advice, in paragraphs."""
    name = f"[{failure.conditions[0]}] " if failure.conditions else ""
    locations = [_CELL_LINE.sub(lambda found: _cell_line(found, shell), text) for text in failure.locations]
    if failure.traceback:
        lines = list(_worker_lines(failure.traceback, shell))
        if any(line.startswith("  ") for line in lines):  # otherwise all of them are Spark's
            locations.append("\n".join(["On a worker (most recent call last):", *lines]))
    text = "\n".join([failure.message, *failure.locations])
    advice = _hint_on_files(failure, name + text, shell) or advice_for(failure.conditions, text)
    return "\n\n".join([name + failure.message, *locations, *([f"Hint: {advice}"] if advice else [])])


def _hint_on_files(failure: Failure, text: str, shell: Any) -> str:
    """Return where a missing file is, or which right Spark lacks, or ""."""
    session = getattr(getattr(shell, "kernel", None), "spark_session", None)
    if session is None:
        return ""
    is_missing = any(condition.startswith("PATH_NOT_FOUND") for condition in failure.conditions)
    whereabouts = hint_on(text, session.notebook.folders) if is_missing else ""
    return whereabouts or (hint_on_rights(text, session.driver_user) if session.driver_user else "")


def _cell_line(found: re.Match[str], shell: Any) -> str:
    """Return a cell's line in IPython's format. Since IPython 9, the number that PySpark gives is that of the next cell."""
    ahead = shell.execution_count - len(shell.history_manager.input_hist_parsed) + 1
    return f"Cell In[{int(found[2]) - ahead}], line {found[1]}"


def _worker_lines(text: str, shell: Any) -> Iterator[str]:
    """Yield the lines of a worker's traceback with only the user's frames, and with source lines that the worker lacked."""
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


def _user_frames(tb: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the frames of HIDDEN packages."""
    frames = []
    while tb is not None:
        frame = tb.tb_frame
        file = frame.f_code.co_filename
        is_hidden = file.startswith(_hidden_folders()) or frame.f_locals.get("__tracebackhide__")
        is_hidden = is_hidden or _SQL_CALL.search(linecache.getline(file, tb.tb_lineno))
        # PySpark fabricates frames for a worker's error, in a module "?"; IPython would show unrelated lines for them.
        if not is_hidden and frame.f_globals.get("__name__") != "?":
            frames.append(tb)
        tb = tb.tb_next
    part: TracebackType | None = None
    for tb in reversed(frames):
        part = TracebackType(part, tb.tb_frame, tb.tb_lasti, tb.tb_lineno)
    return part


def _hidden_folders() -> tuple[str, ...]:
    return tuple(os.path.dirname(sys.modules[name].__file__ or "") + os.sep for name in HIDDEN if name in sys.modules)
