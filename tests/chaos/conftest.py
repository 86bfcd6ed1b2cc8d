"""Faults on real processes, in a separate workspace."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))  # where `live.py` is

from drill import Drill
from live import Workspace, processes_of


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory, archives: Path) -> Iterator[Drill]:
    """One cluster for all faults, one after another."""
    folder = tmp_path_factory.mktemp("chaos")
    drill = Drill(Workspace(folder, archives))
    yield drill
    drill.close()
    assert list((folder / "data" / "nodes").glob("*")) == [], "nodes remain"
    assert processes_of(str(folder)) == [], "processes remain"
