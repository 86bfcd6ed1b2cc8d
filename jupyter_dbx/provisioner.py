"""Passes a kernel what it needs to find the server: the URL, the notebook's path and a token for this kernel.

Runs in the Jupyter server, in place of the default provisioner of local kernels. Outside of a server (papermill, nbconvert and
others that use nbclient) it passes what the notebook's metadata says, and the kernel searches for a server by itself.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any

import zmq
from jupyter_client.provisioning import LocalProvisioner

from jupyter_dbx.managers.server_contact import ServerContact
from jupyter_dbx.model.kernel_contact import KernelContact, encode_contact

#: The first version of ipykernel that encrypts its messages.
ENCRYPTING_IPYKERNEL = (7, 3)


class DbxProvisioner(LocalProvisioner):  # type: ignore[misc]  # jupyter_client is not followed by mypy here
    """A local kernel that finds its server."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Add the contact to the kernel's environment. Called before each start and restart."""
        if self._can_encrypt():
            # The ports of a kernel are open to every OS user of the machine, and one of them sends all outputs.
            kwargs.setdefault("transport_encryption", "required")
        kwargs = await super().pre_launch(**kwargs)
        server = self._server()
        if server is None:
            return kwargs | {"env": _executed_notebook() | dict(kwargs["env"])}
        env = dict(kwargs["env"])
        if server.tokens.has(self.kernel_id):  # a restart: since the first start, the notebook may have been renamed
            path = await server.notebook_of(self.kernel_id)
            if path is not None and await asyncio.to_thread(os.path.isdir, os.path.dirname(path)):
                env["JPY_SESSION_NAME"], kwargs["cwd"] = path, os.path.dirname(path)
        # An automatic restart is nobody's request.
        user = await server.requesting_user() or server.tokens.user_of(self.kernel_id) or server.server_user
        contact = KernelContact(
            kernel_id=self.kernel_id,
            notebook=env.get("JPY_SESSION_NAME", ""),
            server_url=server.url,
            kernel_token=server.tokens.issue(self.kernel_id, user),
            data_dir=server.data_dir,
            root_dir=server.root_dir,
        )
        return kwargs | {"env": env | encode_contact(contact)}

    async def cleanup(self, restart: bool = False) -> None:
        """Revoke the kernel's token. Called when its process is gone."""
        server = self._server()
        if server is not None and not restart:
            server.tokens.revoke(self.kernel_id)
        await super().cleanup(restart)

    def _can_encrypt(self) -> bool:
        """Return whether both this process and the kernel, which has the same packages, know how to encrypt their messages."""
        ours = self.kernel_spec.argv[0] in ("python", "python3", sys.executable)
        numbers = tuple(int(number) for number in re.findall(r"\d+", version("ipykernel"))[:2])
        knows = hasattr(self.parent, "transport_encryption") and numbers >= ENCRYPTING_IPYKERNEL and zmq.has("curve")
        return ours and knows

    def _server(self) -> ServerContact | None:
        """Return the server that starts this kernel, or None if there is none or it lacks the extension."""
        owner = self.parent
        while owner is not None:
            web_app = getattr(owner, "web_app", None)
            if web_app is not None:
                server: ServerContact | None = web_app.settings.get(ServerContact.SETTING)
                return server
            owner = getattr(owner, "parent", None)
        return None


def _executed_notebook() -> dict[str, str]:
    """Return the environment for the kernel of a notebook that nbclient runs, or {}.

    nbclient passes nothing about the notebook to a kernel or its manager, so it is found among the callers.
    """
    nbclient = sys.modules.get("nbclient.client")
    frame: FrameType | None = sys._getframe()
    while nbclient is not None and frame is not None:
        runner = frame.f_locals.get("self")
        if isinstance(runner, nbclient.NotebookClient):
            return encode_contact(_contact_of(runner.nb.metadata, runner.resources.get("metadata") or {}))
        frame = frame.f_back
    return {}


def _contact_of(metadata: Any, resources: Any) -> KernelContact:
    """Return the contact of a notebook with this metadata; `resources` are nbconvert's, with its folder and name."""
    cluster = (metadata.get("jupyter_dbx") or {}).get("cluster_id")
    path = (metadata.get("papermill") or {}).get("input_path")
    if not path and resources.get("name"):
        path = os.path.join(resources.get("path") or "", f"{resources['name']}.ipynb")
    return KernelContact(
        notebook=str(Path(path).resolve()) if path and "://" not in path else "",
        named_cluster=cluster if isinstance(cluster, str) else "",
    )
