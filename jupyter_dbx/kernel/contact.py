"""What a kernel knows of itself and of the server that started it."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Contact:
    """Who this kernel is, and where its server answers."""

    kernel_id: str
    #: the notebook's path as far as it is known, or ""
    notebook: str = ""
    #: of the server that started this kernel, and the kernel's own token; "" outside of a server
    url: str = ""
    token: str = ""


def take_contact(session_id: str) -> Contact:
    """Return what the provisioner handed over, and take it out of the environment.

    A kernel that is started from a cell (papermill, nbconvert) inherits the environment and would pass for this one.

    Parameters
    ----------
    session_id : a name for the kernel where no server gave it one
    """
    given = {
        name: os.environ.pop(f"DBX_{name}", "") for name in ("KERNEL_ID", "NOTEBOOK", "SERVER_URL", "KERNEL_TOKEN")
    }
    return Contact(
        kernel_id=given["KERNEL_ID"] or session_id,
        notebook=given["NOTEBOOK"] or os.environ.get("JPY_SESSION_NAME", ""),
        url=given["SERVER_URL"],
        token=given["KERNEL_TOKEN"],
    )
