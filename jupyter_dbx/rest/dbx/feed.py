"""Notifies all pages of changes to clusters, through Jupyter's event bus (`/api/events/subscribe`).

An event states only that something changed, not what: pages request the current state, so they may miss events.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib.resources import files

from jupyter_events import EventLogger

#: Name of the event; see `event_schemas/clusters.yaml`.
CLUSTERS_CHANGED = "urn:jupyter-dbx:clusters:v1"

#: Changes within this time are one event, s.
MIN_INTERVAL_S = 0.25


class Feed:
    """Emits an event for each change while it is open.

    Parameters
    ----------
    next_change : returns the number of changes so far once it probably differs from its argument
    """

    def __init__(self, next_change: Callable[[int], Awaitable[int]], event_logger: EventLogger) -> None:
        self._next_change, self._logger = next_change, event_logger
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start to emit events."""
        if CLUSTERS_CHANGED not in self._logger.schemas:
            schema = files("jupyter_dbx").joinpath("event_schemas/clusters.yaml").read_text()
            self._logger.register_event_schema(schema)
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop emitting events."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        revision = -1
        while True:
            before, revision = revision, await self._next_change(revision)
            if revision != before:
                self._logger.emit(schema_id=CLUSTERS_CHANGED, data={"revision": revision})
            await asyncio.sleep(MIN_INTERVAL_S)
