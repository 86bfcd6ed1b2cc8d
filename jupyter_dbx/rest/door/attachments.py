"""The attachments of a user's notebooks, which the control plane has: they follow notebooks that this server moves or deletes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from jupyter_dbx.model.answers.answer import Done
from jupyter_dbx.model.door import Door
from jupyter_dbx.rest.door.link import Link


class DoorAttachments:
    """Does by requests what `AttachmentManager` does."""

    def __init__(self, link: Link, door: Door) -> None:
        self._link, self._door = link, door

    @asynccontextmanager
    async def renaming(self, old: str, new: str) -> AsyncIterator[None]:
        """Let attachments follow a notebook, or all notebooks in a folder, to a new path."""
        await self._link.call(Done, self._door, "POST", "dbx/notebooks/follow", **{"from": old, "to": new})
        yield
        await self.forget(old)

    async def forget(self, path: str) -> None:
        """Forget the choice for a notebook that was deleted, or for all notebooks in a folder that was."""
        await self._link.call(Done, self._door, "POST", "dbx/notebooks/forget", path=path)

    async def announce(self) -> None:
        """Do nothing: the control plane has announced it."""
