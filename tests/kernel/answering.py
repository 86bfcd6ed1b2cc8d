"""A web server that answers everything in the way a test tells it to."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: What a server with jupyter_dbx answers when it is asked for the attachment of no kernel.
OURS = (200, {"autotermination_minutes": {"least": 10, "most": 10_000}})


@dataclass
class Place:
    """One server, which runs until it is stopped."""

    #: status and body; text is sent as it is, anything else as JSON
    answer: tuple[int, Any]
    #: (method, path, body, token) of each request
    heard: list[tuple[str, str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        place = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                place.heard.append((self.command, self.path, raw, token))
                status, body = place.answer
                self.send_response(status)
                self.end_headers()
                self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
