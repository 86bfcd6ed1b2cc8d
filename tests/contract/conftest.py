"""Databases for the store; a local backend on a machine whose size is known, and one node on it."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from places import provision
from postgres import Postgres, find_binaries
from samples import sample_node

from jupyter_dbx.backends import local
from jupyter_dbx.backends.local import LocalBackend
from jupyter_dbx.model.node import Node
from jupyter_dbx.store import Store

SLEEP = ("/bin/sleep", "100")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server of our own; where it has to be there, its absence is a failure."""
    binaries = find_binaries()
    if binaries is None or find_spec("psycopg") is None:
        missing = "PostgreSQL (apt-get install postgresql)" if binaries is None else "psycopg (pip install '.[test]')"
        if os.environ.get("CI_REQUIRES_POSTGRESQL"):
            pytest.fail(f"{missing} is not installed")
        pytest.skip(f"{missing} is not installed")
    server = Postgres(binaries)
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Gives URLs of databases that nobody has used yet; stands for every kind of database."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return server.new_database
    numbers = itertools.count()
    return lambda: f"sqlite:///{tmp_path}/dbx-{next(numbers)}.db"


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    return new_url()


@pytest.fixture
def store(url: str, clock: Any, runner: asyncio.Runner) -> Iterator[Store]:
    store = runner.run(Store(url, clock=clock).open())
    yield store
    runner.run(store.close())


@pytest.fixture
def other(store: Store, url: str, clock: Any, runner: asyncio.Runner) -> Iterator[Store]:
    """A second server on the same database."""
    other = runner.run(Store(url, clock=clock).open())
    yield other
    runner.run(other.close())


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
