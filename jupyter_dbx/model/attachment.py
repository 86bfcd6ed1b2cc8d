"""Attachments: which cluster a notebook uses."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_dbx.model.principal import name_key

#: Marks keys of notebooks on users' own servers; it separates the name of the user, and is in no name and no path.
_OWN_SERVER = "\x1f"


@dataclass(frozen=True)
class Attachment:
    """What the user chose for a notebook; it survives restarts of the kernel and of the server."""

    #: the notebook's path, or its kernel's id if it has none; of another server's notebook as `notebook_key` returns it
    key: str
    #: the cluster that the notebook is to run on; "" = the user detached it
    cluster_id: str
    attached_ms: int
    #: name of the user who chose first; "" = an earlier version stored it
    user_name: str = ""
    #: row version, +1 on each save
    version: int = 0


def notebook_key(user_name: str, path: str) -> str:
    """Return the key of a notebook on a user's own server: servers of several users may have the same paths."""
    return f"{_OWN_SERVER}{name_key(user_name)}{_OWN_SERVER}{path}"


def is_on_own_server(key: str) -> bool:
    """Return whether `notebook_key` made a key."""
    return key.startswith(_OWN_SERVER)


def path_of(key: str) -> str:
    """Return the path, or the kernel's id, in a key."""
    return key.split(_OWN_SERVER, 2)[-1] if is_on_own_server(key) else key
