"""Files of a table: CSV and Parquet, made piece by piece while the rows are read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from jupyter_dbx.kernel.display.cells import Cell, encode

if TYPE_CHECKING:
    import pyarrow as pa

#: Maximum size of a file, bytes: the page keeps it in memory until it is saved. The last rows of a larger one are left out.
FILE_CAP = 100_000_000

Format = Literal["csv", "parquet"]


@dataclass(frozen=True)
class Piece:
    """The next part of a file."""

    data: bytes
    #: rows in the file so far, count
    rows: int
    #: whether rows are left out because the file has reached its maximum size; only of the last piece
    is_cut: bool = False


def pieces(tables: Iterable[pa.Table], file_format: Format, cap: int = FILE_CAP) -> Iterator[Piece]:
    """Return a file of tables of the same columns, at least one, in pieces of about one table each.

    Parameters
    ----------
    cap : size of the file at which it ends, bytes
    """
    sink, writer, rows, is_cut = _Sink(), None, 0, False
    for table in tables:
        if is_cut := sink.size >= cap:
            break
        writer = writer or _WRITERS[file_format](sink, table.schema)
        writer.write_table(table)
        rows += table.num_rows
        if sink.parts:
            yield Piece(sink.take(), rows)
    if writer is not None:
        writer.close()
    yield Piece(sink.take(), rows, is_cut)


class _Sink(io.RawIOBase):
    """A file whose written parts can be taken away."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.size

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]  # the types of a buffer
        self.parts.append(bytes(data))
        self.size += len(self.parts[-1])
        return len(self.parts[-1])

    def take(self) -> bytes:
        taken, self.parts = b"".join(self.parts), []
        return taken


class _Writer(Protocol):
    def write_table(self, table: pa.Table) -> None: ...

    def close(self) -> None: ...


class _CsvWriter:
    """Writes cells as the page does: null is empty, lines end as in RFC 4180."""

    def __init__(self, sink: _Sink, schema: pa.Schema) -> None:
        self._sink = sink
        self._write([schema.names])

    def write_table(self, table: pa.Table) -> None:
        columns = [encode(column, whole=True) for column in table.columns]
        self._write(zip(*columns, strict=True))

    def close(self) -> None:
        pass

    def _write(self, rows: Iterable[Sequence[Cell]]) -> None:
        text = io.StringIO()
        csv.writer(text).writerows([str(c).lower() if isinstance(c, bool) else c for c in row] for row in rows)
        self._sink.write(text.getvalue().encode())


def _parquet_writer(sink: _Sink, schema: pa.Schema) -> _Writer:
    import pyarrow.parquet

    writer: _Writer = pyarrow.parquet.ParquetWriter(sink, schema)
    return writer


_WRITERS = {"csv": _CsvWriter, "parquet": _parquet_writer}
