"""Finding a server: the one in the environment, or one that runs on this machine."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from jupyter_core.paths import jupyter_runtime_dir

from jupyter_dbx.client.client import Client
from jupyter_dbx.client.transport import ServerUnreachable


def find_client() -> Client:
    """Return the client of the server in the environment, else of one that runs on this machine.

    Raises
    ------
    ServerUnreachable : no server was found; the message states what to do
    """
    host = os.environ.get("DATABRICKS_HOST", "")
    configured = [client_for(host, os.environ.get("DATABRICKS_TOKEN", ""))] if host else []
    for client in itertools.chain(configured, running_servers()):
        if client.is_ours():
            return client
    raise ServerUnreachable


def client_for(host: str, token: str) -> Client:
    """Return the client of a host as the Databricks SDK accepts it: with or without a scheme and a path.

    Without a token, it is that of the user's own server at this URL, if there is one on this machine.
    """
    # Unlike in the SDK, the default scheme of a server on this machine is http.
    url = host if "://" in host else f"{'http' if is_loopback(host) else 'https'}://{host}"
    url = url.rstrip("/") + "/"
    known = () if token else (own.token for own in running_servers() if _same(own.url) == _same(url))
    return Client(url, token or next(iter(known), ""))


def _same(url: str) -> str:
    return url.replace("//127.0.0.1", "//localhost", 1)


def running_servers() -> Iterator[Client]:
    """Yield this user's Jupyter servers on this machine, newest first; some may have been killed.

    Source: jupyter_server writes one `jpserver-*.json` file per running server, and a local door (see `rest/framework`) a
    `dbx-*.json` file.
    """
    folder = Path(jupyter_runtime_dir())
    files = [*folder.glob("jpserver-*.json"), *folder.glob("dbx-*.json")]
    for path in sorted(files, key=_modified_s, reverse=True):
        try:
            info = json.loads(path.read_text())
            url, token = str(info["url"]), str(info["token"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if token:
            yield Client(url, token)


def is_loopback(host: str) -> bool:
    """Return whether a host, with or without a port, is this machine."""
    return (urlsplit(f"//{host}").hostname or "") in ("127.0.0.1", "localhost", "::1")


def _modified_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # the server has just stopped and removed it
        return 0.0
