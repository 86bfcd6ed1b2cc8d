"""ClusterForm: describes a cluster, a new one or one that exists; what is wrong is said at its field."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from ipywidgets import Accordion, Box, Checkbox, Layout, VBox

from jupyter_dbx.kernel import wording
from jupyter_dbx.kernel.draft import Draft, field_of
from jupyter_dbx.kernel.widgets.controls import button, line, note, set_html, show, text
from jupyter_dbx.kernel.widgets.fields import Fields
from jupyter_dbx.model.wire import Json

COLUMNS = Layout(
    display="grid",
    grid_template_columns="repeat(auto-fit, minmax(min(18em, 100%), 1fr))",
    grid_gap="0 24px",
    width="100%",
)


class ClusterForm:
    """The form.

    Parameters
    ----------
    submit : takes the draft, and whether this notebook is to be attached
    cancel : goes back to the list
    """

    def __init__(self, submit: Callable[[Draft, bool], None], cancel: Callable[[], None]) -> None:
        self._submit = submit
        self._sizes: wording.NodeSizes = {}
        self._room: Json = {}
        self._title, self._total, self._error = text(), text(), text()
        self.fields = fields = Fields()
        self._attach = Checkbox(True, description="Attach this notebook", indent=False, layout=Layout(width="auto"))
        self._go = button("Create", self._on_go, "dbx-go", icon="check")
        self._cancel = button("Cancel", cancel)
        rare = Box([fields.conf.box, fields.env.box], layout=COLUMNS)
        self._rare = Accordion([rare], titles=("Spark conf and environment",), layout=Layout(margin="0 0 8px"))
        self.box = VBox(
            [
                self._title,
                Box([fields.name.box, fields.kind.box], layout=COLUMNS),
                Box([fields.node_type.box, fields.driver.box], layout=COLUMNS),
                Box([fields.workers.box, fields.idle.box], layout=COLUMNS),
                self._rare,
                self._total,
                self._error,
                line(self._go, self._cancel, self._attach),
            ],
            layout=Layout(display="none", padding="10px 14px", grid_gap="4px"),
        )
        self.box.add_class("dbx-form")
        fields.observe(self._on_change)

    def open_new(self, sizes: wording.NodeSizes, *, can_attach: bool) -> None:
        """Show an empty form; `sizes` are the node types there are, smallest first."""
        self._title.value = '<div class="dbx-title">New cluster</div>'
        self._go.description = "Create"
        self._open(Draft(), sizes, can_attach=can_attach)

    def open_edit(self, cluster: Json, spec: Json, sizes: wording.NodeSizes) -> None:
        """Show what a cluster is defined as."""
        name = escape(cluster["cluster_name"] or cluster["cluster_id"])
        is_up = cluster["state"] == "RUNNING"
        warning = "It runs: saving restarts it. Python variables live on, DataFrames have to be made again."
        self._title.value = f'<div class="dbx-title">Edit {name}</div>{note(warning, "dbx-warn") if is_up else ""}'
        self._go.description = "Save and restart" if is_up else "Save"
        self._open(Draft.from_spec(spec), sizes, can_attach=False)

    def tell_limits(self, limits: Json) -> None:
        """Show how much is free, and check against what the server takes, as it answers it."""
        self._room = limits.get("capacity", {})
        self.fields.bound_idle(**limits["autotermination_minutes"])
        self._on_change()

    def close(self) -> None:
        """Take it away; what was typed is forgotten."""
        self.box.layout.display = "none"

    def complain(self, message: str) -> None:
        """Show a refusal of the server at the field that it is about."""
        self._wait(False)
        name = field_of(message)
        if name:
            self.fields.by_name[name].say(message)
            self._rare.selected_index = 0 if name in ("conf", "env") else self._rare.selected_index
        else:
            set_html(self._error, note(message, "dbx-bad"))

    def _open(self, draft: Draft, sizes: wording.NodeSizes, *, can_attach: bool) -> None:
        self._sizes = sizes
        show(self._attach, can_attach)
        self._rare.selected_index = 0 if draft.conf or draft.env else None
        self.fields.fill(draft, sizes)
        self._on_change()
        self._wait(False)
        self.box.layout.display = "flex"

    def _on_change(self) -> None:
        set_html(self._error, "")
        set_html(self._total, _demand_html(self.fields.read(), self._sizes, self._room))

    def _on_go(self) -> None:
        draft = self.fields.read()
        if not draft.name:
            self.fields.name.say("Give it a name: it is what people call it by.")
        elif self.fields.conf.check() and self.fields.env.check():
            # All else is the server's to refuse: its bounds can be configured.
            self._wait(True)
            self._submit(draft, bool(self._attach.value))

    def _wait(self, waiting: bool) -> None:
        self._go.disabled = waiting
        self._go.icon = "hourglass-half" if waiting else "check"


def _demand(draft: Draft, sizes: wording.NodeSizes) -> list[tuple[int, int, int]] | None:
    """Return the nodes, cores and MiB that a cluster takes at its least and at its most, or None if that is not known."""
    worker, driver = draft.node_type_id, draft.driver_node_type_id or draft.node_type_id
    if worker not in sizes or driver not in sizes:
        return None
    (cores, mib), (driver_cores, driver_mib) = sizes[worker], sizes[driver]
    return [(1 + n, driver_cores + n * cores, driver_mib + n * mib) for n in sorted(set(draft.bounds()))]


def _demand_html(draft: Draft, sizes: wording.NodeSizes, room: Json) -> str:
    """Return what a cluster takes in all and what is free."""
    demand = _demand(draft, sizes)
    if demand is None:
        return ""
    takes = " to ".join(
        f"{wording.plural(nodes, 'node')} with {wording.plural(cores, 'core')} and {wording.memory_words(mib)}"
        for nodes, cores, mib in demand
    )
    if not room:
        return note(f"In all {takes}.")
    free_cores, free_mib = room["free_cores"], room["free_memory_mib"]
    free = f"Free: {free_cores} of {room['cores']} cores, "
    free += f"{wording.memory_words(free_mib)} of {wording.memory_words(room['memory_mib'])}."
    fits = demand[0][1] <= free_cores and demand[0][2] <= free_mib
    return note(f"In all {takes}. {free}", "dbx-soft" if fits else "dbx-warn")
