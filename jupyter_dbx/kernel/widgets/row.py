"""ClusterRow: one cluster of the panel, with its actions."""

from __future__ import annotations

import re
import time
from html import escape
from typing import Protocol

from ipywidgets import Layout, VBox

from jupyter_dbx.client import dialect, words
from jupyter_dbx.kernel.widgets.controls import (
    Confirmation,
    button,
    enable,
    line,
    route_to_subshell,
    set_html,
    show,
    text,
)
from jupyter_dbx.kernel.widgets.details import Details
from jupyter_dbx.model.answers.clusters import ClusterView
from jupyter_dbx.model.errors import DbxError

#: How long a row's buttons stay disabled after a click, s, so that a double click does not press their replacement.
HOLD_S = 1.0

#: Of the part that is always visible: as high as a row of the side panel, in every state.
HEAD = Layout(display="flex", flex_flow="row", align_items="center", grid_gap="8px", width="100%", height="72px")
SUMMARY = Layout(flex="1 1 0", min_width="0", margin="0")
BUTTONS = Layout(display="flex", flex_flow="row", align_items="center", grid_gap="4px", flex="none")


class Panel(Protocol):
    """What a row requests from its panel; requests run on the panel's thread."""

    #: ID of this notebook's kernel; "" = it cannot be attached
    kernel_id: str
    sizes: words.NodeSizes
    #: name of the user; "" = not known yet
    user: str

    def carry_out(self, row: ClusterRow, verb: str, **args: object) -> None:
        """Apply a verb to the row's cluster; an error is shown in the row."""

    def edit(self, row: ClusterRow) -> None:
        """Open the form for the row's cluster."""


class ClusterRow:
    """One cluster.

    Attributes
    ----------
    box : the root widget
    """

    def __init__(self, cluster: ClusterView, panel: Panel) -> None:
        self.cluster, self._panel = cluster, panel
        self._attached = False
        self._progress = self._error = ""
        self._held_until = 0.0
        self._since = time.monotonic()
        self._summary = text(layout=SUMMARY)
        self._start = button(
            "Start", lambda: self.request("start", "Starting"), "dbx-primary", icon="play", tip="Start the cluster"
        )
        self._attach = button(
            "Attach",
            lambda: self.request("attach", "Attaching"),
            icon="link",
            tip="Attach this notebook to the cluster",
        )
        self._extend = button(
            "Extend",
            lambda: self.request("extend", "Extending"),
            "dbx-primary",
            icon="clock-o",
            tip="Extend time to termination",
        )
        self._terminate = button(
            "Terminate",
            self.terminate,
            "dbx-danger",
            icon="stop",
            tip="Terminate the cluster; its configuration is kept",
        )
        verbs = {"start": self._start, "extend": self._extend, "attach": self._attach, "terminate": self._terminate}
        self._verbs = {verb: (control, control.tooltip) for verb, control in verbs.items()}
        self._more = button("More", self._toggle, icon="chevron-down", tip="Resize, restart, edit, pin, delete")
        self._confirmation = Confirmation()
        self._details: Details | None = None
        buttons = line(self._start, self._extend, self._attach, self._terminate, self._more, layout=BUTTONS)
        self._below = VBox([self._confirmation.box], layout=Layout(width="100%"))
        head = line(self._summary, buttons, layout=HEAD)
        head.add_class("dbx-head")
        self.box = VBox([head, self._below], layout=Layout(padding="0 14px", width="100%"))
        self.box.add_class("dbx-row")
        route_to_subshell(self.box)

    @property
    def is_busy(self) -> bool:
        """Return whether the row shows an action in progress."""
        return bool(self._progress)

    @property
    def is_open(self) -> bool:
        """Return whether its details are open."""
        return self._details is not None and self._details.is_open

    def move_to(self, order: int) -> None:
        """Move the row in the list without recreating its controls, so that they keep the focus."""
        if self.box.layout.order != str(order):
            self.box.layout.order = str(order)

    def hide(self) -> None:
        """Hide the row."""
        self.box.layout.display = "none"

    def show(self, cluster: ClusterView, *, attached: bool) -> None:
        """Show the cluster's current state."""
        if cluster.state != self.cluster.state:
            self._since = time.monotonic()
            self._error = ""
        self.cluster, self._attached = cluster, attached
        if time.monotonic() >= self._held_until:
            self._progress = ""
        self._render()

    def request(self, verb: str, progress: str, **args: object) -> None:
        """Request a verb from the panel, and show its progress at once."""
        self._progress, self._error = progress, ""
        self._held_until = time.monotonic() + HOLD_S
        self._render()
        self._panel.carry_out(self, verb, **args)

    def show_error(self, error: DbxError) -> None:
        """Show why a request failed."""
        self._progress, self._error, self._held_until = "", error.message, 0.0
        self._render()

    def terminate(self) -> None:
        """Terminate the cluster, after a confirmation if notebooks are attached."""
        self._confirm("Terminate", "terminate", "Terminating")

    def restart(self) -> None:
        """Replace driver and workers, after a confirmation if notebooks are attached."""
        self._confirm("Restart", "restart", "Restarting")

    def delete(self) -> None:
        """Delete the cluster, after a confirmation."""
        question = f"Delete {self.name}? Its configuration and logs are deleted permanently. Tables stay on disk."
        self._confirmation.show(question, "Delete", lambda: self.request("delete", "Deleting"))

    def edit(self) -> None:
        """Open the form."""
        self._panel.edit(self)

    @property
    def name(self) -> str:
        """Return the display name of the cluster."""
        return self.cluster.name

    def _confirm(self, label: str, verb: str, progress: str) -> None:
        live = self.cluster.live
        if live is None or not live.notebooks:
            self.request(verb, progress)
            return
        attached = words.notebook_words(live, self._panel.kernel_id)
        question = (
            f"{label} {self.name}? Attached: {attached}. Python variables are kept; DataFrames must be created again."
        )
        self._confirmation.show(question, label, lambda: self.request(verb, progress))

    def _toggle(self) -> None:
        if self._details is None:
            self._details = Details(self)
            route_to_subshell(self._details.box)
        self._details.toggle()
        self._more.description = "Less" if self._details.is_open else "More"
        self._more.icon = "chevron-up" if self._details.is_open else "chevron-down"
        self._render()
        self._below.children = [self._confirmation.box, self._details.box]

    def _render(self) -> None:
        cluster, now_ms = self.cluster, int(time.time() * 1000)
        set_html(self._summary, self._html(now_ms))
        state = cluster.state
        left = words.terminates_in_s(cluster, now_ms)
        show(self._start, state == "TERMINATED")
        show(self._extend, left is not None and left < words.SOON_S)
        show(self._attach, bool(self._panel.kernel_id) and not self._attached and state not in ("TERMINATING", "ERROR"))
        show(self._terminate, state in ("PENDING", "RUNNING", "RESIZING", "RESTARTING"))
        for verb, (control, tip) in self._verbs.items():
            enable(control, words.refusal_words(cluster, verb), busy=bool(self._progress), tip=tip)
        if self._details is not None and self._details.is_open:
            self._details.show(cluster, sizes=self._panel.sizes, busy=bool(self._progress))

    def _html(self, now_ms: int) -> str:
        cluster, state = self.cluster, self.cluster.state
        kind = "up" if state == "RUNNING" else "changing" if state in words.CHANGING else "down"
        kind = "failed" if words.failure_words(cluster) else kind
        word = f"{self._progress}…" if self._progress else words.state_word(cluster)
        chips = '<span class="dbx-chip">This notebook</span>' if self._attached else ""
        chips += '<span class="dbx-chip dbx-plain">Pinned</span>' if cluster.pinned else ""
        owner = words.foreign_owner(cluster, self._panel.user)
        chips += f'<span class="dbx-chip dbx-plain">Owner: {escape(owner)}</span>' if owner else ""
        size = escape(words.size_words(cluster, self._panel.sizes))
        return (
            f'<div class="dbx-line"><span class="dbx-dot dbx-{kind}"></span>'
            f'<span class="dbx-name" title="{escape(self.name)}">{escape(self.name)}</span>'
            f'<span class="dbx-state">{escape(word)}</span>{chips}</div>'
            f'<div class="dbx-facts" title="{size}">{size}</div>{self._last_line(now_ms)}'
        )

    def _last_line(self, now_ms: int) -> str:
        """Return what matters most now: a failure, or else the progress of a change, or else the load and the termination."""
        if failure := escape(self._error or words.failure_words(self.cluster)):
            return f'<div class="dbx-facts dbx-bad" role="alert" title="{failure}">{failure}</div>'
        facts = self._facts(now_ms)
        title = " · ".join(re.sub("<[^<>]*>", "", fact) for fact in facts)
        return f'<div class="dbx-facts" title="{title}">{" · ".join(facts)}</div>'

    def _facts(self, now_ms: int) -> list[str]:
        cluster, live = self.cluster, self.cluster.live
        if cluster.state in words.CHANGING:
            done, awaited = words.progress_of(cluster)
            seconds = dialect.duration_words(time.monotonic() - self._since)
            return [f"{meter(done, 'dbx-changing')}{escape(awaited[:1].upper() + awaited[1:])}, {seconds}"]
        facts = []
        left = words.terminates_in_s(cluster, now_ms)
        termination = escape(words.termination_words(cluster, now_ms))
        if left is not None and left < words.SOON_S:
            return [f'<span class="dbx-warn">{termination}</span>']
        if live:
            load = live.load
            facts.append(meter(load.busy_cores / max(1, load.total_cores)) + escape(words.load_words(live)))
            attached = words.notebook_words(live, self._panel.kernel_id)
            facts.append(escape(attached[:1].upper() + attached[1:]))
        return [*facts, termination]


def meter(part: float, kind: str = "") -> str:
    """Return a bar that is filled up to `part`, 0…1."""
    return f'<span class="dbx-meter {kind}"><i style="width: {100 * part:.0f}%"></i></span>'
