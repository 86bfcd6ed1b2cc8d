"""Finding: what one check of the doctor found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is. Only FAIL keeps clusters from running."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    level: Level
    #: the thing looked at, in a word or two
    what: str
    says: str
    #: what to do; "" if nothing
    mend: str = ""


def count(number: int, noun: str) -> str:
    """Return a number with its noun, e.g. "3 cores"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
