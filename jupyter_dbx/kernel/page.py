"""PageRequests: handles requests of the notebook's page.

They arrive on the kernel's control channel, which is served while cells run, also for a page that has just been loaded. Each is
handled on a thread of its own, so that none delays another, or an interrupt. Requests never execute code.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.outputs import CellOutputs
from jupyter_dbx.kernel.progress import CellProgress
from jupyter_dbx.kernel.session.names import NAMES
from jupyter_dbx.kernel.session.session import NotebookSession
from jupyter_dbx.kernel.table_requests import Send, TableRequests
from jupyter_dbx.model.errors import DbxError, InvalidParameterValue
from jupyter_dbx.model.wire import Json, read_int, read_str

#: Types of the messages of a request and of its response.
REQUEST, REPLY = "dbx_request", "dbx_reply"


class PageRequests:
    """Handles requests about the notebook's session and about the outputs of its cells."""

    def __init__(self, session: NotebookSession, progress: CellProgress, outputs: CellOutputs, shell: Any) -> None:
        self._session, self._progress, self._outputs, self._shell = session, progress, outputs, shell
        self._tables = TableRequests(session)

    def answer(self, request: Mapping[str, Any], send: Send) -> None:
        """Carry out a request on another thread, and send its response from there: its `result`, or an `error`."""
        if not self._tables.accept(request, send):
            threading.Thread(target=self._answer, args=(request, send), name="dbx-page", daemon=True).start()

    def _answer(self, request: Mapping[str, Any], send: Send) -> None:
        try:
            with self._session.handling():
                response: Json = {"result": self.handle(request)}
        except DbxError as error:
            response = {"error": str(error)}
        send(response)

    def handle(self, request: Mapping[str, Any]) -> Json:
        """Carry out a request, and return its result.

        `{"op": "reattach"}` releases the seat as soon as no cell runs; the next cell that needs Spark takes a new one. Pages
        attach and detach notebooks by the server's API. `{"op": "arguments"}` returns the ID of the ipywidgets model that shows
        the notebook's arguments, or "". `{"op": "missed", "since_ms": …}` returns the outputs of cells that run, or have ended
        since; `{"op": "cancel", "run": …}` cancels the jobs of a cell; `{"op": "progress", "run": …}` returns the progress of a
        cell's jobs; `stream_stop` ends a displayed stream; `variables` lists the notebook's variables. Those about a table are
        in `table_requests.py`.

        Raises
        ------
        DbxError : the request failed
        """
        from jupyter_dbx.kernel.display.streams import STREAMS  # not needed for the kernel's start
        from jupyter_dbx.kernel.display.variables import list_variables

        match request.get("op"):
            case "reattach":
                self._session.release_soon()
                return {}
            case "cancel":
                self._cancel(read_str(request, "run"))
                return {}
            case "arguments":
                return {"model_id": self._session.notebook.arguments.model_id}
            case "progress":
                return self._progress.latest(read_str(request, "run"))
            case "missed":
                return self._outputs.missed(read_int(request, "since_ms", 0) or 0)
            case "variables":
                return list_variables(self._shell.user_ns, {*self._shell.user_ns_hidden, *NAMES})
            case "stream_stop":
                STREAMS.stop(read_str(request, "table"))
                return {}
            case unknown:
                raise InvalidParameterValue(f"This kernel does not support {unknown!r}. Restart it to upgrade it.")

    def _cancel(self, run: str) -> None:
        cell = self._progress.cell_of(run)
        if cell is None:
            raise NotebookError("These jobs belong to an earlier start of the kernel, and have ended with it.")
        from jupyter_dbx.kernel.display.streams import STREAMS

        STREAMS.stop_request((cell.request or {}).get("msg_id", ""))
        self._session.cancel_jobs(cell.number)
