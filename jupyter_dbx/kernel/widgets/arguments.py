"""ArgumentBar: the controls of a notebook's arguments, as ipywidgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as w

from jupyter_dbx.kernel.arguments import Arguments, Widget

#: Of a control; several stand beside each other.
LAYOUT = w.Layout(width="auto", max_width="32em", margin="2px 12px 2px 0")


#: What a choice sets off, by what is shown of it. Source: Databricks, "Configure widget settings".
ACCESSED, ALL, NOTHING = "runs the cells that read it", "runs the notebook", "does nothing"


class ArgumentBar:
    """A row of controls, which follows what the notebook does to its widgets, and sets them.

    Parameters
    ----------
    run_cells : makes the page run these cells, or all if it is None

    Attributes
    ----------
    box : what is shown
    """

    def __init__(self, arguments: Arguments, run_cells: Callable[[list[str] | None], None]) -> None:
        self._arguments, self._run_cells = arguments, run_cells
        self._controls: dict[str, tuple[Widget, Any]] = {}  # ipywidgets is not followed by mypy here
        self._effect = w.Dropdown(
            options=[ACCESSED, ALL, NOTHING],
            description="A choice",
            layout=LAYOUT,
            style={"description_width": "initial"},
        )
        self.box = w.HBox(layout=w.Layout(flex_flow="row wrap", align_items="flex-start"))
        self.refresh()

    def refresh(self) -> None:
        """Show the widgets that there are now; controls that need not change keep what is being typed into them."""
        controls = {}
        for widget in self._arguments.widgets:
            shown, control = self._controls.get(widget.name, (None, None))
            controls[widget.name] = (widget, control if shown == widget else self._control(widget))
        self._controls = controls
        self.box.children = [*(control for _, control in controls.values()), *([self._effect] if controls else [])]

    def _control(self, widget: Widget) -> Any:
        common = {"description": widget.label, "layout": LAYOUT, "style": {"description_width": "initial"}}
        options = list(widget.choices)
        match widget.kind:
            case "dropdown":
                control = w.Dropdown(options=options, value=widget.value, **common)
            case "combobox":
                control = w.Combobox(options=options, value=widget.value, continuous_update=False, **common)
            case "multiselect":
                chosen = [choice for choice in options if choice in widget.value.split(",")]
                control = w.SelectMultiple(options=options, value=chosen, rows=min(4, max(2, len(options))), **common)
            case _:
                control = w.Text(value=widget.value, continuous_update=False, **common)
        control.observe(lambda change: self._choose(widget.name, change["new"]), "value")
        return control

    def _choose(self, name: str, value: str | tuple[str, ...]) -> None:
        text = value if isinstance(value, str) else ",".join(value)
        self._arguments.choose(name, text)
        chosen, control = self._controls[name]
        self._controls[name] = (Widget(chosen.kind, name, text, chosen.choices, chosen.label), control)
        readers = self._arguments.readers(name)
        if self._effect.value == ALL:
            self._run_cells(None)
        elif self._effect.value == ACCESSED and readers:
            self._run_cells(readers)
