"""News: waits for changes to the clusters of the workspace, also changes by other processes."""

from __future__ import annotations

import asyncio

from jupyter_dbx.model.errors import StoreUnavailable
from jupyter_dbx.store import Store, until_next

#: How often to poll for changes by other processes, s; changes by this process are notified at once.
POLL_EVERY_S = 1.0


class News:
    """Waits for changes of the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def after(self, revision: int) -> int:
        """Return the number of changes so far once it differs from `revision`; wait while the store is unavailable."""
        while True:
            try:
                now = await self._store.revision()
                if now != revision:
                    return now
                await self._store.wait_for_news(until_next(POLL_EVERY_S), listener="news")
            except StoreUnavailable:
                await asyncio.sleep(POLL_EVERY_S)
