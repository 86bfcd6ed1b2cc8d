"""TableRequests: handles requests of the page about displayed tables.

They may read the whole table, so each has a thread of its own, and another request can cancel it. Their jobs are those of a cell
without output.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from jupyter_dbx.kernel.errors import CellInterrupted
from jupyter_dbx.kernel.session.cells import Cell
from jupyter_dbx.kernel.session.session import NotebookSession
from jupyter_dbx.model.errors import DbxError
from jupyter_dbx.model.wire import Json, read_int, read_ints, read_str

if TYPE_CHECKING:
    from jupyter_dbx.kernel.display.file import Format

#: Operation → the description of its jobs.
TITLES = {
    "table_more": "Load more rows",
    "table_columns": "Columns of a table",
    "table_profile": "Profile of a table",
    "table_groups": "Chart of a table",
    "table_file": "Download of a table",
}


class Send(Protocol):
    """Sends a response, or a part of it, to the page."""

    def __call__(self, response: Json, *buffers: bytes) -> None: ...


class TableRequests:
    """The requests about tables that are carried out now, by id."""

    def __init__(self, session: NotebookSession) -> None:
        self._session = session
        self._running: dict[str, Cell] = {}

    def accept(self, request: Mapping[str, Any], send: Send) -> bool:
        """Start to carry out a request, or cancel one, if it is about a table; return whether it is.

        `{"op": "table_more", "table": …, "offset": …, "limit": …}` returns further rows, `table_columns` the names and types of
        all columns, `table_profile` the statistics of the columns, `table_groups` those of groups of rows, for a chart.
        `table_file` sends a file in parts. `columns` of these requests are positions among all columns; without it, they are
        about those shown first. `{"op": "table_cancel", "request": …}` cancels one of these by its id.
        """
        if request.get("op") == "table_cancel":
            self._cancel(read_str(request, "request"))
            send({"result": {}})
            return True
        if request.get("op") not in TITLES:
            return False
        threading.Thread(target=self._carry_out, args=(request, send), name="dbx-table", daemon=True).start()
        return True

    def _carry_out(self, request: Mapping[str, Any], send: Send) -> None:
        request_id = str(request.get("id"))
        with self._session.handling(TITLES[request["op"]]) as cell:
            self._running[request_id] = cell
            try:
                send({"result": _result_of(request, send, cell)})
            except DbxError as error:
                send({"error": str(error)})
            finally:
                del self._running[request_id]

    def _cancel(self, request_id: str) -> None:
        if (cell := self._running.get(request_id)) is not None:
            cell.is_interrupted = True
            if cell.number:
                self._session.cancel_jobs(cell.number)


def _result_of(request: Mapping[str, Any], send: Send, cell: Cell) -> Json:
    """Carry out a request, and return its result once its parts, if it has any, are sent."""
    from jupyter_dbx.kernel.display.registry import TABLES  # not needed for the kernel's start
    from jupyter_dbx.kernel.display.rows import ROW_CAP

    table, places = read_str(request, "table"), read_ints(request, "columns")
    match request["op"]:
        case "table_more":
            offset, limit = read_int(request, "offset", 0) or 0, read_int(request, "limit", ROW_CAP) or 0
            return TABLES.more(table, offset, limit, places)
        case "table_columns":
            return TABLES.columns(table)
        case "table_profile":
            return TABLES.profile(table)
        case "table_groups":
            return TABLES.groups(table, request, places)
    file_format: Format = "csv" if request.get("format") == "csv" else "parquet"
    result: Json = {}
    for piece in TABLES.file(table, file_format, request.get("rows"), places):
        if cell.is_interrupted:
            raise CellInterrupted("The download was cancelled.")
        send({"part": {"rows": piece.rows}}, piece.data)
        result = {"rows": piece.rows, "is_cut": piece.is_cut}
    return result
