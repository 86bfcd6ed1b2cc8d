"""Web servers for kernels to find, an environment without any other, and magics on a made-up server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from answering import Place
from fake_server import FakeClient, FakeShell, a_cluster, a_pulse

from jupyter_dbx.kernel.magics import cluster as cluster_magics
from jupyter_dbx.kernel.magics import waiting
from jupyter_dbx.kernel.magics.cluster import ClusterMagics


@pytest.fixture
def serve() -> Iterator[Callable[..., Place]]:
    """Starts servers that answer a status and a body, and stops them after the test."""
    running: list[Place] = []

    def start(status: int = 200, body: Any = None) -> Place:
        running.append(Place((status, {} if body is None else body)))
        return running[-1]

    yield start
    for place in running:
        place.stop()


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Jupyter's runtime folder, empty, in an environment that knows no server."""
    for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "runtime"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
    return folder


@pytest.fixture
def client() -> FakeClient:
    """A server of two clusters, none of which is attached."""
    single = a_cluster("2", "small", num_workers=0, executors=[], autotermination_minutes=0, state="TERMINATED")
    return FakeClient("http://fake/", "t", known=[a_cluster("1", "etl", live=a_pulse()), single])


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is shown in the notebook; an update counts as a further thing."""
    found: list[Any] = []

    def display(value: Any, **options: Any) -> SimpleNamespace:
        found.append(value)
        return SimpleNamespace(update=lambda value, **options: found.append(value))

    monkeypatch.setattr(cluster_magics, "display", display)
    monkeypatch.setattr(waiting, "display", display)
    monkeypatch.setattr(waiting, "ASK_EVERY_S", 0)
    return found


@pytest.fixture
def magics(client: FakeClient, shown: list[Any]) -> ClusterMagics:
    return ClusterMagics(FakeShell(client))
