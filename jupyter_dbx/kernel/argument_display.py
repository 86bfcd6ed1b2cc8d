"""Where the bar of a notebook's arguments is shown: below each cell that makes or removes widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.display import display

from jupyter_dbx.kernel.arguments import Arguments

if TYPE_CHECKING:
    from jupyter_dbx.kernel.widgets.arguments import ArgumentBar


class ArgumentDisplay:
    """Shows the bar once in a cell; all that are shown are one and the same."""

    def __init__(self, shell: Any, arguments: Arguments) -> None:
        self._shell, self._arguments = shell, arguments
        self._bar: ArgumentBar | None = None
        self._shown_in: object = None

    def refresh(self) -> None:
        """Show what widgets there are now."""
        # Not at the top: a kernel should not come up later for widgets that few notebooks have.
        from jupyter_dbx.kernel.widgets.arguments import ArgumentBar

        if self._bar is None:
            self._bar = ArgumentBar(self._arguments)
        self._bar.refresh()
        cell = self._shell.get_parent()["header"].get("msg_id") if hasattr(self._shell, "get_parent") else None
        if self._arguments.widgets and cell != self._shown_in:
            self._shown_in = cell
            display(self._bar.box)
