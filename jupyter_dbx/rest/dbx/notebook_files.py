"""Lets attachments follow notebooks that the Jupyter server renames, moves or deletes.

The server announces these actions on Jupyter's event bus. A front end tells the session of a running kernel its new path only
afterwards; until then, requests of that kernel would refer to the old path, so the session is updated here.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from logging import Logger
from typing import Any, Protocol

from jupyter_events import EventLogger

from jupyter_dbx.model.errors import DbxError

#: Jupyter's event about an action on a file.
FILE_EVENT = "https://events.jupyter.org/jupyter_server/contents_service/v1"


class Attachments(Protocol):
    """What it needs of an `AttachmentManager`."""

    def renaming(self, old: str, new: str) -> AbstractAsyncContextManager[None]:
        """Let attachments follow a notebook, or all notebooks in a folder, to a new path."""

    def forget(self, path: str) -> Awaitable[None]:
        """Forget the choice for a notebook that was deleted, or for all notebooks in a folder that was."""

    async def announce(self) -> None:
        """Make controllers and pages look at the clusters' notebooks again."""


class NotebookFiles:
    """Listens to the actions while it is open.

    Parameters
    ----------
    sessions : the server's session manager
    root_dir : root folder of the server's notebooks
    """

    def __init__(
        self, attachments: Attachments, events: EventLogger, sessions: Any, root_dir: str, log: Logger
    ) -> None:
        self._attachments, self._events, self._sessions, self._root = attachments, events, sessions, root_dir
        self._log = log
        #: a file can be renamed again before its first renaming is stored
        self._in_order = asyncio.Lock()

    async def open(self) -> None:
        """Start to listen."""
        self._events.add_listener(schema_id=FILE_EVENT, listener=self._on_action)

    async def close(self) -> None:
        """Stop to listen."""
        self._events.remove_listener(schema_id=FILE_EVENT, listener=self._on_action)

    async def _on_action(self, logger: EventLogger, schema_id: str, data: dict[str, Any]) -> None:
        action, path, old = data["action"], data["path"].strip("/"), data.get("source_path", "").strip("/")
        if action not in ("rename", "delete"):
            return
        try:
            async with self._in_order:
                if action == "rename":
                    async with self._attachments.renaming(self._key(old), self._key(path)):
                        await self._move_sessions(old, path)
                else:
                    await self._attachments.forget(self._key(path))
                await self._attachments.announce()
        except DbxError as error:
            self._log.warning("The attachment of %s could not follow its notebook: %s", old or path, error.message)

    async def _move_sessions(self, old: str, new: str) -> None:
        for session in await self._sessions.list_sessions():
            if session["path"] == old or session["path"].startswith(f"{old}/"):
                await self._sessions.update_session(session["id"], path=new + session["path"].removeprefix(old))

    def _key(self, path: str) -> str:
        return os.path.join(self._root, path)
