"""Refused requests of nobody who is known: few records, of whatever number of requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from jupyter_dbx.managers.audit import LONGEST_TEXT, AuditLog
from jupyter_dbx.managers.strangers import MAX_SOURCES, WINDOW_MS, Strangers
from jupyter_dbx.model.audit import AuditFilter, AuditRecord

#: Hour of the first request, ms since the epoch.
BEGAN = 1_800_000_000_000


def request(at_ms: int = 0, source: str = "10.0.0.1", user_name: str = "", action: str = "GET /api") -> AuditRecord:
    """Return a refused request, `at_ms` after BEGAN."""
    return AuditRecord(BEGAN + at_ms, "id", user_name, "", "", source, action, "", 403, "UNAUTHENTICATED")


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    """A log whose clock stands still."""
    return AuditLog(tmp_path, 365, lambda: BEGAN / 1000)


def write(log: AuditLog, *records: AuditRecord) -> None:
    async def all_of_them() -> None:
        for record in records:
            await log.write(record)

    asyncio.run(all_of_them())


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for file in sorted(folder.glob("*.jsonl")) for line in file.read_bytes().splitlines()]


def test_flood_of_one_address_is_two_records_a_minute(log: AuditLog, tmp_path: Path) -> None:
    write(log, *(request(n) for n in range(1000)), request(WINDOW_MS))

    assert [line["count"] for line in lines(tmp_path)] == [1, 999, 1]


def test_flood_of_many_addresses_is_bounded(log: AuditLog, tmp_path: Path) -> None:
    addresses: Iterator[int] = count()
    flood = [request(n, f"10.0.{next(addresses) % 50}.1") for n in range(2000)]
    write(log, *flood, request(WINDOW_MS))

    found = lines(tmp_path)
    assert len(found) == 2 * (MAX_SOURCES + 1) + 1
    assert sum(int(str(line["count"])) for line in found) == len(flood) + 1  # none is lost


def test_requests_of_known_users_are_each_recorded(log: AuditLog, tmp_path: Path) -> None:
    write(log, *(request(n, user_name="ada") for n in range(5)))

    assert len(lines(tmp_path)) == 5


def test_reader_sees_all_that_has_been_counted(log: AuditLog) -> None:
    write(log, *(request(n) for n in range(10)))

    newest, first = asyncio.run(log.read(AuditFilter(), offset=0, limit=10))

    assert (first.count, newest.count) == (1, 9)
    assert newest.time == BEGAN + 9


def test_clock_that_is_set_back_does_not_hold_the_count(log: AuditLog, tmp_path: Path) -> None:
    write(log, request(0), request(1), request(-3600_000, "10.0.0.2"))

    assert [line["count"] for line in lines(tmp_path)] == [1, 1, 1]


def test_nothing_is_due_without_strangers() -> None:
    strangers = Strangers()

    assert strangers.due() == strangers.due(BEGAN) == []


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\nb", '","status":200}\n{"x":"', "\x1b[2J\x1b]0;x\x07", "\u2028\x85\x0b", "\ud800", "\0"]
)
def test_text_of_a_request_stays_in_its_field(log: AuditLog, tmp_path: Path, text: str) -> None:
    write(log, request(action=text, source=text, user_name=text))

    (file,) = tmp_path.glob("*.jsonl")
    raw = file.read_bytes()
    (line,) = lines(tmp_path)
    assert raw.count(b"\n") == 1 and min(raw[:-1]) >= 0x20 and max(raw) < 0x7F
    assert (line["action"], line["user_name"], line["status"]) == (text, text, 403)


def test_text_has_a_largest_length(log: AuditLog, tmp_path: Path) -> None:
    write(log, request(action="x" * 100_000))

    assert lines(tmp_path)[0]["action"] == "x" * LONGEST_TEXT
