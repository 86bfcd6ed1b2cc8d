"""Invariants after any fault, once the cluster has settled."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import psutil
from faults import read_pid
from live import Server, processes_of

#: Maximum resources of the server: open files and sockets (count), resident memory, and the retained logs of one cluster,
#: MiB. A Jupyter server alone uses about 110 MiB.
MOST_FILES, MOST_MEMORY_MIB, MOST_LOGS_MIB = 150, 250, 100

#: Event → the state events that it may follow. "" = no earlier event.
#: Other events may follow any of them while the cluster runs or starts.
_MAY_FOLLOW = {
    "CREATING": {""},
    "STARTING": {"ENDED"},
    "RUNNING": {"COMING"},
    "RESTARTING": {"UP"},
    "RESIZING": {"UP"},
    "UPSIZE_COMPLETED": {"UP"},
    "NODES_LOST": {"UP"},
    "DRIVER_NOT_RESPONDING": {"UP"},
    "DRIVER_HEALTHY": {"UP"},
    "DECOMMISSION_STARTED": {"UP"},
    "TERMINATING": {"UP", "COMING", "ENDED"},
}
_LEADS_TO = {
    "CREATING": "COMING",
    "STARTING": "COMING",
    "RESTARTING": "COMING",
    "RUNNING": "UP",
    "TERMINATING": "ENDED",
}


def check_events(server: Server, cluster_id: str) -> list[str]:
    """Return the events that do not follow TRANSITIONS."""
    body = {"cluster_id": cluster_id, "order": "ASC", "limit": 500}
    phase, wrong = "", []
    seen: list[str] = []
    while body:
        answer = server.call("POST", "api/2.0/clusters/events", body)
        for event in answer["events"]:
            kind = event["type"]
            if phase not in _MAY_FOLLOW.get(kind, {phase}):
                wrong.append(f"{kind} came while the cluster was {phase or 'not there'}: {seen[-6:]}")
            phase = _LEADS_TO.get(kind, phase)
            seen.append(kind)
        body = answer.get("next_page")
    return wrong


def check_processes(server: Server, cluster: dict[str, Any]) -> list[str]:
    """Return the differences between the process table and the store."""
    cluster_id, data = cluster["cluster_id"], server.workspace.data
    rows = documents(data, "node", cluster_id)
    folders = {path.name for path in (data / "nodes").glob(f"{cluster_id}-*")}
    wrong = []
    if folders != {row["node_id"] for row in rows}:
        wrong.append(f"the store has the nodes {sorted(r['node_id'] for r in rows)}, the machine {sorted(folders)}")
    for row in rows:
        daemon = "driver" if row["role"] == "driver" else "worker"
        if cluster["state"] == "RUNNING" and read_pid(data / "nodes" / row["node_id"] / daemon / "pid") is None:
            wrong.append(f"{row['node_id']} has no {daemon}")
    for pid in processes_of(str(data / "nodes" / cluster_id)):
        try:
            words = Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if not any(row["node_id"].encode() in words for row in rows):
            wrong.append(f"process {pid} belongs to no node of the store")
    return wrong


def check_size(cluster: dict[str, Any]) -> list[str]:
    """Return the differences between a running cluster and its request."""
    if cluster["state"] != "RUNNING":
        return []
    up = len(cluster.get("executors", []))
    return [] if up == cluster["num_workers"] else [f"{up} of {cluster['num_workers']} workers are up"]


def check_reason(cluster: dict[str, Any]) -> list[str]:
    """Return whether a terminated cluster has a reason."""
    if cluster["state"] not in ("TERMINATED", "ERROR"):
        return []
    reason = cluster.get("termination_reason", {})
    has_reason = reason.get("code") in ("USER_REQUEST", "INACTIVITY") or cluster["state_message"]
    return [] if has_reason else [f"it terminated without a reason: {reason}"]


def check_limits(server: Server) -> list[str]:
    """Return the exceeded limits of the server and of its logs."""
    process = psutil.Process(server.process.pid)
    files, memory_mib = process.num_fds(), process.memory_info().rss // 2**20
    logs_mib = sum(p.stat().st_size for p in (server.workspace.data / "logs").rglob("*") if p.is_file()) // 2**20
    wrong = [f"the server has {files} files open"] if files > MOST_FILES else []
    wrong += [f"the server takes {memory_mib} MiB"] if memory_mib > MOST_MEMORY_MIB else []
    return wrong + ([f"{logs_mib} MiB of logs are kept"] if logs_mib > MOST_LOGS_MIB else [])


def documents(data: Path, kind: str, owner: str) -> list[dict[str, Any]]:
    """Return the store's documents of one kind and owner."""
    store = sqlite3.connect(f"file:{data}/dbx.db?mode=ro", uri=True)
    try:
        query = "SELECT body FROM documents WHERE kind = ? AND owner = ?"
        return [json.loads(body) for (body,) in store.execute(query, (kind, owner))]
    finally:
        store.close()
