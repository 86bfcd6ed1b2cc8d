"""Cells that are no Python: `%md`, `%sh`, `%fs`, `%skip`."""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.display import Markdown
from IPython.display import display as ipython_display

from jupyter_dbx.kernel.dbutils.dbutils import DBUtils
from jupyter_dbx.kernel.display import display
from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.folders import Folders
from jupyter_dbx.kernel.programs import run_program


class ShellFailed(NotebookError):
    """A script of `%sh -e` ended with an exit code other than 0."""


@magics_class
class CellMagics(Magics):  # type: ignore[misc]  # IPython is not followed by mypy here
    """What the first line of a cell may say it is."""

    def __init__(self, shell: Any, dbutils: DBUtils, folders: Folders) -> None:
        super().__init__(shell)
        self._dbutils, self._folders = dbutils, folders

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def md(self, line: str, cell: str | None = None) -> None:
        """Show the cell as Markdown."""
        ipython_display(Markdown(line if cell is None else f"{line}\n{cell}".lstrip("\n")))

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def md_sandbox(self, line: str, cell: str | None = None) -> None:
        """Show the cell as Markdown, as `%md` does."""
        self.md(line, cell)

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def skip(self, line: str, cell: str | None = None) -> None:
        """Do nothing with this cell."""

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def sh(self, line: str, cell: str | None = None) -> None:
        """Run the cell as a script of bash in the notebook's folder; with `-e`, an error ends it and is the cell's own.

        Its exit code is then in `_exit_code`. `/Volumes/…`, `/Workspace/…` and `/dbfs/…` in it are the workspace's.
        """
        __tracebackhide__ = True
        first, _, rest = line.strip().partition(" ")
        ends_at_error = first == "-e"
        begin = rest if ends_at_error else line
        script = self._folders.in_script(begin if cell is None else f"{begin}\n{cell}")
        if not script.strip():
            raise UsageError("Write a script after it: %sh ls")
        code = run_program(["bash", *(["-e"] if ends_at_error else []), "-c", script])
        self.shell.user_ns["_exit_code"] = code
        if code and ends_at_error:
            raise ShellFailed(f"The script ended with exit code {code}.")
        if code:
            print(f"exit code {code}", file=sys.stderr)

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def fs(self, line: str, cell: str | None = None) -> None:
        """Do what `dbutils.fs` does: `%fs ls /Volumes/a/b/c`, `%fs rm -r dbfs:/tmp/x`, `%fs head /a.csv`, a line each."""
        __tracebackhide__ = True
        commands = [c for c in (line if cell is None else f"{line}\n{cell}").splitlines() if c.strip()]
        if not commands:
            raise UsageError("Write a command after it: %fs ls dbfs:/")
        for command in commands:
            result = self._do(command)
            if isinstance(result, list):
                display(result)
            elif result is not None:
                print(result)

    def _do(self, command: str) -> Any:
        name, *words = shlex.split(command)
        if name == "help":
            return self._dbutils.fs.help(*words[:1])
        method = getattr(self._dbutils.fs, name, None)
        if name.startswith("_") or not callable(method):
            raise UsageError(f"There is no command {name!r}: %fs help lists them.")
        parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
        parser.add_argument("-r", "--recurse", action="store_true", default=None)
        parser.add_argument("words", nargs="*")
        given, unknown = parser.parse_known_args(words)
        flags = {"recurse": True} if given.recurse else {}
        try:
            return method(*map(_value_of, given.words), *unknown, **flags)
        except TypeError as error:
            raise UsageError(
                f"{str(error).partition(') ')[2] or error}: %fs help {name} tells how it is used."
            ) from None


def _value_of(word: str) -> Any:
    """Return what a word means in Python."""
    return {"true": True, "false": False}.get(word.lower(), int(word) if word.isdigit() else word)
