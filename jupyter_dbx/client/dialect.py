"""Parsing and formatting of numbers, sizes, durations and amounts, identical in all surfaces."""

from __future__ import annotations

import argparse
import contextlib
import re
from datetime import datetime

#: A number of workers, or the minimum and maximum for autoscaling.
Workers = int | tuple[int, int]

#: Unit → s.
_UNITS = {"s": 1, "m": 60, "h": 3600}


def read_workers(text: str) -> Workers:
    """Return a number of workers, or the bounds of a range such as "2-8"."""
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", text, re.ASCII)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number of workers nor a range such as 2-8")
    return int(found[1]) if found[2] is None else (int(found[1]), int(found[2]))


def read_pair(text: str) -> tuple[str, str]:
    """Return the parts of "KEY=VALUE"."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


def read_count(text: str) -> int:
    """Return a count, 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)


def read_seconds(text: str) -> float:
    """Return a duration such as "90", "90s", "15m" or "1h", s."""
    number, unit = (text[:-1], _UNITS[text[-1]]) if text[-1:] in _UNITS else (text, 1)
    with contextlib.suppress(ValueError):
        if 0 < float(number) * unit < float("inf"):
            return float(number) * unit
    raise argparse.ArgumentTypeError(f"{text!r} is not a duration such as 90, 90s, 15m or 1h")


def plural(count: int, noun: str) -> str:
    """Return e.g. "1 worker", "2 workers"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def memory_words(mib: int) -> str:
    """Return an amount of memory, e.g. "2 GiB", "1.5 GiB"."""
    return f"{mib / 1024:.1f}".removesuffix(".0") + " GiB"


def duration_words(seconds: float) -> str:
    """Return a duration in the largest unit that is precise enough, e.g. "50 s", "42 min", "3 h", "2 days"."""
    if seconds < 100:
        return f"{max(0, round(seconds))} s"
    if seconds < 120 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days"


def time_words(ms: int) -> str:
    """Return an instant, ms since the epoch, in local time; "" for 0."""
    return datetime.fromtimestamp(ms / 1000).strftime("%Y-%m-%d %H:%M:%S") if ms else ""


def bytes_words(size: int) -> str:
    """Return a number of bytes, e.g. "512 B", "1.5 MiB"."""
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.1f} KiB" if size < 1024**2 else f"{size / 1024**2:.1f} MiB"
