"""Types of Spark's properties: values are read as Spark reads them, and refused with its words."""

from __future__ import annotations

import pytest

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.spark.properties import check_types

VERSION = "4.3.0"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spark.sql.shuffle.partitions", " 5 "),
        ("spark.sql.shuffle.partitions", "+5"),
        ("spark.sql.adaptive.enabled", " TRUE "),
        ("spark.memory.fraction", "1e-1"),
        ("spark.memory.fraction", "0.5d"),
        ("spark.locality.wait", "3S"),
        ("spark.locality.wait", "-5"),
        ("spark.network.timeout", " 60s "),
        ("spark.sql.files.maxPartitionBytes", "1kib"),
        ("spark.sql.files.maxPartitionBytes", "128MB"),
        ("spark.sql.parquet.compression.codec", "ZSTD"),
        ("spark.scheduler.mode", "FIFO"),
        ("spark.sql.shuffle.partitions", "${spark.default.parallelism}"),
        ("spark.of.somebody.else", "abc"),
        ("spark.app.name", "abc"),
    ],
)
def test_value_that_spark_reads_is_accepted(name: str, value: str) -> None:
    check_types({name: value}, VERSION)


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("spark.sql.shuffle.partitions", "abc", "a/an 'int' value"),
        ("spark.sql.shuffle.partitions", "3000000000", "a/an 'int' value"),
        ("spark.sql.shuffle.partitions", "", "a/an 'int' value"),
        ("spark.sql.adaptive.enabled", "yes", "a/an 'boolean' value"),
        ("spark.memory.fraction", "half", "a/an 'double' value"),
        ("spark.locality.wait", "3 s", "a/an 'time in MILLISECONDS' value"),
        ("spark.locality.wait", "5x", "a/an 'time in MILLISECONDS' value"),
        ("spark.sql.files.maxPartitionBytes", "1.5m", "a/an 'bytes in BYTE' value"),
        ("spark.scheduler.mode", "fair", "one of 'FAIR, FIFO, NONE'"),
        ("spark.sql.parquet.compression.codec", "zip", "one of 'brotli, gzip, "),
    ],
)
def test_wrong_value_is_refused_at_its_field_with_sparks_words(name: str, value: str, wanted: str) -> None:
    with pytest.raises(InvalidParameterValue) as caught:
        check_types({name: value}, VERSION)

    assert caught.value.message.startswith(
        f"The value '{value}' in the config \"{name}\" is invalid. It should be {wanted}"
    )
    assert caught.value.field == f"spark_conf.{name}"


def test_properties_of_another_version_of_spark_are_not_checked() -> None:
    check_types({"spark.sql.shuffle.partitions": "abc"}, "4.30.0")
