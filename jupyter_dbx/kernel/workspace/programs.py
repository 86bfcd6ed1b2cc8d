"""Lets programs that the notebook starts use the workspace's folders: `subprocess`, `os.system`, `!command`, `%%bash`.

Programs see only the machine's folders, so paths in their arguments and scripts are translated, as in `%sh`.
"""

from __future__ import annotations

import functools
import os
import subprocess
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from ipykernel import zmqshell
from IPython.core.magics.script import ScriptMagics

from jupyter_dbx.kernel.workspace.folders import Folders

#: Programs that run a script, given as the argument after `-c`, or on stdin.
SHELLS = ("sh", "bash", "dash", "ksh", "zsh")


def install(folders: Folders) -> None:
    """Translate the arguments of programs that start from now on."""
    plain_init, plain_system, plain_shebang = subprocess.Popen.__init__, os.system, ScriptMagics.shebang
    plain_command = zmqshell.system

    @functools.wraps(plain_init)
    def init(self: Any, args: Any, *rest: Any, **options: Any) -> None:
        if "cwd" in options:
            options["cwd"] = folders.on_machine(options["cwd"])
        plain_init(self, translated(args, folders), *rest, **options)

    @functools.wraps(plain_shebang)
    def shebang(self: Any, line: str, cell: str) -> Any:
        is_shell = any(PurePath(word).name in SHELLS for word in line.split())
        return plain_shebang(self, line, folders.in_script(cell) if is_shell else cell)

    subprocess.Popen.__init__ = init  # type: ignore[method-assign]
    os.system = functools.wraps(plain_system)(lambda command: plain_system(translated(command, folders)))
    zmqshell.system = functools.wraps(plain_command)(lambda command: plain_command(translated(command, folders)))
    ScriptMagics.shebang = shebang


def translated(args: Any, folders: Folders) -> Any:
    """Return a program's arguments, or a shell's command, with paths as the machine knows them."""
    if isinstance(args, str):
        return folders.in_script(args)
    if not isinstance(args, Sequence) or isinstance(args, bytes):
        return args
    words = [_word(word, folders) for word in args]
    if words and PurePath(os.fsdecode(words[0])).name in SHELLS and "-c" in words[:-1]:
        script = words.index("-c") + 1
        words[script] = folders.in_script(words[script]) if isinstance(words[script], str) else words[script]
    return words


def _word(word: Any, folders: Folders) -> Any:
    """Return one argument; the value of an option such as `--file=/dbfs/x` can be a path, too."""
    option, equals, value = word.partition("=") if isinstance(word, str) and word.startswith("-") else ("", "", word)
    return f"{option}{equals}{folders.on_machine(value)}" if equals else folders.on_machine(word)
