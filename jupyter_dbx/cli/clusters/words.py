"""What people read about clusters on a terminal; scripts read the API's own JSON instead."""

from __future__ import annotations

from datetime import datetime

from jupyter_dbx.kernel.wording import UP, duration_words, plural
from jupyter_dbx.model.wire import Json

#: State → colour of it.
STATE_COLOURS = {
    "RUNNING": "green",
    "TERMINATED": "dim",
    "ERROR": "red",
    "PENDING": "yellow",
    "RESIZING": "yellow",
    "RESTARTING": "yellow",
    "TERMINATING": "yellow",
}


def time_words(ms: int) -> str:
    """Return an instant on the local clock; "" for 0."""
    return datetime.fromtimestamp(ms / 1000).strftime("%Y-%m-%d %H:%M:%S") if ms else ""


def bytes_words(size: int) -> str:
    """Return a number of bytes, e.g. "512 B", "1.5 MiB"."""
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.1f} KiB" if size < 1024**2 else f"{size / 1024**2:.1f} MiB"


def size_words(cluster: Json) -> str:
    """Return how large a cluster is, e.g. "2–8 × local-1c-2g"."""
    bounds, node_type = cluster.get("autoscale"), cluster.get("node_type_id", "")
    if not bounds and not cluster.get("num_workers"):
        return f"single node, {cluster.get('driver_node_type_id') or node_type}"
    if not bounds:
        return f"{cluster['num_workers']} × {node_type}"
    now = f" ({cluster['num_workers']} now)" if cluster["state"] in UP else ""
    return f"{bounds['min_workers']}–{bounds['max_workers']} × {node_type}{now}"


def load_words(cluster: Json) -> str:
    """Return how busy a cluster is, e.g. "3/4 cores, 12 tasks wait"; "" if that is not known."""
    load = (cluster.get("live") or {}).get("load")
    if not load:
        return ""
    waiting = load["pending_tasks"]
    return f"{load['busy_cores']}/{plural(load['total_cores'], 'core')}" + (
        f", {plural(waiting, 'task')} wait{'s' if waiting == 1 else ''}" if waiting else ""
    )


def ending_words(cluster: Json) -> str:
    """Return when a cluster that is up will end by itself if nobody uses it; "" for the others."""
    if cluster["state"] not in UP:
        return ""
    if not cluster.get("autotermination_minutes"):
        return "never"
    left_s = (cluster.get("live") or {}).get("ends_in_s")
    return (
        f"in {duration_words(left_s)}" if left_s is not None else f"after {cluster['autotermination_minutes']} idle min"
    )


def notebook_words(seat: Json) -> str:
    """Return which notebook has a seat, and whether it computes."""
    return f"{seat['notebook'] or seat['kernel_id']}{' (busy)' if seat['busy'] else ''}"
