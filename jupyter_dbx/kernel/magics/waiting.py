"""Waits for a cluster, with one line in the notebook that tells how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import quote

from IPython.display import display

from jupyter_dbx.kernel import wording
from jupyter_dbx.kernel.client import Client
from jupyter_dbx.kernel.errors import ClusterFailed
from jupyter_dbx.kernel.event_words import event_words
from jupyter_dbx.model.wire import Json

#: How often a cluster is asked about while a magic waits for it, s.
ASK_EVERY_S = 0.3


class Line:
    """One line of output, which the next one replaces."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._shown: dict[str, str] = {}

    def show(self, words: str, html: str = "") -> None:
        """Show a line in place of the one before, unless it is the same."""
        # A dictionary of MIME types, so that the line is not shown as a quoted string.
        content = {"text/plain": words, "text/html": html or f"<div>{escape(words)}</div>"}
        if self._handle is None:
            self._handle = display(content, raw=True, display_id=True)
        elif content != self._shown:
            self._handle.update(content, raw=True)
        self._shown = content


def wait_until_up(client: Client, cluster_id: str, *, quiet: bool) -> Json:
    """Return the cluster once it is RUNNING.

    Raises
    ------
    ClusterFailed : it ended instead; says why
    """
    cluster = wait_for(client, cluster_id, lambda c: c["state"] in ("RUNNING", "TERMINATED", "ERROR"), quiet=quiet)
    if cluster["state"] != "RUNNING":
        raise ClusterFailed(f"Cluster {name_of(cluster)} is {cluster['state']}. {cluster['state_message']}")
    return cluster


def wait_for(client: Client, cluster_id: str, is_done: Callable[[Json], bool], *, quiet: bool) -> Json:
    """Show how far a cluster is until `is_done`, unless `quiet`; return it."""
    path, line, began = f"clusters/{quote(cluster_id, safe='')}", Line(), time.monotonic()
    while True:
        cluster = client.dbx("GET", path)
        waited_s = time.monotonic() - began
        if is_done(cluster):
            if not quiet:
                line.show(f"{state_words(cluster)} ({waited_s:.1f} s)")
            return cluster
        if not quiet:
            events = client.dbx("POST", f"{path}/events", limit=1)["events"]
            line.show(*_progress(cluster, waited_s, event_words(events[0]) if events else ""))
        try:
            time.sleep(ASK_EVERY_S)
        except KeyboardInterrupt:
            line.show(f"{state_words(cluster)}, and goes on without this cell")
            raise


def name_of(cluster: Json) -> str:
    """Return what people call a cluster."""
    return str(cluster["cluster_name"] or cluster["cluster_id"])


def state_words(cluster: Json) -> str:
    """Return how a cluster is, in one line."""
    size = ""
    if cluster["state"] in wording.UP:
        count = cluster["num_workers"]
        size = ": " + ("a single node" if wording.is_single_node(cluster) else wording.plural(count, "worker"))
    return f"{name_of(cluster)} is {cluster['state']}{size}"


def _progress(cluster: Json, waited_s: float, happened: str) -> tuple[str, str]:
    """Return the line as text and as HTML."""
    done, awaited = wording.progress_of(cluster)
    facts = ", ".join(filter(None, [awaited, wording.duration_words(waited_s)]))
    last = f" · last: {happened}" if happened else ""
    words = f"{name_of(cluster)}: {cluster['state']}, {facts}{last}"
    part = f' value="{done:.2f}"' if done else ""  # without one, the bar moves without an end
    html = (
        f'<div><progress{part} style="width: 8em; vertical-align: middle"></progress> '
        f"<b>{escape(name_of(cluster))}</b> {cluster['state']}, {escape(facts)}"
        f'<span style="opacity: .65">{escape(last)}</span></div>'
    )
    return words, html
