"""A local backend on a machine whose size is known, and one node on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import provision
from samples import sample_node

from jupyter_dbx.backends import local
from jupyter_dbx.backends.local import LocalBackend
from jupyter_dbx.model.node import Node

SLEEP = ("/bin/sleep", "100")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "nodes"


@pytest.fixture
def machine(folder: Path, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalBackend]:
    """A backend on a machine of 10 GiB and 2 cores."""
    monkeypatch.setattr(local, "machine_memory_mib", lambda: 10_240)
    monkeypatch.setattr(local.os, "cpu_count", lambda: 2)
    backend = LocalBackend(folder=str(folder))
    runner.run(backend.open())
    yield backend
    for node_id in list(runner.run(backend.list_nodes())):
        runner.run(backend.release(sample_node(node_id)))


@pytest.fixture
def node(machine: LocalBackend, runner: asyncio.Runner) -> Node:
    return runner.run(provision(machine, sample_node("worker-1", cores=1, memory_mib=1024)))
