"""Small parts that the panel is made of; layouts are shared, because each is an object of its own in the browser."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from ipywidgets import HTML, Box, Button, Layout, VBox

SHOWN, HIDDEN = Layout(), Layout(display="none")
LINE = Layout(display="flex", flex_flow="row wrap", align_items="center", grid_gap="6px", width="100%")
FILLING = Layout(flex="1 1 16em", min_width="0", margin="0")
PADDED = Layout(padding="10px 14px", width="100%")
TEXT = Layout(margin="0", width="auto")


def line(*children: Any, layout: Layout = LINE) -> Box:
    """Return controls side by side, which wrap where it is narrow."""
    return Box(children, layout=layout)


def text(value: str = "", layout: Layout = TEXT) -> HTML:
    """Return a piece of HTML."""
    return HTML(value, layout=layout)


def note(words: str, kind: str = "dbx-soft") -> str:
    """Return a sentence as HTML, or "" if there is none."""
    return f'<div class="{kind}" role="status">{escape(words)}</div>' if words else ""


def button(
    label: str, on_click: Callable[[], None], kind: str = "dbx-quiet", *, icon: str = "", tip: str = ""
) -> Button:
    """Return a button; `kind` is its class in the style sheet."""
    made = Button(description=label, icon=icon, tooltip=tip, layout=SHOWN)
    made.add_class(kind)
    made.on_click(lambda _: on_click())
    return made


def show(control: Any, shown: bool) -> None:
    """Show or hide a control that has no layout of its own."""
    control.layout = SHOWN if shown else HIDDEN


def set_html(control: HTML, value: str) -> None:
    """Show something else, unless it is the same: only a change is sent to the browser."""
    if control.value != value:
        control.value = value


def listen(control: Any) -> Any:
    """Let clicks reach a control and all in it also while a cell runs; return it.

    JupyterLab sends them to a subshell that no cell holds up. But ipykernel 7.4 hands them on to where the control was made,
    which is the main shell. Other front ends have no subshell: there, clicks are answered after the cell.
    """
    if hasattr(control.comm, "_reply_subshell_for"):
        control.comm._reply_subshell_for = lambda data, subshell_id: subshell_id
    for child in getattr(control, "children", ()):
        listen(child)
    return control


class Question:
    """Asks before something that cannot be undone is done."""

    def __init__(self) -> None:
        self._words = text(layout=FILLING)
        self._go: Callable[[], None] = self.close
        self._yes = button("Yes", self._answer, "dbx-end")
        self._no = button("Keep", self.close)
        self.box = VBox(
            [line(self._words, self._yes, self._no)],
            layout=Layout(display="none", padding="8px 10px", margin="8px 0 0", width="100%"),
        )
        self.box.add_class("dbx-box")

    def ask(self, words: str, label: str, go: Callable[[], None]) -> None:
        """Show the question; `go` is called if the button `label` is clicked."""
        set_html(self._words, note(words, "dbx-ask"))
        self._yes.description, self._go = label, go
        self.box.layout.display = "block"

    def close(self) -> None:
        """Take the question away."""
        self.box.layout.display = "none"

    def _answer(self) -> None:
        self.close()
        self._go()
