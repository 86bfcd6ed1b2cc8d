"""ClusterForm: creates or edits a cluster; errors are shown at their fields."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from ipywidgets import Accordion, Box, Checkbox, Layout, VBox

from jupyter_dbx.client import dialect, words
from jupyter_dbx.client.draft import Draft, drafted_field
from jupyter_dbx.kernel.widgets.controls import button, line, note, set_html, show, text
from jupyter_dbx.kernel.widgets.fields import Fields
from jupyter_dbx.model.answers.answer import known
from jupyter_dbx.model.answers.clusters import ClusterView
from jupyter_dbx.model.answers.options import Limits, Room
from jupyter_dbx.model.errors import DbxError

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
    submit : receives the draft, and whether to attach this notebook
    cancel : returns to the list
    """

    def __init__(self, submit: Callable[[Draft, bool], None], cancel: Callable[[], None]) -> None:
        self._submit = submit
        self._sizes: words.NodeSizes = {}
        self._room: Room | None = None
        self._title, self._total, self._error = text(), text(), text()
        self.fields = fields = Fields()
        self._attach = Checkbox(True, description="Attach this notebook", indent=False, layout=Layout(width="auto"))
        self._save = button("Create", self._on_save, "dbx-primary", icon="check")
        self._cancel = button("Cancel", cancel)
        advanced = Box([fields.conf.box, fields.env.box], layout=COLUMNS)
        self._advanced = Accordion(
            [advanced], titles=("Advanced: Spark config, environment variables",), layout=Layout(margin="0 0 8px")
        )
        self.box = VBox(
            [
                self._title,
                Box([fields.name.box, fields.mode.box], layout=COLUMNS),
                Box([fields.node_type.box, fields.driver.box], layout=COLUMNS),
                Box([fields.workers.box, fields.idle.box], layout=COLUMNS),
                self._advanced,
                self._total,
                self._error,
                line(self._save, self._cancel, self._attach),
            ],
            layout=Layout(display="none", padding="10px 14px", grid_gap="4px"),
        )
        self.box.add_class("dbx-form")
        fields.observe(self._on_change)

    def open_new(self, sizes: words.NodeSizes, *, can_attach: bool) -> None:
        """Show an empty form; `sizes` are the available node types, smallest first."""
        self._title.value = '<div class="dbx-title">Create cluster</div>'
        self._save.description = "Create"
        self._open(Draft(), sizes, can_attach=can_attach)

    def open_edit(self, cluster: ClusterView, sizes: words.NodeSizes) -> None:
        """Show the form with a cluster's spec."""
        name = escape(cluster.name)
        is_up = cluster.state == "RUNNING"
        warning = "Saving restarts this cluster. Python variables are kept; DataFrames must be created again."
        self._title.value = f'<div class="dbx-title">Edit {name}</div>{note(warning, "dbx-warn") if is_up else ""}'
        self._save.description = "Save and restart" if is_up else "Save"
        self._open(Draft.from_spec(cluster.spec or {}), sizes, can_attach=False)

    def set_limits(self, limits: Limits) -> None:
        """Show the available capacity, and check against the server's limits."""
        self._room = known(limits.capacity, None)
        self.fields.set_idle_bounds(limits.autotermination_minutes)
        self._on_change()

    def close(self) -> None:
        """Hide the form and discard its values."""
        self.box.layout.display = "none"

    def show_error(self, error: DbxError) -> None:
        """Show an error of the server at its field."""
        self._set_saving(False)
        name = drafted_field(error.field)
        if name:
            self.fields.by_name[name].show_error(error.message)
            self._advanced.selected_index = 0 if name in ("conf", "env") else self._advanced.selected_index
        else:
            set_html(self._error, note(error.message, "dbx-bad"))

    def _open(self, draft: Draft, sizes: words.NodeSizes, *, can_attach: bool) -> None:
        self._sizes = sizes
        show(self._attach, can_attach)
        self._advanced.selected_index = 0 if draft.conf or draft.env else None
        self.fields.fill(draft, sizes)
        self._on_change()
        self._set_saving(False)
        self.box.layout.display = "flex"

    def _on_change(self) -> None:
        set_html(self._error, "")
        set_html(self._total, _demand_html(self.fields.read(), self._sizes, self._room))

    def _on_save(self) -> None:
        draft = self.fields.read()
        if not draft.name:
            self.fields.name.show_error("Enter a name.")
        elif self.fields.conf.check() and self.fields.env.check():
            # The server validates everything else, because its bounds are configurable.
            self._set_saving(True)
            self._submit(draft, bool(self._attach.value))

    def _set_saving(self, is_saving: bool) -> None:
        self._save.disabled = is_saving
        self._save.icon = "hourglass-half" if is_saving else "check"


def _demand(draft: Draft, sizes: words.NodeSizes) -> list[tuple[int, int, int]] | None:
    """Return (nodes, cores, MiB) of a cluster at its minimum and its maximum size, or None if a node type is unknown."""
    worker, driver = draft.node_type_id, draft.driver_node_type_id or draft.node_type_id
    if worker not in sizes or driver not in sizes:
        return None
    (cores, mib), (driver_cores, driver_mib) = sizes[worker], sizes[driver]
    return [(1 + n, driver_cores + n * cores, driver_mib + n * mib) for n in sorted(set(draft.bounds()))]


def _demand_html(draft: Draft, sizes: words.NodeSizes, room: Room | None) -> str:
    """Return the total resources of a cluster and the available ones."""
    demand = _demand(draft, sizes)
    if demand is None:
        return ""
    total = " to ".join(
        f"{dialect.plural(nodes, 'node')}, {dialect.plural(cores, 'core')}, {dialect.memory_words(mib)}"
        for nodes, cores, mib in demand
    )
    if room is None:
        return note(f"Total: {total}.")
    available = f"Available: {room.free_cores} of {room.cores} cores, "
    available += f"{dialect.memory_words(room.free_memory_mib)} of {dialect.memory_words(room.memory_mib)}."
    fits = demand[0][1] <= room.free_cores and demand[0][2] <= room.free_memory_mib
    return note(f"Total: {total}. {available}", "dbx-soft" if fits else "dbx-warn")
