"""Parsing and formatting of numbers, sizes and durations."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from jupyter_dbx.client.dialect import (
    bytes_words,
    duration_words,
    memory_words,
    read_pair,
    read_seconds,
    read_workers,
    time_words,
)


@pytest.mark.parametrize(("text", "workers"), [("0", 0), ("4", 4), ("2-8", (2, 8))])
def test_workers_are_a_number_or_a_range(text: str, workers: Any) -> None:
    assert read_workers(text) == workers


@pytest.mark.parametrize("text", ["", "x", "-1", "2-", "-4", "1-x", "1.5", "1-2-3"])
def test_invalid_workers_are_an_error(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        read_workers(text)


def test_pair_is_split_at_the_first_equals_sign() -> None:
    assert [read_pair(text) for text in ("a=b=c", "a=")] == [("a", "b=c"), ("a", "")]


@pytest.mark.parametrize(("text", "s"), [("90", 90), ("90s", 90), ("1.5m", 90), ("2h", 7200), ("0.5", 0.5)])
def test_duration_has_a_unit_or_is_in_seconds(text: str, s: float) -> None:
    assert read_seconds(text) == s


@pytest.mark.parametrize("text", ["", "s", "0", "-1", "1d", "x", "nan", "inf", "1e999"])
def test_invalid_duration_is_an_error(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        read_seconds(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (0.4, "0 s"), (99, "99 s"), (100, "2 min"), (3600, "60 min"), (7200, "2 h"), (200_000, "2 days")],
)
def test_duration_has_one_unit(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


@pytest.mark.parametrize(("mib", "words"), [(2048, "2 GiB"), (1536, "1.5 GiB"), (512, "0.5 GiB")])
def test_memory_is_in_gib(mib: int, words: str) -> None:
    assert memory_words(mib) == words


def test_amounts_and_times_have_units() -> None:
    assert [bytes_words(n) for n in (0, 1023, 1536, 5 * 1024**2)] == ["0 B", "1023 B", "1.5 KiB", "5.0 MiB"]
    assert time_words(0) == ""
    assert len(time_words(1_700_000_000_000)) == len("2023-11-14 22:13:20")
