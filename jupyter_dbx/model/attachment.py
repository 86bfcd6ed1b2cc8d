"""Attachments: which cluster a notebook wants."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Attachment:
    """A notebook's wish to run on a cluster; it survives kernel and server restarts."""

    #: the notebook's path if it has one, else its kernel's id
    key: str
    cluster_id: str
    attached_ms: int
    #: of the row, +1 at each save
    version: int = 0
