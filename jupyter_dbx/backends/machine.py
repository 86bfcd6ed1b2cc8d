"""This machine: its capacity, its identity, and its use by processes and folders."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

import psutil

_MIB = 2**20


def machine_memory_mib() -> int:
    """Return the memory of this machine, or its cgroup's limit if that is less, MiB."""
    total: int = psutil.virtual_memory().total
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(path).read_text()))
        except (OSError, ValueError):  # no such cgroup version, or "max"
            continue
    return total // _MIB


def free_loopback_address(node_id: str) -> str:
    """Return an address of the loopback network, 127.0.0.0/8, for one node; 127.0.0.1 if no other is available.

    It is derived from the node's id. Among sixteen million addresses a collision is unlikely, and it is harmless.
    """
    digest = hashlib.sha256(node_id.encode()).digest()
    address = ".".join(["127", *(str(1 + byte % 254) for byte in digest[:3])])
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return "127.0.0.1"
    return address


def host_id() -> str:
    """Return the id of this host, unique among the hosts that share a store."""
    return socket.gethostname()


def boot_id() -> str:
    """Return the id of the current boot of this host."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def listening(pid: int) -> tuple[str, ...]:
    """Return the TCP addresses a process listens on, e.g. ("127.0.0.1:4040",); () if it is gone or inaccessible."""
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return ()
    found = {(c.laddr.ip.removeprefix("::ffff:"), c.laddr.port) for c in connections if c.status == psutil.CONN_LISTEN}
    return tuple(f"{ip}:{port}" for ip, port in sorted(found))


def disk_usage(folder: Path) -> int:
    """Return the disk usage of a folder, bytes; files deleted meanwhile do not count."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_blocks * 512
            except OSError:
                continue
    return total
