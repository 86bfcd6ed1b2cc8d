"""In-memory sources: pandas, polars and Arrow frames, and lists of rows."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from jupyter_dbx.kernel.display import local_groups, local_profile
from jupyter_dbx.kernel.display.cells import encode, kind_of
from jupyter_dbx.kernel.display.grouping import Grouping, Groups
from jupyter_dbx.kernel.display.profile import PROFILE_CAP, Profile
from jupyter_dbx.kernel.display.rows import COLUMN_CAP, LEAST_ROWS, READ_CAP, ROW_CAP, Column, Rows, row_limit
from jupyter_dbx.kernel.display.source import Source
from jupyter_dbx.kernel.errors import NotebookError

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows read to estimate the size of the others, count.
PROBE_ROWS = 100

#: Reads columns by position, from an offset up to a limit of rows; returns an Arrow array for each of them.
Read = Callable[[Sequence[int], int, int], "list[pa.ChunkedArray]"]

# The values' libraries may not be installed here, hence Any.


class LocalSource(Source):
    """A frame in this process.

    Parameters
    ----------
    names : of all columns
    type_of : returns the type of a column, by position
    total : rows, count
    read : returns slices of columns
    places : positions of the columns shown; None = the first ones
    """

    def __init__(
        self,
        names: Sequence[str],
        type_of: Callable[[int], str],
        total: int,
        read: Read,
        places: Sequence[int] | None = None,
    ) -> None:
        self._names, self._type_of, self._total, self._read = names, type_of, total, read
        self._places = range(min(len(names), COLUMN_CAP)) if places is None else places

    def rows(self, offset: int, limit: int) -> Rows:
        limit = self._affordable(offset, row_limit(limit, self.width()))
        arrays = self._read(self._places, offset, limit)
        count = min(limit, max(0, self._total - offset))
        cells = tuple(encode(array) for array in arrays)
        left_out = len(self._names) - self.width()
        return Rows(self._described(arrays), cells, count, offset + count < self._total, left_out)

    def profile(self, *, precise: bool) -> Profile:
        arrays = self._read(self._places[:PROFILE_CAP], 0, self._total)
        left_out = len(self._names) - len(arrays)
        return local_profile.profile(arrays, self._described(arrays), self._total, left_out)

    def width(self) -> int:
        return len(self._places)

    def columns(self) -> list[tuple[str, str]]:
        return [(name, self._type_of(place)) for place, name in enumerate(self._names)]

    def only(self, places: Sequence[int]) -> LocalSource:
        return LocalSource(self._names, self._type_of, self._total, self._read, places)

    def groups(self, grouping: Grouping) -> Groups:
        return local_groups.groups(self._read(self._places, 0, self._total), grouping)

    def arrow(self, count: int) -> pa.Table:
        return self._table(0, count)

    def tables(self, *, as_text: bool) -> Iterator[pa.Table]:
        for offset in range(0, max(1, self._total), ROW_CAP):
            yield self._table(offset, ROW_CAP)

    def _table(self, offset: int, limit: int) -> pa.Table:
        import pyarrow as pa

        names = [self._names[place] for place in self._places]
        return pa.Table.from_arrays(self._read(self._places, offset, limit), names=names)

    def _affordable(self, offset: int, limit: int) -> int:
        """Return how many rows to read, up to `limit`: fewer if the first ones are large."""
        if min(limit, self._total - offset) <= PROBE_ROWS:
            return limit
        size = sum(int(array.nbytes) for array in self._read(self._places, offset, PROBE_ROWS))
        return min(limit, max(LEAST_ROWS, READ_CAP * PROBE_ROWS // max(1, size)))

    def _described(self, arrays: list[pa.ChunkedArray]) -> tuple[Column, ...]:
        """Return the first of the columns shown, given their arrays."""
        found = zip(self._places, arrays, strict=False)
        return tuple(Column(self._names[place], self._type_of(place), kind_of(array.type)) for place, array in found)


def from_pandas(frame: Any) -> LocalSource:
    """Return the source of a pandas DataFrame or Series; its index comes first unless it only numbers the rows."""
    if type(frame).__name__ == "Series":
        frame = frame.to_frame("value" if frame.name is None else frame.name)
    levels = [] if _is_row_number(frame.index) else list(range(frame.index.nlevels))
    names = [_index_name(frame.index, level) for level in levels] + [_name(name) for name in frame.columns]
    types = [frame.index.get_level_values(level).dtype for level in levels] + list(frame.dtypes)
    held = _hold(frame)

    def read(places: Sequence[int], offset: int, limit: int) -> list[pa.ChunkedArray]:
        piece = held().iloc[offset : offset + limit]
        return [
            _array(
                piece.iloc[:, place - len(levels)]
                if place >= len(levels)
                else piece.index.get_level_values(place).to_series()
            )
            for place in places
        ]

    return LocalSource(names, lambda place: str(types[place]), len(frame), read)


def from_polars(frame: Any) -> LocalSource:
    """Return the source of a polars DataFrame, LazyFrame or Series."""
    if hasattr(frame, "collect"):
        frame = frame.collect()
    if hasattr(frame, "to_frame"):
        frame = frame.to_frame()
    held, types = _hold(frame), frame.dtypes

    def read(places: Sequence[int], offset: int, limit: int) -> list[pa.ChunkedArray]:
        return list(held()[:, list(places)].slice(offset, limit).to_arrow().columns)

    return LocalSource(frame.columns, lambda place: str(types[place]), len(frame), read)


def from_arrow(table: Any) -> LocalSource:
    """Return the source of an Arrow Table or RecordBatch."""
    import pyarrow as pa

    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    held, types = _hold(table), table.schema.types

    def read(places: Sequence[int], offset: int, limit: int) -> list[pa.ChunkedArray]:
        whole = held()
        return [_plain(whole.column(place).slice(offset, limit)) for place in places]

    return LocalSource(table.schema.names, lambda place: str(types[place]), table.num_rows, read)


def from_records(records: Sequence[Any]) -> LocalSource:
    """Return the source of a list of rows: dicts, named tuples, PySpark Rows, or plain tuples and lists."""
    names, columns = _columns_of(records)

    def read(places: Sequence[int], offset: int, limit: int) -> list[pa.ChunkedArray]:
        return [_array(columns[place][offset : offset + limit]) for place in places]

    @cache
    def type_of(place: int) -> str:
        return str(read([place], 0, ROW_CAP)[0].type)

    return LocalSource(names, type_of, len(records), read)


def is_records(value: object) -> bool:
    """Return whether a value is a non-empty list of rows only."""
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict | tuple) for row in value)


def _columns_of(records: Sequence[Any]) -> tuple[list[str], list[list[Any]]]:
    if all(isinstance(row, Mapping) for row in records):
        names = list(dict.fromkeys(name for row in records for name in row))
        return [str(name) for name in names], [[row.get(name) for row in records] for name in names]
    width = max(len(row) for row in records)
    fields = next((f for row in records if (f := getattr(row, "__fields__", getattr(row, "_fields", None)))), ())
    names = [*fields, *(f"_{i + 1}" for i in range(len(fields), width))]
    rows = [tuple(row.values()) if isinstance(row, Mapping) else row for row in records]
    return names[:width], [[row[i] if i < len(row) else None for row in rows] for i in range(width)]


def _array(values: Any) -> pa.ChunkedArray:
    """Return values as an Arrow array, as strings if they have no common Arrow type that others read."""
    import pyarrow as pa

    if hasattr(values, "sparse") and type(values.dtype).__name__ == "SparseDtype":
        values = values.sparse.to_dense()
    try:
        found = pa.array(values, from_pandas=True)
        if _is_extension(found.type):  # pandas' periods and intervals, also as the categories of `pandas.cut`
            found = _texts(values)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        found = _texts(values)
    return found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])


def _texts(values: Any) -> pa.Array:
    import pyarrow as pa

    missing = values.isna() if hasattr(values, "isna") else [value is None for value in values]
    return pa.array([None if gone else str(value) for value, gone in zip(values, missing, strict=True)], pa.string())


def _is_extension(arrow_type: pa.DataType) -> bool:
    from pyarrow import types

    inner = arrow_type.value_type if types.is_dictionary(arrow_type) else arrow_type
    return hasattr(inner, "extension_name")


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of an extension type as that of its storage."""
    return column.cast(column.type.storage_type) if _is_extension(column.type) else column


def _hold(frame: Any) -> Callable[[], Any]:
    """Return a function that returns the frame; a large one is held weakly, so that the user can still free it."""
    if len(frame) <= ROW_CAP:
        return lambda: frame
    found = weakref.ref(frame)

    def held() -> Any:
        if (frame := found()) is None:
            raise NotebookError("This table's data is no longer in memory. Run its cell again.")
        return frame

    return held


def _is_row_number(index: Any) -> bool:
    return type(index).__name__ == "RangeIndex" and index.name is None


def _index_name(index: Any, level: int) -> str:
    name = index.names[level]
    return _name(name) if name is not None else "index" if index.nlevels == 1 else f"level_{level}"


def _name(name: Any) -> str:
    return ", ".join(str(part) for part in name) if isinstance(name, tuple) else str(name)
