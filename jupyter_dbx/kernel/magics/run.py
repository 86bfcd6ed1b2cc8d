"""`%run`: another notebook's cells in this one's scope."""

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
from jupyter_dbx.kernel.folders import Folders
from jupyter_dbx.kernel.source import find_notebook, is_databricks_source, read_cells

#: How deep notebooks may run each other, count: more is a circle.
DEEPEST = 50

#: Methods of IPython's shell that show an error.
_SHOWERS = ("showtraceback", "showsyntaxerror")

USAGE = 'Write which notebook after it: %run ./setup, with arguments: %run ./setup $name="value"'

_PATH = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|(\S+))""")
_ARGUMENT = re.compile(r"""\s*\$(\w+)\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\S+)""")


@magics_class
class RunMagics(Magics):  # type: ignore[misc]  # IPython is not followed by mypy here
    """Notebooks that run notebooks."""

    def __init__(self, shell: Any, arguments: Arguments, folders: Folders) -> None:
        super().__init__(shell)
        self._arguments = arguments
        #: folders of the notebooks that run each other now, innermost last
        self._inside_of: list[Path] = []
        self._folders = folders
        self._plain_run = shell.find_line_magic("run")

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_magic  # type: ignore[untyped-decorator]
    def run(self, line: str) -> None:
        """Run another notebook here: its variables, functions, imports and temporary views are then this notebook's.

        `%run ./setup`, `%run ../tools/setup $mode="fast"`: the path is relative to the notebook that says it, the suffix may be
        missing; `.ipynb` and `.py`, `.sql`, `.scala` sources of Databricks. Arguments are its widgets' values.
        A script is run as IPython does: a path that ends in `.py` and whose first line does not say that it is a notebook, or
        one with an option before it (`%run -i script.py`).
        """
        __tracebackhide__ = True
        path, rest = _read_path(line)
        if path.startswith("-"):
            self._plain_run(line)
            return
        file = find_notebook(path, self._inside_of[-1] if self._inside_of else Path.cwd(), self._folders)
        if path.endswith(".py") and not is_databricks_source(file):
            self._plain_run(line)
            return
        if len(self._inside_of) >= DEEPEST:
            raise NotebookError(f"{path!r} runs itself, perhaps by way of others: {DEEPEST} notebooks deep.")
        arguments = _read_arguments(rest, self.shell.user_ns)
        with self._inside(file.parent), self._arguments.given(arguments):
            for cell in read_cells(file):
                error = self._error_of(cell)
                if isinstance(error, NotebookExited):
                    print(error)  # which ends that notebook, and not this one
                    return
                if error is not None:
                    raise error

    def _error_of(self, code: str) -> BaseException | None:
        """Run a cell; return what it raised, which is still to be shown, with the frames of the cell alone."""
        shell = self.shell
        with _showing_no_errors(shell):
            result = shell.run_cell(code, store_history=False)
        error: BaseException | None = result.error_before_exec or result.error_in_exec
        frames = error.__traceback__ if error is not None else None
        while frames is not None and frames.tb_frame.f_globals is not shell.user_global_ns:
            frames = frames.tb_next
        return error.with_traceback(frames) if error is not None else None

    @contextmanager
    def _inside(self, folder: Path) -> Iterator[None]:
        self._inside_of.append(folder)
        try:
            yield
        finally:
            self._inside_of.pop()


@contextmanager
def _showing_no_errors(shell: Any) -> Iterator[None]:
    """Leave errors to whoever runs the notebook: they would be shown here, and there again."""
    before = {name: getattr(shell, name) for name in _SHOWERS}
    for name in _SHOWERS:
        setattr(shell, name, lambda *args, **kwargs: None)
    try:
        yield
    finally:
        for name, shower in before.items():
            setattr(shell, name, shower)


def _read_path(line: str) -> tuple[str, str]:
    found = _PATH.match(line)
    if found is None:
        raise UsageError(USAGE)
    return next(g for g in found.groups() if g is not None), line[found.end() :]


def _read_arguments(text: str, namespace: dict[str, Any]) -> dict[str, str]:
    """Return `$name=value` pairs; a value is quoted, a bare word, or `$other`, which is a variable's value."""
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
        raise UsageError(f"What does {text[end:].strip()!r} mean? {USAGE}")
    return found
