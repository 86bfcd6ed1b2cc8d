"""SeatGuard: lets notebooks leave clusters that their users may no longer use, whatever has changed: a permission or a group."""

from __future__ import annotations

import asyncio
from logging import Logger

from jupyter_dbx.managers.sharing import Sharing
from jupyter_dbx.model.errors import DbxError

#: How often all seats are looked at, s.
EVERY_S = 5.0


class SeatGuard:
    """Looks at all seats while it is open."""

    def __init__(self, sharing: Sharing, log: Logger) -> None:
        self._sharing, self._log = sharing, log
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start to look."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self._sharing.enforce()
            except DbxError as error:  # the store, or the hub, is not responding
                self._log.debug("The seats on clusters could not be looked at: %s", error.message)
            except Exception:
                self._log.exception("The seats on clusters could not be looked at.")
