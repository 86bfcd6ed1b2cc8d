"""ControlPlane: a Jupyter server with the jupyter_dbx extension and nothing else."""

from __future__ import annotations

import asyncio
import logging
import shlex
import signal
from typing import Any

from jupyter_server.serverapp import ServerApp
from traitlets import default

EXTENSION = "jupyter_dbx"


class ControlPlane(ServerApp):
    """Serves the Clusters API, without the kernels, files and terminals of a Jupyter server."""

    # jupyter_server types this too narrowly: subclasses may choose other services. Not `shutdown`, which all users could do.
    default_services = ("auth", "api", "security")  # type: ignore[assignment]
    subcommands = {}  # noqa: RUF012

    #: why it cannot serve; "" = it can
    failure = ""

    @default("log_level")
    def _default_log_level(self) -> int:
        return logging.WARNING  # Jupyter's INFO messages about notebooks and kernels do not apply

    @default("no_browser_open_file")
    def _default_no_browser_open_file(self) -> bool:
        return True

    @default("reraise_server_extension_failures")
    def _default_reraise_server_extension_failures(self) -> bool:
        return True  # without the extension there is nothing to serve

    def init_server_extensions(self) -> None:
        """Enable this extension only, regardless of the configuration for notebooks."""
        self.jpserver_extensions = {EXTENSION: True}
        super().init_server_extensions()

    def init_configurables(self) -> None:
        """Keep Jupyter from printing the token in a link to a page that does not exist; `greeting` prints it."""
        super().init_configurables()
        self.identity_provider.token  # noqa: B018  # the first access generates it
        self.identity_provider.token_generated = False

    def init_signal(self) -> None:
        """Stop at the first Ctrl-C, because there are no kernels to lose; Jupyter would ask first."""
        super().init_signal()
        signal.signal(signal.SIGINT, self._signal_stop)

    def _signal_stop(self, sig: Any, frame: Any) -> None:
        if not self._stopping:  # a second one would interrupt the shutdown
            super()._signal_stop(sig, frame)

    async def _post_start(self) -> None:
        """Start the extension, then print how to connect; stop if it failed."""
        start = self.extension_manager.start_all_extensions()  # type: ignore[no-untyped-call]
        starting = asyncio.ensure_future(start)
        await asyncio.wait([starting])
        error = starting.exception()
        # Only the first line of SQLAlchemy's messages is useful.
        self.failure = str(error).partition("\n")[0] if error else self._extension.failure
        if self.failure:
            self.stop()
        else:
            print(self.greeting(), flush=True)

    def greeting(self) -> str:
        """Return how clients connect to this server."""
        serves = f"The control plane of jupyter_dbx serves the workspace {self._extension.data_dir}."
        if hasattr(self.identity_provider, "hub_auth"):
            return f"{serves} Users of the hub reach it with DBX_CONTROL_PLANE={self.connection_url}"
        token = self.identity_provider.token
        shown = shlex.quote(token) if token else "…   # no token is configured: set JUPYTER_TOKEN"
        return (
            f"{serves} Clients connect with\n\n"
            f"    export DATABRICKS_HOST={shlex.quote(self.connection_url)}\n"
            f"    export DATABRICKS_TOKEN={shown}\n\n"
            "For this user, `jupyter dbx clusters` finds it automatically. Ctrl-C stops it; clusters keep running."
        )

    @property
    def _extension(self) -> Any:
        return self.extension_manager.extension_points[EXTENSION].app
