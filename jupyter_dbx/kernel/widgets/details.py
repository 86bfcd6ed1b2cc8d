"""Details: the expanded part of a row, created on demand."""

from __future__ import annotations

from html import escape
from typing import Protocol

from ipywidgets import Checkbox, IntRangeSlider, IntSlider, Layout, VBox

from jupyter_dbx.client import words
from jupyter_dbx.kernel.widgets.controls import SLIDER_MAX, button, enable, line, set_html, show, text
from jupyter_dbx.model.answers.answer import to_json
from jupyter_dbx.model.answers.clusters import ClusterView
from jupyter_dbx.model.wire import Json

WIDE, WIDE_HIDDEN = Layout(width="26em", max_width="100%", margin="0"), Layout(display="none")
FIT = Layout(width="auto", margin="0 8px 0 0")


class Owner(Protocol):
    """The row that handles the controls of its details."""

    cluster: ClusterView

    def request(self, verb: str, progress: str, **args: object) -> None: ...
    def restart(self) -> None: ...
    def delete(self) -> None: ...
    def edit(self) -> None: ...


class Details:
    """Resizing, the less common actions, and the facts."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self.is_open = False
        #: whether the user has moved a slider, which then no longer follows the cluster
        self._edited = False
        self._following = False
        self._fixed = IntSlider(2, 1, SLIDER_MAX, description="Workers", layout=WIDE)
        self._bounds = IntRangeSlider(value=(1, 4), min=1, max=SLIDER_MAX, description="Workers", layout=WIDE)
        self._scales = Checkbox(False, description="Enable autoscaling", indent=False, layout=FIT)
        self._resize = button("Resize", self._on_resize, "dbx-primary", icon="arrows-h", tip="Add or remove workers")
        self._resizing = VBox([line(self._fixed, self._bounds, self._scales, self._resize)])
        self._extend = button("Extend", lambda: owner.request("extend", "Extending"), tip="Extend time to termination")
        self._restart = button("Restart", owner.restart, tip="Replace driver and workers")
        self._edit = button("Edit", owner.edit, icon="pencil", tip="Change its configuration")
        self._pin = button(
            "Pin", lambda: owner.request("pin", "Pinning"), tip="List it first, and keep it indefinitely"
        )
        self._unpin = button("Unpin", lambda: owner.request("unpin", "Unpinning"), tip="Do not list it first")
        self._delete = button("Delete", owner.delete, "dbx-danger", icon="trash", tip="Delete it permanently")
        verbs = {"resize": self._resize, "extend": self._extend, "restart": self._restart, "edit": self._edit}
        verbs |= {"pin": self._pin, "unpin": self._unpin, "delete": self._delete}
        self._controls = {verb: (control, control.tooltip) for verb, control in verbs.items()}
        self._verbs = line(self._extend, self._restart, self._edit, self._pin, self._unpin, self._delete)
        self._facts = text()
        self.box = VBox(
            [self._resizing, self._verbs, self._facts],
            layout=Layout(display="none", padding="10px", grid_gap="8px", margin="0 0 8px"),
        )
        self.box.add_class("dbx-box")
        for control in (self._fixed, self._bounds, self._scales):
            control.observe(lambda _: self._on_choice(), "value")

    def toggle(self) -> None:
        """Open or close it; opening resets the sliders to the cluster's size."""
        self.is_open, self._edited = not self.is_open, False
        self.box.layout.display = "flex" if self.is_open else "none"

    def show(self, cluster: ClusterView, *, sizes: words.NodeSizes, busy: bool) -> None:
        """Show the cluster's current state, without moving sliders that the user has set."""
        state = cluster.state
        show(self._resizing, state == "RUNNING" and not words.is_single_node(cluster))
        show(self._extend, state in words.UP and bool(cluster.autotermination_minutes))
        show(self._restart, state == "RUNNING")
        show(self._edit, state in ("RUNNING", "TERMINATED"))
        show(self._pin, not cluster.pinned)
        show(self._unpin, bool(cluster.pinned))
        if not self._edited:
            self._follow(cluster)
        for verb, (control, tip) in self._controls.items():
            is_same = verb == "resize" and self._chosen_size() == _size_of(cluster)
            enable(control, words.refusal_words(cluster, verb), busy=busy or is_same, tip=tip)
        set_html(self._facts, _facts_html(cluster, sizes))

    def _follow(self, cluster: ClusterView) -> None:
        self._following = True
        bounds, workers = cluster.autoscale, max(1, cluster.num_workers)
        low, high = (bounds.min_workers, bounds.max_workers) if bounds else (1, max(4, workers))
        self._fixed.max = self._bounds.max = max(SLIDER_MAX, 2 * high)
        self._bounds.min = min(1, low)
        self._fixed.value, self._bounds.value, self._scales.value = workers, (low, high), bool(bounds)
        self._following = False
        self._show_slider()

    def _on_choice(self) -> None:
        if not self._following:
            self._edited = True
            self._show_slider()
            is_refused = bool(words.refusal_words(self._owner.cluster, "resize"))
            self._resize.disabled = is_refused or self._chosen_size() == _size_of(self._owner.cluster)

    def _show_slider(self) -> None:
        self._fixed.layout = WIDE_HIDDEN if self._scales.value else WIDE
        self._bounds.layout = WIDE if self._scales.value else WIDE_HIDDEN

    def _chosen_size(self) -> Json:
        """Return the size that the controls select, as fields of a request."""
        if not self._scales.value:
            return {"num_workers": self._fixed.value}
        low, high = self._bounds.value
        return {"autoscale": {"min_workers": low, "max_workers": high}}

    def _on_resize(self) -> None:
        self._edited = False
        self._owner.request("resize", "Resizing", size=self._chosen_size())


def _size_of(cluster: ClusterView) -> Json:
    """Return the size of a cluster, as fields of a request."""
    bounds = cluster.autoscale
    return {"autoscale": to_json(bounds)} if bounds else {"num_workers": cluster.num_workers}


def _facts_html(cluster: ClusterView, sizes: words.NodeSizes) -> str:
    users = [
        f"{escape(seat.notebook.rpartition('/')[2] or 'Kernel without a notebook')}{' (busy)' if seat.busy else ''}"
        for seat in cluster.notebooks
    ]
    conf = [f"<code>{escape(k)}={escape(v)}</code>" for k, v in (cluster.spark_conf or {}).items()]
    ui_url = escape(cluster.spark_ui_url)
    facts = {
        "Message": escape(cluster.state_message),
        "Notebooks": ", ".join(users),
        "Spark UI": f'<a href="{ui_url}" target="_blank" rel="noopener">{ui_url}</a>' if ui_url else "",
        "Driver type": escape(words.node_words(cluster.driver_node_type_id, sizes)),
        "Termination": words.inactivity_words(cluster.autotermination_minutes),
        "Spark": escape(cluster.apache_spark_version or cluster.spark_version or ""),
        "Spark config": " ".join(conf),
        "Created by": escape(cluster.creator_user_name),
        "Cluster ID": f"<code>{escape(cluster.cluster_id)}</code>",
    }
    return "".join(
        f'<div><span class="dbx-soft">{name}:</span> {value}</div>' for name, value in facts.items() if value
    )
