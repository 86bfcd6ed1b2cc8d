"""How long a fact has been unchanged, as observed by this server."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable


class Steady:
    """Remembers since when facts have had their current value.

    Uses a monotonic clock, which is unaffected when the wall clock is set. A server that has just started remembers nothing, so
    all timeouts start again.

    Parameters
    ----------
    clock : s
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        #: (owner, subject, fact) → its value, and when that was first observed
        self._facts: dict[tuple[str, str, str], tuple[Hashable, float]] = {}

    def ms(self, owner: str, subject: str, fact: str, value: Hashable) -> int:
        """Return how long this fact has had this value, ms; 0 if the value has changed since the last call."""
        now, key = self._clock(), (owner, subject, fact)
        known = self._facts.get(key)
        if known is None or known[0] != value:
            self._facts[key] = (value, now)
            return 0
        return int((now - known[1]) * 1000)

    def keep(self, owner: str, subjects: Collection[str]) -> None:
        """Forget an owner's facts about all other subjects."""
        gone = [key for key in self._facts if key[0] == owner and key[1] not in subjects]
        for key in gone:
            del self._facts[key]
