"""Tickets of Spark's pages, which stand in their paths: the pages have no origin, so browsers send no cookies for them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

#: How long a ticket is valid, s. It opens pages only while its user may see them; this limits what a leaked one is worth.
LIFETIME_S = 3600.0


@dataclass(frozen=True)
class UiTicket:
    """For whom and for what a ticket is."""

    user_name: str
    cluster_id: str
    #: "spark" or "master"
    which: str


class UiTickets:
    """Issues and checks tickets. They are kept in memory only: after a restart, pages get new ones.

    Parameters
    ----------
    clock : a time that only grows, s
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        #: value → its ticket, and when it was issued
        self._issued: dict[str, tuple[UiTicket, float]] = {}

    def issue(self, ticket: UiTicket) -> str:
        """Return a value that is valid for at least half of LIFETIME_S: if possible, again the last one, for caches."""
        now = self._clock()
        self._issued = {value: kept for value, kept in self._issued.items() if now - kept[1] < LIFETIME_S}
        for value, (known, issued) in self._issued.items():
            if known == ticket and now - issued < LIFETIME_S / 2:
                return value
        value = secrets.token_urlsafe(24)
        self._issued[value] = ticket, now
        return value

    def find(self, value: str) -> UiTicket | None:
        """Return the ticket of this value, or None if it is unknown or has expired."""
        ticket, issued = self._issued.get(value, (None, 0.0))
        return ticket if ticket and self._clock() - issued < LIFETIME_S else None
