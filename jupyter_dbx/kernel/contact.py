"""What a kernel knows of itself and of the server that started it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from jupyter_dbx.kernel.folders import Folders

#: What the provisioner, or the notebook that runs this one, hands over in the environment, without their prefix `DBX_`.
VARIABLES = "KERNEL_ID NOTEBOOK SERVER_URL KERNEL_TOKEN DATA_DIR ROOT_DIR CLUSTER_ID ARGUMENTS".split()

#: By which of these a user names another server to Databricks' clients.
NAMED_BY = ("DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_CONFIG_PROFILE")


@dataclass(frozen=True)
class Contact:
    """Who this kernel is, and where its server answers."""

    kernel_id: str
    #: the notebook's path as far as it is known, or ""
    notebook: str = ""
    #: of the server that started this kernel, and the kernel's own token; "" outside of a server
    url: str = ""
    token: str = ""
    folders: Folders = field(default_factory=lambda: Folders(_default_data(), Path.cwd()))
    #: of the notebook that runs this one, or ""
    cluster_id: str = ""
    #: by whoever runs this notebook: name → value
    arguments: Mapping[str, str] = field(default_factory=dict)


def take_contact(session_id: str) -> Contact:
    """Return what the provisioner handed over, and take it out of the environment.

    A kernel that is started from a cell (papermill, nbconvert) inherits the environment and would pass for this one.

    Parameters
    ----------
    session_id : a name for the kernel where no server gave it one
    """
    given = {name: os.environ.pop(f"DBX_{name}", "") for name in VARIABLES}
    return Contact(
        kernel_id=given["KERNEL_ID"] or session_id,
        notebook=given["NOTEBOOK"] or os.environ.get("JPY_SESSION_NAME", ""),
        url=given["SERVER_URL"],
        token=given["KERNEL_TOKEN"],
        folders=Folders(Path(given["DATA_DIR"] or _default_data()), Path(given["ROOT_DIR"] or Path.cwd())),
        cluster_id=given["CLUSTER_ID"],
        arguments=json.loads(given["ARGUMENTS"] or "{}"),
    )


def share_contact(contact: Contact) -> None:
    """Let Databricks' clients in this kernel and its children find its server, e.g. `WorkspaceClient()`.

    Whatever server the user has named stays named. A kernel that is started from a cell finds this server, too: it is let in
    with this kernel's token, under an id of its own.
    """
    if contact.url and not any(os.environ.get(name) for name in NAMED_BY):
        os.environ["DATABRICKS_HOST"], os.environ["DATABRICKS_TOKEN"] = contact.url, contact.token


def _default_data() -> Path:
    return Path(jupyter_data_dir()) / "jupyter_dbx"
