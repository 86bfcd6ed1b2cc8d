"""How the columns of Spark are read; types only, without a cluster. tests/integration has the values."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.ml.linalg import VectorUDT
from pyspark.sql import types as T
from pyspark.testing.objects import PythonOnlyUDT

from jupyter_dbx.kernel.display.spark_cells import exact, kind_of, readable, size_of

NESTED = T.ArrayType(T.StructType([T.StructField("a`b", VectorUDT()), T.StructField("n", T.IntegerType())]))


@pytest.mark.parametrize("data_type", [VectorUDT(), PythonOnlyUDT(), NESTED, T.MapType(T.StringType(), VectorUDT())])
def test_user_defined_types_are_nested_values(data_type: Any) -> None:
    assert kind_of(data_type) == "nested"


@pytest.mark.parametrize(
    ("data_type", "expression"),
    [
        (T.LongType(), "`x` AS `0`"),
        (T.FloatType(), "CAST(CAST(`x` AS STRING) AS DOUBLE) AS `0`"),
        (T.StringType(), "substring(CAST(`x` AS STRING), 1, 4001) AS `0`"),
        (VectorUDT(), "substring(CAST(`x` AS STRING), 1, 4001) AS `0`"),
        (
            NESTED,
            "substring(to_json(CAST(`x` AS array<struct<`a``b`: STRING, `n`: int>>), map('ignoreNullFields', 'false')),"
            " 1, 4001) AS `0`",
        ),
    ],
)
def test_column_is_read_as_it_is_shown(data_type: Any, expression: str) -> None:
    assert readable("x", "0", data_type) == expression


def test_file_has_texts_for_user_defined_types() -> None:
    assert exact("0", VectorUDT()) == "CAST(`0` AS STRING) AS `0`"
    assert exact("0", T.ArrayType(VectorUDT())) == "CAST(`0` AS array<STRING>) AS `0`"
    assert exact("0", T.LongType()) == "`0`"


def test_size_of_many_columns_is_one_flat_expression() -> None:
    expression = size_of([str(i) for i in range(1000)])

    depth = max(expression[:i].count("(") - expression[:i].count(")") for i in range(0, len(expression), 7))
    assert depth <= 3
