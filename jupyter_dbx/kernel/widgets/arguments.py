"""ArgumentBar: the controls of a notebook's arguments, as ipywidgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as w

from jupyter_dbx.kernel.arguments import Arguments, Widget

#: Layout of a control; several fit side by side.
LAYOUT = w.Layout(width="auto", max_width="32em", margin="2px 12px 2px 0")


#: What a change of a value triggers. Source: Databricks, "Configure widget settings".
ACCESSED, ALL, NOTHING = "Run accessed commands", "Run notebook", "Do nothing"


class ArgumentBar:
    """A row of controls that shows and sets the values of the notebook's widgets.

    Parameters
    ----------
    run_cells : makes the page run these cells; None = all cells

    Attributes
    ----------
    box : the root widget
    """

    def __init__(self, arguments: Arguments, run_cells: Callable[[list[str] | None], None]) -> None:
        self._arguments, self._run_cells = arguments, run_cells
        self._controls: dict[str, tuple[Widget, Any]] = {}  # mypy does not follow ipywidgets here
        self._effect = w.Dropdown(
            options=[ACCESSED, ALL, NOTHING],
            description="On change",
            layout=LAYOUT,
            style={"description_width": "initial"},
        )
        self.box = w.HBox(layout=w.Layout(flex_flow="row wrap", align_items="flex-start"))
        self.refresh()

    def refresh(self) -> None:
        """Show the current widgets; unchanged controls stay, with text that is being typed."""
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
