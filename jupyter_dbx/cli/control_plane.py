"""ControlPlane: a Jupyter server that has our extension and nothing else."""

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
    """Serves the API for clusters. Kernels, files and terminals of a Jupyter server are not there to be asked for."""

    # Typed too narrowly by jupyter_server: subclasses may choose others.
    default_services = ("auth", "api", "security", "shutdown")  # type: ignore[assignment]
    subcommands = {}  # noqa: RUF012

    #: why it cannot serve; "" = it can
    trouble = ""

    @default("log_level")
    def _default_log_level(self) -> int:
        return logging.WARNING  # what Jupyter says of its notebooks and kernels is not true here

    @default("no_browser_open_file")
    def _default_no_browser_open_file(self) -> bool:
        return True

    @default("reraise_server_extension_failures")
    def _default_reraise_server_extension_failures(self) -> bool:
        return True  # without our extension there is nothing to serve

    def init_server_extensions(self) -> None:
        """Take ours alone, whatever the configuration of notebooks says."""
        self.jpserver_extensions = {EXTENSION: True}
        super().init_server_extensions()

    def init_configurables(self) -> None:
        """Let the token be told by us, not by Jupyter, whose link leads to a page that is not there."""
        super().init_configurables()
        self.identity_provider.token  # noqa: B018  # made now, if it is made at all
        self.identity_provider.token_generated = False

    def init_signal(self) -> None:
        """Let one Ctrl-C be enough, where no kernel can be lost; Jupyter asks, or ends without closing anything."""
        super().init_signal()
        signal.signal(signal.SIGINT, self._signal_stop)

    def _signal_stop(self, sig: Any, frame: Any) -> None:
        if not self._stopping:  # a second one would cut short what the first began
            super()._signal_stop(sig, frame)

    async def _post_start(self) -> None:
        """Start the extension, and tell how to find it, or end."""
        start = self.extension_manager.start_all_extensions()  # type: ignore[no-untyped-call]
        starting = asyncio.ensure_future(start)
        await asyncio.wait([starting])
        error = starting.exception()
        # SQLAlchemy's further lines are no help.
        self.trouble = str(error).partition("\n")[0] if error else self._extension.trouble
        if self.trouble:
            self.stop()
        else:
            print(self.greeting(), flush=True)

    def greeting(self) -> str:
        """Return what to do to use this server."""
        token = self.identity_provider.token
        shown = shlex.quote(token) if token else "…   # none is configured: set JUPYTER_TOKEN"
        return (
            f"The control plane of jupyter_dbx serves the workspace {self._extension.data_dir}. Clients find it by\n\n"
            f"    export DATABRICKS_HOST={shlex.quote(self.connection_url)}\n"
            f"    export DATABRICKS_TOKEN={shown}\n\n"
            "`jupyter dbx clusters` of this user finds it by itself. Ctrl-C stops it; clusters go on."
        )

    @property
    def _extension(self) -> Any:
        return self.extension_manager.extension_points[EXTENSION].app
