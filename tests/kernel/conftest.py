"""Magics on a made-up server."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from fake_server import FakeClient, FakeShell, a_cluster, a_pulse

from jupyter_dbx.kernel.magics import verbs, waiting
from jupyter_dbx.kernel.magics.cluster import ClusterMagics


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

    monkeypatch.setattr(verbs, "display", display)
    monkeypatch.setattr(waiting, "display", display)
    monkeypatch.setattr(waiting, "POLL_S", 0)
    return found


@pytest.fixture
def magics(client: FakeClient, shown: list[Any]) -> ClusterMagics:
    return ClusterMagics(FakeShell(client))
