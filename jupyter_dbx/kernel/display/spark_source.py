"""Sources on the cluster: Spark DataFrames.

Values that Spark formats best (times in the session's time zone, intervals, variants, nested values) become text on the cluster:
only numbers, booleans, strings and bytes are sent to the kernel, cut to the length shown. Columns are identified by position,
because their names may be equal.

The rows are *collected*, for which Spark reads partition after partition until it has enough. `toArrow()` and `toPandas()` of a
limit read the first rows of every partition: six times slower for a million rows in 200 partitions, worse for larger tables.

What is collected is bounded before: by columns and rows, and by cutting the cells of large rows. Only rows that fit into the page
need their whole cells, so few that a second query can read them, if any of them was cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from jupyter_dbx.kernel.display import spark_groups, spark_profile
from jupyter_dbx.kernel.display.cells import encode_value
from jupyter_dbx.kernel.display.grouping import Grouping, Groups
from jupyter_dbx.kernel.display.profile import PROFILE_CAP, Profile
from jupyter_dbx.kernel.display.rows import (
    BYTE_CAP,
    COLUMN_CAP,
    CUT_KINDS,
    LEAST_ROWS,
    READ_CAP,
    Column,
    Rows,
    row_limit,
)
from jupyter_dbx.kernel.display.source import Source
from jupyter_dbx.kernel.display.spark_cells import (
    SIZE,
    exact,
    is_shown_unchanged,
    kind_of,
    readable,
    shortened,
    size_of,
    whole,
)

if TYPE_CHECKING:
    import pyarrow as pa

#: Maximum size of the texts of one row, bytes.
ROW_BYTES = BYTE_CAP // LEAST_ROWS


class SparkSource(Source):
    """A DataFrame that is not streaming.

    Parameters
    ----------
    df : a PySpark DataFrame
    """

    def __init__(self, df: Any) -> None:  # mypy does not follow PySpark here
        self._df = df
        self._all = list(df.schema.fields)
        self._fields = self._all[:COLUMN_CAP]
        self._columns = tuple(_column_of(field) for field in self._fields)
        #: names of the columns whose cells may be long, among those that `_readable` returns
        self._wide = [str(i) for i, column in enumerate(self._columns) if column.kind in CUT_KINDS]

    def rows(self, offset: int, limit: int) -> Rows:
        if not self._columns:
            return Rows((), (), 0, False)
        df = self._df.offset(offset) if offset else self._df
        limit = row_limit(limit, len(self._columns))
        if not self._wide:
            found = self._readable(df).limit(limit + 1).collect()
            return self._rows_of(found[:limit], has_more=len(found) > limit)
        row_bytes = min(ROW_BYTES, READ_CAP // limit)
        found = self._bounded(df, row_bytes).limit(limit + 1).collect()
        shown = _count_shown([line[SIZE] for line in found[:limit]])
        if row_bytes < ROW_BYTES and any(line[SIZE] > row_bytes for line in found[:shown]):
            uncut = self._bounded(df, min(ROW_BYTES, READ_CAP // shown)).limit(shown).collect()
            return self._rows_of(uncut, has_more=len(found) > shown)
        return self._rows_of(found[:limit], has_more=len(found) > limit)

    def none(self) -> Rows:
        """Return the table without rows."""
        return self._rows_of([], has_more=False)

    def last(self, limit: int) -> Rows:
        """Return up to `limit` of the last rows."""
        limit = row_limit(limit, len(self._columns))
        return self._rows_of(self._bounded(self._df, min(ROW_BYTES, READ_CAP // limit)).tail(limit), has_more=False)

    def profile(self, *, precise: bool) -> Profile:
        columns = self._columns[:PROFILE_CAP]
        return spark_profile.profile(_by_position(self._df), columns, len(self._all) - len(columns), precise=precise)

    def width(self) -> int:
        return len(self._columns)

    def columns(self) -> list[tuple[str, str]]:
        return [(field.name, field.dataType.simpleString()) for field in self._all]

    def only(self, places: Sequence[int]) -> SparkSource:
        chosen = _by_position(self._df).select(*(str(place) for place in places))
        return SparkSource(chosen.toDF(*(self._all[place].name for place in places)))

    def groups(self, grouping: Grouping) -> Groups:
        return spark_groups.groups(_by_position(self._df), self._columns, grouping)

    def arrow(self, count: int) -> pa.Table:
        df = _by_position(self._df).limit(count)
        columns = [exact(str(i), field.dataType) for i, field in enumerate(self._fields)]
        return df.selectExpr(*columns).toArrow().rename_columns([field.name for field in self._fields])

    def tables(self, *, as_text: bool) -> Iterator[pa.Table]:
        convert = whole if as_text else exact
        columns = [convert(str(i), field.dataType) for i, field in enumerate(self._fields)]
        for table in _arrow_pieces(_by_position(self._df).selectExpr(*columns)):
            yield table.rename_columns([field.name for field in self._fields])

    def _readable(self, df: Any) -> Any:
        """Return the rows in the form shown, with the columns' positions as names; a step left out saves milliseconds."""
        if all(is_shown_unchanged(field.dataType) for field in self._fields) and len(self._fields) == len(self._all):
            return df
        names = [field.name for field in self._all]
        if len({name.lower() for name in names}) < len(names) or any("`" in name or not name for name in names):
            df, names = _by_position(df), list(map(str, range(len(names))))
        found = zip(names, self._fields, strict=False)  # the first columns only
        return df.selectExpr(*(readable(name, str(i), field.dataType) for i, (name, field) in enumerate(found)))

    def _bounded(self, df: Any, row_bytes: int) -> Any:
        """Return the rows in the form shown and their sizes, with short cells in rows of more than `row_bytes`."""
        if not self._wide:
            return self._readable(df)
        sized = self._readable(df).selectExpr("*", size_of(self._wide))
        length = row_bytes // len(self._wide)
        columns = [
            shortened(name, row_bytes, length) if name in self._wide else f"`{name}`"
            for name in map(str, range(len(self._fields)))
        ]
        return sized.selectExpr(*columns, SIZE)

    def _rows_of(self, lines: list[Any], *, has_more: bool) -> Rows:
        cells = tuple([encode_value(line[i]) for line in lines] for i in range(len(self._columns)))
        return Rows(self._columns, cells, len(lines), has_more, len(self._all) - len(self._columns))


def _column_of(field: Any) -> Column:
    return Column(field.name, field.dataType.simpleString(), kind_of(field.dataType))


def _count_shown(sizes: list[int]) -> int:
    """Return how many rows of these sizes fit into the page, once the large ones are cut."""
    ends = accumulate(min(size, ROW_BYTES) for size in sizes)
    return max(min(LEAST_ROWS, len(sizes)), sum(end <= BYTE_CAP for end in ends))


def _arrow_pieces(df: Any) -> Iterator[pa.Table]:
    """Return a DataFrame's rows as Arrow tables, of which one partition at a time is computed.

    PySpark's `toArrow` collects all rows at once, and its `toLocalIterator` is ten times slower. Both convert what this reads.
    """
    import pyarrow as pa
    from pyspark.sql.pandas.types import to_arrow_schema

    schema = to_arrow_schema(df.schema, timezone="UTC", error_on_duplicated_field_names_in_struct=True)
    yield schema.empty_table()
    batches = df._jdf.toArrowBatchRdd().toLocalIterator()
    while batches.hasNext():
        batch = pa.ipc.read_record_batch(pa.py_buffer(batches.next()), schema)
        yield pa.Table.from_batches([batch])


def _by_position(df: Any) -> Any:
    """Return a DataFrame with its columns renamed to "0", "1", …"""
    return df.toDF(*map(str, range(len(df.columns))))


def is_dataframe(value: Any) -> bool:
    """Return whether a value is a Spark DataFrame, without importing PySpark."""
    return any(c.__module__.startswith("pyspark.sql") and c.__name__ == "DataFrame" for c in type(value).__mro__)
