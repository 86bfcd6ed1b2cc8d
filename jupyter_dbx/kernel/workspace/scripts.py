"""Replaces the names of folders in shell scripts, where the shell would read them as paths.

A path counts at the start of a word, of a quoted word, or of an option's or variable's value. Everything else stays as it is:
text inside of quotes, `${…}`, comments and here-documents, which may be meant for other programs.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping

#: The start of a here-document: its operator and delimiter.
_HEREDOC = re.compile(r"(?<!<)<<(?!<)-?[ \t]*['\"\\]?([A-Za-z_]\w*)['\"]?")


def replace_folders(script: str, folders: Mapping[str, str]) -> str:
    """Return a script with the names of folders replaced.

    Parameters
    ----------
    folders : name, e.g. "/dbfs" → folder on this machine
    """
    if not any(name in script for name in folders):
        return script
    return _Scan(script, folders).run()


class _Scan:
    """One pass over a script."""

    def __init__(self, script: str, folders: Mapping[str, str]) -> None:
        self._script, self._folders = script, folders
        longest_first = "|".join(re.escape(name) for name in sorted(folders, key=len, reverse=True))
        self._name = re.compile(rf"({longest_first})(?![\w.-])")
        self._at = 0
        self._out: list[str] = []
        #: delimiters of the here-documents that begin after this line
        self._heredocs: list[str] = []

    def run(self) -> str:
        while self._at < len(self._script):
            self._commands()
        return "".join(self._out)

    def _commands(self) -> None:
        """Copy commands up to the end of the script, or to an unmatched `)`, which is copied, too."""
        depth, is_start, is_assignment = 0, True, False
        while self._at < len(self._script):
            char = self._script[self._at]
            if char == "#" and (self._at == 0 or self._script[self._at - 1] in " \t\n;"):
                self._copy_match(r"[^\n]*")
            elif heredoc := _HEREDOC.match(self._script, self._at):
                self._heredocs.append(heredoc[1])
                self._copy(len(heredoc[0]))
            elif self._copy_expansion() or (is_start and self._replace(shlex.quote)):
                is_start = False
            elif char == "'":
                self._single_quoted(is_start)
                is_start = False
            elif char == '"':
                self._double_quoted(is_start)
                is_start = False
            else:
                self._copy(2 if char == "\\" else 1)
                depth += (char == "(") - (char == ")")
                if depth < 0:
                    return
                ends_word = char in " \t\n;|&()<>`"
                is_assignment = not ends_word and (is_assignment or char == "=")
                is_start = ends_word or char in "=,{@" or (char == ":" and is_assignment)
            if char == "\n":
                self._skip_heredocs()

    def _copy_expansion(self) -> bool:
        """Copy `${…}`, or a command substitution, whose paths are replaced; return whether there was one."""
        if self._script.startswith("${", self._at):
            depth = 0
            for end in range(self._at + 1, len(self._script)):
                depth += (self._script[end] == "{") - (self._script[end] == "}")
                if not depth:
                    break
            self._copy(end + 1 - self._at)
            return True
        if self._script.startswith("$(", self._at):
            self._copy(2)
            self._commands()
            return True
        return False

    def _single_quoted(self, is_start: bool) -> None:
        self._copy(1)
        if is_start:
            self._replace(lambda folder: folder.replace("'", "'\\''"))
        self._copy_match(r"[^']*'?")

    def _double_quoted(self, is_start: bool) -> None:
        self._copy(1)
        if is_start:
            self._replace(lambda folder: re.sub(r'([\\"$`])', r"\\\1", folder))
        while self._at < len(self._script):
            char = self._script[self._at]
            if not self._copy_expansion():
                self._copy(2 if char == "\\" else 1)
                if char == '"':
                    return

    def _replace(self, quote: Callable[[str], str]) -> bool:
        """Write the folder in place of a name; return whether there was one."""
        found = self._name.match(self._script, self._at)
        if found is None:
            return False
        self._out.append(quote(self._folders[found[1]]))
        self._at = found.end()
        return True

    def _skip_heredocs(self) -> None:
        for delimiter in self._heredocs:
            self._copy_match(rf"(?:[^\n]*\n)*?(?=\t*{delimiter}(?:\n|\Z))")
        self._heredocs = []

    def _copy(self, length: int) -> None:
        self._out.append(self._script[self._at : self._at + length])
        self._at += length

    def _copy_match(self, pattern: str) -> None:
        found = re.compile(pattern).match(self._script, self._at)
        self._copy(len(found[0]) if found else 0)
