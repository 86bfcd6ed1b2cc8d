"""`%pip`: packages for this notebook alone."""

from __future__ import annotations

import shlex
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand

from jupyter_dbx.kernel.environment import Environment
from jupyter_dbx.kernel.folders import Folders


@magics_class
class PipMagics(Magics):  # type: ignore[misc]  # IPython is not followed by mypy here
    """Packages of one notebook."""

    def __init__(self, shell: Any, environment: Environment, folders: Folders) -> None:
        super().__init__(shell)
        self._environment, self._folders = environment, folders

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_magic  # type: ignore[untyped-decorator]
    def pip(self, line: str) -> None:
        """Install packages for this notebook alone, here and for its Python workers: `%pip install -U NAME`.

        They are gone when the notebook detaches. `list`, `show`, `freeze` and `uninstall` work, too.
        """
        __tracebackhide__ = True
        arguments = [self._folders.on_machine(word) for word in shlex.split(line, comments=True)]
        if not arguments:
            raise UsageError("Write what pip is to do: %pip install NAME")
        if arguments[0] == "uninstall":
            arguments.insert(1, "--yes")
        self._environment.pip(arguments)
        self.shell.kernel.spark_session.tell_packages()

    @no_var_expand  # type: ignore[untyped-decorator]
    @line_magic  # type: ignore[untyped-decorator]
    def uv(self, line: str) -> None:
        """Do what `%pip` does: `%uv pip install NAME`."""
        __tracebackhide__ = True
        self.pip(line.strip().removeprefix("pip"))
