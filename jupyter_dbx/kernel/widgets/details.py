"""Details: what a row shows below it when somebody wants more; made only then."""

from __future__ import annotations

from html import escape
from typing import Protocol

from ipywidgets import Checkbox, IntRangeSlider, IntSlider, Layout, VBox

from jupyter_dbx.kernel import wording
from jupyter_dbx.kernel.widgets.controls import button, line, set_html, show, text
from jupyter_dbx.model.wire import Json

#: What a slider offers at least, workers; it offers twice as many as there are if that is more.
SLIDER_MAX = 16

WIDE, WIDE_HIDDEN = Layout(width="26em", max_width="100%", margin="0"), Layout(display="none")
FIT = Layout(width="auto", margin="0 8px 0 0")


class Owner(Protocol):
    """What the row does when a control of its details is used."""

    cluster: Json

    def ask(self, verb: str, saying: str, **args: object) -> None: ...
    def restart(self) -> None: ...
    def delete(self) -> None: ...
    def edit(self) -> None: ...


class Details:
    """Resizing, the rarer verbs, and the facts."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self.is_open = False
        #: True once somebody has moved a slider: it stays there then, whatever the cluster does
        self._chosen = False
        self._following = False
        self._fixed = IntSlider(2, 1, SLIDER_MAX, description="Workers", layout=WIDE)
        self._bounds = IntRangeSlider(value=(1, 4), min=1, max=SLIDER_MAX, description="Workers", layout=WIDE)
        self._scales = Checkbox(False, description="Autoscale", indent=False, layout=FIT)
        self._resize = button("Resize", self._ask_resize, "dbx-go", icon="arrows-h", tip="Add or take away workers")
        self._resizing = VBox([line(self._fixed, self._bounds, self._scales, self._resize)])
        self._extend = button("Extend", lambda: owner.ask("extend", "Extending"), tip="Its idle time begins anew")
        self._restart = button("Restart", owner.restart, tip="Replace driver and workers")
        self._edit = button("Edit", owner.edit, icon="pencil", tip="Change its definition")
        self._pin = button("Pin", lambda: owner.ask("pin", "Pinning"), tip="Keep it on top, and for ever")
        self._unpin = button("Unpin", lambda: owner.ask("unpin", "Unpinning"), tip="Let it go its way")
        self._delete = button("Delete", owner.delete, "dbx-end", icon="trash", tip="End it and forget its definition")
        self._verbs = line(self._extend, self._restart, self._edit, self._pin, self._unpin, self._delete)
        self._facts = text()
        self.box = VBox(
            [self._resizing, self._verbs, self._facts],
            layout=Layout(display="none", padding="10px", grid_gap="8px", margin="8px 0 0"),
        )
        self.box.add_class("dbx-box")
        for control in (self._fixed, self._bounds, self._scales):
            control.observe(lambda _: self._on_choice(), "value")

    def toggle(self) -> None:
        """Open or close it; when it opens, the sliders stand where the cluster is."""
        self.is_open, self._chosen = not self.is_open, False
        self.box.layout.display = "flex" if self.is_open else "none"

    def show(self, cluster: Json, *, sizes: wording.NodeSizes, busy: bool) -> None:
        """Show what is now; the sliders stay as somebody set them."""
        state = cluster["state"]
        show(self._resizing, state == "RUNNING" and not wording.is_single_node(cluster))
        show(self._extend, state in wording.UP and bool(cluster["autotermination_minutes"]))
        show(self._restart, state == "RUNNING")
        show(self._edit, state in ("RUNNING", "TERMINATED"))
        show(self._pin, not cluster.get("pinned"))
        show(self._unpin, bool(cluster.get("pinned")))
        for control in (self._extend, self._restart, self._edit, self._pin, self._unpin, self._delete):
            control.disabled = busy
        if not self._chosen:
            self._follow(cluster)
        self._resize.disabled = busy or self._asked_for() == _size_of(cluster)
        set_html(self._facts, _facts_html(cluster, sizes))

    def _follow(self, cluster: Json) -> None:
        self._following = True
        bounds, workers = cluster.get("autoscale"), max(1, int(cluster["num_workers"]))
        low, high = (bounds["min_workers"], bounds["max_workers"]) if bounds else (1, max(4, workers))
        self._fixed.max = self._bounds.max = max(SLIDER_MAX, 2 * high)
        self._bounds.min = min(1, low)
        self._fixed.value, self._bounds.value, self._scales.value = workers, (low, high), bool(bounds)
        self._following = False
        self._show_slider()

    def _on_choice(self) -> None:
        if not self._following:
            self._chosen = True
            self._show_slider()
            self._resize.disabled = self._asked_for() == _size_of(self._owner.cluster)

    def _show_slider(self) -> None:
        self._fixed.layout = WIDE_HIDDEN if self._scales.value else WIDE
        self._bounds.layout = WIDE if self._scales.value else WIDE_HIDDEN

    def _asked_for(self) -> Json:
        """Return the size that the controls say, as a request has it."""
        if not self._scales.value:
            return {"num_workers": self._fixed.value}
        low, high = self._bounds.value
        return {"autoscale": {"min_workers": low, "max_workers": high}}

    def _ask_resize(self) -> None:
        self._chosen = False
        self._owner.ask("resize", "Resizing", **self._asked_for())


def _size_of(cluster: Json) -> Json:
    """Return the size of a cluster, as a request has it."""
    bounds = cluster.get("autoscale")
    return {"autoscale": dict(bounds)} if bounds else {"num_workers": cluster["num_workers"]}


def _facts_html(cluster: Json, sizes: wording.NodeSizes) -> str:
    live = cluster.get("live") or {}
    users = [
        f"{escape(seat['notebook'].rpartition('/')[2] or 'a kernel')}{' (busy)' if seat['busy'] else ''}"
        for seat in live.get("notebooks", [])
    ]
    conf = [f"<code>{escape(k)}={escape(v)}</code>" for k, v in (cluster.get("spark_conf") or {}).items()]
    ui_url = escape(cluster.get("spark_ui_url") or "")
    facts = {
        "Message": escape(str(cluster.get("state_message") or "")),
        "Notebooks": ", ".join(users),
        "Spark UI": f'<a href="{ui_url}" target="_blank" rel="noopener">{ui_url}</a>' if ui_url else "",
        "Driver": escape(wording.node_words(cluster["driver_node_type_id"], sizes)),
        "Ends": escape(
            f"after {m} min without use" if (m := cluster["autotermination_minutes"]) else "never by itself"
        ),
        "Spark": escape(str(cluster.get("effective_spark_version") or cluster.get("spark_version") or "")),
        "Spark conf": " ".join(conf),
        "Owner": escape(str(cluster.get("creator_user_name", ""))),
        "Id": f"<code>{escape(cluster['cluster_id'])}</code>",
    }
    return "".join(
        f'<div><span class="dbx-soft">{name}:</span> {value}</div>' for name, value in facts.items() if value
    )
