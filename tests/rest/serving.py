"""Servers with simulated clusters, for the tests of the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from live import Server, Workspace

OPTIONS = (
    "--DbxApp.backend_name=memory",
    "--DbxApp.user_name=ada",
    "--DbxApp.groups={'team': ['bob', 'eve'], 'same': ['same']}",
    "--ClusterController.busy_s=0.02",
)

#: Users of a server for a team → the strength of the level on what `owner` shares with them.
LEVELS = {"stranger": 0, "reader": 1, "member": 1, "restarter": 2, "manager": 3, "owner": 3, "boss": 3}


@contextmanager
def serve(folder: Path, base_url: str = "/", app: str = "memory_app.py", port: int = 0) -> Iterator[Server]:
    """Run a server until the block ends; `app` = its program, a file next to this one."""
    program = (str(Path(__file__).with_name(app)),)
    workspace = Workspace(folder, folder / "cache")
    server = Server(workspace, base_url=base_url, port=port, options=OPTIONS, program=program)
    try:
        yield server
    finally:
        server.stop()
    log = server.log.read_text()
    assert "Uncaught exception" not in log and "Traceback" not in log
