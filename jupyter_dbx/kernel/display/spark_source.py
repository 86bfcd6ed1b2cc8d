"""Sources on the cluster: Spark DataFrames.

What Spark itself writes best (times in the session's time zone, intervals, variants, nested values) becomes text on the cluster:
only numbers, booleans, texts and bytes come here, none longer than is shown. Columns are told apart by their place, because names
may be equal.

The rows are *collected*: then Spark reads partition after partition until it has enough. `toArrow()` and `toPandas()` of a limit
read the first rows of every partition: six times as long for a million rows in 200 partitions, and worse the larger the table.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_dbx.kernel.display import spark_profile
from jupyter_dbx.kernel.display.cells import BYTES_CAP, TEXT_CAP, encode_value
from jupyter_dbx.kernel.display.profile import Profile
from jupyter_dbx.kernel.display.source import Column, Rows, Source

if TYPE_CHECKING:
    import pyarrow as pa

#: Spark's types by what their columns hold; `typeName()`s. All others are nested or text.
KINDS = {
    "number": r"byte|short|integer|long|float|double|decimal.*",
    "boolean": r"boolean",
    "binary": r"binary|geometry.*|geography.*",
    "time": r"date|time|time\(.*|timestamp|timestamp_ntz",
    "nested": r"array|map|struct|variant",
}


class SparkSource(Source):
    """A DataFrame that is no stream.

    Parameters
    ----------
    df : of PySpark
    """

    def __init__(self, df: Any) -> None:  # PySpark is not followed by mypy here
        self._df = df
        self._fields = list(df.schema.fields)
        self._columns = columns_of(df)

    def rows(self, offset: int, most: int) -> Rows:
        if not self._columns:
            return Rows((), (), 0, False)
        df = self._df.offset(offset) if offset else self._df
        found = self._shown(df).limit(most + 1).collect()
        return self._rows_of(found[:most], has_more=len(found) > most)

    def last(self, most: int) -> Rows:
        """Return its last rows, up to `most`."""
        return self._rows_of(self._readable(_by_place(self._df)).tail(most), has_more=False)

    def profile(self, *, precise: bool) -> Profile:
        return spark_profile.profile(_by_place(self._df), self._columns, precise=precise)

    def arrow(self, count: int) -> pa.Table:
        df = _by_place(self._df).limit(count)
        names = [field.name for field in self._fields]
        return (
            df.select(*(_whole(str(i), field) for i, field in enumerate(self._fields))).toArrow().rename_columns(names)
        )

    def _shown(self, df: Any) -> Any:
        """Return its rows as they are shown; each step that can be left out saves milliseconds."""
        names = [field.name for field in self._fields]
        if len({name.lower() for name in names}) < len(names) or any("`" in name or not name for name in names):
            return self._readable(_by_place(df))
        if all(kind_of(f.dataType) in ("number", "boolean") and f.dataType.typeName() != "float" for f in self._fields):
            return df
        return df.select(*(_readable(f"`{field.name}`", field) for field in self._fields))

    def _readable(self, df: Any) -> Any:
        return df.select(*(_readable(str(i), field) for i, field in enumerate(self._fields)))

    def _rows_of(self, lines: list[Any], *, has_more: bool) -> Rows:
        cells = tuple([encode_value(line[i]) for line in lines] for i in range(len(self._columns)))
        return Rows(self._columns, cells, len(lines), has_more)


def _by_place(df: Any) -> Any:
    """Return a DataFrame with its columns called "0", "1", …"""
    return df.toDF(*map(str, range(len(df.columns))))


def is_dataframe(value: Any) -> bool:
    """Return whether a value is a Spark DataFrame, without importing PySpark to find out."""
    return any(c.__module__.startswith("pyspark.sql") and c.__name__ == "DataFrame" for c in type(value).__mro__)


def columns_of(df: Any) -> tuple[Column, ...]:
    """Return the columns of a DataFrame, also of a stream."""
    return tuple(Column(f.name, f.dataType.simpleString(), kind_of(f.dataType)) for f in df.schema.fields)


def kind_of(data_type: Any) -> str:
    """Return what a column of a Spark type holds, as `cells.kind_of` says it."""
    name = data_type.typeName()
    return next((kind for kind, names in KINDS.items() if re.fullmatch(names, name)), "text")


def _readable(name: str, field: Any) -> Any:
    """Return the expression by which a column comes as a number, boolean, text or bytes that are no longer than is shown."""
    from pyspark.sql import functions as F

    column, type_name = F.col(name), field.dataType.typeName()
    match kind_of(field.dataType):
        case "number" if type_name == "float":
            return column.cast("string").cast("double").alias(name)  # by its shortest text, as `cells` does it
        case "number" | "boolean":
            return column
        case "binary":
            column = F.call_function("st_asbinary", column) if type_name.startswith("geo") else column
            return F.substring(column, 1, BYTES_CAP + 1).alias(name)
        case "nested" if type_name != "variant":
            column = F.to_json(column, {"ignoreNullFields": "false"})
        case _:
            column = column.cast("string")
    return F.substring(column, 1, TEXT_CAP + 1).alias(name)


def _whole(name: str, field: Any) -> Any:
    """Return the expression by which a column comes as it is, or as text if Arrow knows no such type."""
    from pyspark.errors import PySparkException
    from pyspark.sql import functions as F
    from pyspark.sql.pandas.types import to_arrow_type

    column, data_type = F.col(name), field.dataType
    try:
        to_arrow_type(data_type, timezone="UTC", error_on_duplicated_field_names_in_struct=True)
    except PySparkException:
        is_nested = data_type.typeName() in ("array", "map", "struct")
        return (F.to_json(column) if is_nested else column.cast("string")).alias(name)
    return column.cast("string").alias(name) if data_type.typeName() == "variant" else column
