"""The world that scenarios play in."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from world import World

from jupyter_dbx.store import Store


@pytest.fixture
def world(store: Store, clock: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    """A workspace whose ids are the same at every run."""
    numbers = count(1)
    monkeypatch.setattr("secrets.token_hex", lambda size: f"{next(numbers):0{2 * size}x}")
    steady = type(clock)()
    # Unlike the wall clock's, so that neither is taken for the other.
    steady.now = 5000.0
    return World(store, clock, steady)
