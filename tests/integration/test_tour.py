"""The notebooks of the tour run from top to bottom, and their results match the data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from live import Notebook, Outcome

from jupyter_dbx.cli.flights import data_folder

pytestmark = pytest.mark.spark

TOUR = Path(__file__).parents[2] / "notebooks"

Run = Callable[[str], dict[str, Outcome]]


@pytest.fixture
def run(open_notebook: Callable[[str], Notebook], cluster_id: str) -> Run:
    """Runs a notebook; returns the outcome of each cell, by id."""

    def run_one(name: str) -> dict[str, Outcome]:
        notebook = open_notebook(f"tour-{name}/{name}.ipynb").attach(cluster_id)
        cells = nbformat.read(TOUR / f"{name}.ipynb", as_version=4).cells
        return {cell.id: notebook.run(cell.source).ok() for cell in cells if cell.cell_type == "code"}

    return run_one


@pytest.fixture(scope="module")
def flights() -> pd.DataFrame:
    folder = data_folder()
    assert folder is not None
    return pd.read_csv(folder / "flights.csv.zip")


def plain(outcome: Outcome) -> str:
    """Return the last table that a cell displayed, as plain text."""
    return str(outcome.displayed[-1]["text/plain"])


def test_sql_and_charts(run: Run, flights: pd.DataFrame) -> None:
    gave = run("02_sql_and_charts")

    assert gave["load"].value == str(len(flights))
    by_airline = plain(gave["by-airline"])
    assert "United Air Lines" in by_airline and str(len(flights[flights.carrier == "UA"])) in by_airline
    assert gave["next-python"].text.startswith("['United Air Lines")
    worst = flights.groupby("month")["dep_delay"].mean()
    assert f"{worst.idxmax()}" in plain(gave["script"]) and f"{worst.max():.1f}" in plain(gave["script"])
    assert "distance" in plain(gave["profile"])


def test_streaming(run: Run, flights: pd.DataFrame) -> None:
    gave = run("03_streaming")

    months = [int((flights.month <= month).sum()) for month in (3, 4)]
    words = (
        f"{months[0]:,} flights in three months, {months[0]:,} after reading nothing new, {months[1]:,} with April\n"
    )
    assert gave["ingest"].text == words
    assert gave["foreach"].value == str(months[1])
    assert "UA" in plain(gave["live"])


def test_widgets_and_run(run: Run, flights: pd.DataFrame) -> None:
    gave = run("04_widgets_and_run")

    late = flights[(flights.carrier == "UA") & (flights.origin == "JFK")]
    table = plain(gave["use-sql"])
    assert str(len(late)) in table and str(int((late.dep_delay >= 15).sum())) in table
    assert gave["after-run"].text.startswith("['Jan', 'Feb'")
    months: Any = flights.groupby("month").size()
    assert gave["notebook-run"].text == f"{months[1]:,} flights in Jan, {months[7]:,} in Jul\n"


def test_scala_and_python(run: Run, flights: pd.DataFrame) -> None:
    gave = run("05_scala_and_python")

    flown = flights[flights.air_time > 0]
    assert f"{len(flown):,} flights with a speed" in gave["dataset"].text
    kmh = (flown.distance * 1.609344 / (flown.air_time / 60)).groupby(flown.carrier).mean().max()
    assert f"{kmh:.3f}"[:6] in plain(gave["python"])
    assert f"{round(kmh / 1.852)}.0" in gave["scala-again"].text
