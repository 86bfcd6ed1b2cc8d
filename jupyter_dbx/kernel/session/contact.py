"""The kernel's contact: its own identity and the server that started it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir

from jupyter_dbx.model.kernel_contact import KernelContact, take_contact

#: Variables with which a user selects another server for Databricks' clients.
SERVER_VARIABLES = ("DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_CONFIG_PROFILE")

#: Hosts that are this machine.
LOOPBACK = ("localhost", "127.0.0.1")


def receive_contact(session_id: str) -> KernelContact:
    """Return the contact from the provisioner, or from the notebook that runs this one, completed with defaults.

    Parameters
    ----------
    session_id : the kernel's ID if no server assigned one
    """
    contact = take_contact(os.environ)
    return replace(
        contact,
        kernel_id=contact.kernel_id or session_id,
        notebook=contact.notebook or os.environ.get("JPY_SESSION_NAME", ""),
        data_dir=contact.data_dir or str(Path(jupyter_data_dir()) / "jupyter_dbx"),
        root_dir=contact.root_dir or os.getcwd(),
    )


def share_contact(contact: KernelContact) -> None:
    """Let Databricks' clients in this kernel and its child processes, e.g. `WorkspaceClient()`, find its server.

    A server that the user selected takes precedence. A kernel that is started from a cell finds this server, too: it
    authenticates with this kernel's token, under its own kernel ID.
    """
    # Requests to this machine must not go to a proxy for the web.
    exceptions = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(filter(None, [exceptions, *LOOPBACK]))
    if contact.server_url and not any(os.environ.get(name) for name in SERVER_VARIABLES):
        os.environ["DATABRICKS_HOST"], os.environ["DATABRICKS_TOKEN"] = contact.server_url, contact.kernel_token
