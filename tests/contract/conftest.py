"""Databases for the store; a local backend on a machine of known size, and one node on it."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterator
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
    """A private server; where CI requires it, its absence is a failure."""
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
    """Returns URLs of new databases, parametrized by the kind of database."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return server.new_database
    numbers = itertools.count()
    return lambda: f"sqlite:///{tmp_path}/dbx-{next(numbers)}.db"


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    return new_url()


@pytest.fixture
async def store(url: str, clock: Any) -> AsyncIterator[Store]:
    store = await Store(url, clock=clock).open()
    yield store
    await store.close()


@pytest.fixture
async def other(store: Store, url: str, clock: Any) -> AsyncIterator[Store]:
    """A second server on the same database."""
    other = await Store(url, clock=clock).open()
    yield other
    await other.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "nodes"


@pytest.fixture
async def machine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalBackend]:
    """A backend on a machine of 10 GiB and 2 cores."""
    monkeypatch.setattr(local, "machine_memory_mib", lambda: 10_240)
    monkeypatch.setattr(local.os, "cpu_count", lambda: 2)
    backend = LocalBackend(folder=str(folder))
    await backend.open()
    yield backend
    for node_id in list(await backend.list_nodes()):
        await backend.release(sample_node(node_id))


@pytest.fixture
async def node(machine: LocalBackend) -> Node:
    return await provision(machine, sample_node("worker-1", cores=1, memory_mib=1024))
