"""Building blocks of the panel; layouts are shared, because each is a separate model in the browser."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from ipywidgets import HTML, Box, Button, Layout, VBox

SHOWN, HIDDEN = Layout(), Layout(display="none")
#: Minimum upper end of sliders for workers; for larger clusters it is twice their size.
SLIDER_MAX = 32

LINE = Layout(display="flex", flex_flow="row wrap", align_items="center", grid_gap="6px", width="100%")
FILLING = Layout(flex="1 1 16em", min_width="0", margin="0")
TEXT = Layout(margin="0", width="auto")


def line(*children: Any, layout: Layout = LINE) -> Box:
    """Return controls side by side, which wrap in narrow places."""
    return Box(children, layout=layout)


def text(value: str = "", layout: Layout = TEXT) -> HTML:
    """Return a piece of HTML."""
    return HTML(value, layout=layout)


def note(words: str, kind: str = "dbx-soft") -> str:
    """Return a sentence as HTML; "" for ""."""
    return f'<div class="{kind}" role="status">{escape(words)}</div>' if words else ""


def button(
    label: str, on_click: Callable[[], None], kind: str = "dbx-quiet", *, icon: str = "", tip: str = ""
) -> Button:
    """Return a button; `kind` is its CSS class."""
    result = Button(description=label, icon=icon, tooltip=tip, layout=SHOWN)
    result.add_class(kind)
    result.on_click(lambda _: on_click())
    return result


def enable(control: Button, refusal: str, *, busy: bool, tip: str) -> None:
    """Enable a button, unless it is busy or refused; then its tooltip is the reason instead of `tip`."""
    control.disabled = busy or bool(refusal)
    if control.tooltip != (refusal or tip):
        control.tooltip = refusal or tip


def show(control: Any, shown: bool) -> None:
    """Show or hide a control that uses a shared layout."""
    control.layout = SHOWN if shown else HIDDEN


def set_html(control: HTML, value: str) -> None:
    """Set the HTML if it differs, so that only changes are sent to the browser."""
    if control.value != value:
        control.value = value


def route_to_subshell(control: Any) -> Any:
    """Let a control and its descendants receive clicks while a cell is running; return the control.

    JupyterLab sends clicks to a subshell, which no cell blocks. But ipykernel 7.4 forwards them to the shell in which the control
    was created: the main shell. Other front ends have no subshells; they handle clicks after the cell.
    """
    if hasattr(control.comm, "_reply_subshell_for"):
        control.comm._reply_subshell_for = lambda data, subshell_id: subshell_id
    for child in getattr(control, "children", ()):
        route_to_subshell(child)
    return control


class Confirmation:
    """Asks for confirmation before an action that cannot be undone."""

    def __init__(self) -> None:
        self._message = text(layout=FILLING)
        self._action: Callable[[], None] = self.close
        self._accept = button("OK", self._on_accept, "dbx-danger")
        self._cancel = button("Cancel", self.close)
        self.box = VBox(
            [line(self._message, self._accept, self._cancel)],
            layout=Layout(display="none", padding="8px 10px", margin="0 0 8px", width="100%"),
        )
        self.box.add_class("dbx-box")

    def show(self, message: str, label: str, action: Callable[[], None]) -> None:
        """Show the question; `action` is called if the button `label` is clicked."""
        set_html(self._message, note(message, "dbx-question"))
        self._accept.description, self._action = label, action
        self.box.layout.display = "block"

    def close(self) -> None:
        """Hide the question."""
        self.box.layout.display = "none"

    def _on_accept(self) -> None:
        self.close()
        self._action()
