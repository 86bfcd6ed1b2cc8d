"""Addresses that daemons announce: nothing but servers on this machine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from jupyter_dbx.model.announced import origin_on_this_machine
from jupyter_dbx.model.protocol import Announcement
from jupyter_dbx.spark.probe import read_driver_status

FORGED = [
    "",
    "x",
    "http://example.com:80",
    "http://169.254.169.254:80/latest",
    "http://10.0.0.1:4040",
    "https://127.0.0.1:4040",
    "http://evil@127.0.0.1:4040",
    "http://127.0.0.1:4040/api/contents",
    "http://127.0.0.1:4040?x=",
    "http://127.0.0.1",
    "http://127.0.0.1:0",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:4040@example.com",
    "http://[::ffff:10.0.0.1]:80",
    "http://0x7f000001:80",
    "file:///etc/passwd",
    "memory://n1",
    "http://localhost:4040",
]


@pytest.mark.parametrize("url", FORGED)
def test_forged_address_has_no_origin(url: str) -> None:
    assert origin_on_this_machine(url) == ""


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://127.0.0.1:4040", "http://127.0.0.1:4040"),
        ("http://127.3.2.1:4040/", "http://127.3.2.1:4040"),
        ("http://[::1]:4040", "http://[::1]:4040"),
    ],
)
def test_server_on_this_machine_has_its_origin(url: str, origin: str) -> None:
    assert origin_on_this_machine(url) == origin


@pytest.fixture
def requested() -> Iterator[list[str]]:
    """The paths that are requested of a server that redirects every request; the first item is its address."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    paths.append(f"http://127.0.0.1:{server.server_port}")
    yield paths
    server.shutdown()
    thread.join()
    server.server_close()


def test_server_follows_no_redirect_of_a_driver(requested: list[str]) -> None:
    assert asyncio.run(read_driver_status(Announcement(requested[0]), "token")) is None

    assert requested[1:] == ["/status"]
