"""The form's fields: controls, each with a hint or an error below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import (
    HTML,
    Checkbox,
    Dropdown,
    IntRangeSlider,
    IntSlider,
    IntText,
    Layout,
    Text,
    Textarea,
    ToggleButtons,
    VBox,
)

from jupyter_dbx.client import words
from jupyter_dbx.client.draft import Draft, read_pairs
from jupyter_dbx.kernel.widgets.controls import SLIDER_MAX, note, set_html, text
from jupyter_dbx.model.answers.options import IdleBounds
from jupyter_dbx.model.spec import AUTOTERMINATION_BOUNDS

#: Label of a cluster mode → whether it is a single node.
MODES = (("Multi node", False), ("Single node", True))

WIDE = Layout(width="100%", margin="0")
HIDDEN = Layout(display="none")


class Field:
    """One field of the form.

    Parameters
    ----------
    controls : from top to bottom
    check : returns the error of the controls' current values, or ""
    """

    def __init__(self, *controls: Any, hint: str = "", check: Callable[[], str] = str) -> None:
        self._controls, self._hint, self._check = controls, hint, check
        self._below = text()
        self.box = VBox([*controls, self._below], layout=Layout(width="100%", margin="0 0 6px"))
        self.box.add_class("dbx-field")

    def observe(self, on_change: Callable[[], None]) -> None:
        """Call `on_change` after each change, once the field has been checked."""
        for control in self._controls:
            if not isinstance(control, HTML):
                control.observe(lambda _: self._on_change(on_change), "value")

    def check(self) -> bool:
        """Show the field's error, if any; return whether the field is valid."""
        error = self._check()
        self.show_error(error)
        return not error

    def show_error(self, error: str) -> None:
        """Show an error; "" shows the hint again."""
        set_html(self._below, note(error, "dbx-bad") if error else note(self._hint))

    def show(self, shown: bool) -> None:
        """Show or hide the field."""
        self.box.layout.display = "flex" if shown else "none"

    def _on_change(self, on_change: Callable[[], None]) -> None:
        self.check()
        on_change()


class Fields:
    """All fields of a cluster, as one draft."""

    def __init__(self) -> None:
        self._idle_bounds = AUTOTERMINATION_BOUNDS
        self._name = Text(description="Name", placeholder="for example: etl", layout=WIDE)
        self._mode = ToggleButtons(options=MODES, description="Cluster mode", layout=WIDE)
        self._node_type = Dropdown(description="Worker type", layout=WIDE)
        self._driver = Dropdown(description="Driver type", layout=WIDE)
        self._fixed = IntSlider(2, 1, SLIDER_MAX, layout=WIDE)
        self._bounds = IntRangeSlider(value=(1, 4), min=1, max=SLIDER_MAX, layout=WIDE)
        self._scales = Checkbox(False, description="Enable autoscaling", indent=False, layout=WIDE)
        self._terminates = Checkbox(True, description="Terminate after", indent=False, layout=WIDE)
        self._minutes = IntText(Draft.idle_minutes, description="minutes of inactivity", layout=WIDE)
        self._conf = Textarea(description="Spark config", placeholder="spark.sql.shuffle.partitions 8", layout=WIDE)
        self._env = Textarea(description="Environment variables", placeholder="TZ=Europe/Berlin", layout=WIDE)
        self.name = Field(self._name)
        self.mode = Field(
            self._mode,
            hint="The driver schedules tasks and the workers run them. A single node does both and suits small data.",
        )
        self.node_type, self.driver = Field(self._node_type), Field(self._driver)
        self._workers_label = text()
        self.workers = Field(self._workers_label, self._fixed, self._bounds, self._scales)
        self.idle = Field(self._terminates, self._minutes, check=self._check_minutes)
        self.conf = Field(
            self._conf,
            hint="One property per line: key, a space or =, value.",
            check=lambda: read_pairs(self._conf.value)[1],
        )
        self.env = Field(
            self._env,
            hint="One variable per line: NAME=value.",
            check=lambda: read_pairs(self._env.value)[1],
        )
        #: name of a draft's field → the form's field
        self.by_name = {
            "name": self.name,
            "single_node": self.mode,
            "node_type_id": self.node_type,
            "driver_node_type_id": self.driver,
            "workers": self.workers,
            "idle_minutes": self.idle,
            "conf": self.conf,
            "env": self.env,
        }
        for field in self.by_name.values():
            field.observe(self._arrange)

    def observe(self, on_change: Callable[[], None]) -> None:
        """Call `on_change` after each change of any field."""
        for field in self.by_name.values():
            field.observe(on_change)

    def read(self) -> Draft:
        """Return the draft that the controls describe."""
        single = bool(self._mode.value)
        return Draft(
            name=self._name.value.strip(),
            single_node=single,
            node_type_id=self._node_type.value or "",
            driver_node_type_id="" if single else self._driver.value or "",
            workers=self._fixed.value,
            autoscale=tuple(self._bounds.value) if self._scales.value else None,
            idle_minutes=self._minutes.value if self._terminates.value else 0,
            conf=read_pairs(self._conf.value)[0],
            env=read_pairs(self._env.value)[0],
        )

    def fill(self, draft: Draft, sizes: words.NodeSizes) -> None:
        """Set the controls to a draft; `sizes` are the available node types."""
        options = [(f"{words.node_words(name, sizes)} ({name})", name) for name in sizes]
        low, high = draft.autoscale or (1, max(4, draft.workers))
        self._fixed.max = self._bounds.max = max(SLIDER_MAX, 2 * high)
        self._bounds.min = min(1, low)
        self._node_type.options = options
        self._driver.options = [("Same as worker", ""), *options]
        self._name.value, self._mode.value = draft.name, draft.single_node
        self._node_type.value = draft.node_type_id if draft.node_type_id in sizes else next(iter(sizes), None)
        self._driver.value = draft.driver_node_type_id if draft.driver_node_type_id in sizes else ""
        self._fixed.value, self._bounds.value, self._scales.value = draft.workers, (low, high), bool(draft.autoscale)
        self._terminates.value, self._minutes.value = bool(draft.idle_minutes), draft.idle_minutes or Draft.idle_minutes
        self._conf.value = "\n".join(f"{name} {value}" for name, value in draft.conf.items())
        self._env.value = "\n".join(f"{name}={value}" for name, value in draft.env.items())
        for field in self.by_name.values():
            field.check()
        self._arrange()

    def set_idle_bounds(self, bounds: IdleBounds) -> None:
        """Set the range of idle minutes that the server accepts."""
        self._idle_bounds = (bounds.least, bounds.most)
        self.idle.check()

    def _arrange(self) -> None:
        """Show only the controls that apply to the selected options."""
        single = bool(self._mode.value)
        self._node_type.description = "Node type" if single else "Worker type"
        self.driver.show(not single)
        self.workers.show(not single)
        label = "Min/Max workers" if self._scales.value else "Workers"
        set_html(self._workers_label, f'<span class="dbx-label">{label}</span>')
        self._fixed.layout = HIDDEN if self._scales.value else WIDE
        self._bounds.layout = WIDE if self._scales.value else HIDDEN
        self._minutes.layout = WIDE if self._terminates.value else HIDDEN

    def _check_minutes(self) -> str:
        low, high = self._idle_bounds
        fits = not self._terminates.value or low <= self._minutes.value <= high
        return "" if fits else f"Must be between {low} and {high} minutes."
