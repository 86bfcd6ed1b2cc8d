"""Answers about logs of a cluster's processes."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from jupyter_dbx.model.answers.answer import Answer
from jupyter_dbx.model.node import Role

#: One of `Role`.
RoleName = Annotated[str, Meta(extra_json_schema={"enum": [role.value for role in Role]})]


class LogDetails(Answer, frozen=True):
    """A log file of a cluster."""

    path: str = ""
    role: RoleName = ""
    #: bytes
    size: int = 0
    #: ms since the epoch
    modified_time: int = 0
    #: True = its process may still write to it
    live: bool = False


class LogList(Answer, frozen=True):
    """The logs of a cluster, newest first."""

    logs: tuple[LogDetails, ...] = ()


class LogPart(Answer, frozen=True):
    """A part of a log."""

    path: str = ""
    text: str = ""
    #: start of this part, start of the next part, and size of the log, bytes
    offset: int = 0
    next_offset: int = 0
    size: int = 0
