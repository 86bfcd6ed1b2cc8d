"""Completion of SQL."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pyspark.errors import AnalysisException

from jupyter_dbx.kernel.magics.sql_completion import SqlCompleter, sql_before

TABLES = {"trips": ["distance", "pick up", "day"], "zones": ["zone_id", "day"]}


class Catalog:
    """Answers the completer's queries, as a session does."""

    def table(self, name: str) -> SimpleNamespace:
        if name not in TABLES:
            raise AnalysisException(f"There is no table {name}.")
        return SimpleNamespace(columns=TABLES[name])

    def sql(self, statement: str) -> SimpleNamespace:
        rows: dict[str, list[tuple[Any, ...]]] = {
            "SHOW TABLES": [("", "trips", False), ("", "zones", True)],
            "SHOW TABLES IN other": [("other", "people", False)],
            "SHOW SCHEMAS": [("default",), ("other",)],
            "SHOW CATALOGS": [("spark_catalog",)],
            "SHOW SYSTEM FUNCTIONS": [("day",), ("date_add",), ("+",)],
        }
        return SimpleNamespace(collect=lambda: rows[statement])


@pytest.fixture
def completer() -> SqlCompleter:
    return SqlCompleter(SimpleNamespace(is_bound=True, spark=Catalog()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("%sql\nSELECT a", "\nSELECT a"),
        ("%%sql SELECT a", " SELECT a"),
        ("# About it\n%sql\nSELECT", "\nSELECT"),
        ("x = 1\n%sql SELECT a", " SELECT a"),
        ('df = spark.sql("SELECT a', "SELECT a"),
        ('spark.sql(f"""\nSELECT a,\n', "\nSELECT a,\n"),
        ("sql('SELECT a') ; sql('SELECT b", "SELECT b"),
        ("x = 1\nSELECT", None),
        ('spark.sql("SELECT a")\nx', None),
        ("%sqlx\nSELECT", None),
        ("mysql.connect('a", None),
    ],
)
def test_sql_is_found_before_the_cursor(text: str, sql: str | None) -> None:
    assert sql_before(text) == sql


@pytest.mark.parametrize(
    ("before", "typed", "after", "words"),
    [
        ("SELECT * FROM ", "tr", "", ["trips"]),
        ("SELECT ", "di", " FROM trips", ["distance", "distinct"]),
        ("SELECT ", "pi", " FROM trips", ["`pick up`", "pivot"]),
        ("SELECT ", "DISTI", "", ["DISTINCT"]),
        ("SELECT t.", "d", " FROM trips t JOIN zones z", ["distance", "day"]),
        ("SELECT trips.", "", " FROM trips", ["distance", "`pick up`", "day"]),
        ("SELECT * FROM other.", "", "", ["people"]),
        ("SELECT ", "date", "", ["date_add"]),
        ("SELECT 'tr", "", "", []),
        ("SELECT 1 -- ", "tr", "", []),
    ],
)
def test_words_fit_the_context(completer: SqlCompleter, before: str, typed: str, after: str, words: list[str]) -> None:
    found = [word for word, _ in completer.words(before, typed, after)]

    assert found == words


def test_kernel_without_a_session_offers_keywords() -> None:
    completer = SqlCompleter(SimpleNamespace(is_bound=False))  # type: ignore[arg-type]

    assert completer.words("", "SEL") == [("SELECT", "keyword")]


def test_unknown_names_have_no_columns(completer: SqlCompleter) -> None:
    assert completer.words("SELECT x.", "", " FROM nothing x") == []
