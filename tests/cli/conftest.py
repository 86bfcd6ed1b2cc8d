"""A real server whose clusters are made up, and shells that find it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))  # where `live.py` is
sys.path.insert(0, str(Path(__file__).parents[1] / "rest"))  # where `asking.py` is
sys.path.insert(0, str(Path(__file__).parents[1] / "kernel"))  # where `answering.py` is

from answering import Place
from asking import delete_all
from commanding import Shell
from live import TOKEN, Server, Workspace

OPTIONS = ("--DbxApp.backend_name=memory", "--DbxApp.user_name=ada", "--ClusterController.busy_s=0.02")


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
    """A shell that knows no server."""
    return Shell.clean(tmp_path)


@pytest.fixture
def shell(server: Server, empty_shell: Shell) -> Shell:
    """A shell that knows the server."""
    return empty_shell.having(DATABRICKS_HOST=server.url, DATABRICKS_TOKEN=TOKEN)


@pytest.fixture
def hold(server: Server) -> Iterator[Callable[[], None]]:
    """Keeps drivers from getting ready, from its call to the end of the test."""
    flag = server.workspace.data / "hold"
    yield flag.touch
    flag.unlink(missing_ok=True)


@pytest.fixture
def answer() -> Iterator[Callable[..., Place]]:
    """Starts servers that answer everything with a status and a body, and stops them after the test."""
    running: list[Place] = []

    def start(status: int = 200, body: object = None) -> Place:
        running.append(Place((status, {} if body is None else body)))
        return running[-1]

    yield start
    for place in running:
        place.stop()
