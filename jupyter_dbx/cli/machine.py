"""Checks of the machine: system, memory and cores, loopback, disks."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path

import psutil

from jupyter_dbx.cli.finding import Finding, Level, count

#: What LocalBackend's traits are if nobody configures them; memory in MiB.
MEMORY_PER_CORE_MIB, MEMORY_FRACTION, CORES_OVERCOMMIT = 2048, 0.8, 4.0

#: Free disk below which a cluster cannot be expected to start, and below which a large shuffle may fail, MiB.
LEAST_DISK_MIB, ENOUGH_DISK_MIB = 500, 5000

#: Nodes of the smallest cluster with two workers, count.
DEMO_NODES = 3

_MIB = 2**20


def check_system() -> Finding:
    """Look whether this is Linux: processes are told apart by what `/proc` says."""
    if Path("/proc/self/stat").exists():
        return Finding(Level.OK, "System", f"Linux {os.uname().release}")
    return Finding(Level.FAIL, "System", f"{sys.platform} has no /proc", "Use Linux, a Linux container or WSL 2.")


def check_machine() -> Finding:
    """Look how large clusters may be here."""
    total = psutil.virtual_memory().total
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(path).read_text()))
        except (OSError, ValueError):  # no such cgroup version, or "max"
            continue
    return judge_machine(total // _MIB, psutil.virtual_memory().available // _MIB, os.cpu_count() or 1)


def judge_machine(memory_mib: int, available_mib: int, cores: int) -> Finding:
    """Return how many nodes of the smallest type fit here by default, and whether that is enough for two workers."""
    by_memory = int(memory_mib * MEMORY_FRACTION) // MEMORY_PER_CORE_MIB
    nodes = min(by_memory, int(cores * CORES_OVERCOMMIT))
    gib = MEMORY_PER_CORE_MIB // 1024
    says = f"{memory_mib} MiB ({available_mib} MiB available), {count(cores, 'core')}: "
    says += f"room for {count(nodes, 'node')} of 1 core and {gib} GiB"
    if nodes == 0:
        return Finding(
            Level.FAIL, "Memory, cores", says, f"A cluster needs {gib} GiB for each node: use a larger machine."
        )
    if nodes < DEMO_NODES:
        mend = f"Enough for a single node (`%cluster create NAME --workers 0`); two workers need {DEMO_NODES} nodes."
        return Finding(Level.WARN, "Memory, cores", says, mend)
    if available_mib < DEMO_NODES * MEMORY_PER_CORE_MIB:
        mend = "Other programs take much of the memory: end some before you create a cluster."
        return Finding(Level.WARN, "Memory, cores", says, mend)
    return Finding(Level.OK, "Memory, cores", says)


def check_loopback() -> Finding:
    """Look whether a process can listen on 127.0.0.1 and another can reach it."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return Finding(Level.OK, "Loopback", "free ports can be bound and reached on 127.0.0.1")
    except OSError as error:
        mend = "Everything of a cluster talks over 127.0.0.1: let firewall and sandbox allow it."
        return Finding(Level.FAIL, "Loopback", f"127.0.0.1 cannot be used: {error}", mend)


def check_disk(what: str, folder: Path, *, setting: str) -> Finding:
    """Look whether a folder can be written and how much room it has; it need not exist yet."""
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    writable = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    free_mib = shutil.disk_usage(nearest).free // _MIB
    return judge_disk(what, folder, free_mib, writable=writable, setting=setting)


def judge_disk(what: str, folder: Path, free_mib: int, *, writable: bool, setting: str) -> Finding:
    """Return whether a folder is good for a cluster's files.

    Parameters
    ----------
    setting : what names another folder
    """
    says = f"{folder} has {free_mib / 1024:.1f} GiB free"
    if not writable:
        return Finding(
            Level.FAIL, what, f"{folder} cannot be written", f"Change its mode, or let {setting} name another."
        )
    if free_mib < LEAST_DISK_MIB:
        return Finding(Level.FAIL, what, says, f"Free some space, or let {setting} name a folder on another disk.")
    if free_mib < ENOUGH_DISK_MIB:
        return Finding(Level.WARN, what, says, f"Large shuffles may fill it: let {setting} name one on another disk.")
    return Finding(Level.OK, what, says)
