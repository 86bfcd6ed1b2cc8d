"""`jupyter server` with simulated nodes and drivers: run as a program, with the options of `jupyter server`.

While the workspace contains a file `hold`, no driver becomes ready, so requested states are not reached. While it contains a file
`ending`, drivers report that they are idle and about to terminate; otherwise they report a busy notebook. Its kernel is `k1`, or
the one whose ID is in a file `seat`. A file `jobs` contains the RecentJobs that drivers report. A file `ui` contains the address
of their web UI.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from jupyter_server.serverapp import ServerApp

from jupyter_dbx.app import DbxApp
from jupyter_dbx.model.codec import decode
from jupyter_dbx.model.driver import DriverStatus, Executor, Load, SeatStatus
from jupyter_dbx.model.protocol import (
    PROTOCOL,
    Announcement,
    DecommissionNotice,
    DetachNotice,
    DriverNotice,
    ExecutorLoad,
    ExecutorTasks,
    RecentJobs,
    TouchNotice,
)
from jupyter_dbx.spark.daemons import DRIVER, WORKER

#: The Spark version that simulated drivers report.
SPARK_VERSION = "4.9.9"

#: Id of the driver node → first request to its driver, ms since the epoch.
_began: dict[str, int] = {}

#: Id of the driver node → last touch that its driver received, ms since the epoch.
_touched: dict[str, int] = {}

#: Nodes whose executors were decommissioned.
_gone: set[str] = set()


async def read_status(app: DbxApp, announce: Announcement, token: str) -> DriverStatus | None:
    """Return the status that the driver on this node would return. Replaces a method of DbxApp, which knows the nodes."""
    node_id = announce.url.removeprefix("memory://")
    nodes = app._backend.nodes  # type: ignore[attr-defined]  # of the memory backend
    driver = nodes.get(node_id)
    if driver is None or not driver.daemons[DRIVER].running:
        return None
    began = _began.setdefault(node_id, int(time.time() * 1000))
    workers = [
        other_id
        for other_id, other in nodes.items()
        if other.cluster_id == driver.cluster_id and WORKER in other.daemons
        if other.daemons[WORKER].running and other.daemons[WORKER].incarnation == node_id
        if other_id not in _gone
    ]
    ending = (Path(app.data_dir) / "ending").exists()
    return DriverStatus(
        protocol=PROTOCOL,
        cluster_id=driver.cluster_id,
        generation=int(driver.daemons[DRIVER].incarnation),
        ready=not (Path(app.data_dir) / "hold").exists(),
        incarnation=node_id,
        master_url="spark://memory",
        spark_version=SPARK_VERSION,
        start_ms=began,
        executors=tuple(Executor(str(n), worker, 1, 512, began) for n, worker in enumerate(workers)),
        ui_url=_text(Path(app.data_dir) / "ui", ""),
        seats=(SeatStatus(_text(Path(app.data_dir) / "seat", "k1"), 1, "a.ipynb", began, busy=not ending),),
        load=Load(0 if ending else 1, 0, 0 if ending else 1, len(workers)),
        idle_s=30.0 if ending else 0.0,
        ends_in_s=30.0 if ending else None,
        touched_ms=_touched.get(node_id, 0),
    )


def _text(file: Path, default: str) -> str:
    try:
        return file.read_text()
    except FileNotFoundError:
        return default


async def notify_driver(app: DbxApp, announce: Announcement, token: str, notice: DriverNotice) -> bool:
    """Handle a notice like the driver on this node would."""
    match notice:
        case TouchNotice(at_ms):
            _touched[announce.url.removeprefix("memory://")] = at_ms
        case DecommissionNotice(node_ids):
            _gone.update(node_ids)
        case DetachNotice(kernel_id):
            return kernel_id == "k1"
        case _:
            assert_never(notice)
    return True


async def read_jobs(app: DbxApp, announce: Announcement, token: str, since_ms: int) -> RecentJobs | None:
    """Return the jobs that the driver on this node would return."""
    try:
        told = decode(RecentJobs, (Path(app.data_dir) / "jobs").read_text())
    except FileNotFoundError:
        told = RecentJobs(0, "app")
    jobs = tuple(j for j in told.jobs if j.job.ended_ms is None or j.job.ended_ms > since_ms)
    return replace(told, at_ms=int(time.time() * 1000), jobs=jobs)


async def read_tasks(app: DbxApp, announce: Announcement, token: str) -> ExecutorTasks | None:
    """Return the tasks that the driver on this node would return: one on each executor."""
    status = await read_status(app, announce, token)
    if status is None:
        return None
    loads = tuple(
        ExecutorLoad(e.executor_id, e.node_id, e.cores, running=1, done=41, failed=0) for e in status.executors
    )
    return ExecutorTasks(int(time.time() * 1000), status.load, loads)


def replace_drivers() -> None:
    """Let servers of this process talk to simulated drivers."""
    DbxApp.read_status, DbxApp.notify_driver = read_status, notify_driver
    DbxApp.read_jobs, DbxApp.read_tasks = read_jobs, read_tasks


if __name__ == "__main__":
    replace_drivers()
    ServerApp.launch_instance()
