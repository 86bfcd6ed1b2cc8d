"""Logs on this machine: which files are logs, how they are truncated and retained."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

import pytest
from places import provision, until
from samples import CLUSTER_ID, sample_node

from jupyter_dbx.backends.local import LocalBackend
from jupyter_dbx.backends.log_files import bound
from jupyter_dbx.model.node import Daemon, LogFile, Node

#: Prints the file `print` whenever it appears.
_PARROT = "while sleep 0.01; do if mv print printed 2>/dev/null; then cat printed; fi; done"

PARROT = Daemon("d", ("/bin/sh", "-c", _PARROT))


async def logs_of(machine: LocalBackend, cluster_id: str = CLUSTER_ID) -> dict[str, LogFile]:
    """Return the nonempty logs, by path."""
    return {log.path: log for log in await machine.list_logs(cluster_id) if log.size}


async def read(machine: LocalBackend, path: str, start: int = 0) -> str:
    return (await machine.read_log(CLUSTER_ID, path, start=start, length=10_000_000)).decode()


async def write(folder: Path, text: str) -> None:
    """Make the daemon in this folder write a text, and wait until it has."""
    before = size(folder / "stdout")
    await asyncio.to_thread((folder / "draft").write_text, text)
    os.rename(folder / "draft", folder / "print")
    await until(lambda: size(folder / "stdout") == before + len(text))


def size(path: Path) -> int:
    return path.stat().st_size


async def run_to_the_end(machine: LocalBackend, node: Node, script: str, logs: tuple[str, ...] = ()) -> None:
    """Run a daemon `d` with a shell script until it exits."""
    await machine.start(node, Daemon("d", ("/bin/sh", "-c", script), logs=logs))
    for _ in range(1000):
        if not (await machine.list_nodes())[node.node_id].daemons["d"].running:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not exit")


async def test_the_streams_of_a_daemon_are_its_logs(machine: LocalBackend, node: Node) -> None:
    await run_to_the_end(machine, node, "echo well; echo problem >&2; echo secret > file")

    assert sorted(await logs_of(machine)) == ["worker-1/d/stderr", "worker-1/d/stdout"]
    assert await read(machine, "worker-1/d/stdout") == "well\n"
    assert await read(machine, "worker-1/d/stderr") == "problem\n"


async def test_other_logs_are_found_by_their_patterns(machine: LocalBackend, node: Node) -> None:
    files = "log4j-driver.log log4j.txt work/app-1/0/stderr work/app-1/0/jar"
    script = f"mkdir -p work/app-1/0; for file in {files}; do echo $file > $file; done"
    await run_to_the_end(machine, node, script, ("log4j-*.log", "work/*/*/std*"))

    assert sorted(await logs_of(machine)) == ["worker-1/d/log4j-driver.log", "worker-1/d/work/app-1/0/stderr"]
    assert await read(machine, "worker-1/d/work/app-1/0/stderr") == "work/app-1/0/stderr\n"


async def test_the_latest_log_comes_first(machine: LocalBackend, node: Node, folder: Path) -> None:
    await run_to_the_end(machine, node, "echo a; echo b >&2")
    for name, at in (("stdout", 2_000_000_000), ("stderr", 1_000_000_000)):
        os.utime(folder / node.node_id / "d" / name, (at, at))

    listed = list((await logs_of(machine)).values())

    assert [(log.path, log.modified_ms) for log in listed] == [
        ("worker-1/d/stdout", 2_000_000_000_000),
        ("worker-1/d/stderr", 1_000_000_000_000),
    ]


async def test_output_of_an_earlier_start_is_kept(machine: LocalBackend, node: Node) -> None:
    await run_to_the_end(machine, node, "echo first")
    await run_to_the_end(machine, node, "echo second")

    assert await read(machine, "worker-1/d/stdout") == "first\nsecond\n"


async def test_growing_log_is_readable_and_truncated_at_its_limit(
    machine: LocalBackend, node: Node, folder: Path
) -> None:
    await machine.start(node, PARROT)
    own, path = folder / node.node_id / "d", "worker-1/d/stdout"

    await write(own, "one\n")
    await write(own, "two\n")
    assert await read(machine, path, start=4) == "two\n"
    await write(own, "x" * 100 + "\n")
    bound(own, 50)
    assert await read(machine, path, start=109) == ""
    await write(own, "three\n")

    assert await read(machine, path) == "three\n"
    assert await read(machine, "worker-1/d/stdout.1") == "x" * 24 + "\n"


async def test_log_below_its_limit_is_unchanged(machine: LocalBackend, node: Node, folder: Path) -> None:
    await run_to_the_end(machine, node, "printf 12345678")

    bound(folder / node.node_id / "d", 8)

    assert sorted(await logs_of(machine)) == ["worker-1/d/stdout"]
    assert await read(machine, "worker-1/d/stdout") == "12345678"


async def test_large_logs_are_truncated_by_the_sweep_and_not_by_listing(machine: LocalBackend, node: Node) -> None:
    machine.log_mib = 1
    await run_to_the_end(machine, node, "head -c 1500000 /dev/zero; head -c 1500000 /dev/zero >&2")

    await machine.list_nodes()
    before = await logs_of(machine)
    await machine.bound_logs()

    assert [log.size for log in before.values()] == [1_500_000] * 2
    logs = await logs_of(machine)
    assert {"worker-1/d/stdout.1", "worker-1/d/stderr.1"} <= logs.keys()
    assert all(log.size <= 2**20 for log in logs.values())


async def test_logs_of_a_released_node_are_retained_under_their_names(machine: LocalBackend, node: Node) -> None:
    await run_to_the_end(machine, node, "echo well; mkdir -p work/a/0; echo deep > work/a/0/stderr", ("work/*/*/std*",))
    before = await logs_of(machine)

    await machine.release(node)

    after = await logs_of(machine)
    assert after.keys() == before.keys() == {"worker-1/d/stdout", "worker-1/d/work/a/0/stderr"}
    assert not any(log.live for log in after.values())
    assert await read(machine, "worker-1/d/stdout") == "well\n"
    assert await read(machine, "worker-1/d/work/a/0/stderr") == "deep\n"


async def test_retained_logs_are_readable_only_by_their_owner(machine: LocalBackend, node: Node, folder: Path) -> None:
    await run_to_the_end(machine, node, "echo well")

    await machine.release(node)

    kept = folder.parent / "logs" / CLUSTER_ID / "worker-1" / "d"
    assert oct(kept.stat().st_mode & 0o777) == "0o700"


async def test_retained_logs_are_limited_and_the_oldest_are_deleted_first(machine: LocalBackend) -> None:
    machine.kept_logs_mib = 1
    for n in range(4):
        node = await provision(machine, sample_node(f"worker-{n}", cores=1, memory_mib=1024))
        await run_to_the_end(machine, node, "head -c 500000 /dev/zero")
        await machine.release(node)

    assert sorted(await logs_of(machine)) == ["worker-2/d/stdout", "worker-3/d/stdout"]


async def test_deleting_the_logs_of_a_cluster_keeps_those_of_others(machine: LocalBackend) -> None:
    for n, cluster_id in enumerate(["one", "two"]):
        node = await provision(machine, sample_node(f"worker-{n}", cores=1, memory_mib=1024, cluster_id=cluster_id))
        await run_to_the_end(machine, node, "echo well")
        await machine.release(node)

    await machine.forget("one")

    assert await logs_of(machine, "one") == {}
    assert list(await logs_of(machine, "two")) == ["worker-1/d/stdout"]


async def test_node_is_released_even_if_its_logs_cannot_be_retained(
    machine: LocalBackend, node: Node, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await run_to_the_end(machine, node, "echo well")
    os.close(os.open(folder.parent / "logs", os.O_CREAT))  # a file, where a folder should be

    with caplog.at_level(logging.WARNING, logger="traitlets"):
        await machine.release(node)

    assert await machine.list_nodes() == {}
    assert "The logs of node worker-1 could not be retained" in caplog.text
