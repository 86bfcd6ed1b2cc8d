"""ArgumentDisplay: shows the bar of a notebook's arguments, and runs cells when a value changes.

The bar is an output of the cells that create or remove widgets; its MIME type makes JupyterLab show it above the notebook
instead. A page that was loaded later asks for it (see `page`). When a value changes, the page runs the cells that have read it,
or all, or none. The kernel notifies the page over a comm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.display import display

from jupyter_dbx.kernel.arguments import Arguments

if TYPE_CHECKING:
    from jupyter_dbx.kernel.widgets.arguments import ArgumentBar

#: MIME type that JupyterLab shows above the notebook.
MIME_TYPE = "application/vnd.jupyter-dbx.arguments+json"

#: Name of the comm that sends the page the cells to run.
TARGET = "jupyter_dbx_run"


class ArgumentDisplay:
    """Shows the bar, once per run of a cell; every output shows the same widget."""

    def __init__(self, kernel: Any, arguments: Arguments) -> None:
        self._kernel, self._arguments = kernel, arguments
        self._bar: ArgumentBar | None = None
        self._shown_in = ""
        arguments.on_change = self._refresh
        arguments.reader = lambda: str(self._request().get("metadata", {}).get("cellId", ""))

    def _refresh(self) -> None:
        """Show the current widgets."""
        # Imported here because few notebooks have widgets: it would slow down every kernel's start.
        from jupyter_dbx.kernel.widgets.arguments import ArgumentBar

        if self._bar is None:
            self._bar = ArgumentBar(self._arguments, self._run_cells)
        self._bar.refresh()
        self._arguments.model_id = self._bar.box.model_id if self._arguments.widgets else ""
        request = str(self._request().get("header", {}).get("msg_id", ""))
        if self._arguments.widgets and request != self._shown_in:
            self._shown_in = request
            box = self._bar.box
            shown = {MIME_TYPE: {"model_id": box.model_id}, **box._repr_mimebundle_()}
            display(shown, raw=True)

    def _run_cells(self, cells: list[str] | None) -> None:
        """Make the page run these cells, or all if None."""
        from comm import create_comm

        create_comm(target_name=TARGET, data={"cells": cells}).close()

    def _request(self) -> dict[str, Any]:
        return dict(self._kernel.get_parent("shell") or {})
