"""Strangers: refused requests of nobody who is known, which an outsider can send without end, as few audit records."""

from __future__ import annotations

from dataclasses import replace

from jupyter_dbx.model.audit import AuditRecord

#: How long requests from one address are counted as one, ms.
WINDOW_MS = 60_000

#: Addresses that are counted separately in that time; the requests from further ones are counted together.
MAX_SOURCES = 20


class Strangers:
    """Counts requests: each address has one record with its first request, and one with the number of all that follow.

    So there are at most 2 * (MAX_SOURCES + 1) records in WINDOW_MS.
    """

    def __init__(self) -> None:
        self._since_ms = 0
        #: address → its last request; `count` = requests since the first one
        self._last: dict[str, AuditRecord] = {}

    def note(self, record: AuditRecord) -> list[AuditRecord]:
        """Count a request; return it if it is the first one of its address, to be written."""
        source = record.source if record.source in self._last or len(self._last) < MAX_SOURCES else ""
        if not self._last:
            self._since_ms = record.time
        known = self._last.get(source)
        self._last[source] = replace(record, count=known.count + 1 if known else 0)
        return [] if known else [record]

    def due(self, now_ms: int | None = None) -> list[AuditRecord]:
        """Return what has been counted, to be written, and begin anew: all of it, or nothing while WINDOW_MS lasts."""
        if now_ms is not None and 0 <= now_ms - self._since_ms < WINDOW_MS:
            return []
        due = [record for record in self._last.values() if record.count]
        self._last = {}
        return due
