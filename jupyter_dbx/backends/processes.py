"""Starts, identifies, observes and ends detached processes on this host.

A daemon leads its own session. Everything it starts (executors, and Python workers, which call setpgid) stays in that
session, so ending the session ends all of it. A pid alone does not identify a process, because pids are reused. Together with
the start time in clock ticks after boot, from `/proc/PID/stat`, and the boot id it is unique. (psutil's `create_time` changes
with the wall clock.)
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Writes its own identity before it becomes the daemon, so that a crash of the server in between cannot lose the process.
_LAUNCHER = 'cat /proc/$$/stat > "$1.draft" && mv "$1.draft" "$1" && shift && exec "$@"'


_TICKS_PER_S = os.sysconf("SC_CLK_TCK")

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

#: Daemons that this process started and must reap, or they stay as zombies; init reaps those of earlier servers.
_children: set[subprocess.Popen[bytes]] = set()


@dataclass(frozen=True)
class Process:
    """The unique identity of a process since boot."""

    pid: int
    #: clock ticks after boot
    start_ticks: int

    @property
    def is_running(self) -> bool:
        """Return whether it is alive; a zombie counts as dead."""
        return self.cpu_s is not None

    @property
    def cpu_s(self) -> float | None:
        """Return how much CPU time it has used so far, s; None if it is not alive."""
        stat = _read_stat(self.pid)
        if stat is None or stat.start_ticks != self.start_ticks or stat.state in "ZX":
            return None
        return stat.cpu_ticks / _TICKS_PER_S


@dataclass(frozen=True)
class Member:
    """A process of a session, at one moment."""

    pid: int
    #: pid of the session's leader
    session: int
    #: name of its program
    name: str
    cpu_s: float
    #: resident memory, bytes
    memory: int


@dataclass(frozen=True)
class _Stat:
    pid: int
    name: str
    state: str
    session: int
    start_ticks: int
    #: CPU time in user and kernel mode, all threads
    cpu_ticks: int
    #: resident memory, pages
    pages: int


def spawn(argv: Sequence[str], *, env: dict[str, str], cwd: Path, output: Path, pid_file: Path) -> None:
    """Start a detached process and write its identity to `pid_file`.

    Its output is appended to `stdout` and `stderr` in the folder `output`.

    Raises
    ------
    OSError : it failed to start
    """
    _reap_children()
    pid_file.unlink(missing_ok=True)
    # O_APPEND, so that the file can be truncated in place while it is being written.
    with open(output / "stdout", "ab", buffering=0) as stdout, open(output / "stderr", "ab", buffering=0) as stderr:
        child = subprocess.Popen(
            ["/bin/sh", "-c", _LAUNCHER, "sh", str(pid_file), *argv],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=env,
            cwd=cwd,
            start_new_session=True,
        )
    _children.add(child)
    deadline = time.monotonic() + 10
    while not pid_file.exists():
        if child.poll() is not None or time.monotonic() > deadline:
            last_line = (output / "stderr").read_text(errors="replace").strip().rpartition("\n")[2]
            raise OSError(f"{argv[0]} could not be started. {last_line}")
        time.sleep(0.002)


def read_pid_file(path: Path) -> Process | None:
    """Return the process that `spawn` recorded there, or None."""
    try:
        stat = _parse_stat(path.read_text())
    except (OSError, ValueError):
        return None
    return Process(stat.pid, stat.start_ticks)


def end_session(leader: Process, *, grace_s: float) -> None:
    """End a process and everything in its session: SIGTERM, then SIGKILL after `grace_s`. Blocks until all are gone."""
    if leader.is_running:
        _signal(leader.pid, signal.SIGTERM)
        deadline = time.monotonic() + grace_s
        while leader.is_running and time.monotonic() < deadline:
            time.sleep(0.02)
    deadline = time.monotonic() + 10
    while members := list(_session_members(leader)):
        for pid in members:
            _signal(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise TimeoutError(f"processes {members} could not be stopped")
        time.sleep(0.02)
    _reap_children()


def members_of(leaders: Collection[Process]) -> list[Member]:
    """Return the processes in the sessions of these leaders, with one scan of all processes."""
    sessions = {leader.pid for leader in leaders if leader.is_running}
    return [
        Member(stat.pid, stat.session, stat.name, stat.cpu_ticks / _TICKS_PER_S, stat.pages * _PAGE_BYTES)
        for stat in _all_stats()
        if stat.session in sessions and stat.state not in "ZX"
    ]


def _reap_children() -> None:
    # A copy: other threads start and end daemons at the same time.
    for child in _children.copy():
        if child.poll() is not None:
            _children.discard(child)


def _session_members(leader: Process) -> Iterator[int]:
    stat = _read_stat(leader.pid)
    if stat is not None and stat.start_ticks != leader.start_ticks:
        return  # The pid was reused, which the kernel allows only once the old session is empty.
    for member in _all_stats():
        if member.session == leader.pid and member.state not in "ZX":
            yield member.pid


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _all_stats() -> Iterator[_Stat]:
    pids = (int(name) for name in os.listdir("/proc") if name.isdigit())
    return (stat for pid in pids if (stat := _read_stat(pid)) is not None)


def _read_stat(pid: int) -> _Stat | None:
    try:
        return _parse_stat(Path(f"/proc/{pid}/stat").read_text())
    except (OSError, ValueError):
        return None


def _parse_stat(text: str) -> _Stat:
    # The command name is in parentheses and may itself contain parentheses. Source: proc(5).
    before, _, after = text.rpartition(")")
    fields = after.split()
    if len(fields) < 22:
        raise ValueError(f"not a /proc/PID/stat line: {text!r}")
    cpu_ticks = int(fields[11]) + int(fields[12])
    pid, _, name = before.partition(" (")
    return _Stat(int(pid), name, fields[0], int(fields[3]), int(fields[19]), cpu_ticks, int(fields[21]))
