"""Our REST API over HTTP, for kernels and the command line; and how to find the server."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from jupyter_core.paths import jupyter_runtime_dir

from jupyter_dbx.model.errors import DbxError
from jupyter_dbx.model.wire import Json

if TYPE_CHECKING:
    import urllib.error

#: How long the server may take to answer, s; it never holds a request for long.
TIMEOUT_S = 30.0


class ServerUnreachable(DbxError):
    """No Jupyter server with jupyter_dbx was found. Start one (`jupyter lab`), or set DATABRICKS_HOST and DATABRICKS_TOKEN."""


class RequestFailed(DbxError):
    """The server refused; carries its error code."""

    def __init__(self, message: str, error_code: str, status: int) -> None:
        super().__init__(message)
        self.error_code, self.status = error_code, status


@dataclass(frozen=True)
class Client:
    """One server's API.

    Parameters
    ----------
    url : with the base URL prefix, ending in a slash
    """

    url: str
    token: str

    def call(self, method: str, path: str, /, **args: Any) -> Json:
        """Return the answer to one request; None among `args` is left out.

        Raises
        ------
        RequestFailed : the server says no
        ServerUnreachable : it does not answer
        """
        # Not at the top: a kernel comes up without it.
        import urllib.error
        import urllib.request

        given = {k: v for k, v in args.items() if v is not None}
        target = f"{self.url}api/{path}"
        body = None
        if method == "GET":
            target += f"?{urlencode(given)}" if given else ""
        else:
            body = json.dumps(given).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            request = urllib.request.Request(target, body, headers, method=method)
            # A proxy for the web is no way to a server on this machine.
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(request, timeout=TIMEOUT_S) as response:
                return _read_object(response.read())
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ServerUnreachable(
                f"The Jupyter server at {self.url} does not answer ({error}). Start it again; kernels that it had started "
                "need a restart, too."
            ) from None

    def clusters(self, verb: str, /, **args: Any) -> Json:
        """Return the answer of `clusters/{verb}`."""
        method = "GET" if verb in ("get", "list", "list-node-types", "spark-versions") else "POST"
        return self.call(method, f"2.0/clusters/{verb}", **args)

    def kernel(self, method: str, kernel_id: str, what: str, /, **args: Any) -> Json:
        """Return the answer of `/api/dbx/kernels/{kernel_id}/{what}`."""
        return self.call(method, f"dbx/kernels/{quote(kernel_id, safe='')}/{what}", **args)

    def find_cluster(self, name_or_id: str) -> Json:
        """Return the cluster of this id or name.

        Raises
        ------
        RequestFailed : there is none, or several have this name
        """
        clusters = self.clusters("list")["clusters"]
        found = [c for c in clusters if c["cluster_id"] == name_or_id]
        found = found or [c for c in clusters if c["cluster_name"] == name_or_id]
        if len(found) == 1:
            return dict(found[0])
        if not found:
            known = ", ".join(c["cluster_name"] or c["cluster_id"] for c in clusters) or "none yet"
            raise RequestFailed(
                f"There is no cluster {name_or_id!r}. There are: {known}.", "RESOURCE_DOES_NOT_EXIST", 404
            )
        ids = ", ".join(c["cluster_id"] for c in found)
        raise RequestFailed(
            f"Several clusters are called {name_or_id!r}; use an id: {ids}", "INVALID_PARAMETER_VALUE", 400
        )

    def is_ours(self) -> bool:
        """Return whether a server with jupyter_dbx answers there and takes the token."""
        try:
            self.kernel("GET", "-", "cluster")
        except RequestFailed as error:
            return error.error_code == "RESOURCE_DOES_NOT_EXIST"
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
        return RequestFailed(str(envelope["message"]), str(envelope.get("error_code", "")), error.code)
    except (OSError, ValueError, KeyError):
        return RequestFailed(f"The server answered {error.code} {error.reason}.", "", error.code)


def find_client() -> Client:
    """Return the server to talk to: the one in the environment, or one that runs.

    Raises
    ------
    ServerUnreachable : there is none; says what to do
    """
    for client in _candidates():
        if client.is_ours():
            return client
    raise ServerUnreachable


def is_loopback(host: str) -> bool:
    """Return whether a host, with or without a port, is this machine."""
    return (urlsplit(f"//{host}").hostname or "") in ("127.0.0.1", "localhost", "::1")


def _candidates() -> Iterator[Client]:
    host = os.environ.get("DATABRICKS_HOST", "")
    if host:
        # As the SDK has it; but a server on this machine hardly ever speaks https.
        url = host if "://" in host else f"{'http' if is_loopback(host) else 'https'}://{host}"
        yield Client(url.rstrip("/") + "/", os.environ.get("DATABRICKS_TOKEN", ""))
    # Newest first. Source: jupyter_server writes one such file for each server that runs.
    files = Path(jupyter_runtime_dir()).glob("jpserver-*.json")
    for path in sorted(files, key=_modified_s, reverse=True):
        try:
            info = json.loads(path.read_text())
            url, token = str(info["url"]), str(info["token"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if token:
            yield Client(url, token)


def _modified_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # its server has ended just now
        return 0.0
