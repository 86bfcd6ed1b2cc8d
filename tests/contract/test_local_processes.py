"""The contract on this machine: processes, sessions, boots and hosts."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from places import provision, until
from samples import sample_node

from jupyter_dbx.backends import local
from jupyter_dbx.backends.local import LocalBackend
from jupyter_dbx.backends.machine import boot_id
from jupyter_dbx.backends.processes import Process, read_pid_file
from jupyter_dbx.model.node import Daemon, Node, Observation

SLEEP = ("/bin/sleep", "100")


def is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """An unrelated process that leads its own session."""
    with subprocess.Popen(SLEEP, start_new_session=True) as process:
        yield process
        process.kill()


def change_note(folder: Path, node: Node, **changes: str) -> None:
    path = folder / node.node_id / "node.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


#: Leaves its process group, as PySpark's daemon does, ignores SIGTERM, and records its pid.
_STRAY = """
import os, signal, sys, time
if os.fork() == 0:
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with open("draft", "w") as file:
        file.write(str(os.getpid()))
    os.rename("draft", "stray")
time.sleep(100)
"""


@pytest.mark.parametrize("end", ["stop", "release", "start", "leader dies first"])
async def test_processes_of_a_daemon_end_with_it(machine: LocalBackend, folder: Path, node: Node, end: str) -> None:
    await machine.start(node, Daemon("d", (sys.executable, "-c", _STRAY)))
    note = folder / node.node_id / "d" / "stray"
    await until(note.exists)
    stray = int(note.read_text())
    leader = (await machine.list_nodes())[node.node_id].daemons["d"].pid
    assert leader is not None
    assert is_alive(stray)

    if end == "release":
        await machine.release(node)
    elif end == "start":
        await machine.start(node, Daemon("d", SLEEP))
    else:
        if end == "leader dies first":
            os.kill(leader, signal.SIGKILL)
            await until(lambda: not is_alive(leader))
        await machine.stop(node, "d", grace_s=1)

    assert not is_alive(leader)
    assert not is_alive(stray)


async def test_daemon_can_exit_within_its_grace_period(machine: LocalBackend, folder: Path, node: Node) -> None:
    script = "trap 'touch {dir}/polite; exit 0' TERM; touch {dir}/ready; while :; do sleep 0.02; done"
    await machine.start(node, Daemon("d", ("/bin/sh", "-c", script)))
    await until((folder / node.node_id / "d" / "ready").exists)

    await machine.stop(node, "d", grace_s=10)

    assert (folder / node.node_id / "d" / "polite").exists()


async def test_daemon_that_ignores_sigterm_is_killed(machine: LocalBackend, folder: Path, node: Node) -> None:
    script = "trap '' TERM; touch {dir}/ready; while :; do sleep 0.02; done"
    await machine.start(node, Daemon("d", ("/bin/sh", "-c", script)))
    await until((folder / node.node_id / "d" / "ready").exists)

    await machine.stop(node, "d", grace_s=0.1)

    assert not (await machine.list_nodes())[node.node_id].daemons["d"].running


async def test_daemon_has_its_own_session(machine: LocalBackend, node: Node) -> None:
    await machine.start(node, Daemon("d", SLEEP))

    pid = (await machine.list_nodes())[node.node_id].daemons["d"].pid

    assert pid is not None
    assert os.getsid(pid) == pid != os.getsid(0)


async def test_missing_program_is_a_dead_daemon_with_the_error_in_its_log(machine: LocalBackend, node: Node) -> None:
    await machine.start(node, Daemon("d", ("/nowhere/java",)))

    for _ in range(500):
        if not (await machine.list_nodes())[node.node_id].daemons["d"].running:
            break
        await asyncio.sleep(0.01)

    output = await machine.read_log(node.cluster_id, f"{node.node_id}/d/stderr", start=0, length=1000)
    assert b"/nowhere/java" in output


def test_zombie_is_dead() -> None:
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as child:
        stat = Path(f"/proc/{child.pid}/stat")
        ticks = int(stat.read_text().rpartition(")")[2].split()[19])
        assert child.stdin is not None
        alive = Process(child.pid, ticks).is_running
        child.stdin.close()
        while stat.read_text().rpartition(")")[2].split()[0] != "Z":
            time.sleep(0.001)

        dead = Process(child.pid, ticks).is_running

    assert (alive, dead) == (True, False)


@pytest.mark.parametrize("name", ["sleep", "a (b) c", ") R 1 1 1", ""])
def test_process_of_any_name_is_read(tmp_path: Path, name: str) -> None:
    fields = ["S", *map(str, range(4, 53))]
    (tmp_path / "pid").write_text(f"77 ({name}) {' '.join(fields)}\n")

    assert read_pid_file(tmp_path / "pid") == Process(77, 22)


@pytest.mark.parametrize("content", ["", "77", "77 (sleep) S 1 2", "nonsense"])
def test_unreadable_pid_file_names_no_process(tmp_path: Path, content: str) -> None:
    (tmp_path / "pid").write_text(content)

    assert read_pid_file(tmp_path / "pid") is None
    assert read_pid_file(tmp_path / "missing") is None


def write_pid_file(folder: Path, node: Node, pid: int, *, ticks_off: int = 0) -> None:
    """Make the process `pid` the daemon `d` of a node, or one that had this pid some ticks earlier."""
    text = Path(f"/proc/{pid}/stat").read_text()
    before, _, after = text.rpartition(")")
    fields = after.split()
    fields[19] = str(int(fields[19]) - ticks_off)
    (folder / node.node_id / "d" / "pid").write_text(f"{before}) {' '.join(fields)}\n")


@pytest.mark.parametrize("verb", ["stop", "start", "release"])
async def test_reused_pid_is_not_mistaken_for_the_daemon(
    machine: LocalBackend, folder: Path, node: Node, bystander: subprocess.Popen[bytes], verb: str
) -> None:
    await machine.start(node, Daemon("d", SLEEP))
    await machine.stop(node, "d", grace_s=0)
    write_pid_file(folder, node, bystander.pid, ticks_off=5)
    assert not (await machine.list_nodes())[node.node_id].daemons["d"].running

    if verb == "stop":
        await machine.stop(node, "d", grace_s=0)
    elif verb == "start":
        await machine.start(node, Daemon("d", SLEEP))
    else:
        await machine.release(node)

    assert is_alive(bystander.pid)


async def test_node_of_another_boot_is_not_alive_and_touches_no_process(
    machine: LocalBackend, folder: Path, node: Node, bystander: subprocess.Popen[bytes]
) -> None:
    await machine.start(node, Daemon("d", SLEEP, incarnation="1"))
    await machine.stop(node, "d", grace_s=0)
    write_pid_file(folder, node, bystander.pid)
    change_note(folder, node, boot="an earlier one")

    found = (await machine.list_nodes())[node.node_id]
    await machine.release(replace(node, backend_state=node.backend_state | {"boot": "an earlier one"}))

    assert not found.alive
    assert not found.daemons["d"].running
    assert is_alive(bystander.pid)
    assert await machine.list_nodes() == {}


async def test_orphaned_node_of_another_boot_touches_no_process(
    machine: LocalBackend, folder: Path, node: Node, bystander: subprocess.Popen[bytes]
) -> None:
    await machine.start(node, Daemon("d", SLEEP))
    await machine.stop(node, "d", grace_s=0)
    write_pid_file(folder, node, bystander.pid)
    change_note(folder, node, boot="an earlier one")

    await machine.release(sample_node(node.node_id, backend_state={}))

    assert is_alive(bystander.pid)


async def test_node_of_another_host_is_elsewhere_and_uses_no_capacity(machine: LocalBackend, folder: Path) -> None:
    for n in range(4):
        made = await provision(machine, sample_node(f"worker-{n}", cores=2, memory_mib=2048))
        change_note(folder, made, host="another")

    seen = await machine.list_nodes()
    await provision(machine, sample_node("worker-9", cores=8, memory_mib=8192))

    assert seen == {f"worker-{n}": Observation(made.cluster_id, elsewhere=True) for n in range(4)}
    assert len(await machine.list_nodes()) == 5


async def test_backend_state_contains_address_host_and_boot(node: Node) -> None:
    address = ipaddress.ip_address(node.backend_state["address"])

    assert node.backend_state == {"address": str(address), "host": local.host_id(), "boot": boot_id()}
    assert address.is_loopback
