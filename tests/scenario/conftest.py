"""The world for scenario tests."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from passing_time import ManualClock
from world import World

from jupyter_dbx.store import Store


@pytest.fixture
def world(store: Store, clock: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    """A workspace with reproducible ids."""
    numbers = count(1)
    monkeypatch.setattr("secrets.token_hex", lambda size: f"{next(numbers):0{2 * size}x}")
    return World(store, clock, ManualClock())
