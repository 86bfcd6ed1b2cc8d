"""In-memory sources: pandas, polars and Arrow frames, and lists of rows."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
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

#: Reads rows, given an offset and a limit; returns an Arrow array for each column.
Read = Callable[[int, int], "list[pa.ChunkedArray]"]

# The values' libraries may not be installed here, hence Any.


class LocalSource(Source):
    """A frame in this process.

    Parameters
    ----------
    names, types : of the columns
    total : rows, count
    read : returns slices of the columns
    left_out : further columns, count
    """

    def __init__(self, names: Sequence[str], types: Sequence[str], total: int, read: Read, left_out: int = 0) -> None:
        self._names, self._types, self._total, self._read, self._left_out = names, types, total, read, left_out

    def rows(self, offset: int, limit: int) -> Rows:
        limit = self._affordable(offset, row_limit(limit, len(self._names)))
        arrays = self._read(offset, limit)
        count = min(limit, max(0, self._total - offset))
        cells = tuple(encode(array) for array in arrays)
        return Rows(self._columns(arrays), cells, count, offset + count < self._total, self._left_out)

    def profile(self, *, precise: bool) -> Profile:
        arrays = self._read(0, self._total)
        columns = self._columns(arrays)[:PROFILE_CAP]
        left_out = self._left_out + len(arrays) - len(columns)
        return local_profile.profile(arrays[:PROFILE_CAP], columns, self._total, left_out)

    def width(self) -> int:
        return len(self._names)

    def groups(self, grouping: Grouping) -> Groups:
        return local_groups.groups(self._read(0, self._total), grouping)

    def arrow(self, count: int) -> pa.Table:
        import pyarrow as pa

        return pa.Table.from_arrays(self._read(0, count), names=list(self._names))

    def tables(self, *, as_text: bool) -> Iterator[pa.Table]:
        import pyarrow as pa

        for offset in range(0, max(1, self._total), ROW_CAP):
            yield pa.Table.from_arrays(self._read(offset, ROW_CAP), names=list(self._names))

    def _affordable(self, offset: int, limit: int) -> int:
        """Return how many rows to read, up to `limit`: fewer if the first ones are large."""
        if min(limit, self._total - offset) <= PROBE_ROWS:
            return limit
        size = sum(int(array.nbytes) for array in self._read(offset, PROBE_ROWS))
        return min(limit, max(LEAST_ROWS, READ_CAP * PROBE_ROWS // max(1, size)))

    def _columns(self, arrays: list[pa.ChunkedArray]) -> tuple[Column, ...]:
        kinds = [kind_of(array.type) for array in arrays]
        return tuple(Column(*facts) for facts in zip(self._names, self._types, kinds, strict=True))


def from_pandas(frame: Any) -> LocalSource:
    """Return the source of a pandas DataFrame or Series; its index comes first unless it only numbers the rows."""
    if type(frame).__name__ == "Series":
        frame = frame.to_frame("value" if frame.name is None else frame.name)
    levels = [] if _is_row_number(frame.index) else list(range(frame.index.nlevels))
    width = max(0, COLUMN_CAP - len(levels))
    names = [_index_name(frame.index, level) for level in levels] + [_name(name) for name in frame.columns[:width]]
    types = [str(frame.index.get_level_values(level).dtype) for level in levels] + [
        str(t) for t in frame.dtypes[:width]
    ]
    held = _hold(frame)

    def read(offset: int, limit: int) -> list[pa.ChunkedArray]:
        piece = held().iloc[offset : offset + limit, :width]
        index = [piece.index.get_level_values(level).to_series() for level in levels]
        return [_array(series) for series in [*index, *(piece.iloc[:, i] for i in range(piece.shape[1]))]]

    return LocalSource(names, types, len(frame), read, max(0, frame.shape[1] - width))


def from_polars(frame: Any) -> LocalSource:
    """Return the source of a polars DataFrame, LazyFrame or Series."""
    if hasattr(frame, "collect"):
        frame = frame.collect()
    if hasattr(frame, "to_frame"):
        frame = frame.to_frame()
    held = _hold(frame)

    def read(offset: int, limit: int) -> list[pa.ChunkedArray]:
        return list(held()[:, :COLUMN_CAP].slice(offset, limit).to_arrow().columns)

    names, types = frame.columns[:COLUMN_CAP], [str(dtype) for dtype in frame.dtypes[:COLUMN_CAP]]
    return LocalSource(names, types, len(frame), read, frame.width - len(names))


def from_arrow(table: Any) -> LocalSource:
    """Return the source of an Arrow Table or RecordBatch."""
    import pyarrow as pa

    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    held, types = _hold(table), [str(field.type) for field in table.schema][:COLUMN_CAP]

    def read(offset: int, limit: int) -> list[pa.ChunkedArray]:
        return list(map(_plain, held().slice(offset, limit).columns[:COLUMN_CAP]))

    names = table.schema.names[:COLUMN_CAP]
    return LocalSource(names, types, table.num_rows, read, table.num_columns - len(names))


def from_records(records: Sequence[Any]) -> LocalSource:
    """Return the source of a list of rows: dicts, named tuples, PySpark Rows, or plain tuples and lists."""
    all_names, all_columns = _columns_of(records)
    names, columns = all_names[:COLUMN_CAP], all_columns[:COLUMN_CAP]

    def read(offset: int, limit: int) -> list[pa.ChunkedArray]:
        return [_array(values[offset : offset + limit]) for values in columns]

    types = [str(array.type) for array in read(0, ROW_CAP)]
    return LocalSource(names, types, len(records), read, len(all_names) - len(names))


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
