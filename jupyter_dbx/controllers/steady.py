"""For how long a fact has been the same, as far as this server has seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable


class Steady:
    """Remembers when facts were first seen to be what they are.

    By a monotonic clock, which goes on when the wall clock is set. A server that has just started remembers nothing, so every
    patience begins anew with it.

    Parameters
    ----------
    clock : s
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        #: (owner, of what, which fact) → its value, and when it was first seen
        self._facts: dict[tuple[str, str, str], tuple[Hashable, float]] = {}

    def ms(self, owner: str, subject: str, fact: str, value: Hashable) -> int:
        """Return for how long this fact has had this value, ms; 0 if it had another one at the last call."""
        now, key = self._clock(), (owner, subject, fact)
        known = self._facts.get(key)
        if known is None or known[0] != value:
            self._facts[key] = (value, now)
            return 0
        return int((now - known[1]) * 1000)

    def keep(self, owner: str, subjects: Collection[str]) -> None:
        """Forget an owner's facts about all but these subjects."""
        gone = [key for key in self._facts if key[0] == owner and key[1] not in subjects]
        for key in gone:
            del self._facts[key]
