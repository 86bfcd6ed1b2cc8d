"""What is charted of the batches of a displayed stream."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_dbx.kernel.display.stream import batch_of

PROGRESS = {
    "timestamp": "2026-07-01T10:00:00.500Z",
    "inputRowsPerSecond": 5.0,
    "processedRowsPerSecond": 40.0,
    "durationMs": {"triggerExecution": 120, "addBatch": 100},
}


@pytest.mark.parametrize(
    ("progress", "batch"),
    [
        (PROGRESS, (1782900000.5, 5.0, 40.0, 120)),
        ({"timestamp": PROGRESS["timestamp"]}, (1782900000.5, None, None, None)),
        ({}, None),
    ],
    ids=["a batch", "a batch without rows", "no batch yet"],
)
def test_batch_has_its_begin_rates_and_duration(progress: dict[str, Any], batch: Any) -> None:
    assert batch_of(progress) == batch
