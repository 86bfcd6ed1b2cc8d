"""Texts about a cluster: its state, size, load and the time until it terminates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from jupyter_dbx.client.dialect import duration_words, memory_words, plural
from jupyter_dbx.model.access import CLUSTER_LEVELS
from jupyter_dbx.model.principal import is_same_name

if TYPE_CHECKING:  # a kernel starts faster without them
    from jupyter_dbx.model.answers.clusters import ClusterView, Live, NotebookSeat

#: State → display name.
STATE_WORDS = {
    "PENDING": "Starting",
    "RUNNING": "Running",
    "RESIZING": "Resizing",
    "RESTARTING": "Restarting",
    "TERMINATING": "Terminating",
    "TERMINATED": "Terminated",
    "ERROR": "Error",
}

#: Transitional states, and the states in which notebooks can use a cluster.
CHANGING = frozenset({"PENDING", "RESIZING", "RESTARTING", "TERMINATING"})
UP = frozenset({"RUNNING", "RESIZING"})

#: Verbs that need more than attaching does → the level that they need.
VERB_LEVELS = dict.fromkeys(("start", "restart", "terminate", "extend"), "CAN_RESTART") | dict.fromkeys(
    ("edit", "resize", "delete", "pin", "unpin"), "CAN_MANAGE"
)

#: Length of a progress bar as text, characters.
BAR_LENGTH = 10

#: Remaining time from which on automatic termination is shown as a warning, s.
SOON_S = 300.0

#: Node type → (cores, memory in MiB).
NodeSizes = Mapping[str, tuple[int, int]]


def state_word(cluster: ClusterView) -> str:
    """Return the display name of the cluster's state."""
    return STATE_WORDS.get(cluster.state, cluster.state.capitalize())


def foreign_owner(cluster: ClusterView, user_name: str) -> str:
    """Return the owner of a cluster; "" = it is this user's own, or the user is unknown."""
    is_own = not user_name or is_same_name(cluster.creator_user_name, user_name)
    return "" if is_own else cluster.creator_user_name


def refusal_words(cluster: ClusterView, verb: str) -> str:
    """Return why the user may not apply a verb to a cluster, and whom to ask; "" = the user may."""
    needed = VERB_LEVELS.get(verb, CLUSTER_LEVELS[0])
    held = cluster.permission_level
    if not held or CLUSTER_LEVELS.index(held) >= CLUSTER_LEVELS.index(needed):  # "" = of an older server
        return ""
    owner = cluster.creator_user_name or "an administrator"
    return f"You need {needed.replace('_', ' ').title()} permission. Ask {owner}."


def is_single_node(cluster: ClusterView) -> bool:
    """Return whether the cluster has no workers."""
    return not cluster.autoscale and not cluster.num_workers


def node_words(node_type_id: str, sizes: NodeSizes) -> str:
    """Return the size of a node type, or its ID if the type is unknown."""
    if node_type_id not in sizes:
        return node_type_id
    cores, mib = sizes[node_type_id]
    return f"{plural(cores, 'core')}, {memory_words(mib)}"


def size_words(cluster: ClusterView, sizes: NodeSizes) -> str:
    """Return the size of a cluster, e.g. "2 workers · 4 cores, 8 GiB each"."""
    if is_single_node(cluster):
        return f"Single node · {node_words(cluster.driver_node_type_id, sizes)}"
    count, bounds = cluster.num_workers, cluster.autoscale
    workers = plural(count, "worker")
    if bounds:
        workers = f"{bounds.min_workers}–{bounds.max_workers} workers"
        workers += f" ({count} now)" if cluster.state in UP else ""
    each = "" if count == 1 and not bounds else " each"
    return f"{workers} · {node_words(cluster.node_type_id or '', sizes)}{each}"


def load_words(live: Live) -> str:
    """Return the load of a cluster, e.g. "3 of 4 cores busy, 12 tasks pending"."""
    load = live.load
    words = f"{load.busy_cores} of {plural(load.total_cores, 'core')} busy"
    return words + (f", {plural(load.pending_tasks, 'task')} pending" if load.pending_tasks else "")


def terminates_in_s(cluster: ClusterView, now_ms: int) -> float | None:
    """Return the time until an idle cluster terminates, s; None = it is in use, or does not terminate automatically."""
    live = cluster.live
    if cluster.state not in UP or live is None or live.ends_in_s is None or live.idle_s <= 0:
        return None
    return max(0.0, live.ends_in_s - max(0, now_ms - live.time) / 1000)


def termination_words(cluster: ClusterView, now_ms: int) -> str:
    """Return when a cluster will terminate due to inactivity, or when and why it did."""
    if cluster.state == "TERMINATED":
        return f"Terminated{_ago_words(cluster.terminated_time or 0, now_ms)}{_cause_words(cluster)}"
    left = terminates_in_s(cluster, now_ms)
    if left is not None and (left < SOON_S or (cluster.live and cluster.live.idle_s >= 60)):
        return f"Idle: terminates in {duration_words(left)}"
    return inactivity_words(cluster.autotermination_minutes)


def inactivity_words(minutes: int) -> str:
    """Return after how much inactivity a cluster terminates; 0 = never."""
    return f"Terminates after {plural(minutes, 'minute')} of inactivity" if minutes else "No automatic termination"


def failure_words(cluster: ClusterView) -> str:
    """Return why a cluster failed; "" = it did not."""
    reason = cluster.termination_reason
    if cluster.state == "ERROR":
        return cluster.state_message or (reason.code if reason else "")
    if reason and reason.type != "SUCCESS" and cluster.state == "TERMINATED":
        return cluster.state_message or reason.code
    return ""


def progress_of(cluster: ClusterView) -> tuple[float, str]:
    """Return the progress of a start, a resize or a termination, 0…1, and the step that is awaited.

    The driver counts as one node.
    """
    ready, wanted = len(cluster.executors or ()), cluster.num_workers
    if cluster.state == "TERMINATING":
        return 0.0, "waiting for processes to end"
    if not cluster.driver:
        return 0.0, "waiting for the driver"
    done = (1 + min(ready, wanted)) / (1 + wanted)
    return done, f"{ready} of {plural(wanted, 'worker')} ready" if wanted else "driver ready"


def waiting_words(cluster: ClusterView, waited_s: float) -> str:
    """Return the progress of a cluster that a cell waits for: one line with a bar."""
    done, awaited = progress_of(cluster)
    full = round(done * BAR_LENGTH)
    bar = "▰" * full + "▱" * (BAR_LENGTH - full)
    name = cluster.name
    return f"{bar} Cluster {name} is {cluster.state}: {awaited}, {duration_words(waited_s)}"


def notebook_words(live: Live, kernel_id: str = "") -> str:
    """Return the notebooks on the cluster, e.g. "this notebook and 2 others"."""
    seats: Sequence[NotebookSeat] = live.notebooks
    others = [s for s in seats if s.kernel_id != kernel_id]
    if len(others) == len(seats):
        return plural(len(seats), "notebook") if seats else "no notebooks"
    return f"this notebook and {plural(len(others), 'other')}" if others else "this notebook only"


def _ago_words(ms: int, now_ms: int) -> str:
    if not ms:
        return ""
    ago_s = (now_ms - ms) / 1000
    return " just now" if ago_s < 100 else f" {duration_words(ago_s)} ago"


def _cause_words(cluster: ClusterView) -> str:
    reason = cluster.termination_reason
    if not reason:
        return ""
    if reason.code == "USER_REQUEST":
        return f" by {reason.parameters['username']}" if reason.parameters.get("username") else ""
    return ", due to inactivity" if reason.code == "INACTIVITY" else ""
