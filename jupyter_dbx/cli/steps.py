"""Steps of the demo: the code cells of its notebook, with the titles under which their progress is printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """One code cell."""

    #: its index among all cells, and its number among the code cells (1, 2, …)
    index: int
    number: int
    #: the last heading above it
    section: str
    #: its first comment, else its first line
    title: str


def steps_of(cells: list[Any]) -> list[Step]:
    """Return the code cells of a notebook with their sections."""
    steps: list[Step] = []
    section = ""
    for index, cell in enumerate(cells):
        lines = [line.strip() for line in cell.source.splitlines() if line.strip()]
        if cell.cell_type == "markdown":
            headings = [line.lstrip("# ") for line in lines if line.startswith("#")]
            section = headings[-1] if headings else section
        elif cell.cell_type == "code" and lines:
            comments = [line.lstrip("#- ") for line in lines if line.startswith(("# ", "-- "))]
            steps.append(Step(index, len(steps) + 1, section, (comments or lines)[0]))
    return steps
