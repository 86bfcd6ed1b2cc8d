"""Hands a kernel what it needs to find us: the server's URL, its notebook's path and a token of its own.

Runs in the Jupyter server, in place of the provisioner that starts every local kernel. Outside of a server (nbclient,
papermill) it adds nothing, and the kernel looks for a server by itself.
"""

from __future__ import annotations

from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from jupyter_dbx.managers.kernel_tokens import KernelTokens


class DbxProvisioner(LocalProvisioner):  # type: ignore[misc]  # jupyter_client is not followed by mypy here
    """A local kernel with an address book."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Add our variables to the kernel's environment. Called before each start and restart."""
        kwargs = await super().pre_launch(**kwargs)
        contact = self._contact()
        if contact is not None:
            url, tokens, data_dir, root_dir = contact
            kwargs["env"] = dict(kwargs["env"]) | {
                "DBX_SERVER_URL": url,
                "DBX_DATA_DIR": data_dir,
                "DBX_ROOT_DIR": root_dir,
                "DBX_KERNEL_ID": self.kernel_id,
                "DBX_KERNEL_TOKEN": tokens.issue(self.kernel_id),
                "DBX_NOTEBOOK": kwargs["env"].get("JPY_SESSION_NAME", ""),
            }
        return kwargs

    async def cleanup(self, restart: bool = False) -> None:
        """Make the kernel's token worthless. Called when its process is gone."""
        contact = self._contact()
        if contact is not None and not restart:
            contact[1].revoke(self.kernel_id)
        await super().cleanup(restart)

    def _contact(self) -> tuple[str, KernelTokens, str, str] | None:
        """Return the server's URL, its tokens, the workspace's folder and the server's own; None without a server of ours."""
        owner = self.parent
        while owner is not None:
            web_app = getattr(owner, "web_app", None)
            if web_app is not None:
                contact: tuple[str, KernelTokens, str, str] | None = web_app.settings.get("jupyter_dbx_contact")
                return contact
            owner = getattr(owner, "parent", None)
        return None
