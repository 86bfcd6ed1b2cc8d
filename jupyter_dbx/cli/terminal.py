"""What people see: tables, colours, a line that changes in place; and terminals that can show less."""

from __future__ import annotations

import codecs
import io
import json
import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import IO, Any

#: What stands for a character that a terminal's encoding lacks; "?" for all others.
_PLAIN = {"×": "x", "–": "-", "…": "...", "→": "->", "«": '"', "»": '"', "·": "-"}

#: Colour → ANSI code.
_CODES = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


def prepare_streams() -> None:
    """Let no character that an encoding lacks end a command."""
    codecs.register_error("jupyter_dbx", _replace_with_plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="jupyter_dbx")


def _replace_with_plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(c, "?") for c in error.object[error.start : error.end]), error.end


def has_colour(stream: IO[str]) -> bool:
    """Return whether colours belong there. Source: https://no-color.org"""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str, stream: IO[str]) -> str:
    """Return the text in a colour of `_CODES`, or as it is where colours do not belong."""
    return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if colour and has_colour(stream) else text


def print_json(value: Any) -> None:
    """Print a value as JSON that any terminal can show."""
    print(json.dumps(value, indent=2))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, colours: Sequence[str] = ()) -> None:
    """Print rows of equal length below their headings.

    Parameters
    ----------
    colours : of the first cell of each row, "" = none; may be empty
    """
    cells = [[on_one_line(cell) for cell in row] for row in rows]
    widths = [max(_width(line[i]) for line in [columns, *cells]) for i in range(len(columns))]
    for number, line in enumerate([[c.upper() for c in columns], *cells]):
        padded = [cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)]
        if number and colours:
            padded[0] = paint(padded[0], colours[number - 1], sys.stdout)
        print("  ".join(padded).rstrip())


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Print what is known of one thing, each fact behind its name; facts that are "" are left out."""
    known = [(name, text) for name, text in facts if text]
    width = max((len(name) for name, _ in known), default=0) + 2
    for name, text in known:
        for number, line in enumerate(text.splitlines()):
            print(f"{'' if number else name + ':':<{width}} {on_one_line(line)}")


def say(text: str) -> None:
    """Tell people something that is no part of the answer."""
    print(text, file=sys.stderr, flush=True)


class Progress:
    """A line on stderr that changes in place; nothing at all if stderr is no terminal."""

    def __init__(self) -> None:
        self._shown = ""

    def show(self, line: str) -> None:
        """Show this line instead of the last one."""
        if sys.stderr.isatty() and line != self._shown:
            self._write(line)

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._write("")

    def _write(self, line: str) -> None:
        # No longer than the terminal is wide, since a line that wraps cannot be taken back.
        columns = _columns(sys.stderr)
        line = line if _width(line) < columns else line[: columns - 2] + "…"
        self._shown = line  # first, so that an interrupt leaves nothing that nobody clears
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def _columns(stream: IO[str]) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


def on_one_line(text: str) -> str:
    """Return the text without what would move the cursor."""
    return "".join(c if c.isprintable() else " " for c in text)


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in text
    )
