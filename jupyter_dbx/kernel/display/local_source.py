"""Sources of this process: frames of pandas, polars and Arrow, and lists of rows."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jupyter_dbx.kernel.display import local_profile
from jupyter_dbx.kernel.display.cells import encode, kind_of
from jupyter_dbx.kernel.display.profile import Profile
from jupyter_dbx.kernel.display.source import ROW_CAP, Column, Rows, Source
from jupyter_dbx.kernel.errors import NotebookError

if TYPE_CHECKING:
    import pyarrow as pa

#: Reads rows: up to how many, after how many; gives an Arrow array for each column.
Read = Callable[[int, int], "list[pa.ChunkedArray]"]

# Values are of libraries that may not be installed here, hence Any.


class LocalSource(Source):
    """A frame of this process.

    Parameters
    ----------
    names, types : of its columns
    total : rows, count
    read : gives slices of its columns
    """

    def __init__(self, names: Sequence[str], types: Sequence[str], total: int, read: Read) -> None:
        self._names, self._types, self._total, self._read = names, types, total, read

    def rows(self, offset: int, most: int) -> Rows:
        arrays = self._read(offset, most)
        count = min(most, max(0, self._total - offset))
        return Rows(self._columns(arrays), tuple(encode(a) for a in arrays), count, offset + count < self._total)

    def profile(self, *, precise: bool) -> Profile:
        arrays = self._read(0, self._total)
        return local_profile.profile(arrays, self._columns(arrays), self._total)

    def arrow(self, count: int) -> pa.Table:
        import pyarrow as pa

        return pa.Table.from_arrays(self._read(0, count), names=list(self._names))

    def _columns(self, arrays: list[pa.ChunkedArray]) -> tuple[Column, ...]:
        kinds = [kind_of(array.type) for array in arrays]
        return tuple(Column(*facts) for facts in zip(self._names, self._types, kinds, strict=True))


def of_pandas(frame: Any) -> LocalSource:
    """Return the source of a pandas DataFrame or Series; an index that says something comes first."""
    if type(frame).__name__ == "Series":
        frame = frame.to_frame("value" if frame.name is None else frame.name)
    levels = [] if _is_row_number(frame.index) else list(range(frame.index.nlevels))
    names = [_index_name(frame.index, level) for level in levels] + [_name(name) for name in frame.columns]
    types = [str(frame.index.get_level_values(level).dtype) for level in levels] + [str(t) for t in frame.dtypes]
    held = _hold(frame)

    def read(offset: int, most: int) -> list[pa.ChunkedArray]:
        piece = held().iloc[offset : offset + most]
        index = [piece.index.get_level_values(level).to_series() for level in levels]
        return [_array(series) for series in [*index, *(piece.iloc[:, i] for i in range(piece.shape[1]))]]

    return LocalSource(names, types, len(frame), read)


def of_polars(frame: Any) -> LocalSource:
    """Return the source of a polars DataFrame, LazyFrame or Series."""
    if hasattr(frame, "collect"):
        frame = frame.collect()
    if hasattr(frame, "to_frame"):
        frame = frame.to_frame()
    held = _hold(frame)

    def read(offset: int, most: int) -> list[pa.ChunkedArray]:
        return list(held().slice(offset, most).to_arrow().columns)

    return LocalSource(frame.columns, [str(t) for t in frame.dtypes], len(frame), read)


def of_arrow(table: Any) -> LocalSource:
    """Return the source of an Arrow Table or RecordBatch."""
    import pyarrow as pa

    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    held, types = _hold(table), [str(field.type) for field in table.schema]

    def read(offset: int, most: int) -> list[pa.ChunkedArray]:
        return list(held().slice(offset, most).columns)

    return LocalSource(table.schema.names, types, table.num_rows, read)


def of_records(records: Sequence[Any]) -> LocalSource:
    """Return the source of a list of rows: dicts, named tuples, PySpark's Rows, or plain tuples and lists."""
    names, columns = _columns_of(records)

    def read(offset: int, most: int) -> list[pa.ChunkedArray]:
        return [_array(values[offset : offset + most]) for values in columns]

    types = [str(array.type) for array in read(0, ROW_CAP)]
    return LocalSource(names, types, len(records), read)


def is_records(value: object) -> bool:
    """Return whether this is a list whose every element is a row."""
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
    """Return values as Arrow, or as text if they are of no one type that it knows."""
    import pyarrow as pa

    try:
        found = pa.array(values, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        missing = values.isna() if hasattr(values, "isna") else [value is None for value in values]
        found = pa.array(
            [None if gone else str(value) for value, gone in zip(values, missing, strict=True)], pa.string()
        )
    return found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found])


def _hold(frame: Any) -> Callable[[], Any]:
    """Return what gives a frame again; one that is not shown whole may be freed by its user all the same."""
    if len(frame) <= ROW_CAP:
        return lambda: frame
    found = weakref.ref(frame)

    def held() -> Any:
        if (frame := found()) is None:
            raise NotebookError("This table's data is no longer in memory: run its cell again.")
        return frame

    return held


def _is_row_number(index: Any) -> bool:
    return type(index).__name__ == "RangeIndex" and index.name is None


def _index_name(index: Any, level: int) -> str:
    name = index.names[level]
    return _name(name) if name is not None else "index" if index.nlevels == 1 else f"level_{level}"


def _name(name: Any) -> str:
    return ", ".join(str(part) for part in name) if isinstance(name, tuple) else str(name)
