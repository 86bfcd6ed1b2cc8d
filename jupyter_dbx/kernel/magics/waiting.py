"""Waits for a cluster, and shows its progress on one line in the notebook."""

from __future__ import annotations

import time
from collections.abc import Callable
from html import escape
from typing import Any

from IPython.display import display

from jupyter_dbx.client import dialect, words
from jupyter_dbx.client.client import Client
from jupyter_dbx.client.event_words import event_words
from jupyter_dbx.kernel.errors import ClusterFailed
from jupyter_dbx.model.answers.clusters import ClusterView

#: Polling interval, s.
POLL_S = 0.3


class Line:
    """One line of output that can be replaced."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._shown: dict[str, str] = {}

    def show(self, text: str, html: str = "") -> None:
        """Replace the line, unless it is the same."""
        # A MIME bundle, because a plain string would be shown in quotes.
        content = {"text/plain": text, "text/html": html or f"<div>{escape(text)}</div>"}
        if self._handle is None:
            self._handle = display(content, raw=True, display_id=True)
        elif content != self._shown:
            self._handle.update(content, raw=True)
        self._shown = content


def wait_until_up(client: Client, cluster_id: str, *, quiet: bool) -> ClusterView:
    """Return the cluster once it is RUNNING.

    Raises
    ------
    ClusterFailed : it reached another stable state; the message states why
    """
    cluster = wait_for(client, cluster_id, lambda c: c.state in ("RUNNING", "TERMINATED", "ERROR"), quiet=quiet)
    if cluster.state != "RUNNING":
        raise ClusterFailed(f"Cluster {cluster.name} is {cluster.state}. {cluster.state_message}")
    return cluster


def wait_for(client: Client, cluster_id: str, is_done: Callable[[ClusterView], bool], *, quiet: bool) -> ClusterView:
    """Return the cluster once `is_done`; show its progress until then, unless `quiet`."""
    line, began = Line(), time.monotonic()
    while True:
        cluster = client.get_cluster(cluster_id)
        waited_s = time.monotonic() - began
        if is_done(cluster):
            if not quiet:
                line.show(f"{state_words(cluster)} ({waited_s:.1f} s)")
            return cluster
        if not quiet:
            events = client.list_events(cluster_id, limit=1).events
            line.show(*_progress(cluster, waited_s, event_words(events[0]) if events else ""))
        try:
            time.sleep(POLL_S)
        except KeyboardInterrupt:
            line.show(f"{state_words(cluster)} and continues in the background")
            raise


def state_words(cluster: ClusterView) -> str:
    """Return the state and the size of a cluster, in one line."""
    size = ""
    if cluster.state in words.UP:
        count = cluster.num_workers
        size = ": " + ("a single node" if words.is_single_node(cluster) else dialect.plural(count, "worker"))
    return f"{cluster.name} is {cluster.state}{size}"


def _progress(cluster: ClusterView, waited_s: float, last_event: str) -> tuple[str, str]:
    """Return the line as text and as HTML."""
    done, awaited = words.progress_of(cluster)
    facts = ", ".join(filter(None, [awaited, dialect.duration_words(waited_s)]))
    last = f" · {last_event}" if last_event else ""
    text = f"{cluster.name}: {cluster.state}, {facts}{last}"
    part = f' value="{done:.2f}"' if done else ""  # without a value, the bar is indeterminate
    html = (
        f'<div><progress{part} style="width: 8em; vertical-align: middle"></progress> '
        f"<b>{escape(cluster.name)}</b> {cluster.state}, {escape(facts)}"
        f'<span style="opacity: .65">{escape(last)}</span></div>'
    )
    return text, html
