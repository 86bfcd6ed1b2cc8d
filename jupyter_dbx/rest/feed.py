"""Tells every page that clusters have changed, through Jupyter's own event bus (`/api/events/subscribe`).

What is told is only that something changed, and never what: a page asks for that, and so may miss any number of events.
"""

from __future__ import annotations

import asyncio
from importlib.resources import files

from jupyter_events import EventLogger

from jupyter_dbx.managers.news import News

#: Name of the event; see `event_schemas/clusters.yaml`.
CLUSTERS_CHANGED = "urn:jupyter-dbx:clusters:v1"

#: Changes within this time are told as one, s.
AT_MOST_EVERY_S = 0.25


class Feed:
    """Tells news as long as it is open."""

    def __init__(self, news: News, event_logger: EventLogger) -> None:
        self._news, self._logger = news, event_logger
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to tell."""
        if CLUSTERS_CHANGED not in self._logger.schemas:
            schema = files("jupyter_dbx").joinpath("event_schemas/clusters.yaml").read_text()
            self._logger.register_event_schema(schema)
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Tell nothing any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        revision = -1
        while True:
            revision = await self._news.after(revision)
            self._logger.emit(schema_id=CLUSTERS_CHANGED, data={"revision": revision})
            await asyncio.sleep(AT_MOST_EVERY_S)
