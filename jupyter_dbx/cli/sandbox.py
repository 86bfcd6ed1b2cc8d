"""Sandbox: a Jupyter server with its own workspace in a temporary folder; `close` removes everything."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from jupyter_dbx.client.client import Client
from jupyter_dbx.model.errors import DbxError

#: Time limits for a server to start and to stop, and for the processes of a cluster to end, s.
START_TIMEOUT_S, STOP_TIMEOUT_S, RELEASE_TIMEOUT_S = 60.0, 15.0, 60.0

#: Polling interval, s.
POLL_S = 0.1

#: Prefixes of variables that select the user's own server, workspace or notebook.
_FOREIGN = ("JUPYTER", "JPY_", "DBX_", "DATABRICKS_")


class SandboxFailed(DbxError):
    """The demo's Jupyter server did not start."""


class Sandbox:
    """A server, its clusters and its files, all in one folder.

    Parameters
    ----------
    cache_dir : folder of the class archives; existing ones are used, none are created
    """

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir
        self._token = secrets.token_hex(24)
        self._server: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._client: Client | None = None

    @property
    def folder(self) -> Path:
        """Return the temporary folder; it exists while the sandbox is open."""
        assert self._folder is not None, "the sandbox is not open"
        return self._folder

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of a process in the sandbox: it finds the server, and writes its files here."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN)}
        found = {"DATABRICKS_HOST": self._client.url, "DATABRICKS_TOKEN": self._token} if self._client else {}
        return inherited | found | {"TMPDIR": str(self.folder / "tmp"), "IPYTHONDIR": str(self.folder / "ipython")}

    async def open(self) -> None:
        """Start the server and wait until it responds.

        Raises
        ------
        SandboxFailed : it stops or takes too long; the message contains the end of its log
        """
        self._folder = Path(tempfile.mkdtemp(prefix="jupyter-dbx-demo-"))
        for name in ("tmp", "root", "runtime"):
            (self.folder / name).mkdir()
        self._start_server()
        if not await _until(lambda: self._has_ended() or self._responds(), START_TIMEOUT_S):
            raise SandboxFailed(
                f"The Jupyter server did not respond within {START_TIMEOUT_S:.0f} s.\n{self.log_tail()}"
            )
        if self._has_ended():
            raise SandboxFailed(f"The Jupyter server stopped while starting.\n{self.log_tail()}")

    def _start_server(self) -> None:
        command = [
            *(sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", "--ip=127.0.0.1"),
            *(f"--port={_free_port()}", "--ServerApp.port_retries=50"),
            *(f"--ServerApp.root_dir={self.folder / 'root'}", "--ServerApp.jpserver_extensions", "jupyter_dbx=True"),
            *(f"--DbxApp.data_dir={self.folder / 'data'}", f"--DbxApp.cache_dir={self._cache_dir}"),
            "--DbxApp.class_archives=False",
        ]
        # The token is passed in the environment, because all users of a machine can read command lines.
        env = self.environment | {
            "JUPYTER_NO_CONFIG": "1",
            "JUPYTER_TOKEN": self._token,
            "JUPYTER_DATA_DIR": str(self.folder / "share"),
            "JUPYTER_RUNTIME_DIR": str(self.folder / "runtime"),
        }
        with (self.folder / "server.log").open("wb") as log:
            # In its own session, so that it survives Ctrl-C on the terminal and can terminate the cluster.
            self._server = subprocess.Popen(
                command,
                env=env,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _has_ended(self) -> bool:
        return self._server is None or self._server.poll() is not None

    def _responds(self) -> bool:
        """Look up the server's port, and return whether the server responds."""
        for path in (self.folder / "runtime").glob("jpserver-*.json"):
            with suppress(OSError, ValueError):
                self._client = Client(str(json.loads(path.read_text())["url"]), self._token)
                return self._client.is_ours()
        return False

    def log_tail(self, lines: int = 15) -> str:
        """Return the end of the server's log."""
        text = (self.folder / "server.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    async def close(self) -> list[str]:
        """Delete every cluster, stop the server, remove the folder.

        Returns
        -------
        the command lines of processes that had to be killed, normally none
        """
        if self._folder is None:
            return []
        if not self._has_ended():
            self._delete_clusters()
            await _until(lambda: not self._processes(), RELEASE_TIMEOUT_S)
        await self._stop_server()
        left = self._processes()
        commands = [" ".join(_command(process)) for process in left]
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        await _until(lambda: not self._processes(), STOP_TIMEOUT_S)
        shutil.rmtree(self.folder, ignore_errors=True)
        return commands

    def _delete_clusters(self) -> None:
        if self._client is None:
            return
        with suppress(DbxError):
            for cluster in self._client.list_clusters().clusters:
                self._client.delete_cluster(cluster.cluster_id)

    async def _stop_server(self) -> None:
        if self._server is None or self._has_ended():
            return
        self._server.terminate()
        if not await _until(self._has_ended, STOP_TIMEOUT_S):
            self._server.kill()
            self._server.wait()

    def _processes(self) -> list[psutil.Process]:
        """Return the live processes that use the folder, except the server."""
        server = self._server.pid if self._server is not None else None
        return [p for p in processes_of(self.folder) if p.pid != server]


def processes_of(folder: Path) -> list[psutil.Process]:
    """Return the live processes whose command line, working directory or environment contains `folder`."""
    return [p for p in psutil.process_iter() if p.pid != os.getpid() and _mentions(p, str(folder))]


def _mentions(process: psutil.Process, text: str) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return any(text in word for word in (process.cwd(), *process.cmdline(), *process.environ().values()))
    except (psutil.Error, OSError):  # it has ended, or belongs to another user
        return False


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline() or [process.name()]
    except psutil.Error:
        return [str(process.pid)]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def _until(condition: Callable[[], bool], timeout_s: float) -> bool:
    """Wait until a condition holds; return whether it does."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    while not condition():
        if loop.time() > deadline:
            return False
        await asyncio.sleep(POLL_S)
    return True
