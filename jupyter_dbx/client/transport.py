"""Transport: requests to a server over HTTP, and their errors."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from jupyter_dbx.model.errors import DbxError, Reason
from jupyter_dbx.model.wire import Json

if TYPE_CHECKING:
    import urllib.error
    from io import BufferedIOBase

#: Time limit of a response, s; the server never holds a request for long.
TIMEOUT_S = 30.0

#: Size of the chunks in which a download is read, bytes.
CHUNK_BYTES = 65_536

#: HTTP statuses of faults that pass, also of proxies: Bad Gateway, Service Unavailable, Gateway Timeout.
UNAVAILABLE = (502, 503, 504)


class ServerUnreachable(DbxError):
    """No Jupyter server with jupyter_dbx was found. Start one (`jupyter lab`), or set DATABRICKS_HOST and DATABRICKS_TOKEN."""


class RequestFailed(DbxError):
    """The server returned an error; carries its error code, and `reason` and `field` as `DbxError` does."""

    reason = Reason.UNSPECIFIED

    def __init__(self, message: str, error_code: str, status: int, *, reason: str = "", field: str = "") -> None:
        # A newer server may send a reason that this client does not know.
        super().__init__(message, reason=next((known for known in Reason if known == reason), None), field=field)
        self.error_code, self.status = error_code, status


class NoSuchCluster(RequestFailed):
    """No cluster has this ID or name, or several have this name."""


class Unavailable(RequestFailed):
    """The server, or what it depends on, cannot do it at the moment: a restart or a busy disk, often over within seconds."""


@dataclass(frozen=True)
class Transport:
    """One server's API.

    Parameters
    ----------
    url : with the base URL prefix, ending in a slash
    timeout_s : time limit of a response, s
    """

    url: str
    token: str
    timeout_s: float = TIMEOUT_S

    @property
    def host(self) -> str:
        """Return the host and port of the server, without the scheme."""
        return urlsplit(self.url).netloc

    def call(self, method: str, path: str, /, **args: Any) -> Json:
        """Return the answer to one request; arguments that are None are omitted.

        Raises
        ------
        RequestFailed : the server returned an error
        ServerUnreachable : it is not responding
        """
        try:
            with self._open(method, path, args) as answer:
                return _read_object(answer.read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise self._unreachable(error) from None

    def download(self, path: str, /, **args: Any) -> Iterator[bytes]:
        """Yield the body of a GET response that is not JSON, in chunks.

        Raises
        ------
        RequestFailed, ServerUnreachable : as `call`
        """
        try:
            with self._open("GET", path, args) as answer:
                while chunk := answer.read(CHUNK_BYTES):
                    yield chunk
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error) from None

    def _open(self, method: str, path: str, args: Json) -> BufferedIOBase:
        # Imported here, because a kernel starts faster without it.
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
        # The server may be on this machine, which a proxy for the web cannot reach.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            answer: BufferedIOBase = opener.open(request, timeout=self.timeout_s)
        except urllib.error.HTTPError as error:
            raise _request_failed(error) from None
        return answer

    def _unreachable(self, error: Exception) -> ServerUnreachable:
        cause = getattr(error, "reason", error)  # urllib wraps the original error
        return ServerUnreachable(
            f"The Jupyter server at {self.url} is not responding ({cause}). Restart it, and then the kernels that it "
            "started."
        )


def _read_object(raw: bytes) -> Json:
    answer = json.loads(raw)
    if not isinstance(answer, dict):
        raise ValueError("its response is not a JSON object")
    return answer


def _request_failed(error: urllib.error.HTTPError) -> RequestFailed:
    # Imported here, because a kernel starts faster without the classes of answers.
    from jupyter_dbx.model.answers.answer import decode
    from jupyter_dbx.model.answers.errors import Error

    try:
        body = decode(Error, _read_object(error.read()))
    except (OSError, ValueError):
        body = Error()
    message = body.message or f"The server returned {error.code} {error.reason}."
    kind = Unavailable if error.code in UNAVAILABLE else RequestFailed
    if body.reason == Reason.CLUSTER_DOES_NOT_EXIST:
        kind = NoSuchCluster
    return kind(message, body.error_code, error.code, reason=body.reason, field=body.field)
