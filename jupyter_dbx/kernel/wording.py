"""What notebooks read about a cluster: short words for its state, its size, its load and the time that it has left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_dbx.model.wire import Json

#: State → what people read.
STATE_WORDS = {
    "PENDING": "Starting",
    "RUNNING": "Running",
    "RESIZING": "Resizing",
    "RESTARTING": "Restarting",
    "TERMINATING": "Terminating",
    "TERMINATED": "Terminated",
    "ERROR": "Error",
}

#: States that pass by themselves, and those in which notebooks can use a cluster.
CHANGING = frozenset({"PENDING", "RESIZING", "RESTARTING", "TERMINATING"})
UP = frozenset({"RUNNING", "RESIZING"})

#: Of a bar of text, characters.
BAR_LENGTH = 10

#: From when on a coming end is told as a warning, s.
SOON_S = 300.0

#: Node type → (cores, memory in MiB).
NodeSizes = Mapping[str, tuple[int, int]]


def plural(count: int, noun: str) -> str:
    """Return e.g. "1 worker", "2 workers"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def memory_words(mib: int) -> str:
    """Return an amount of memory, e.g. "2 GiB", "1.5 GiB"."""
    return f"{mib / 1024:.1f}".removesuffix(".0") + " GiB"


def duration_words(seconds: float) -> str:
    """Return a duration in its largest unit that makes sense, e.g. "50 s", "42 min", "3 h", "2 days"."""
    if seconds < 100:
        return f"{max(0, round(seconds))} s"
    if seconds < 120 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days"


def state_word(cluster: Json) -> str:
    """Return the cluster's state as people read it."""
    return STATE_WORDS.get(cluster["state"], str(cluster["state"]).capitalize())


def is_single_node(cluster: Json) -> bool:
    """Return whether the driver is the whole cluster."""
    return not cluster.get("autoscale") and not cluster["num_workers"]


def node_words(node_type_id: str, sizes: NodeSizes) -> str:
    """Return the size of a node type, or its id if it is not known."""
    if node_type_id not in sizes:
        return node_type_id
    cores, mib = sizes[node_type_id]
    return f"{plural(cores, 'core')}, {memory_words(mib)}"


def size_words(cluster: Json, sizes: NodeSizes) -> str:
    """Return how large a cluster is, e.g. "2 workers, each 1 core, 2 GiB"."""
    if is_single_node(cluster):
        return f"single node, {node_words(cluster['driver_node_type_id'], sizes)}"
    count, bounds = cluster["num_workers"], cluster.get("autoscale")
    workers = plural(count, "worker")
    if bounds:
        workers = f"{bounds['min_workers']}–{bounds['max_workers']} workers"
        workers += f" ({count} now)" if cluster["state"] in UP else ""
    return f"{workers}, each {node_words(cluster['node_type_id'], sizes)}"


def load_words(live: Json) -> str:
    """Return how busy a cluster is, e.g. "3 of 4 cores busy, 12 tasks wait"."""
    load = live["load"]
    words = f"{load['busy_cores']} of {plural(load['total_cores'], 'core')} busy"
    return words + (f", {plural(load['pending_tasks'], 'task')} waiting" if load["pending_tasks"] else "")


def ends_in_s(cluster: Json, now_ms: int) -> float | None:
    """Return how long it takes until the cluster ends because nobody uses it, s; None if it does not, or is in use."""
    live = cluster.get("live") or {}
    if cluster["state"] not in UP or live.get("ends_in_s") is None or live["idle_s"] <= 0:
        return None
    left = float(live["ends_in_s"]) - max(0, now_ms - int(live["time"])) / 1000
    return max(0.0, left)


def ending_words(cluster: Json, now_ms: int) -> str:
    """Return when the cluster will end by itself, or when and why it did."""
    if cluster["state"] == "TERMINATED":
        return f"ended{_ago_words(cluster.get('terminated_time'), now_ms)}{_reason_words(cluster)}"
    left = ends_in_s(cluster, now_ms)
    if left is not None and (left < SOON_S or cluster["live"]["idle_s"] >= 60):
        return f"not in use: ends in {duration_words(left)}"
    minutes = cluster["autotermination_minutes"]
    return f"ends after {minutes} min without use" if minutes else "never ends by itself"


def failure_words(cluster: Json) -> str:
    """Return why the cluster is down although nobody wanted that, or ""."""
    reason = cluster.get("termination_reason") or {}
    if cluster["state"] == "ERROR" or (cluster["state"] == "TERMINATED" and reason.get("type", "SUCCESS") != "SUCCESS"):
        return str(cluster["state_message"] or reason.get("code", ""))
    return ""


def progress_of(cluster: Json) -> tuple[float, str]:
    """Return how far a start or a change of size is (0…1), and what is awaited.

    The driver counts as one node, which is up when the first worker has registered with it.
    """
    up, wanted = len(cluster.get("executors") or []), int(cluster["num_workers"])
    has_driver = bool(cluster.get("driver"))
    if cluster["state"] == "TERMINATING":
        return 0.0, "waiting until its processes have ended"
    if not has_driver:
        return 0.0, "waiting for the driver"
    done = (1 + min(up, wanted)) / (1 + wanted)
    return done, f"{up} of {plural(wanted, 'worker')} up" if wanted else "the driver is up"


def waiting_words(cluster: Json, waited_s: float) -> str:
    """Return how far a cluster is that a cell waits for, in one line of text with a bar."""
    done, awaited = progress_of(cluster)
    full = round(done * BAR_LENGTH)
    bar = "▰" * full + "▱" * (BAR_LENGTH - full)
    name = cluster["cluster_name"] or cluster["cluster_id"]
    return f"{bar} Cluster {name} is {cluster['state']}: {awaited}, {duration_words(waited_s)}"


def notebook_words(live: Json, kernel_id: str = "") -> str:
    """Return who uses the cluster, e.g. "this notebook and 2 others"."""
    seats: list[Any] = live["notebooks"]
    others = [s for s in seats if s["kernel_id"] != kernel_id]
    if len(others) == len(seats):
        return plural(len(seats), "notebook") if seats else "no notebook"
    return f"this notebook and {plural(len(others), 'other')}" if others else "this notebook only"


def _ago_words(ms: int | None, now_ms: int) -> str:
    if not ms:
        return ""
    ago_s = (now_ms - ms) / 1000
    return " just now" if ago_s < 100 else f" {duration_words(ago_s)} ago"


def _reason_words(cluster: Json) -> str:
    reason = cluster.get("termination_reason") or {}
    parameters = reason.get("parameters") or {}
    if reason.get("code") == "USER_REQUEST":
        return f", by {parameters['username']}" if parameters.get("username") else ""
    if reason.get("code") == "INACTIVITY":
        minutes = parameters.get("inactivity_duration_min") or cluster["autotermination_minutes"]
        return f", not in use for {minutes} min" if minutes else ", not in use"
    return ""
