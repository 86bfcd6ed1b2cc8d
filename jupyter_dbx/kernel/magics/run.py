"""`%run`: runs another notebook's cells in this notebook's scope."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from jupyter_dbx.kernel.arguments import Arguments
from jupyter_dbx.kernel.errors import NotebookError, NotebookExited
from jupyter_dbx.kernel.workspace.folders import Folders
from jupyter_dbx.runner.source import find_notebook, is_databricks_source, read_cells

#: Maximum nesting of notebooks that run each other, count: deeper nesting means a cycle.
MAX_DEPTH = 50

#: Methods of IPython's shell that print an error.
_ERROR_METHODS = ("showtraceback", "showsyntaxerror")

USAGE = 'Add a notebook: %run ./setup, or with arguments: %run ./setup $name="value"'

_PATH = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|(\S+))""")
_ARGUMENT = re.compile(r"""\s*\$(\w+)\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\S+)""")


@magics_class
class RunMagics(Magics):  # type: ignore[misc]  # mypy does not follow IPython here
    """The magic that runs another notebook."""

    def __init__(self, shell: Any, arguments: Arguments, folders: Folders) -> None:
        super().__init__(shell)
        self._arguments = arguments
        #: folders of the running notebooks, innermost last
        self._stack: list[Path] = []
        self._folders = folders
        self._plain_run = shell.find_line_magic("run")

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_magic  # type: ignore[untyped-decorator]
    def run(self, line: str) -> None:
        """Run another notebook in this one, which then has its variables, functions, imports and temporary views.

        `%run ./setup`, `%run ../tools/setup $mode="fast"`: the path is relative to the calling notebook, and the suffix is
        optional. It can be an `.ipynb` file, or a `.py`, `.sql` or `.scala` source file of Databricks. Arguments are the values
        of its widgets. IPython's own `%run` runs scripts: `.py` files whose first line does not mark them as notebooks, and
        files with an option before them (`%run -i script.py`).
        """
        __tracebackhide__ = True
        path, rest = _read_path(line)
        if path.startswith("-"):
            self._plain_run(line)
            return
        folder = self._stack[-1] if self._stack else Path.cwd()
        file = find_notebook(path, self._folders.candidates_for(path, folder))
        if path.endswith(".py") and not is_databricks_source(file):
            self._plain_run(line)
            return
        if len(self._stack) >= MAX_DEPTH:
            raise NotebookError(f"{path!r} runs itself, directly or through other notebooks ({MAX_DEPTH} levels deep).")
        arguments = _read_arguments(rest, self.shell.user_ns)
        with self._inside(file.parent), self._arguments.given(arguments):
            for cell in read_cells(file):
                error = self._error_of(cell)
                if isinstance(error, NotebookExited):
                    print(error)  # exits that notebook, not this one
                    return
                if error is not None:
                    raise error

    def _error_of(self, code: str) -> BaseException | None:
        """Run a cell; return its error, not yet shown, with only the cell's frames."""
        shell = self.shell
        with _errors_suppressed(shell):
            result = shell.run_cell(code, store_history=False)
        error: BaseException | None = result.error_before_exec or result.error_in_exec
        frames = error.__traceback__ if error is not None else None
        while frames is not None and frames.tb_frame.f_globals is not shell.user_global_ns:
            frames = frames.tb_next
        return error.with_traceback(frames) if error is not None else None

    @contextmanager
    def _inside(self, folder: Path) -> Iterator[None]:
        self._stack.append(folder)
        try:
            yield
        finally:
            self._stack.pop()


@contextmanager
def _errors_suppressed(shell: Any) -> Iterator[None]:
    """Suppress error output, because the calling cell shows the error."""
    before = {name: getattr(shell, name) for name in _ERROR_METHODS}
    for name in _ERROR_METHODS:
        setattr(shell, name, lambda *args, **kwargs: None)
    try:
        yield
    finally:
        for name, method in before.items():
            setattr(shell, name, method)


def _read_path(line: str) -> tuple[str, str]:
    found = _PATH.match(line)
    if found is None:
        raise UsageError(USAGE)
    return next(g for g in found.groups() if g is not None), line[found.end() :]


def _read_arguments(text: str, namespace: dict[str, Any]) -> dict[str, str]:
    """Return `$name=value` pairs; a value is a quoted string, a bare word, or `$variable` for a variable's value."""
    found, end = {}, 0
    while (match := _ARGUMENT.match(text, end)) is not None:
        name, value = match.groups()
        if value[0] in "\"'":
            value = str(ast.literal_eval(value))
        elif value[0] == "$":
            if value[1:] not in namespace:
                raise UsageError(f"There is no variable {value[1:]!r} for ${name}.")
            value = str(namespace[value[1:]])
        found[name] = value
        end = match.end()
    if text[end:].strip() and not text[end:].lstrip().startswith("#"):
        raise UsageError(f"Cannot read {text[end:].strip()!r}. {USAGE}")
    return found
