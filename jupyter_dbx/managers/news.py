"""News: when something about the clusters of the workspace has changed, whoever changed it."""

from __future__ import annotations

import asyncio

from jupyter_dbx.model.errors import StoreUnavailable
from jupyter_dbx.store import Store, until_next

#: How often to look for what other processes have changed, s; of changes by this process it is told.
LOOK_EVERY_S = 1.0


class News:
    """Waits for changes of the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def after(self, revision: int) -> int:
        """Return the count of changes so far, as soon as it is another than `revision`; an outage is waited out."""
        while True:
            try:
                await self._store.wait_for_news(until_next(LOOK_EVERY_S), listener="news")
                now = await self._store.revision()
            except StoreUnavailable:
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            if now != revision:
                return now
