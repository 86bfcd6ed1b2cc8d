"""Web servers for kernels to find, and an environment without any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from answering import Place


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
