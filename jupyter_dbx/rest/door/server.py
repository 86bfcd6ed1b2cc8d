"""DoorServer: a Jupyter server that is a door; opens and closes what it needs beside its handlers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from logging import Logger
from typing import Any

from jupyter_dbx import __version__
from jupyter_dbx.model.answers.people import Workspace
from jupyter_dbx.model.door import Door
from jupyter_dbx.model.errors import ControlPlaneUnavailable
from jupyter_dbx.rest.dbx.feed import Feed
from jupyter_dbx.rest.dbx.notebook_files import NotebookFiles
from jupyter_dbx.rest.door.attachments import DoorAttachments
from jupyter_dbx.rest.door.link import Link

#: How often a control plane that is not responding is asked again, s.
RETRY_S = 2.0


class DoorServer:
    """A user's own server, and its link to the control plane.

    Parameters
    ----------
    url : under which the user reaches the server, with a trailing slash
    on_workspace : called with the control plane's description of the workspace once it is known
    """

    def __init__(
        self, link: Link, url: str, root_dir: str, on_workspace: Callable[[Workspace], None], log: Logger
    ) -> None:
        self._link, self._log, self._on_workspace = link, log, on_workspace
        self._door = Door(__version__, url, root_dir)
        self._is_up = True
        self._running = AsyncExitStack()

    async def open(self, events: Any, sessions: Any) -> None:
        """Start to follow the control plane, also if it is not responding yet."""
        attachments = DoorAttachments(self._link, self._door)
        self._running.callback(self._link.close)
        for runner in (
            Feed(self._next_change, events),
            NotebookFiles(attachments, events, sessions, self._door.root_dir, self._log),
        ):
            await runner.open()
            self._running.push_async_callback(runner.close)
        meeting = asyncio.create_task(self._meet())
        self._running.callback(meeting.cancel)

    async def close(self) -> None:
        """Stop to follow it."""
        await self._running.aclose()

    async def _meet(self) -> None:
        while True:
            try:
                self._link.workspace = await self._link.call(Workspace, self._door, "GET", "dbx/workspace")
                return self._on_workspace(self._link.workspace)
            except ControlPlaneUnavailable as error:
                self._note(error)
                await asyncio.sleep(RETRY_S)

    async def _next_change(self, revision: int) -> int:
        while True:
            try:
                now = await self._link.changes(self._door, revision)
            except ControlPlaneUnavailable as error:
                self._note(error)
                await asyncio.sleep(RETRY_S)
                continue
            if not self._is_up:
                self._log.info("The control plane is responding again.")
            self._is_up = True
            return now

    def _note(self, error: ControlPlaneUnavailable) -> None:
        if self._is_up:
            self._log.warning("%s", error.message)
        self._is_up = False
