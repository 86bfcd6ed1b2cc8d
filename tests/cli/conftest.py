"""A real server with simulated clusters, and shells that find it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))  # for `live.py`
sys.path.insert(0, str(Path(__file__).parents[1] / "rest"))  # for `http_client.py`
sys.path.insert(0, str(Path(__file__).parents[1] / "kernel"))  # for `answering.py`

from answering import CannedServer
from commanding import Shell
from http_client import delete_all
from live import TOKEN, Server, Workspace

OPTIONS = (
    "--DbxApp.backend_name=memory",
    "--DbxApp.user_name=ada",
    "--DbxApp.groups={'team': ['bob', 'eve']}",
    "--ClusterController.busy_s=0.02",
)


@pytest.fixture(scope="session")
def whole_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests."""
    folder = tmp_path_factory.mktemp("cli")
    program = (str(Path(__file__).parents[1] / "rest" / "memory_app.py"),)
    server = Server(Workspace(folder, folder / "cache"), options=OPTIONS, program=program)
    yield server
    server.stop()


@pytest.fixture
def server(whole_server: Server) -> Iterator[Server]:
    """A server without clusters."""
    yield whole_server
    delete_all(whole_server)


@pytest.fixture
def empty_shell(tmp_path: Path) -> Shell:
    """A shell that finds no server."""
    return Shell.clean(tmp_path)


@pytest.fixture
def shell(server: Server, empty_shell: Shell) -> Shell:
    """A shell that finds the server."""
    return empty_shell.with_variables(DATABRICKS_HOST=server.url, DATABRICKS_TOKEN=TOKEN)


@pytest.fixture
def hold(server: Server) -> Iterator[Callable[[], None]]:
    """Keeps drivers from becoming ready, from its call to the end of the test."""
    flag = server.workspace.data / "hold"
    yield flag.touch
    flag.unlink(missing_ok=True)


@pytest.fixture
def answer() -> Iterator[Callable[..., CannedServer]]:
    """Starts servers with a fixed status and body, and stops them after the test."""
    running: list[CannedServer] = []

    def start(status: int = 200, body: object = None) -> CannedServer:
        running.append(CannedServer((status, {} if body is None else body)))
        return running[-1]

    yield start
    for canned in running:
        canned.stop()
