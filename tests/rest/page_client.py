"""Requests of pages, as a browser without a cookie makes them."""

from __future__ import annotations

import http.client
from dataclasses import dataclass

from live import Server


@dataclass
class Answer:
    """A response of any type."""

    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def location(self) -> str:
        """Return where it redirects to."""
        return str(self.headers["Location"])


def get(server: Server, path: str, method: str = "GET", **headers: str) -> Answer:
    """Request a path of the server; `_` in names of headers is `-`."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read().decode())
    finally:
        connection.close()
