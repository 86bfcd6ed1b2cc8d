"""What a verb does when somebody else changed its cluster between its reading and its writing: it begins anew."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from jupyter_dbx.model.errors import Conflict

#: How often a verb is tried whose cluster others keep changing, count.
ATTEMPTS = 5

P = ParamSpec("P")
R = TypeVar("R")


def again_on_conflict(verb: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Repeat a verb when a controller changed the cluster between its reading and its writing: no concern of a user."""

    @functools.wraps(verb)
    async def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(ATTEMPTS - 1):
            try:
                return await verb(*args, **kwargs)
            except Conflict:
                pass
        return await verb(*args, **kwargs)

    return repeated
