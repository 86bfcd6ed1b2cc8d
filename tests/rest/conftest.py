"""A real Jupyter server with simulated clusters, for all tests of the API."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))  # for `live.py`

from http_client import delete_all, fetch
from live import Server
from serving import LEVELS, serve


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
def passive_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose controllers do nothing."""
    with serve(tmp_path_factory.mktemp("passive"), app="passive_app.py") as server:
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
    """Prevents drivers from becoming ready, from its call to the end of the test."""
    flag = server.workspace.data / "hold"
    yield flag.touch
    flag.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for several users, see `team_app.py`; `member` is in the group `data`, `boss` is an administrator."""
    folder = tmp_path_factory.mktemp("team")
    people: dict[str, Any] = {name: {"groups": []} for name in LEVELS}
    people["member"]["groups"] = ["data"]
    people["boss"]["admin"] = True
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "people.json").write_text(json.dumps(people))
    with serve(folder, app="team_app.py") as server:
        for name in LEVELS:
            assert fetch(server, "GET", "api/2.0/preview/scim/v2/Me", token=name).body["userName"] == name
        yield server


@pytest.fixture(scope="module")
def tokens(team: Server) -> dict[str, str]:
    """Return the kernels' tokens: user → token."""
    return dict(json.loads((team.workspace.data / "kernels.json").read_text()))
