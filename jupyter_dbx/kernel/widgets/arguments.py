"""ArgumentBar: the controls of a notebook's arguments, as ipywidgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as w

from jupyter_dbx.kernel.arguments import Arguments, Widget
from jupyter_dbx.kernel.widgets.multiselect import MultiSelect

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
                control = MultiSelect(
                    widget.label,
                    options,
                    widget.value.split(","),
                    lambda: self._run_readers(widget.name),
                    layout=LAYOUT,
                )
                control.observe(lambda change: self._set(widget.name, ",".join(change["new"])), "value")
                return control
            case _:
                control = w.Text(value=widget.value, continuous_update=False, **common)
        control.observe(lambda change: self._choose(widget.name, change["new"]), "value")
        return control

    def _choose(self, name: str, value: str) -> None:
        self._set(name, value)
        self._run_readers(name)

    def _set(self, name: str, value: str) -> None:
        self._arguments.choose(name, value)
        chosen, control = self._controls[name]
        self._controls[name] = (replace(chosen, value=value), control)

    def _run_readers(self, name: str) -> None:
        readers = self._arguments.readers(name)
        if self._effect.value == ALL:
            self._run_cells(None)
        elif self._effect.value == ACCESSED and readers:
            self._run_cells(readers)
