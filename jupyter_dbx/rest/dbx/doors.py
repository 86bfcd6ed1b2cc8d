"""`/api/dbx/changes` and `/api/dbx/notebooks/…`: what users' own Jupyter servers ask of their control plane."""

from __future__ import annotations

import asyncio
from typing import Annotated

from jupyter_dbx.model.answers.answer import Done
from jupyter_dbx.model.answers.clusters import Changes
from jupyter_dbx.model.attachment import notebook_key
from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.rest.framework.endpoint import Arg, Call, Route
from jupyter_dbx.rest.framework.needs import Role

#: How long a request waits for a change, s: shorter than the time limits of usual proxies.
LONGEST_WAIT_S = 20.0

OldPath = Annotated[str, Arg("Absolute path of the notebook, or of a folder.", name="from")]
NewPath = Annotated[str, Arg("Its new path.", name="to")]


async def changes(
    call: Call, after: Annotated[int, Arg("The number of changes that the caller knows.")] = -1
) -> Changes:
    """Return the number of changes to the workspace so far, once it differs from `after`, or after 20 s."""
    try:
        async with asyncio.timeout(LONGEST_WAIT_S):
            return Changes(revision=await call.services.news.after(after))
    except TimeoutError:
        return Changes(revision=after)


async def follow(call: Call, old: OldPath, new: NewPath) -> Done:
    """Let the caller's attachments of a notebook, or of all notebooks in a folder, apply to a new path, too."""
    await call.services.attachments.follow(_key(call, old), _key(call, new))
    return Done()


async def forget(call: Call, path: Annotated[str, Arg("Absolute path of the notebook, or of a folder.")]) -> Done:
    """Forget the caller's attachments of a notebook that was moved or deleted, or of all notebooks in such a folder."""
    await call.services.attachments.forget(_key(call, path))
    await call.services.attachments.announce()
    return Done()


def _key(call: Call, path: str) -> str:
    if call.door is None:
        raise InvalidParameterValue(
            "Only a Jupyter server with DbxApp.control_plane can tell that a notebook was moved."
        )
    return notebook_key(call.user, path)


ROUTES: list[Route] = [
    Route("GET", "dbx/changes", changes, Role.ANYBODY),
    Route("POST", "dbx/notebooks/follow", follow, Role.PERSON, audited=False),
    Route("POST", "dbx/notebooks/forget", forget, Role.PERSON, audited=False),
]
