"""A web server that gives the same response to every request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from jupyter_dbx.model.answers.answer import to_json
from jupyter_dbx.model.answers.errors import envelope
from jupyter_dbx.model.errors import DbxError

#: Response of a server with jupyter_dbx to a request for its limits.
OURS = (200, {"autotermination_minutes": {"least": 10, "most": 10_000}})


def error_body(error: DbxError) -> Any:
    """Return the body of the server's response for an error."""
    return to_json(envelope(error, error_code=error.error_code))


@dataclass
class CannedServer:
    """A server that runs until `stop`."""

    #: status and body; text is sent unchanged, anything else as JSON
    answer: tuple[int, Any]
    #: (method, path, body, token) of each request
    requests: list[tuple[str, str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        canned = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                canned.requests.append((self.command, self.path, raw, token))
                status, body = canned.answer
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


@pytest.fixture
def serve() -> Iterator[Callable[..., CannedServer]]:
    """Starts servers with a fixed status and body, and stops them after the test."""
    running: list[CannedServer] = []

    def start(status: int = 200, body: Any = None) -> CannedServer:
        running.append(CannedServer((status, {} if body is None else body)))
        return running[-1]

    yield start
    for canned in running:
        canned.stop()


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Jupyter's runtime folder, empty, in an environment that selects no server."""
    for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "runtime"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
    return folder
