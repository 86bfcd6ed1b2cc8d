"""Texts about clusters on a terminal; scripts read the API's JSON instead."""

from __future__ import annotations

from jupyter_dbx.client.dialect import duration_words, plural
from jupyter_dbx.client.words import UP
from jupyter_dbx.model.answers.clusters import ClusterView, NotebookSeat

#: State → its colour.
STATE_COLOURS = {
    "RUNNING": "green",
    "TERMINATED": "dim",
    "ERROR": "red",
    "PENDING": "yellow",
    "RESIZING": "yellow",
    "RESTARTING": "yellow",
    "TERMINATING": "yellow",
}


def load_words(cluster: ClusterView) -> str:
    """Return the load of a cluster, e.g. "3/4 cores, 12 tasks pending"; "" = unknown."""
    if cluster.live is None:
        return ""
    load = cluster.live.load
    pending = f", {plural(load.pending_tasks, 'task')} pending" if load.pending_tasks else ""
    return f"{load.busy_cores}/{plural(load.total_cores, 'core')}{pending}"


def termination_words(cluster: ClusterView) -> str:
    """Return when a cluster that is up terminates due to inactivity; "" for other clusters."""
    if cluster.state not in UP:
        return ""
    left_s = cluster.live.ends_in_s if cluster.live else None
    if left_s is not None:
        return f"in {duration_words(left_s)}"
    return inactivity_words(cluster.autotermination_minutes)


def inactivity_words(minutes: int) -> str:
    """Return after how much inactivity a cluster terminates, e.g. "after 60 min idle"; 0 = never."""
    return f"after {minutes} min idle" if minutes else "never"


def notebook_words(seat: NotebookSeat) -> str:
    """Return the notebook of a seat, and whether it is busy."""
    return f"{seat.notebook or seat.kernel_id}{' (busy)' if seat.busy else ''}"
