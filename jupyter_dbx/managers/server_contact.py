"""ServerContact: what the Jupyter server passes to the provisioner of its kernels."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from jupyter_dbx.managers.kernel_tokens import KernelTokens


@dataclass(frozen=True)
class ServerContact:
    """A Jupyter server with the extension, from the view of a kernel that it starts."""

    #: the setting of the server's web application that holds it
    SETTING = "jupyter_dbx_contact"

    #: URL at which local processes reach the server
    url: str
    tokens: KernelTokens
    #: the workspace's data folder, and the root folder of the server's notebooks
    data_dir: str
    root_dir: str
    #: kernel id → absolute path of its notebook, or None
    notebook_of: Callable[[str], Awaitable[str | None]]
    #: returns the name of the user whose request starts a kernel, or "" outside of a request
    requesting_user: Callable[[], Awaitable[str]]
    #: for whom a kernel acts that no request started
    server_user: str
