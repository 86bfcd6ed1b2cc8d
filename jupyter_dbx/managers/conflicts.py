"""Retries of operations that conflict with a concurrent write."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from jupyter_dbx.model.errors import Conflict

#: How often an operation is attempted in all, count.
ATTEMPTS = 5

P = ParamSpec("P")
R = TypeVar("R")


def retry_on_conflict(operation: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Repeat an operation if a row changed between its read and its write, so that users do not see the conflict."""

    @functools.wraps(operation)
    async def retried(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(ATTEMPTS - 1):
            try:
                return await operation(*args, **kwargs)
            except Conflict:
                pass
        return await operation(*args, **kwargs)

    return retried
