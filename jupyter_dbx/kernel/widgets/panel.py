"""ClusterPanel: all clusters with their state, load and time to termination, and the actions on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from typing import Any

from IPython.core.getipython import get_ipython
from ipywidgets import Layout, VBox

from jupyter_dbx.client import dialect, words
from jupyter_dbx.client.client import Client
from jupyter_dbx.client.draft import Draft
from jupyter_dbx.client.finding import find_client
from jupyter_dbx.client.transport import ServerUnreachable
from jupyter_dbx.kernel.session.attachment import NotebookAttachment
from jupyter_dbx.kernel.session.session import NotebookSession
from jupyter_dbx.kernel.widgets.controls import (
    FILLING,
    button,
    line,
    note,
    route_to_subshell,
    set_html,
    show,
    text,
)
from jupyter_dbx.kernel.widgets.form import ClusterForm
from jupyter_dbx.kernel.widgets.row import ClusterRow
from jupyter_dbx.kernel.widgets.watch import Watch
from jupyter_dbx.model.answers.clusters import ClustersSeen, ClusterView
from jupyter_dbx.model.errors import DbxError, Reason

#: Polling intervals while a cluster is changing and otherwise, s.
CHANGING_S, STEADY_S = 1.0, 2.0

#: Time limit of a response before the panel shows an error, s.
PATIENCE_S = 5.0

#: Number of terminated clusters that are shown by default.
TERMINATED_SHOWN = 5

#: Verb of a row → the client's method.
_VERBS: dict[str, Callable[..., None]] = {
    "start": Client.start_cluster,
    "restart": Client.restart_cluster,
    "resize": Client.resize_cluster,
    "extend": Client.extend_cluster,
    "pin": Client.pin_cluster,
    "unpin": Client.unpin_cluster,
    "terminate": Client.terminate_cluster,
    "delete": Client.delete_cluster,
}

CENTRED = Layout(display="flex", justify_content="center", width="100%")

EMPTY = """
<div class="dbx-empty"><p class="dbx-title">No clusters yet</p>
<p>A cluster runs Spark: its driver schedules tasks and its workers run them. It keeps running when Jupyter stops, and several
notebooks can share it.</p>
<p class="dbx-soft">Create one and attach this notebook. The variable <code>spark</code> is then available.</p></div>
"""


class ClusterPanel(VBox):  # type: ignore[misc]  # ipywidgets is not followed by mypy here
    """An interactive list of clusters.

    Show it as a cell's last line, or with `display`. It polls the server while it is displayed, until `close()`.

    Parameters
    ----------
    session : of the notebook; default: that of this kernel. Other kernels have none, and their notebooks cannot be attached.
    """

    def __init__(self, session: NotebookSession | None = None) -> None:
        kernel = getattr(get_ipython(), "kernel", None)
        self._session: NotebookSession | None = session or getattr(kernel, "spark_session", None)
        self._found: Client | None = None
        self._choice = NotebookAttachment(self._session.notebook) if self._session else None
        #: ID of this notebook's kernel; "" = it cannot be attached
        self.kernel_id = self._session.notebook.kernel_id if self._session else ""
        self.sizes: words.NodeSizes = {}
        self.user = ""
        self._rows: dict[str, ClusterRow] = {}
        self._shows_all = False
        #: the cluster that the form edits; None = the form creates one
        self._editing: ClusterView | None = None
        self._updated_s = 0.0
        self._watch = Watch(self.refresh)
        self._make_controls()
        style = files("jupyter_dbx.kernel.widgets").joinpath("panel.css").read_text()
        super().__init__([text(f"<style>{style}</style>"), self._head, self._form.box, self._body], _view_count=0)
        self.add_class("dbx-panel")
        route_to_subshell(self)
        self.observe(self._on_views, "_view_count")

    def _make_controls(self) -> None:
        self._counts, self._status = text(_counts_html([]), FILLING), text(note("Connecting to the server…"))
        self._new = button("Create cluster", self._open_new, "dbx-primary", icon="plus")
        show(self._new, False)  # until it is known whether the panel is empty
        self._form = ClusterForm(self._submit, self._close_form)
        self._head = VBox([line(self._counts, self._new), self._status], layout=Layout(padding="10px 14px"))
        self._head.add_class("dbx-bar")
        first = line(button("Create cluster", self._open_new, "dbx-primary", icon="plus"), layout=CENTRED)
        self._empty = VBox([text(EMPTY), first], layout=Layout(display="none", padding="16px"))
        self._list = VBox([], layout=Layout(width="100%"))
        self._all = button("Show all", self._show_all)
        self._rest = line(self._all, layout=Layout(display="none", justify_content="center", padding="8px"))
        self._body = VBox([self._empty, self._list, self._rest], layout=Layout(width="100%"))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self._watch.start()
        return super()._repr_mimebundle_(**kwargs)

    def close(self) -> None:
        """Stop polling the server, and remove the panel from all pages."""
        self._watch.stop()
        super().close()

    # -- actions of the rows -------------------------------------------------------------------------------------------

    def carry_out(self, row: ClusterRow, verb: str, **args: object) -> None:
        """Apply a verb to a row's cluster, on the watch's thread; an error is shown in the row."""
        self._do(lambda: self._act(row.cluster.cluster_id, verb, args), row.show_error)

    def edit(self, row: ClusterRow) -> None:
        """Open the form for a row's cluster."""
        self._do(lambda: self._open_edit(row.cluster.cluster_id), row.show_error)

    def _do(self, job: Callable[[], None], on_error: Callable[[DbxError], None]) -> None:
        def attempt() -> None:
            try:
                job()
            except DbxError as error:
                on_error(error)

        self._watch.do(attempt)

    def _act(self, cluster_id: str, verb: str, args: dict[str, object]) -> None:
        if verb == "attach":
            self._attach(cluster_id)
        else:
            _VERBS[verb](self._client, cluster_id, **args)

    def _attach(self, cluster_id: str) -> None:
        if self._session is not None and self._choice is not None:
            self._choice.choose(cluster_id)
            self._session.release_soon()

    # -- the form ------------------------------------------------------------------------------------------------------

    def _open_new(self) -> None:
        self._editing = None
        self._form.open_new(self.sizes, can_attach=self._session is not None)
        self._show_form(True)
        self._do(self._load_limits, self._form.show_error)

    def _open_edit(self, cluster_id: str) -> None:
        self._editing = self._client.get_cluster(cluster_id)
        self._form.open_edit(self._editing, self.sizes)
        self._show_form(True)
        self._load_limits()

    def _load_limits(self) -> None:
        self._form.set_limits(self._client.get_limits())

    def _close_form(self) -> None:
        self._form.close()
        self._show_form(False)

    def _show_form(self, shown: bool) -> None:
        self._body.layout.display = "none" if shown else "flex"
        self._offer_new()

    def _offer_new(self) -> None:
        """Show the header's button, unless the form is open or the empty panel has the same button."""
        show(self._new, self._body.layout.display != "none" and self._empty.layout.display == "none")

    def _submit(self, draft: Draft, attach: bool) -> None:
        self._do(lambda: self._save(draft, attach), self._form.show_error)

    def _save(self, draft: Draft, attach: bool) -> None:
        if self._editing is not None:
            self._client.edit_cluster(self._editing.cluster_id, draft.to_spec(self._editing.spec or {}))
        else:
            cluster_id = self._client.create_cluster(draft.to_spec({}))
            if attach:
                self._attach(cluster_id)
        self._close_form()

    # -- display -------------------------------------------------------------------------------------------------------

    @property
    def _client(self) -> Client:
        if self._session is not None:
            return self._session.notebook.client
        self._found = self._found or find_client()
        return self._found

    def _on_views(self, change: Any) -> None:
        if change["new"]:
            self._watch.start()
        elif change["old"]:
            self._watch.stop()  # the last view was closed

    def refresh(self) -> float:
        """Query the server and show the clusters; return the time until the next query, s."""
        try:
            seen = self._query()
            if not self.sizes:
                types = self._client.list_node_types().node_types
                self.user = self._client.get_workspace().user_name
                self.sizes = {t.node_type_id: (int(t.num_cores), t.memory_mb) for t in types}
        except DbxError as error:
            self._show_error(error)
            return STEADY_S
        self._updated_s = time.time()
        set_html(self._status, "")
        self.remove_class("dbx-stale")
        self._show(seen.clusters, seen.attached)
        changing = any(c.state in words.CHANGING for c in seen.clusters) or any(r.is_busy for r in self._rows.values())
        return CHANGING_S if changing else STEADY_S

    def _query(self) -> ClustersSeen:
        """Return every cluster, and which one is attached."""
        if self._choice is not None:
            return self._choice.clusters(timeout_s=PATIENCE_S)
        # Polling with the user's token must not count as activity that keeps an idle server from shutting down.
        client = replace(self._client, timeout_s=PATIENCE_S)
        return ClustersSeen(clusters=client.list_clusters(is_activity=False).clusters)

    def _show_error(self, error: DbxError) -> None:
        problem = error.message
        if isinstance(error, ServerUnreachable) and self._updated_s:
            updated = datetime.fromtimestamp(self._updated_s).strftime("%H:%M:%S")
            problem = f"The server is not responding since {updated}. Clusters keep running. Retrying…"
        elif error.reason is Reason.PERMISSION_DENIED and self._session is not None:
            problem = "The server was restarted and no longer accepts this kernel. Restart the kernel."
        set_html(self._status, note(problem, "dbx-bad"))
        self.add_class("dbx-stale")

    def _show(self, clusters: Sequence[ClusterView], attached: str) -> None:
        shown = self._chosen(clusters, attached)
        for order, cluster in enumerate(shown):
            cluster_id = cluster.cluster_id
            if cluster_id not in self._rows:
                self._rows[cluster_id] = ClusterRow(cluster, self)
            self._rows[cluster_id].move_to(order)
            self._rows[cluster_id].show(cluster, attached=cluster_id == attached)
        self._remove_rows_except({c.cluster_id for c in shown})
        self._empty.layout.display = "none" if clusters else "block"
        self._offer_new()
        hidden = len(clusters) - len(shown)
        self._all.description = f"Show {dialect.plural(hidden, 'more terminated cluster')}"
        self._rest.layout.display = "flex" if hidden else "none"
        set_html(self._counts, _counts_html(clusters))

    def _chosen(self, clusters: Sequence[ClusterView], attached: str) -> list[ClusterView]:
        """Return the clusters to show: pinned ones first, then newest first; older terminated ones only on demand."""
        clusters = sorted(clusters, key=lambda c: not c.pinned)
        terminated = [c for c in clusters if c.state == "TERMINATED" and not c.pinned]
        opened = {cluster_id for cluster_id, row in self._rows.items() if row.is_open}
        hidden = {c.cluster_id for c in terminated[TERMINATED_SHOWN:]} - opened - {attached}
        return [c for c in clusters if self._shows_all or c.cluster_id not in hidden]

    def _remove_rows_except(self, shown: set[str]) -> None:
        for cluster_id in self._rows.keys() - shown:
            self._rows.pop(cluster_id).hide()
        # Removing a child makes the front end redraw the following ones, which would take the focus from an open row.
        boxes = [row.box for row in self._rows.values()]
        if any(row.is_open for row in self._rows.values()):
            boxes = [*self._list.children, *(box for box in boxes if box not in self._list.children)]
        if list(self._list.children) != boxes:
            self._list.children = boxes

    def _show_all(self) -> None:
        self._shows_all = True
        self._watch.do(lambda: None)


def _counts_html(clusters: Sequence[ClusterView]) -> str:
    up = sum(c.state in words.UP for c in clusters)
    counts = f'<span class="dbx-soft">{up} of {len(clusters)} running</span>' if clusters else ""
    return f'<span class="dbx-title">Clusters</span> {counts}'
