"""A whole server whose database goes away and comes back: every request is answered, and nothing has to be done after."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from postgres import Postgres

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))  # where `live.py` is

from live import Server, Workspace, wait_until

#: Whose nodes and drivers are made up.
PROGRAM = (str(Path(__file__).parents[1] / "rest" / "memory_app.py"),)

#: No request takes longer, s.
LONGEST_REQUEST_S = 60


class Patient(Server):
    """A server that is up as soon as it answers at all, with or without a store."""

    def _wait_until_up(self) -> None:
        def answers() -> bool:
            try:
                self.call("GET", "api/status")
            except OSError:
                return False
            return True

        wait_until(answers, 60)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers, whose logs must tell of no surprise."""
    servers: list[Server] = []

    def start(*options: str) -> Server:
        workspace = Workspace(tmp_path / str(len(servers)), tmp_path / "cache")
        options = ("--DbxApp.backend_name=memory", "--DbxApp.user_name=ada", *options)
        servers.append(Patient(workspace, options=options, program=PROGRAM))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
        assert "Traceback" not in server.log.read_text(), server.log.read_text()


def create(server: Server) -> dict[str, Any]:
    """Return a new cluster once it runs."""
    cluster_id = server.create("demo", node_type_id="memory-1c", num_workers=1)
    return server.wait(cluster_id, "RUNNING", "TERMINATED")


def refusal(server: Server) -> str:
    """Return why a cluster cannot be created now, which is said in time."""
    began = time.monotonic()
    status, answer = server.refusal("POST", "api/2.0/clusters/create", {"node_type_id": "memory-1c", "num_workers": 1})
    assert time.monotonic() - began < LONGEST_REQUEST_S
    assert (status, answer["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")
    return str(answer["message"])


def ids(server: Server) -> list[str]:
    return [c["cluster_id"] for c in server.call("GET", "api/2.0/clusters/list").get("clusters", [])]


def test_server_outlives_a_restart_of_its_database(serve: Callable[..., Server], postgres: Postgres) -> None:
    server = serve(f"--DbxApp.store_url={postgres.new_database()}")
    before = create(server)

    postgres.stop()
    said = refusal(server)
    postgres.start()

    assert "Start PostgreSQL" in said
    after = server.cluster(before["cluster_id"])
    assert (after["state"], after["start_time"]) == ("RUNNING", before["start_time"])
    assert create(server)["state"] == "RUNNING"
    assert len(ids(server)) == 2


def test_server_starts_without_its_database_and_serves_once_it_is_there(
    serve: Callable[..., Server], postgres: Postgres
) -> None:
    url = postgres.new_database()
    postgres.stop()
    server = serve(f"--DbxApp.store_url={url}")

    said = refusal(server)
    postgres.start()

    assert "Start PostgreSQL" in said
    assert create(server)["state"] == "RUNNING"


def test_server_outlives_a_lock_on_its_database(serve: Callable[..., Server]) -> None:
    server = serve()
    before = create(server)
    file = server.workspace.data / "dbx.db"

    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    said = refusal(server)
    read = ids(server)
    holder.close()

    assert f"Another process keeps the store {file} locked" in said
    assert read == [before["cluster_id"]]
    assert create(server)["state"] == "RUNNING"
