"""`jupyter server` whose nodes and drivers are made up: run as a program, with the options of `jupyter server`.

While a file called `hold` lies in the workspace, no driver is ready: what was asked for stays unfinished. While one called
`ending` lies there, drivers say that they are about to end because nothing runs; else that a notebook is busy.
"""

from __future__ import annotations

import time
from pathlib import Path

from jupyter_server.serverapp import ServerApp

from jupyter_dbx.app import DbxApp
from jupyter_dbx.model.driver import PROTOCOL, DriverStatus, Executor, Load, Seat
from jupyter_dbx.model.wire import Json
from jupyter_dbx.spark.daemons import DRIVER, WORKER

#: The Spark that made-up drivers say they are.
SPARK_VERSION = "4.9.9"

#: Of the driver node → when its driver was first asked, ms since the epoch.
_began: dict[str, int] = {}

#: Of the driver node → the last touch that its driver was told of, ms since the epoch.
_touched: dict[str, int] = {}

#: Nodes whose executors were told to go.
_gone: set[str] = set()


async def read_status(app: DbxApp, announce: Json, token: str) -> DriverStatus | None:
    """Answer as the driver on this node would. A method of DbxApp here, which knows the nodes that there are."""
    node_id = str(announce["url"]).removeprefix("memory://")
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
        seats=(Seat("k1", 1, "a.ipynb", began, busy=not ending),),
        load=Load(0 if ending else 1, 0, 0 if ending else 1, len(workers)),
        idle_s=30.0 if ending else 0.0,
        ends_in_s=30.0 if ending else None,
        touched_ms=_touched.get(node_id, 0),
    )


async def tell_driver(app: DbxApp, announce: Json, token: str, what: str, facts: Json) -> bool:
    """Take what a driver is told."""
    if what == "touch":
        _touched[str(announce["url"]).removeprefix("memory://")] = int(facts["at_ms"])
    elif what == "decommission":
        _gone.update(facts["node_ids"])
    return True


if __name__ == "__main__":
    DbxApp.read_status = read_status
    DbxApp.tell_driver = tell_driver
    ServerApp.launch_instance()
