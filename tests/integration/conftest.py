"""One workspace, one server and one cluster for all tests that need real Spark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import Notebook, Server, Workspace, processes_of


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory, archives: Path) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("workspace")
    yield Workspace(folder, archives)
    assert processes_of(str(folder)) == [], "processes are left"


@pytest.fixture(scope="session")
def server(workspace: Workspace) -> Iterator[Server]:
    server = Server(workspace)
    yield server
    for cluster in server.call("GET", "api/2.0/clusters/list")["clusters"]:
        server.delete(cluster["cluster_id"])
    server.stop()


@pytest.fixture(scope="session")
def prefixed(workspace: Workspace, server: Server) -> Iterator[Server]:
    """A second server on the same workspace, behind a base URL prefix; the first one holds the lease."""
    second = Server(workspace, base_url="/user/me/")
    yield second
    second.stop()


@pytest.fixture(scope="session")
def cluster_id(server: Server) -> str:
    """A running cluster of a driver and two workers, with few shuffle partitions for small data."""
    cluster_id = server.create("shared", num_workers=2, spark_conf={"spark.sql.shuffle.partitions": "4"})
    assert server.wait(cluster_id, "RUNNING", "TERMINATED")["state"] == "RUNNING"
    return cluster_id


@pytest.fixture
def open_notebook(server: Server) -> Iterator[Callable[[str], Notebook]]:
    """Opens notebooks, and closes them after the test."""
    opened: list[Notebook] = []

    def open_one(path: str) -> Notebook:
        opened.append(Notebook(server, path))
        return opened[-1]

    yield open_one
    for notebook in opened:
        notebook.close()


@pytest.fixture
def notebook(open_notebook: Callable[[str], Notebook], cluster_id: str, request: pytest.FixtureRequest) -> Notebook:
    """A notebook attached to the shared cluster."""
    return open_notebook(f"{request.node.name[:40]}.ipynb").attach(cluster_id)
