"""A real Jupyter server whose clusters are made up, for all tests of the API."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))  # where `live.py` is

from asking import delete_all
from live import Server
from serving import serve


@pytest.fixture(scope="session")
def whole_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests."""
    with serve(tmp_path_factory.mktemp("rest")) as server:
        yield server


@pytest.fixture(scope="session")
def whole_prefixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server behind a base URL prefix for all tests."""
    with serve(tmp_path_factory.mktemp("prefixed"), "/user/ada/") as server:
        yield server


@pytest.fixture(scope="session")
def still_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server in which nothing happens by itself."""
    with serve(tmp_path_factory.mktemp("still"), app="still_app.py") as server:
        yield server


@pytest.fixture
def server(whole_server: Server) -> Iterator[Server]:
    """A server without clusters."""
    yield whole_server
    delete_all(whole_server)


@pytest.fixture
def prefixed(whole_prefixed: Server) -> Iterator[Server]:
    """A server without clusters, behind a base URL prefix."""
    yield whole_prefixed
    delete_all(whole_prefixed)


@pytest.fixture
def hold(server: Server) -> Iterator[Callable[[], None]]:
    """Keeps drivers from getting ready, from its call to the end of the test."""
    flag = server.workspace.data / "hold"
    yield flag.touch
    flag.unlink(missing_ok=True)
