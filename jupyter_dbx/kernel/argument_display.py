"""Where the bar of a notebook's arguments is shown, and what a choice in it sets off.

The bar is an output of the cells that make or remove widgets, with a MIME type of ours by which JupyterLab shows it above the
notebook instead. A choice makes the page run the cells that have read this argument, or all, or none; the page is told over a
comm that the kernel opens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.display import display

from jupyter_dbx.kernel.arguments import Arguments

if TYPE_CHECKING:
    from jupyter_dbx.kernel.widgets.arguments import ArgumentBar

#: What JupyterLab shows above the notebook.
MIME_TYPE = "application/vnd.jupyter-dbx.arguments+json"

#: Name of the comm by which the page is told which cells to run.
TARGET = "jupyter_dbx_run"


class ArgumentDisplay:
    """Shows the bar once in a cell; all that are shown are one and the same."""

    def __init__(self, kernel: Any, arguments: Arguments) -> None:
        self._kernel, self._arguments = kernel, arguments
        self._bar: ArgumentBar | None = None
        self._shown_in = ""
        arguments.on_change = self._refresh
        arguments.reader = lambda: str(self._request().get("metadata", {}).get("cellId", ""))

    def _refresh(self) -> None:
        """Show what widgets there are now."""
        # Not at the top: a kernel should not come up later for widgets that few notebooks have.
        from jupyter_dbx.kernel.widgets.arguments import ArgumentBar

        if self._bar is None:
            self._bar = ArgumentBar(self._arguments, self._run_cells)
        self._bar.refresh()
        request = str(self._request().get("header", {}).get("msg_id", ""))
        if self._arguments.widgets and request != self._shown_in:
            self._shown_in = request
            box = self._bar.box
            shown = {MIME_TYPE: {"model_id": box.model_id}, **box._repr_mimebundle_()}
            display(shown, raw=True)

    def _run_cells(self, cells: list[str] | None) -> None:
        """Let the page run these cells, or all if it is None."""
        from comm import create_comm

        create_comm(target_name=TARGET, data={"cells": cells}).close()

    def _request(self) -> dict[str, Any]:
        return dict(self._kernel.get_parent("shell") or {})
