"""A server whose database becomes unavailable and returns: every request gets a response, and the server recovers by itself."""

from __future__ import annotations

import contextlib
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

from jupyter_dbx import __version__
from jupyter_dbx.store.tables import SCHEMA_REVISION

#: Server with simulated nodes and drivers.
PROGRAM = (str(Path(__file__).parents[1] / "rest" / "memory_app.py"),)

#: Maximum time of a request, s.
LONGEST_REQUEST_S = 60


class Patient(Server):
    """A server that counts as up as soon as it responds, with or without a store."""

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
    """Starts servers, and checks their logs for unexpected errors."""
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
    """Return a new running cluster."""
    cluster_id = server.create("demo", node_type_id="memory-1c", num_workers=1)
    return server.wait(cluster_id, "RUNNING", "TERMINATED")


def refusal(server: Server) -> str:
    """Return the error message of creating a cluster, within the time limit."""
    began = time.monotonic()
    status, answer = server.refusal("POST", "api/2.0/clusters/create", {"node_type_id": "memory-1c", "num_workers": 1})
    assert time.monotonic() - began < LONGEST_REQUEST_S
    assert (status, answer["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")
    return str(answer["message"])


def ids(server: Server) -> list[str]:
    return [c["cluster_id"] for c in server.call("GET", "api/2.0/clusters/list").get("clusters", [])]


def test_server_survives_a_restart_of_its_database(serve: Callable[..., Server], postgres: Postgres) -> None:
    server = serve(f"--DbxApp.store_url={postgres.new_database()}")
    before = create(server)

    postgres.stop()
    message = refusal(server)
    postgres.start()

    assert "Start PostgreSQL" in message
    after = server.cluster(before["cluster_id"])
    assert (after["state"], after["start_time"]) == ("RUNNING", before["start_time"])
    assert create(server)["state"] == "RUNNING"
    assert len(ids(server)) == 2


def test_server_starts_without_its_database_and_works_once_it_is_available(
    serve: Callable[..., Server], postgres: Postgres
) -> None:
    url = postgres.new_database()
    postgres.stop()
    server = serve(f"--DbxApp.store_url={url}")

    message = refusal(server)
    postgres.start()

    assert "Start PostgreSQL" in message
    assert create(server)["state"] == "RUNNING"


def test_server_rejects_the_store_of_newer_code_and_works_once_it_is_replaced(serve: Callable[..., Server]) -> None:
    first = serve()
    create(first)
    first.stop()
    file = first.workspace.data / "dbx.db"
    set_revision(file, "0099")
    server = serve(f"--DbxApp.store_url=sqlite:///{file}")

    status, answer = server.refusal("GET", "api/2.0/clusters/list")
    log = server.log.read_text()
    set_revision(file, SCHEMA_REVISION)

    assert (status, answer["error_code"]) == (500, "INTERNAL_ERROR")
    assert all(fact in answer["message"] for fact in ("0099", SCHEMA_REVISION, __version__))
    assert answer["message"] in log
    wait_until(lambda: create(server)["state"] == "RUNNING", 30)


def set_revision(file: Path, revision: str) -> None:
    """Set the revision of a store, as code of another version would."""
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [revision])


def test_server_survives_a_lock_on_its_database(serve: Callable[..., Server]) -> None:
    server = serve()
    before = create(server)
    file = server.workspace.data / "dbx.db"

    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    message = refusal(server)
    read = ids(server)
    holder.close()

    assert f"Another process has locked the store {file}" in message
    assert read == [before["cluster_id"]]
    assert create(server)["state"] == "RUNNING"
