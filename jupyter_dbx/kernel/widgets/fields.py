"""The form's fields: a control each, with its hint or what is wrong with it below."""

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

from jupyter_dbx.kernel import wording
from jupyter_dbx.kernel.draft import Draft, read_pairs
from jupyter_dbx.kernel.widgets.controls import note, set_html, text
from jupyter_dbx.model.spec import AUTOTERMINATION_BOUNDS

#: Most workers that the sliders offer, count; twice as many as a cluster has if that is more.
MOST_WORKERS = 32

#: Kinds of cluster, as people read them; the value says whether it is a single node.
KINDS = (("Driver and workers", False), ("Single node", True))

WIDE = Layout(width="100%", margin="0")
GONE = Layout(display="none")


class Field:
    """One thing to choose.

    Parameters
    ----------
    controls : from top to bottom
    check : returns what is wrong with what the controls say now, or ""
    """

    def __init__(self, *controls: Any, hint: str = "", check: Callable[[], str] = str) -> None:
        self._controls, self._hint, self._check = controls, hint, check
        self._below = text()
        self.box = VBox([*controls, self._below], layout=Layout(width="100%", margin="0 0 6px"))
        self.box.add_class("dbx-field")

    def observe(self, on_change: Callable[[], None]) -> None:
        """Call `on_change` after each change, when the field has been checked."""
        for control in self._controls:
            if not isinstance(control, HTML):
                control.observe(lambda _: self._on_change(on_change), "value")

    def check(self) -> bool:
        """Say what is wrong, if anything; return whether all is well."""
        complaint = self._check()
        self.say(complaint)
        return not complaint

    def say(self, complaint: str) -> None:
        """Show what is wrong; "" shows the hint again."""
        set_html(self._below, note(complaint, "dbx-bad") if complaint else note(self._hint))

    def show(self, shown: bool) -> None:
        """Show or hide all of it."""
        self.box.layout.display = "flex" if shown else "none"

    def _on_change(self, on_change: Callable[[], None]) -> None:
        self.check()
        on_change()


class Fields:
    """Every field of a cluster, as one draft."""

    def __init__(self) -> None:
        self._idle_bounds = AUTOTERMINATION_BOUNDS
        self._name = Text(description="Name", placeholder="for example: etl", layout=WIDE)
        self._kind = ToggleButtons(options=KINDS, description="Kind", layout=WIDE)
        self._node_type = Dropdown(description="Worker type", layout=WIDE)
        self._driver = Dropdown(description="Driver type", layout=WIDE)
        self._fixed = IntSlider(2, 1, MOST_WORKERS, layout=WIDE)
        self._bounds = IntRangeSlider(value=(1, 4), min=1, max=MOST_WORKERS, layout=WIDE)
        self._scales = Checkbox(False, description="Autoscale between a least and a most", indent=False, layout=WIDE)
        self._ends = Checkbox(True, description="End it when nobody uses it", indent=False, layout=WIDE)
        self._minutes = IntText(Draft.idle_minutes, description="After how many minutes", layout=WIDE)
        self._conf = Textarea(description="Spark conf", placeholder="spark.sql.shuffle.partitions 8", layout=WIDE)
        self._env = Textarea(description="Environment", placeholder="TZ=Europe/Berlin", layout=WIDE)
        self.name = Field(self._name)
        self.kind = Field(
            self._kind, hint="A driver plans and workers compute. A single node does both, for small data."
        )
        self.node_type, self.driver = Field(self._node_type), Field(self._driver)
        self.workers = Field(text('<span class="dbx-label">Workers</span>'), self._fixed, self._bounds, self._scales)
        self.idle = Field(self._ends, self._minutes, check=self._check_minutes)
        self.conf = Field(
            self._conf,
            hint="One property on each line: its name, a space or =, its value.",
            check=lambda: read_pairs(self._conf.value)[1],
        )
        self.env = Field(
            self._env,
            hint="One variable on each line: NAME=value.",
            check=lambda: read_pairs(self._env.value)[1],
        )
        #: name of the draft's field → its controls
        self.by_name = {
            "name": self.name,
            "single_node": self.kind,
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
        """Call `on_change` after each change of any of them."""
        for field in self.by_name.values():
            field.observe(on_change)

    def read(self) -> Draft:
        """Return what the controls say."""
        single = bool(self._kind.value)
        return Draft(
            name=self._name.value.strip(),
            single_node=single,
            node_type_id=self._node_type.value or "",
            driver_node_type_id="" if single else self._driver.value or "",
            workers=self._fixed.value,
            autoscale=tuple(self._bounds.value) if self._scales.value else None,
            idle_minutes=self._minutes.value if self._ends.value else 0,
            conf=read_pairs(self._conf.value)[0],
            env=read_pairs(self._env.value)[0],
        )

    def fill(self, draft: Draft, sizes: wording.NodeSizes) -> None:
        """Let the controls say this; `sizes` are the node types to choose from."""
        options = [(f"{wording.node_words(name, sizes)} ({name})", name) for name in sizes]
        low, high = draft.autoscale or (1, max(4, draft.workers))
        self._fixed.max = self._bounds.max = max(MOST_WORKERS, 2 * high)
        self._bounds.min = min(1, low)
        self._node_type.options = options
        self._driver.options = [("As the workers", ""), *options]
        self._name.value, self._kind.value = draft.name, draft.single_node
        self._node_type.value = draft.node_type_id if draft.node_type_id in sizes else next(iter(sizes), None)
        self._driver.value = draft.driver_node_type_id if draft.driver_node_type_id in sizes else ""
        self._fixed.value, self._bounds.value, self._scales.value = draft.workers, (low, high), bool(draft.autoscale)
        self._ends.value, self._minutes.value = bool(draft.idle_minutes), draft.idle_minutes or Draft.idle_minutes
        self._conf.value = "\n".join(f"{name} {value}" for name, value in draft.conf.items())
        self._env.value = "\n".join(f"{name}={value}" for name, value in draft.env.items())
        for field in self.by_name.values():
            field.check()
        self._arrange()

    def bound_idle(self, least: int, most: int) -> None:
        """Tell which idle minutes the server takes, which may be fewer than usual."""
        self._idle_bounds = (least, most)
        self.idle.check()

    def _arrange(self) -> None:
        """Show only the controls that matter for what is chosen."""
        single = bool(self._kind.value)
        self._node_type.description = "Node type" if single else "Worker type"
        self.driver.show(not single)
        self.workers.show(not single)
        self._fixed.layout = GONE if self._scales.value else WIDE
        self._bounds.layout = WIDE if self._scales.value else GONE
        self._minutes.layout = WIDE if self._ends.value else GONE

    def _check_minutes(self) -> str:
        low, high = self._idle_bounds
        fits = not self._ends.value or low <= self._minutes.value <= high
        return "" if fits else f"Between {low} and {high} minutes."
