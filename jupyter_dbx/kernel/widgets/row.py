"""ClusterRow: one cluster of the panel, with what can be done to it."""

from __future__ import annotations

import time
from html import escape
from typing import Protocol

from ipywidgets import Layout, VBox

from jupyter_dbx.kernel import wording
from jupyter_dbx.kernel.widgets.controls import FILLING, Question, button, line, listen, set_html, show, text
from jupyter_dbx.kernel.widgets.details import Details
from jupyter_dbx.model.wire import Json

#: How long a row's buttons stay off after a click, s: a double click must not press the button that takes their place.
HOLD_S = 1.0

BUTTONS = Layout(display="flex", flex_flow="row wrap", align_items="center", grid_gap="4px", flex="0 1 auto")


class Desk(Protocol):
    """What a row may ask of its panel; each is done on the panel's own thread."""

    #: of this notebook; "" when it cannot attach
    kernel_id: str
    sizes: wording.NodeSizes

    def carry_out(self, row: ClusterRow, verb: str, **args: object) -> None:
        """Do a verb to the row's cluster; what goes wrong is shown in the row."""

    def edit(self, row: ClusterRow) -> None:
        """Open the form with the row's cluster in it."""


class ClusterRow:
    """One cluster.

    Attributes
    ----------
    box : what is shown
    """

    def __init__(self, cluster: Json, desk: Desk) -> None:
        self.cluster, self._desk = cluster, desk
        self._attached = False
        self._doing = self._failure = ""
        self._held_until = 0.0
        self._since = time.monotonic()
        self._summary = text(layout=FILLING)
        self._start = button(
            "Start", lambda: self.ask("start", "Starting"), "dbx-go", icon="play", tip="Start it as it is defined"
        )
        self._attach = button(
            "Attach",
            lambda: self.ask("attach", "Attaching"),
            icon="link",
            tip="Let this notebook work on it: `spark` is then this cluster's",
        )
        self._extend = button(
            "Extend",
            lambda: self.ask("extend", "Extending"),
            "dbx-go",
            icon="clock-o",
            tip="Let it live on: its idle time begins anew",
        )
        self._terminate = button(
            "Terminate", self.terminate, icon="stop", tip="End its processes; its definition stays, to start it again"
        )
        self._more = button("More", self._toggle, icon="chevron-down", tip="Resize, restart, edit, pin, delete")
        self._question = Question()
        self._details: Details | None = None
        buttons = line(self._start, self._extend, self._attach, self._terminate, self._more, layout=BUTTONS)
        self._below = VBox([self._question.box], layout=Layout(width="100%"))
        self.box = VBox([line(self._summary, buttons), self._below], layout=Layout(padding="10px 14px", width="100%"))
        self.box.add_class("dbx-row")
        listen(self.box)

    @property
    def is_busy(self) -> bool:
        """Return whether it still says what is being done."""
        return bool(self._doing)

    @property
    def is_open(self) -> bool:
        """Return whether somebody may be at work in it."""
        return self._details is not None and self._details.is_open

    def place(self, order: int) -> None:
        """Move it in the list without touching its controls, so that none loses the focus."""
        if self.box.layout.order != str(order):
            self.box.layout.order = str(order)

    def hide(self) -> None:
        """Take it off the list."""
        self.box.layout.display = "none"

    def show(self, cluster: Json, *, attached: bool) -> None:
        """Show what is now."""
        if cluster["state"] != self.cluster["state"]:
            self._since = time.monotonic()
            self._failure = ""
        self.cluster, self._attached = cluster, attached
        if time.monotonic() >= self._held_until:
            self._doing = ""
        self._render()

    def ask(self, verb: str, saying: str, **args: object) -> None:
        """Show at once that something is being done, and have it done."""
        self._doing, self._failure = saying, ""
        self._held_until = time.monotonic() + HOLD_S
        self._render()
        self._desk.carry_out(self, verb, **args)

    def complain(self, message: str) -> None:
        """Show why what was asked for was not done."""
        self._doing, self._failure, self._held_until = "", message, 0.0
        self._render()

    def terminate(self) -> None:
        """End the cluster, after a question if others may mind."""
        self._confirm("Terminate", "terminate", "Terminating")

    def restart(self) -> None:
        """Replace driver and workers, after a question if others may mind."""
        self._confirm("Restart", "restart", "Restarting")

    def delete(self) -> None:
        """Forget the cluster, after a question."""
        words = f"Delete {self.name} for good? Its definition and its logs go; its tables stay on disk."
        self._question.ask(words, "Delete", lambda: self.ask("delete", "Deleting"))

    def edit(self) -> None:
        """Open the form."""
        self._desk.edit(self)

    @property
    def name(self) -> str:
        """Return what people call it."""
        return str(self.cluster["cluster_name"] or self.cluster["cluster_id"])

    def _confirm(self, label: str, verb: str, saying: str) -> None:
        live = self.cluster.get("live") or {}
        if not live.get("notebooks"):
            self.ask(verb, saying)
            return
        who = wording.notebook_words(live, self._desk.kernel_id)
        words = f"{label} {self.name}? Used by {who}: Python variables live on, DataFrames have to be made again."
        self._question.ask(words, label, lambda: self.ask(verb, saying))

    def _toggle(self) -> None:
        if self._details is None:
            self._details = Details(self)
            listen(self._details.box)
        self._details.toggle()
        self._more.description = "Less" if self._details.is_open else "More"
        self._more.icon = "chevron-up" if self._details.is_open else "chevron-down"
        self._render()
        self._below.children = [self._question.box, self._details.box]

    def _render(self) -> None:
        cluster, now_ms = self.cluster, int(time.time() * 1000)
        set_html(self._summary, self._html(now_ms))
        state = cluster["state"]
        left = wording.ends_in_s(cluster, now_ms)
        show(self._start, state == "TERMINATED")
        show(self._extend, left is not None and left < wording.SOON_S)
        show(self._attach, bool(self._desk.kernel_id) and not self._attached and state not in ("TERMINATING", "ERROR"))
        show(self._terminate, state in ("PENDING", "RUNNING", "RESIZING", "RESTARTING"))
        for control in (self._start, self._extend, self._attach, self._terminate):
            control.disabled = bool(self._doing)
        if self._details is not None and self._details.is_open:
            self._details.show(cluster, sizes=self._desk.sizes, busy=bool(self._doing))

    def _html(self, now_ms: int) -> str:
        cluster, state = self.cluster, self.cluster["state"]
        kind = "up" if state == "RUNNING" else "changing" if state in wording.CHANGING else "down"
        kind = "failed" if wording.failure_words(cluster) else kind
        word = f"{self._doing} …" if self._doing else wording.state_word(cluster)
        chips = '<span class="dbx-chip">this notebook</span>' if self._attached else ""
        chips += '<span class="dbx-chip dbx-plain">pinned</span>' if cluster.get("pinned") else ""
        facts = "".join(f"<span>{fact}</span>" for fact in self._facts(now_ms))
        failure = self._failure or wording.failure_words(cluster)
        return (
            f'<div><span class="dbx-dot dbx-{kind}"></span><span class="dbx-name">{escape(self.name)}</span>'
            f'<span class="dbx-state">{escape(word)}</span>{chips}</div><div class="dbx-facts">{facts}</div>'
            + (f'<div class="dbx-bad dbx-failure" role="alert">{escape(failure)}</div>' if failure else "")
        )

    def _facts(self, now_ms: int) -> list[str]:
        cluster, live = self.cluster, self.cluster.get("live")
        facts = [escape(wording.size_words(cluster, self._desk.sizes))]
        if cluster["state"] in wording.CHANGING:
            done, awaited = wording.progress_of(cluster)
            seconds = wording.duration_words(time.monotonic() - self._since)
            facts.append(f"{meter(done, 'dbx-changing')}{escape(awaited)}, {seconds}")
            return facts
        if live:
            load = live["load"]
            facts.append(meter(load["busy_cores"] / max(1, load["total_cores"])) + escape(wording.load_words(live)))
            facts.append(escape(wording.notebook_words(live, self._desk.kernel_id)))
        left = wording.ends_in_s(cluster, now_ms)
        warn = ' class="dbx-warn"' if left is not None and left < wording.SOON_S else ""
        facts.append(f"<span{warn}>{escape(wording.ending_words(cluster, now_ms))}</span>")
        return facts


def meter(part: float, kind: str = "") -> str:
    """Return a bar that is filled to `part`, 0…1."""
    return f'<span class="dbx-meter {kind}"><i style="width: {100 * part:.0f}%"></i></span>'
