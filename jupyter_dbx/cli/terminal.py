"""Output on a terminal: tables, colours, a progress line; and fallbacks for terminals with fewer characters."""

from __future__ import annotations

import codecs
import io
import json
import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import IO, Any

#: Replacements for characters that the terminal's encoding lacks; all others become "?".
_PLAIN = {"×": "x", "–": "-", "…": "...", "→": "->", "«": '"', "»": '"', "·": "-"}

#: Colour → ANSI code.
_CODES = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


def prepare_streams() -> None:
    """Replace characters that the streams' encoding lacks, instead of raising an error."""
    codecs.register_error("jupyter_dbx", _replace_with_plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="jupyter_dbx")


def _replace_with_plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(c, "?") for c in error.object[error.start : error.end]), error.end


def has_colour(stream: IO[str]) -> bool:
    """Return whether the stream shows colours. Source: https://no-color.org"""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str, stream: IO[str]) -> str:
    """Return the text in a colour of `_CODES`, or unchanged if the stream shows no colours."""
    return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if colour and has_colour(stream) else text


def print_json(value: Any) -> None:
    """Print a value as indented ASCII JSON."""
    print(json.dumps(value, indent=2))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, colours: Sequence[str] = ()) -> None:
    """Print rows of equal length below their headings.

    Parameters
    ----------
    colours : colour of the first cell of each row, "" = none; may be empty
    """
    cells = [[on_one_line(cell) for cell in row] for row in rows]
    widths = [max(_width(line[i]) for line in [columns, *cells]) for i in range(len(columns))]
    for number, line in enumerate([[c.upper() for c in columns], *cells]):
        padded = [cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)]
        if number and colours:
            padded[0] = paint(padded[0], colours[number - 1], sys.stdout)
        print("  ".join(padded).rstrip())


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Print pairs of a name and a text, one per line; pairs whose text is "" are omitted."""
    known = [(name, text) for name, text in facts if text]
    width = max((len(name) for name, _ in known), default=0) + 2
    for name, text in known:
        for number, line in enumerate(text.splitlines()):
            print(f"{'' if number else name + ':':<{width}} {on_one_line(line)}")


def notify(text: str) -> None:
    """Print a message that is not part of the result, to stderr."""
    print(text, file=sys.stderr, flush=True)


class Progress:
    """A line on stderr that changes in place; prints nothing if stderr is not a terminal."""

    def __init__(self) -> None:
        self._shown = ""

    def show(self, line: str) -> None:
        """Show this line instead of the previous one."""
        if sys.stderr.isatty() and line != self._shown:
            self._write(line)

    def clear(self) -> None:
        """Remove the line."""
        if self._shown:
            self._write("")

    def _write(self, line: str) -> None:
        # Truncated to the terminal's width, because a wrapped line cannot be erased.
        columns = _columns(sys.stderr)
        line = line if _width(line) < columns else line[: columns - 2] + "…"
        self._shown = line  # set before printing, so that `clear` works after an interrupt
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def _columns(stream: IO[str]) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


def on_one_line(text: str) -> str:
    """Return the text without characters that move the cursor."""
    return "".join(c if c.isprintable() else " " for c in text)


def _width(text: str) -> int:
    """Return the width of a text on a terminal, columns."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1 for c in text
    )
