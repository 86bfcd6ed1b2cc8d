"""Cells that are not Python: `%md`, `%sh`, `%fs`, `%skip`."""

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
from jupyter_dbx.kernel.languages.shell import run_program
from jupyter_dbx.kernel.workspace.folders import Folders


class ShellFailed(NotebookError):
    """A script of `%sh -e` exited with a code other than 0."""


@magics_class
class CellMagics(Magics):  # type: ignore[misc]  # mypy does not follow IPython here
    """Magics for whole cells in other languages."""

    def __init__(self, shell: Any, dbutils: DBUtils, folders: Folders) -> None:
        super().__init__(shell)
        self._dbutils, self._folders = dbutils, folders

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def md(self, line: str, cell: str | None = None) -> None:
        """Render the cell as Markdown."""
        ipython_display(Markdown(line if cell is None else f"{line}\n{cell}".lstrip("\n")))

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def md_sandbox(self, line: str, cell: str | None = None) -> None:
        """Render the cell as Markdown, like `%md`."""
        self.md(line, cell)

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def skip(self, line: str, cell: str | None = None) -> None:
        """Skip this cell."""

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def sh(self, line: str, cell: str | None = None) -> None:
        """Run the cell as a Bash script in the notebook's folder; with `-e`, an error ends the script and fails the cell.

        The exit code is stored in `_exit_code`. The script can use `/Volumes/…`, `/Workspace/…` and `/dbfs/…`.
        """
        __tracebackhide__ = True
        option, _, rest = line.strip().partition(" ")
        fails_on_error = option == "-e"
        first_line = rest if fails_on_error else line
        script = self._folders.in_script(first_line if cell is None else f"{first_line}\n{cell}")
        if not script.strip():
            raise UsageError("Add a script: %sh ls")
        code = run_program(["bash", *(["-e"] if fails_on_error else []), "-c", script])
        self.shell.user_ns["_exit_code"] = code
        if code and fails_on_error:
            raise ShellFailed(f"The script exited with code {code}.")
        if code:
            print(f"exit code {code}", file=sys.stderr)

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_cell_magic  # type: ignore[untyped-decorator]
    def fs(self, line: str, cell: str | None = None) -> None:
        """Run `dbutils.fs` commands, one per line: `%fs ls /Volumes/a/b/c`, `%fs rm -r dbfs:/tmp/x`, `%fs head /a.csv`."""
        __tracebackhide__ = True
        commands = [c for c in (line if cell is None else f"{line}\n{cell}").splitlines() if c.strip()]
        if not commands:
            raise UsageError("Add a command: %fs ls dbfs:/")
        for command in commands:
            result = self._execute(command)
            if isinstance(result, list):
                display(result)
            elif result is not None:
                print(result)

    def _execute(self, command: str) -> Any:
        name, *words = shlex.split(command)
        if name == "help":
            return self._dbutils.fs.help(*words[:1])
        method = getattr(self._dbutils.fs, name, None)
        if name.startswith("_") or not callable(method):
            raise UsageError(f"There is no command {name!r}. %fs help lists the commands.")
        parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
        parser.add_argument("-r", "--recurse", action="store_true", default=None)
        parser.add_argument("words", nargs="*")
        given, unknown = parser.parse_known_args(words)
        flags = {"recurse": True} if given.recurse else {}
        try:
            return method(*map(_value_of, given.words), *unknown, **flags)
        except TypeError as error:
            raise UsageError(f"{str(error).partition(') ')[2] or error}. %fs help {name} describes its use.") from None


def _value_of(word: str) -> Any:
    """Return a word as a Python value."""
    return {"true": True, "false": False}.get(word.lower(), int(word) if word.isdigit() else word)
