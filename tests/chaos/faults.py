"""Finds the processes of a cluster, to kill or suspend one."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from live import Notebook, Server

#: Targets of a fault.
TARGETS = ("kernel", "worker", "executor", "jvm", "daemon", "server")

#: Effects of a fault.
SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


@dataclass(frozen=True)
class Fault:
    """One signal to one process."""

    target: str
    signal: str

    def __str__(self) -> str:
        return f"{self.signal} {self.target}"

    def pid(self, server: Server, notebook: Notebook | None, cluster_id: str) -> int | None:
        """Return the process to hit, or None."""
        if self.target == "kernel":
            return kernel_pid(notebook) if notebook else None
        if self.target == "server":
            return server.process.pid
        nodes = server.workspace.data / "nodes"
        role, name = ("worker", "worker") if self.target in ("worker", "executor") else ("driver", "driver")
        for folder in sorted(nodes.glob(f"{cluster_id}-{role}-*/{name}")):
            leader = read_pid(folder / "pid")
            if leader is None:
                continue
            if self.target in ("worker", "daemon"):
                return leader
            word = "CoarseGrainedExecutorBackend" if self.target == "executor" else "SparkSubmit"
            for pid in members(leader):
                if word in command_line(pid):
                    return pid
        return None

    def hit(self, pid: int) -> None:
        """Send the signal; nothing happens if the process has just ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, SIGNALS[self.signal])


def kernel_pid(notebook: Notebook) -> int | None:
    """Return the process of a notebook's kernel."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            variables = (folder / "environ").read_bytes().split(b"\0")
            if f"DBX_KERNEL_ID={notebook.kernel_id}".encode() in variables and "jupyter_dbx.kernel" in command_line(
                int(folder.name)
            ):
                return int(folder.name)
    return None


def read_pid(path: Path) -> int | None:
    """Return the pid that a daemon wrote, if it is alive."""
    try:
        pid = int(path.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if is_alive(pid) else None


def members(leader: int) -> list[int]:
    """Return the pids of a session."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[3]) == leader:
                found.append(int(folder.name))
    return found


def command_line(pid: int) -> str:
    """Return the command line of a process; "" if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def is_alive(pid: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
