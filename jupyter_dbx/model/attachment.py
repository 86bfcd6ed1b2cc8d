"""Attachments: which cluster a notebook uses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Attachment:
    """What the user chose for a notebook; it survives restarts of the kernel and of the server."""

    #: the notebook's path, or its kernel's id if it has none
    key: str
    #: the cluster that the notebook is to run on; "" = the user detached it
    cluster_id: str
    attached_ms: int
    #: name of the user who chose first; "" = an earlier version stored it
    user_name: str = ""
    #: row version, +1 on each save
    version: int = 0
