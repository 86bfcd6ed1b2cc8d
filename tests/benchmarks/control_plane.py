"""The cost of the extension for an idle server: `python tests/benchmarks/control_plane.py [--memory]`.

Two servers run side by side, with and without the extension, and are measured at the same time. The extension manages 3 running
single-node clusters and 100 terminated ones, each with the events of a working day. Memory is compared by PSS: private memory
plus the process's share of shared memory. CPU time is that of the server's process alone.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

from live import Server, Workspace
from samples import sample_cluster

from jupyter_dbx.model.cluster import ClusterState, Target, TerminationReason
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.store import Store

#: `jupyter server` with simulated nodes and drivers.
MEMORY_APP = str(Path(__file__).parents[1] / "rest" / "memory_app.py")

#: Maximum cost of the extension, MB and hundredths of one core.
MOST_MB, MOST_CPU = 40.0, 1.0

RUNNING, TERMINATED, EVENTS_EACH = 3, 100, 30

#: A single-node cluster.
SINGLE_NODE = {
    "num_workers": 0,
    "spark_conf": {"spark.databricks.cluster.profile": "singleNode", "spark.master": "local[*]"},
    "custom_tags": {"ResourceClass": "SingleNode"},
}


class Plain(Server):
    """The same server without the extension."""

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                self.call("GET", "api/status")
                return
            except OSError:
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", action="store_true", help="make the running clusters up, instead of real Spark")
    parser.add_argument("--settle", type=float, default=30, help="wait before measuring, s (default: 30)")
    parser.add_argument("--seconds", type=float, default=120, help="how long to measure, s (default: 120)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dbx-benchmark-") as folder, servers(Path(folder), args.memory) as both:
        processes = [psutil.Process(server.process.pid) for server in both]
        time.sleep(args.settle)
        began, before = time.monotonic(), [cpu_s(process) for process in processes]
        time.sleep(args.seconds)
        took = time.monotonic() - began
        cpu = [100 * (cpu_s(process) - was) / took for process, was in zip(processes, before, strict=True)]
        states = [c["state"] for c in both[0].call("GET", "api/2.0/clusters/list")["clusters"]]
        assert (states.count("RUNNING"), states.count("TERMINATED")) == (RUNNING, TERMINATED), states
        return report([process.memory_full_info() for process in processes], cpu)


def cpu_s(process: psutil.Process) -> float:
    """Return the CPU time of a process so far, s; without children, which are clusters and training."""
    times = process.cpu_times()
    return float(times.user + times.system)


def report(memory: list[psutil._pslinux.pfullmem], cpu: list[float]) -> int:
    """Print a row for each measure, and return 1 if one is above its limit."""
    rows = {name: [getattr(info, name.lower()) / 1e6 for info in memory] for name in ("RSS", "USS", "PSS")} | {
        "CPU": cpu
    }
    limits = {"PSS": MOST_MB, "CPU": MOST_CPU}
    failed = 0
    for name, (dbx, plain) in rows.items():
        unit = "%" if name == "CPU" else "MB"
        row = f"{name}   with {dbx:7.2f} {unit:2}   without {plain:7.2f} {unit:2}   ratio {dbx / max(plain, 0.01):6.2f}"
        row += f"   more {dbx - plain:6.2f} {unit:2}"
        if name in limits:
            failed |= dbx - plain > limits[name]
            row += f"   at most {limits[name]:4.1f} {unit:2}   {'ok' if dbx - plain <= limits[name] else 'TOO MUCH'}"
        print(row, flush=True)
    return failed


@contextmanager
def servers(folder: Path, in_memory: bool) -> Iterator[tuple[Server, Server]]:
    """Run a server with its clusters, and one without the extension."""
    options, program = ("--DbxApp.user_name=ada",), ("-m", "jupyter_server")
    if in_memory:
        options, program = (*options, "--DbxApp.backend_name=memory"), (MEMORY_APP,)
    workspace = Workspace(folder / "dbx", folder / "cache")
    dbx = Server(workspace, options=options, program=program)
    try:
        asyncio.run(remember_ended(workspace))
        for n in range(RUNNING):
            run_up(dbx, f"running {n}", "memory-1c" if in_memory else "local-1c-2g")
        off = "--ServerApp.jpserver_extensions={'jupyter_dbx': False}"
        plain = Plain(Workspace(folder / "plain", folder / "cache"), options=(off,))
        try:
            yield dbx, plain
        finally:
            plain.stop()
    finally:
        for cluster in dbx.call("GET", "api/2.0/clusters/list").get("clusters", []):
            if cluster["state"] != "TERMINATED":
                dbx.delete(cluster["cluster_id"])
        dbx.stop()


def run_up(server: Server, name: str, node_type_id: str) -> None:
    cluster_id = server.create(name, node_type_id=node_type_id, **SINGLE_NODE)
    cluster = server.wait(cluster_id, "RUNNING", "TERMINATED")
    assert cluster["state"] == "RUNNING", cluster["state_message"]


async def remember_ended(workspace: Workspace) -> None:
    """Write terminated clusters with their history to the store."""
    store = await Store(f"sqlite:///{workspace.data}/dbx.db").open()
    now = store.now_ms()
    for n in range(TERMINATED):
        cluster = sample_cluster(
            cluster_id=f"1114-221320-ended{n:03}",
            state=ClusterState.TERMINATED,
            target=Target.TERMINATED,
            termination_reason=TerminationReason("USER_REQUEST", {"username": "ada"}),
            created_ms=now - 8 * 3_600_000,
            terminated_ms=now - 60_000,
            state_since_ms=now - 60_000,
        )
        cluster = replace(cluster, spec=replace(cluster.spec, cluster_name=f"ended {n}"))
        history = [
            Event(Subject.cluster(cluster.cluster_id), now - 1000 * m, EventType.RESIZING, {})
            for m in range(EVENTS_EACH)
        ]
        await store.clusters.save(cluster, *history)
    await store.close()


if __name__ == "__main__":
    sys.exit(main())
