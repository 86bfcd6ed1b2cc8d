"""PySpark's examples for the methods whose paths the kernel changes; `tests/benchmarks/doctests.py` runs all of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from live import Notebook

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from doctests import examples

pytestmark = pytest.mark.spark


def test_examples_of_reading_and_writing_pass(notebook: Notebook) -> None:
    found, _ = examples(notebook, "readwriter", r"\.(load|csv|json|save|parquet|option)$")

    assert len(found) >= 20
    assert [example for example in found.values() if not example["passed"]] == []
