"""LocalDoor: a second entrance to the API for processes of this machine, where the server's own one is closed to them.

Kernels, `WorkspaceClient()` and the command line use plain HTTP. They cannot use a server on a Unix socket, one whose certificate
is for another host, or one that only accepts a password. The door listens on the loopback interface, leads to the API only, and
opens only for tokens that this server issued.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jupyter_core.paths import jupyter_runtime_dir
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPMessageDelegate, HTTPServerRequest
from tornado.netutil import bind_sockets
from tornado.routing import Router

from jupyter_dbx.managers.kernel_tokens import PROGRAMS, KernelTokens
from jupyter_dbx.model.token import PREFIX


class LocalDoor(Router):
    """The door of one Jupyter server.

    Parameters
    ----------
    web_app : the server's web application
    user : for whom other programs act
    paths : regular expression of the API's paths below the base URL
    public_url : URL under which browsers reach the server, for links in answers
    """

    def __init__(
        self, web_app: Any, tokens: KernelTokens, user: str, paths: str, base_url: str, public_url: str
    ) -> None:
        self._web_app, self._tokens, self._user, self._public = web_app, tokens, user, urlsplit(public_url)
        self._base_url = base_url
        self._paths = re.compile(rf"{re.escape(base_url.rstrip('/'))}(?:{paths}|/\.well-known/databricks-config)")
        self._server = HTTPServer(self)
        self._file = Path(jupyter_runtime_dir()) / f"dbx-{os.getpid()}.json"

    def open(self) -> str:
        """Start to listen, announce the door to programs of this user, and return its URL."""
        (listener,) = bind_sockets(0, "127.0.0.1")
        self._server.add_sockets([listener])
        url = f"http://127.0.0.1:{listener.getsockname()[1]}{self._base_url}"
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({"url": url, "token": self._tokens.issue(PROGRAMS, self._user), "pid": os.getpid()}, file)
        return url

    def close(self) -> None:
        """Stop to listen."""
        self._server.stop()
        self._file.unlink(missing_ok=True)

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> HTTPMessageDelegate | None:
        """Return the web application's handler of a request to the API with a token, else None: not found."""
        token = request.headers.get("Authorization", "").partition(" ")[2]
        is_known = token.startswith(PREFIX) or self._tokens.kernel_of(token) is not None
        if not self._paths.fullmatch(request.path) or (not is_known and "/.well-known/" not in request.path):
            return None
        if self._public.scheme in ("http", "https"):
            request.protocol, request.host = self._public.scheme, self._public.netloc
        handler: HTTPMessageDelegate | None = self._web_app.find_handler(request, **kwargs)
        return handler


def local_url(serverapp: Any) -> str:
    """Return the URL at which local processes reach a server that speaks plain HTTP."""
    ip = serverapp.ip if serverapp.ip not in ("", "*", "0.0.0.0", "::", "localhost") else "127.0.0.1"
    host = f"[{ip}]" if ":" in ip else ip
    return f"http://{host}:{serverapp.port}{serverapp.base_url}"
