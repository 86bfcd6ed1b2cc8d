"""The cell that runs."""

from __future__ import annotations

from dataclasses import dataclass

#: Longest title of a cell, characters.
LONGEST_TITLE = 100

#: What begins lines that tell little about a cell.
_ASIDES = ("#", "import ", "from ", "--")


@dataclass(frozen=True)
class Cell:
    """A cell that runs."""

    #: counts from 1; 0 = none runs
    number: int = 0
    #: by which people know it
    title: str = ""


def title_of(code: str) -> str:
    """Return the line that tells what a cell is about: its first one that is neither blank nor a comment nor an import."""
    lines = [line.strip() for line in code.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(_ASIDES)] or lines or [""]
    title = telling[0]
    if title.startswith("%") and " " not in title and len(telling) > 1:
        title = f"{title} {telling[1]}"  # a magic on a line of its own
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"
