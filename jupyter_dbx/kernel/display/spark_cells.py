"""Spark's values as cells: the SQL expressions that turn columns into numbers, booleans, strings and bytes on the cluster.

They are texts, because each of a wide table's Column objects costs several calls of the driver's JVM. A column is identified by a
name that needs no escaping.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from jupyter_dbx.kernel.display.cells import BYTES_CAP, TEXT_CAP

#: Kind of a column → pattern of Spark's `typeName()`. All other types are text.
KINDS = {
    "number": r"byte|short|integer|long|float|double|decimal.*",
    "boolean": r"boolean",
    "binary": r"binary|geometry.*|geography.*",
    "time": r"date|time|time\(.*|timestamp|timestamp_ntz",
    "nested": r"array|map|struct|variant",
}

#: The column with the size of a row's texts, bytes.
SIZE = "size"

# PySpark is not followed by mypy here, hence Any.


def kind_of(data_type: Any) -> str:
    """Return the kind of a column of a Spark type, one of those of `cells.kind_of`."""
    if is_user_defined(data_type):
        return "nested"
    name = data_type.typeName()
    return next((kind for kind, names in KINDS.items() if re.fullmatch(names, name)), "text")


def is_user_defined(data_type: Any) -> bool:
    """Return whether a type is a user-defined one, such as the vectors of MLlib."""
    return hasattr(data_type, "sqlType")


def is_shown_unchanged(data_type: Any) -> bool:
    """Return whether the values of a type need no expression."""
    return kind_of(data_type) in ("number", "boolean") and data_type.typeName() != "float"


def readable(name: str, alias: str, data_type: Any) -> str:
    """Return the expression of a column as numbers, booleans, strings or bytes, cut to the length shown."""
    value, kind = _value(name, data_type), kind_of(data_type)
    if kind in ("number", "boolean"):
        return f"{value} AS `{alias}`"
    return f"substring({value}, 1, {(BYTES_CAP if kind == 'binary' else TEXT_CAP) + 1}) AS `{alias}`"


def whole(name: str, data_type: Any) -> str:
    """Return the expression of a column as numbers, booleans, strings or bytes of any length."""
    return f"{_value(name, data_type)} AS `{name}`"


def _value(name: str, data_type: Any) -> str:
    column, type_name = f"`{name}`", data_type.typeName()
    match kind_of(data_type):
        case "number" if type_name == "float":  # the shortest decimal text, as in `cells`
            return f"CAST(CAST({column} AS STRING) AS DOUBLE)"
        case "number" | "boolean":
            return column
        case "binary":
            return f"st_asbinary({column})" if type_name.startswith("geo") else column
        case "nested" if type_name in ("array", "map", "struct"):
            value = f"CAST({column} AS {_plain_type(data_type)})" if _has_user_defined(data_type) else column
            return f"to_json({value}, map('ignoreNullFields', 'false'))"
    return f"CAST({column} AS STRING)"


def size_of(names: Sequence[str]) -> str:
    """Return the expression of the size of these columns, strings or bytes, in one row."""
    # One flat function: Spark cannot compile a sum of a thousand terms.
    return f"octet_length(concat_ws('', {', '.join(f'CAST(`{name}` AS STRING)' for name in names)})) AS {SIZE}"


def shortened(name: str, row_bytes: int, length: int) -> str:
    """Return the expression of a column, cut to `length` characters in rows of more than `row_bytes`."""
    return f"IF({SIZE} > {row_bytes}, substring(`{name}`, 1, {length + 1}), `{name}`) AS `{name}`"


def exact(name: str, data_type: Any) -> str:
    """Return the expression of a column unchanged, or as text if Arrow or Parquet's readers have no such type."""
    from pyspark.errors import PySparkException
    from pyspark.sql.pandas.types import to_arrow_type

    column, is_nested = f"`{name}`", data_type.typeName() in ("array", "map", "struct")
    if is_user_defined(data_type):
        return f"CAST({column} AS STRING) AS {column}"
    if _has_user_defined(data_type):
        return f"CAST({column} AS {_plain_type(data_type)}) AS {column}"
    try:
        to_arrow_type(data_type, timezone="UTC", error_on_duplicated_field_names_in_struct=True)
    except PySparkException:
        return f"to_json({column}) AS {column}" if is_nested else f"CAST({column} AS STRING) AS {column}"
    return f"CAST({column} AS STRING) AS {column}" if data_type.typeName() == "variant" else column


def _has_user_defined(data_type: Any) -> bool:
    return is_user_defined(data_type) or any(map(_has_user_defined, _inner_types(data_type)))


def _inner_types(data_type: Any) -> list[Any]:
    match data_type.typeName():
        case "array":
            return [data_type.elementType]
        case "map":
            return [data_type.keyType, data_type.valueType]
        case "struct":
            return [field.dataType for field in data_type.fields]
    return []


def _plain_type(data_type: Any) -> str:
    """Return a type in SQL, with strings for user-defined types."""
    if is_user_defined(data_type):
        return "STRING"
    inner = list(map(_plain_type, _inner_types(data_type)))
    match data_type.typeName():
        case "array" | "map" as name:
            return f"{name}<{', '.join(inner)}>"
        case "struct":
            names = [field.name.replace("`", "``") for field in data_type.fields]
            return f"struct<{', '.join(f'`{name}`: {kind}' for name, kind in zip(names, inner, strict=True))}>"
    return str(data_type.simpleString())
