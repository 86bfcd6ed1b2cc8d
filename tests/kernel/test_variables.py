"""The list of a notebook's variables."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_dbx.kernel.display.variables import COLUMNS_CAP, VALUE_CAP, VARIABLES_CAP, list_variables


def listed(**names: Any) -> list[dict[str, Any]]:
    return list(list_variables(names, hidden={"hidden"})["variables"])


class Table:
    """A Spark DataFrame, as far as it is listed."""

    __module__ = "pyspark.sql.classic.dataframe"
    isStreaming = False
    dtypes = (("id", "bigint"), ("name", "string"))
    storageLevel = SimpleNamespace(useMemory=False, useDisk=False, useOffHeap=False)


DataFrame = type("DataFrame", (Table,), {"__module__": Table.__module__, "dtypes": list(Table.dtypes)})


class Unprintable:
    """Its length cannot be found."""

    def __len__(self) -> int:
        raise ValueError("no length\nsecond line")


@pytest.mark.parametrize(
    ("value", "kind", "about"),
    [
        (1, "int", "1"),
        ("x" * 1_000, "str", None),
        (10**5_000, "int", None),
        ([1, 2], "list", "2 items"),
        ({"a": 1}, "dict", "1 item"),
        (np.zeros((3, 4)), "ndarray", "3 × 4 float64"),
        (pd.Series([1]), "Series", "1 int64"),
        (object(), "object", ""),
        (Unprintable(), "Unprintable", "no length"),
        (pd.DataFrame({"a": [1, 2, 3]}), "DataFrame", "3 rows · 1 column"),
        (DataFrame(), "DataFrame", "2 columns"),
    ],
    ids=lambda part: type(part).__name__,
)
def test_variable_has_its_type_and_a_short_description(value: Any, kind: str, about: str | None) -> None:
    (row,) = listed(it=value)

    assert (row["name"], row["type"]) == ("it", kind)
    assert row["about"] == about if about is not None else 0 < len(row["about"]) <= VALUE_CAP


def test_tables_have_their_columns() -> None:
    spark, pandas, number = listed(s=DataFrame(), p=pd.DataFrame({"a": [1.5], 2: ["x"]}), n=1)

    assert spark["columns"] == [["id", "bigint"], ["name", "string"]]
    assert [name for name, _ in pandas["columns"]] == ["a", "2"]
    assert [row["is_table"] for row in (spark, pandas, number)] == [True, True, False]


def test_what_a_notebook_imports_and_defines_is_not_listed() -> None:
    assert listed(math=math, sqrt=math.sqrt, f=lambda: 1, Table=Table, _private=1, hidden=2, kept=3) == [
        {"name": "kept", "type": "int", "about": "3", "columns": [], "is_table": False}
    ]


def test_list_is_bounded() -> None:
    many = {f"v{n}": n for n in range(VARIABLES_CAP + 5)}
    wide = pd.DataFrame(np.zeros((1, COLUMNS_CAP + 5)))

    answer = list_variables(many, hidden=())
    (table,) = listed(wide=wide)

    assert (len(answer["variables"]), answer["total"]) == (VARIABLES_CAP, VARIABLES_CAP + 5)
    assert (len(table["columns"]), table["about"]) == (COLUMNS_CAP, f"1 row · {COLUMNS_CAP + 5} columns")
