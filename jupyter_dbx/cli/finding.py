"""Finding: the result of one check of `jupyter dbx doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Severity of a finding. Only FAIL prevents clusters from running."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    level: Level
    #: what was checked, in one or two words
    subject: str
    message: str
    #: what to do; "" = nothing
    fix: str = ""


def count(number: int, noun: str) -> str:
    """Return a number with its noun, e.g. "3 cores"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
