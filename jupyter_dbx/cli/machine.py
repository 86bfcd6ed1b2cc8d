"""Checks of the machine: system, memory and cores, loopback, disks."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path

import psutil

from jupyter_dbx.cli.finding import Finding, Level, count

#: Defaults of LocalBackend's traits; memory in MiB.
MEMORY_PER_CORE_MIB, MEMORY_FRACTION, CORES_OVERCOMMIT = 2048, 0.8, 4.0

#: Free disk space below which a cluster may fail to start, and below which a large shuffle may fail, MiB.
MIN_DISK_MIB, RECOMMENDED_DISK_MIB = 500, 5000

#: Nodes of the smallest cluster with two workers, count.
DEMO_NODES = 3

_MIB = 2**20


def check_system() -> Finding:
    """Check whether this is Linux, because processes are identified through `/proc`."""
    if Path("/proc/self/stat").exists():
        return Finding(Level.OK, "System", f"Linux {os.uname().release}")
    return Finding(Level.FAIL, "System", f"{sys.platform} has no /proc", "Use Linux, a Linux container or WSL 2.")


def check_machine() -> Finding:
    """Check how large clusters can be on this machine."""
    total = psutil.virtual_memory().total
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(path).read_text()))
        except (OSError, ValueError):  # no such cgroup version, or "max"
            continue
    return judge_machine(total // _MIB, psutil.virtual_memory().available // _MIB, os.cpu_count() or 1)


def judge_machine(memory_mib: int, available_mib: int, cores: int) -> Finding:
    """Return how many nodes of the smallest type fit by default, and whether that is enough for two workers."""
    by_memory = int(memory_mib * MEMORY_FRACTION) // MEMORY_PER_CORE_MIB
    nodes = min(by_memory, int(cores * CORES_OVERCOMMIT))
    gib = MEMORY_PER_CORE_MIB // 1024
    message = f"{memory_mib} MiB ({available_mib} MiB available), {count(cores, 'core')}: "
    message += f"room for {count(nodes, 'node')} with 1 core and {gib} GiB"
    if nodes == 0:
        fix = f"A cluster needs {gib} GiB per node: use a larger machine."
        return Finding(Level.FAIL, "Memory, cores", message, fix)
    if nodes < DEMO_NODES:
        fix = f"Enough for a single node (`%cluster create NAME --workers 0`); two workers need {DEMO_NODES} nodes."
        return Finding(Level.WARN, "Memory, cores", message, fix)
    if available_mib < DEMO_NODES * MEMORY_PER_CORE_MIB:
        fix = "Other programs use much of the memory: close some before you create a cluster."
        return Finding(Level.WARN, "Memory, cores", message, fix)
    return Finding(Level.OK, "Memory, cores", message)


def check_loopback() -> Finding:
    """Check whether a process can listen on 127.0.0.1 and another can connect to it."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return Finding(Level.OK, "Loopback", "127.0.0.1 accepts connections")
    except OSError as error:
        fix = "Clusters communicate over 127.0.0.1: allow it in the firewall and the sandbox."
        return Finding(Level.FAIL, "Loopback", f"127.0.0.1 cannot be used: {error}", fix)


def check_disk(subject: str, folder: Path, *, setting: str) -> Finding:
    """Check whether a folder is writable and has enough space; it need not exist yet."""
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    writable = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    free_mib = shutil.disk_usage(nearest).free // _MIB
    return judge_disk(subject, folder, free_mib, writable=writable, setting=setting)


def judge_disk(subject: str, folder: Path, free_mib: int, *, writable: bool, setting: str) -> Finding:
    """Return whether a folder is suitable for a cluster's files.

    Parameters
    ----------
    setting : the setting or variable that selects another folder
    """
    message = f"{folder} has {free_mib / 1024:.1f} GiB free"
    if not writable:
        fix = f"Change its permissions, or set {setting} to another folder."
        return Finding(Level.FAIL, subject, f"{folder} is not writable", fix)
    if free_mib < MIN_DISK_MIB:
        return Finding(Level.FAIL, subject, message, f"Free some space, or set {setting} to a folder on another disk.")
    if free_mib < RECOMMENDED_DISK_MIB:
        return Finding(
            Level.WARN, subject, message, f"Large shuffles may fill it: set {setting} to a folder on another disk."
        )
    return Finding(Level.OK, subject, message)
