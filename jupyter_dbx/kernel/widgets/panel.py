"""ClusterPanel: every cluster with its state, load and time left; and what can be done with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from typing import Any

from IPython.core.getipython import get_ipython
from ipywidgets import Layout, VBox

from jupyter_dbx.kernel import wording
from jupyter_dbx.kernel.choice import ClusterChoice
from jupyter_dbx.kernel.client import Client, ServerUnreachable, find_client
from jupyter_dbx.kernel.draft import Draft
from jupyter_dbx.kernel.session import NotebookSession
from jupyter_dbx.kernel.widgets.controls import FILLING, button, line, listen, note, set_html, show, text
from jupyter_dbx.kernel.widgets.form import ClusterForm
from jupyter_dbx.kernel.widgets.row import ClusterRow
from jupyter_dbx.kernel.widgets.watch import Watch
from jupyter_dbx.model.errors import DbxError
from jupyter_dbx.model.wire import Json

#: How often the server is asked while a cluster changes, and else, s.
CHANGING_S, STEADY_S = 1.0, 2.0

#: How long the server may take to answer before the panel says so, s.
PATIENCE_S = 5.0

#: Terminated clusters that are shown unless somebody wants all, count.
TERMINATED_SHOWN = 5

CENTRED = Layout(display="flex", justify_content="center", width="100%")

EMPTY = """
<div class="dbx-empty"><p class="dbx-title">No clusters yet</p>
<p>A cluster is where Spark runs: a driver plans the work, workers compute. Here all of them are processes on this machine,
they go on when Jupyter stops, and several notebooks can share them.</p>
<p class="dbx-soft">Create one, and <code>spark</code> is there in this notebook.</p></div>
"""


class ClusterPanel(VBox):  # type: ignore[misc]  # ipywidgets is not followed by mypy here
    """Clusters to look at and to click on.

    Show it as a cell's last line, or with `display`. It asks the server while it is on a page, until `close()`.

    Parameters
    ----------
    session : the notebook's; default: the one of this kernel. Without one, in other kernels, no notebook can be attached.
    """

    def __init__(self, session: NotebookSession | None = None) -> None:
        kernel = getattr(get_ipython(), "kernel", None)
        self._session: NotebookSession | None = session or getattr(kernel, "spark_session", None)
        self._found: Client | None = None
        self._choice = ClusterChoice(self._session) if self._session else None
        #: of this notebook; "" when it cannot attach
        self.kernel_id = self._session.kernel_id if self._session else ""
        self.sizes: wording.NodeSizes = {}
        self._rows: dict[str, ClusterRow] = {}
        self._shows_all = False
        #: the cluster that the form edits, or None while it describes a new one
        self._editing: Json | None = None
        self._seen_s = 0.0
        self._watch = Watch(self.look)
        self._make()
        style = files("jupyter_dbx.kernel.widgets").joinpath("panel.css").read_text()
        super().__init__([text(f"<style>{style}</style>"), self._head, self._form.box, self._body], _view_count=0)
        self.add_class("dbx-panel")
        listen(self)
        self.observe(self._on_views, "_view_count")

    def _make(self) -> None:
        self._counts, self._status = text(_counts_html([]), FILLING), text(note("Asking the server …"))
        self._new = button("New cluster", self._open_new, "dbx-go", icon="plus")
        self._form = ClusterForm(self._submit, self._close_form)
        self._head = VBox([line(self._counts, self._new), self._status], layout=Layout(padding="10px 14px"))
        self._head.add_class("dbx-bar")
        first = line(button("Create a cluster", self._open_new, "dbx-go", icon="plus"), layout=CENTRED)
        self._empty = VBox([text(EMPTY), first], layout=Layout(display="none", padding="16px"))
        self._list = VBox([], layout=Layout(width="100%"))
        self._all = button("Show all", self._show_all)
        self._rest = line(self._all, layout=Layout(display="none", justify_content="center", padding="8px"))
        self._body = VBox([self._empty, self._list, self._rest], layout=Layout(width="100%"))

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self._watch.start()
        return super()._repr_mimebundle_(**kwargs)

    def close(self) -> None:
        """Stop asking the server, and take the panel off every page."""
        self._watch.stop()
        super().close()

    # -- what rows and form ask for ------------------------------------------------------------------------------------

    def carry_out(self, row: ClusterRow, verb: str, **args: object) -> None:
        """Do a verb to a row's cluster, on the watch's thread; what goes wrong is shown in the row."""
        self._do(lambda: self._act(row.cluster["cluster_id"], verb, args), row.complain)

    def edit(self, row: ClusterRow) -> None:
        """Open the form with a row's cluster in it."""
        self._do(lambda: self._open_edit(row.cluster["cluster_id"]), row.complain)

    def _do(self, job: Callable[[], None], complain: Callable[[str], None]) -> None:
        def tried() -> None:
            try:
                job()
            except DbxError as error:
                complain(error.message)

        self._watch.do(tried)

    def _act(self, cluster_id: str, verb: str, args: dict[str, object]) -> None:
        if verb == "attach":
            self._attach(cluster_id)
        elif verb == "extend":
            self._client.dbx("POST", f"clusters/{cluster_id}/extend")
        else:
            path = {"terminate": "delete", "delete": "permanent-delete"}.get(verb, verb)
            self._client.clusters(path, cluster_id=cluster_id, **args)

    def _attach(self, cluster_id: str) -> None:
        if self._session is not None and self._choice is not None:
            self._choice.choose(cluster_id)
            self._session.release_soon()

    # -- the form ------------------------------------------------------------------------------------------------------

    def _open_new(self) -> None:
        self._editing = None
        self._form.open_new(self.sizes, can_attach=self._session is not None)
        self._show_form(True)
        self._do(self._tell_limits, self._form.complain)

    def _open_edit(self, cluster_id: str) -> None:
        cluster = self._client.clusters("get", cluster_id=cluster_id)
        self._editing = cluster
        self._form.open_edit(cluster, cluster["spec"], self.sizes)
        self._show_form(True)
        self._tell_limits()

    def _tell_limits(self) -> None:
        self._form.tell_limits(self._client.dbx("GET", "limits"))

    def _close_form(self) -> None:
        self._form.close()
        self._show_form(False)

    def _show_form(self, shown: bool) -> None:
        self._body.layout.display = "none" if shown else "flex"
        show(self._new, not shown)

    def _submit(self, draft: Draft, attach: bool) -> None:
        self._do(lambda: self._save(draft, attach), self._form.complain)

    def _save(self, draft: Draft, attach: bool) -> None:
        if self._editing is not None:
            spec = draft.to_spec(self._editing["spec"])
            self._client.clusters("edit", **spec | {"cluster_id": self._editing["cluster_id"]})
        else:
            version = self._client.clusters("spark-versions")["versions"][0]["key"]
            cluster_id = self._client.clusters("create", **draft.to_spec({"spark_version": version}))["cluster_id"]
            if attach:
                self._attach(cluster_id)
        self._close_form()

    # -- what is shown -------------------------------------------------------------------------------------------------

    @property
    def _client(self) -> Client:
        if self._session is not None:
            return self._session.client
        self._found = self._found or find_client()
        return self._found

    def _on_views(self, change: Any) -> None:
        if change["new"]:
            self._watch.start()
        elif change["old"]:
            self._watch.stop()  # the last page that showed it has gone

    def look(self) -> float:
        """Ask the server and show its answer; return when to ask again, s from now."""
        try:
            clusters, attached = self._ask()
            if not self.sizes:
                types = self._client.clusters("list-node-types")["node_types"]
                self.sizes = {t["node_type_id"]: (int(t["num_cores"]), t["memory_mb"]) for t in types}
        except DbxError as error:
            self._show_absence(error)
            return STEADY_S
        self._seen_s = time.time()
        set_html(self._status, "")
        self.remove_class("dbx-stale")
        self._show(clusters, attached)
        changing = any(c["state"] in wording.CHANGING for c in clusters) or any(r.is_busy for r in self._rows.values())
        return CHANGING_S if changing else STEADY_S

    def _ask(self) -> tuple[list[Json], str]:
        """Return every cluster, and the id of the attached one or ""."""
        if self._choice is not None:
            return self._choice.clusters(timeout_s=PATIENCE_S)
        # With a user's own token: but to look is no activity that should keep a server from shutting down.
        client = replace(self._client, timeout_s=PATIENCE_S)
        return client.dbx("GET", "clusters", no_track_activity=1)["clusters"], ""

    def _show_absence(self, error: DbxError) -> None:
        words = error.message
        if isinstance(error, ServerUnreachable) and self._seen_s:
            seen = datetime.fromtimestamp(self._seen_s).strftime("%H:%M:%S")
            words = f"The server does not answer, last seen {seen}. Clusters go on without it; trying again …"
        elif error.error_code == "PERMISSION_DENIED" and self._session is not None:
            words = "The server was started anew and does not know this kernel any more: restart the kernel."
        set_html(self._status, note(words, "dbx-bad"))
        self.add_class("dbx-stale")

    def _show(self, clusters: list[Json], attached: str) -> None:
        shown = self._chosen(clusters, attached)
        for order, cluster in enumerate(shown):
            cluster_id = cluster["cluster_id"]
            if cluster_id not in self._rows:
                self._rows[cluster_id] = ClusterRow(cluster, self)
            self._rows[cluster_id].place(order)
            self._rows[cluster_id].show(cluster, attached=cluster_id == attached)
        self._drop_others({c["cluster_id"] for c in shown})
        self._empty.layout.display = "none" if clusters else "block"
        hidden = len(clusters) - len(shown)
        self._all.description = f"Show {wording.plural(hidden, 'more terminated cluster')}"
        self._rest.layout.display = "flex" if hidden else "none"
        set_html(self._counts, _counts_html(clusters))

    def _chosen(self, clusters: list[Json], attached: str) -> list[Json]:
        """Return the clusters to show: pinned ones first, else newest first; the older terminated ones only on demand."""
        clusters = sorted(clusters, key=lambda c: not c.get("pinned"))
        ended = [c for c in clusters if c["state"] == "TERMINATED" and not c.get("pinned")]
        opened = {cluster_id for cluster_id, row in self._rows.items() if row.is_open}
        left_out = {c["cluster_id"] for c in ended[TERMINATED_SHOWN:]} - opened - {attached}
        return [c for c in clusters if self._shows_all or c["cluster_id"] not in left_out]

    def _drop_others(self, wanted: set[str]) -> None:
        for cluster_id in self._rows.keys() - wanted:
            self._rows.pop(cluster_id).hide()
        # A list that loses a member is drawn anew from there on, which would take the focus from a row that is used.
        boxes = [row.box for row in self._rows.values()]
        if any(row.is_open for row in self._rows.values()):
            boxes = [*self._list.children, *(box for box in boxes if box not in self._list.children)]
        if list(self._list.children) != boxes:
            self._list.children = boxes

    def _show_all(self) -> None:
        self._shows_all = True
        self._watch.do(lambda: None)


def _counts_html(clusters: list[Json]) -> str:
    up = sum(c["state"] in wording.UP for c in clusters)
    counts = f'<span class="dbx-soft">{up} of {len(clusters)} running</span>' if clusters else ""
    return f'<span class="dbx-title">Clusters</span> {counts}'
