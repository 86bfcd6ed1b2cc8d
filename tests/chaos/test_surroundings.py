"""Clusters under faults of the machine: disk, clock, a second server, ports."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from invariants import check_events, check_processes, check_size
from live import Notebook, Server, Workspace, processes_of, wait_until

pytestmark = [pytest.mark.spark, pytest.mark.long, pytest.mark.timeout(500)]

SINGLE_NODE: dict[str, Any] = {
    "num_workers": 0,
    "spark_conf": {"spark.databricks.cluster.profile": "singleNode", "spark.master": "local[*]"},
}


def run_up(server: Server, name: str, **spec: Any) -> str:
    cluster_id = server.create(name, **spec)
    cluster = server.wait(cluster_id, "RUNNING", "TERMINATED")
    assert cluster["state"] == "RUNNING", cluster["state_message"]
    return cluster_id


def check(server: Server, cluster_id: str) -> None:
    cluster = server.cluster(cluster_id)
    assert check_processes(server, cluster) + check_events(server, cluster_id) + check_size(cluster) == []


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Starts servers; stops them and their clusters after the test."""
    started: list[Server] = []

    def start(folder: Path, archives: Path, **options: Any) -> Server:
        started.append(Server(Workspace(folder, archives), **options))
        return started[-1]

    yield start
    alive = [server for server in started if server.process.poll() is None]
    for cluster in alive[-1].call("GET", "api/2.0/clusters/list").get("clusters", []):
        alive[-1].delete(cluster["cluster_id"])
    for server in alive:
        server.stop()
    for server in started:
        assert processes_of(str(server.workspace.folder)) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a separate file system of 200 MiB."""
    if os.getuid() != 0:
        pytest.skip("only root can mount a file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(folder)], check=True, timeout=30)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True, timeout=30)


def test_a_full_disk_is_reported_and_terminates_no_cluster(
    small_disk: Path, serve: Callable[..., Server], archives: Path
) -> None:
    server = serve(small_disk, archives)
    cluster_id = run_up(server, "full", **SINGLE_NODE)

    with (small_disk / "rubbish").open("wb") as rubbish, pytest.raises(OSError, match="No space"):
        while True:
            rubbish.write(bytes(2**20))
            rubbish.flush()
    began = time.monotonic()
    status, refusal = server.refusal("POST", "api/2.0/clusters/create", {"num_workers": 0, "is_single_node": True})
    took = time.monotonic() - began
    assert status == 503 and "Free some space" in refusal["message"], refusal
    assert took < 60
    assert server.cluster(cluster_id)["state"] == "RUNNING"

    (small_disk / "rubbish").unlink()
    server.call("POST", "api/2.0/clusters/restart", {"cluster_id": cluster_id})
    server.wait(cluster_id, "RUNNING", "TERMINATED")
    check(server, cluster_id)
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("jump_s", [3600, -3600])
def test_a_clock_jump_terminates_nothing(
    tmp_path: Path, serve: Callable[..., Server], archives: Path, jump_s: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUMP_FILE", str(tmp_path / "jump"))
    program = (str(Path(__file__).with_name("jumping_app.py")),)
    server = serve(tmp_path, archives, program=program)
    cluster_id = run_up(server, "jumping", num_workers=1)
    notebook = Notebook(server, "jump.ipynb").attach(cluster_id)
    job = notebook.begin("sc.parallelize(range(8), 8).map(lambda x: __import__('time').sleep(1) or x).sum()")

    (tmp_path / "jump").write_text(str(jump_s))

    assert notebook.wait(job).ok().value == "28"
    server.call("POST", "api/2.0/clusters/resize", {"cluster_id": cluster_id, "num_workers": 2})
    server.wait(cluster_id, "RESIZING", "RUNNING", "TERMINATED")
    wait_until(lambda: len(server.cluster(cluster_id).get("executors", [])) == 2, 90)
    wait_until(lambda: server.cluster(cluster_id)["state"] == "RUNNING", 30)
    check(server, cluster_id)
    notebook.close()


def test_two_servers_on_one_store_act_as_one(tmp_path: Path, serve: Callable[..., Server], archives: Path) -> None:
    first, second = serve(tmp_path, archives), serve(tmp_path, archives)
    cluster_id = run_up(second, "both", num_workers=1)

    first.call("POST", "api/2.0/clusters/resize", {"cluster_id": cluster_id, "num_workers": 2})
    wait_until(lambda: second.cluster(cluster_id)["state"] == "RESIZING", 10)
    first.stop(signal.SIGKILL)
    wait_until(lambda: second.cluster(cluster_id)["state"] == "RUNNING", 90)

    assert len(second.cluster(cluster_id)["executors"]) == 2
    check(second, cluster_id)


def test_occupied_ports_do_not_prevent_a_cluster(
    tmp_path: Path, serve: Callable[..., Server], archives: Path, request: pytest.FixtureRequest
) -> None:
    # Clusters bind free ports directly; these are Spark's default ports.
    for port in (4040, 7077, 8080, 8081, 10000):
        with contextlib.suppress(OSError):  # already in use
            taken = socket.create_server(("127.0.0.1", port))
            request.addfinalizer(taken.close)
    server = serve(tmp_path, archives)

    cluster_id = run_up(server, "ports", num_workers=1)

    ours = {f.laddr.port for pid in processes_of(cluster_id) for f in psutil.Process(pid).net_connections() if f.laddr}
    assert ours and not ours & {4040, 7077, 8080, 8081, 10000}
    check(server, cluster_id)
