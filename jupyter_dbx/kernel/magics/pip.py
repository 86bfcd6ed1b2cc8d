"""`%pip`: notebook-scoped packages."""

from __future__ import annotations

import ast
import glob
import os
import re
import shlex
from collections.abc import Iterator
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class

from jupyter_dbx.kernel.workspace.environment import Environment
from jupyter_dbx.kernel.workspace.folders import Folders

#: The arguments in a line, up to a comment or an operator of the shell; `>=` is a part of a requirement.
_ARGUMENTS = re.compile(
    r"""(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\#]|(?<=\S)\#|\s+(?!\#|(?:[12&]?>|\||&&|;\s)(?!=)))*""", re.DOTALL
)

#: A long option and its `=`, in front of a path.
_OPTION = re.compile(r"(--[\w-]+=)?(.*)", re.DOTALL)

#: `!pip install …`, which would change the environment of Jupyter.
_PIP_IN_SHELL = re.compile(r"\s*(?:(?:python3?|\{sys\.executable\})\s+-m\s+)?pip3?\s+((?:un)?install\s[^;&|]*)")


@magics_class
class PipMagics(Magics):  # type: ignore[misc]  # mypy does not follow IPython here
    """Magics for notebook-scoped packages."""

    def __init__(self, shell: Any, environment: Environment, folders: Folders) -> None:
        super().__init__(shell)
        self._environment, self._folders = environment, folders

    @line_magic  # type: ignore[untyped-decorator]
    def pip(self, line: str) -> None:
        """Install packages for this notebook only, in the kernel and on its Python workers: `%pip install -U NAME`.

        They are removed when the notebook detaches; `%pip uninstall NAME` removes one, and restores the kernel's version of it.
        `list`, `show` and `freeze` also work. The line is read as in a shell: `~`, `*.whl`, `$NAME`, `> file`, `# comment`;
        `{name}` and `$name` are Python variables. PySpark stays at the cluster's version.
        """
        __tracebackhide__ = True
        words, then = read_line(line, self._folders)
        if not words:
            raise UsageError("Add a pip command: %pip install NAME")
        if "uninstall" in words:
            words.insert(words.index("uninstall") + 1, "--yes")
        try:
            self._environment.pip(words, then)
        finally:
            self.shell.kernel.spark_session.refresh_module_path()

    @line_magic  # type: ignore[untyped-decorator]
    def uv(self, line: str) -> None:
        """Install packages, like `%pip`: `%uv pip install NAME`."""
        __tracebackhide__ = True
        self.pip(line.strip().removeprefix("pip"))


def read_line(line: str, folders: Folders) -> tuple[list[str], str]:
    """Return the arguments of pip in a line, as a shell passes them, and the rest from the first operator of the shell.

    Raises
    ------
    UsageError : a quotation is not closed
    """
    found = _ARGUMENTS.match(line)
    arguments = found[0] if found else ""
    then = line[len(arguments) :]
    try:
        words = shlex.split(arguments if not then or then[0] in "# \t\n" else line)
    except ValueError as error:
        raise UsageError(f"%pip cannot read the line: {error}.") from None
    then = "" if then.lstrip().startswith("#") else folders.in_script(then.strip())
    return [path for word in words for path in _expand(word, folders)], then


def _expand(word: str, folders: Folders) -> Iterator[str]:
    """Yield a word, with the paths in it as the machine knows them; a pattern yields the files that it matches."""
    found = _OPTION.fullmatch(os.path.expandvars(word))
    assert found is not None  # it matches any text
    option, path = found[1] or "", os.path.expanduser(found[2])
    path = re.sub(r"\Adbfs:/+(?=Volumes/)", "/", path)
    path = folders.on_machine(re.sub(r"\Adbfs:/+", "/dbfs/", path))
    files = sorted(glob.glob(path)) if re.search("[*?]", path) else []
    yield from (f"{option}{file}" for file in files or [path])


class PipInShell(ast.NodeTransformer):
    """Makes `!pip install …` install for the notebook, as `%pip` does."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Return the call that IPython has made of such a line with `%pip` in place of the shell."""
        match node:
            case ast.Call(func=ast.Attribute(attr="system") as function, args=[ast.Constant(str() as command)]):
                if found := _PIP_IN_SHELL.fullmatch(command):
                    function.attr = "run_line_magic"
                    node.args = [ast.copy_location(ast.Constant(text), node) for text in ("pip", found[1])]
        self.generic_visit(node)
        return node
