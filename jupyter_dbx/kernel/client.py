"""Our REST API over HTTP, for kernels and the command line; and how to find the server."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from jupyter_core.paths import jupyter_runtime_dir

from jupyter_dbx.model.errors import DbxError, StoreUnavailable
from jupyter_dbx.model.wire import Json

if TYPE_CHECKING:
    import urllib.error
    from io import BufferedIOBase

#: How long the server may take to answer, s; it never holds a request for long.
TIMEOUT_S = 30.0

#: How much of a download is read at once, bytes.
PIECE_BYTES = 65_536


class ServerUnreachable(DbxError):
    """No Jupyter server with jupyter_dbx was found. Start one (`jupyter lab`), or set DATABRICKS_HOST and DATABRICKS_TOKEN."""


class RequestFailed(DbxError):
    """The server refused; carries its error code."""

    def __init__(self, message: str, error_code: str, status: int) -> None:
        super().__init__(message)
        self.error_code, self.status = error_code, status


class NoSuchCluster(RequestFailed):
    """There is no cluster of this id or name, or several have the name."""


@dataclass(frozen=True)
class Client:
    """One server's API.

    Parameters
    ----------
    url : with the base URL prefix, ending in a slash
    timeout_s : how long it may take to answer, s
    """

    url: str
    token: str
    timeout_s: float = TIMEOUT_S

    def call(self, method: str, path: str, /, **args: Any) -> Json:
        """Return the answer to one request; None among `args` is left out.

        Raises
        ------
        RequestFailed : the server says no
        ServerUnreachable : it does not answer
        """
        try:
            with self._open(method, path, args) as answer:
                return _read_object(answer.read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise self._silent(error) from None

    def download(self, path: str, /, **args: Any) -> Iterator[bytes]:
        """Yield what a GET answers that is no JSON, piece by piece.

        Raises
        ------
        RequestFailed, ServerUnreachable : as `call`
        """
        try:
            with self._open("GET", path, args) as answer:
                while piece := answer.read(PIECE_BYTES):
                    yield piece
        except (OSError, http.client.HTTPException) as error:
            raise self._silent(error) from None

    def _open(self, method: str, path: str, args: Json) -> BufferedIOBase:
        # Not at the top: a kernel comes up without it.
        import urllib.error
        import urllib.request

        given = {k: v for k, v in args.items() if v is not None}
        target = f"{self.url}api/{path}"
        body = None
        if method == "GET":
            target += f"?{urlencode(given, doseq=True)}" if given else ""
        else:
            body = json.dumps(given).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(target, body, headers, method=method)
        # A proxy for the web is no way to a server on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            answer: BufferedIOBase = opener.open(request, timeout=self.timeout_s)
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None
        return answer

    def _silent(self, error: Exception) -> ServerUnreachable:
        # urllib puts what happened into an error of its own.
        why = getattr(error, "reason", error)
        return ServerUnreachable(
            f"The Jupyter server at {self.url} does not answer ({why}). Start it again; kernels that it had started "
            "need a restart, too."
        )

    def clusters(self, verb: str, /, **args: Any) -> Json:
        """Return the answer of `clusters/{verb}`."""
        method = "GET" if verb in ("get", "list", "list-node-types", "spark-versions") else "POST"
        return self.call(method, f"2.0/clusters/{verb}", **args)

    def dbx(self, method: str, path: str, /, **args: Any) -> Json:
        """Return the answer of `/api/dbx/{path}`; names in the path are the caller's to quote."""
        return self.call(method, f"dbx/{path}", **args)

    def kernel(self, method: str, kernel_id: str, what: str = "", /, **args: Any) -> Json:
        """Return the answer of `/api/dbx/kernels/{kernel_id}/{what}`."""
        return self.dbx(method, f"kernels/{quote(kernel_id, safe='')}/{what}".rstrip("/"), **args)

    def find_cluster(self, name_or_id: str) -> Json:
        """Return the cluster of this id or name.

        Raises
        ------
        NoSuchCluster : there is none, or several have this name
        """
        clusters = self.clusters("list")["clusters"]
        found = [c for c in clusters if c["cluster_id"] == name_or_id]
        found = found or [c for c in clusters if c["cluster_name"] == name_or_id]
        if len(found) == 1:
            return dict(found[0])
        if not found:
            known = ", ".join(c["cluster_name"] or c["cluster_id"] for c in clusters) or "none yet"
            raise NoSuchCluster(
                f"There is no cluster {name_or_id!r}. There are: {known}.", "RESOURCE_DOES_NOT_EXIST", 404
            )
        ids = ", ".join(c["cluster_id"] for c in found)
        raise NoSuchCluster(
            f"Several clusters are called {name_or_id!r}; use an id: {ids}", "INVALID_PARAMETER_VALUE", 400
        )

    def check(self) -> None:
        """Raise ServerUnreachable, which says why, unless a server with jupyter_dbx answers and takes the token."""
        try:
            is_ours = "autotermination_minutes" in self.dbx("GET", "limits")
        except RequestFailed as error:
            if error.status in (401, 403):
                raise ServerUnreachable(f"The server at {self.url} does not take this token.") from None
            is_ours = error.error_code == StoreUnavailable.error_code  # for a moment
        if not is_ours:
            raise ServerUnreachable(f"The server at {self.url} is no Jupyter server with jupyter_dbx.")

    def is_ours(self) -> bool:
        """Return whether a server with jupyter_dbx answers there and takes the token."""
        try:
            self.check()
        except ServerUnreachable:
            return False
        return True


def _read_object(raw: bytes) -> Json:
    answer = json.loads(raw)
    if not isinstance(answer, dict):
        raise ValueError("its answer is no JSON object")
    return answer


def _refusal(error: urllib.error.HTTPError) -> RequestFailed:
    try:
        envelope = _read_object(error.read())
        message = str(envelope["message"])
        # This sentence is how Databricks' clients know it, too: there is no error code of its own.
        refusal = NoSuchCluster if re.fullmatch(r"Cluster \S+ does not exist", message) else RequestFailed
        return refusal(message, str(envelope.get("error_code", "")), error.code)
    except (OSError, ValueError, KeyError):
        return RequestFailed(f"The server answered {error.code} {error.reason}.", "", error.code)


def find_client() -> Client:
    """Return the server to talk to: the one in the environment, or one that runs.

    Raises
    ------
    ServerUnreachable : there is none; says what to do
    """
    host = os.environ.get("DATABRICKS_HOST", "")
    named = [client_for(host, os.environ.get("DATABRICKS_TOKEN", ""))] if host else []
    for client in itertools.chain(named, running_servers()):
        if client.is_ours():
            return client
    raise ServerUnreachable


def client_for(host: str, token: str) -> Client:
    """Return the client of a server that is named as Databricks' SDK has it: with a scheme and a path, or without."""
    # But a server on this machine hardly ever speaks https.
    url = host if "://" in host else f"{'http' if is_loopback(host) else 'https'}://{host}"
    return Client(url.rstrip("/") + "/", token)


def running_servers() -> Iterator[Client]:
    """Yield the Jupyter servers of this user that run here, or did until they were killed; newest first.

    Source: jupyter_server writes one such file for each server that runs.
    """
    files = Path(jupyter_runtime_dir()).glob("jpserver-*.json")
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
    except OSError:  # its server has ended just now
        return 0.0
