"""A cluster that scales up under load, and down without losing the blocks of its workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from live import Notebook, Server, Workspace, wait_until

pytestmark = [pytest.mark.spark, pytest.mark.timeout(500)]

#: Workers that are there for a moment only would make this test wait for them; s.
OPTIONS = ("--ClusterController.scale_down_window_s=4",)

#: Many tasks that wait for a file.
LOAD = """
import os, time
def wait_for_file(x):
    while not os.path.exists({flag!r}):
        time.sleep(0.05)
    return x
sc.parallelize(range(64), 64).map(wait_for_file).sum()
"""

HOLD = """
made, shuffled = sc.accumulator(0), sc.accumulator(0)

def row(x):
    made.add(1)
    return (x, x * 2)

def pair(x):
    shuffled.add(1)
    return (x % 7, x)

held = spark.createDataFrame(sc.parallelize(range(1200), 12).map(row), "a long, b long").cache()
sums = sc.parallelize(range(1200), 12).map(pair).reduceByKey(lambda a, b: a + b, 4)
held.count(), sums.count()
"""

#: Executors with cached blocks.
HOLDERS = """
status = sc._jsc.sc().statusStore()
rdds = status.rddList(True)
holders = set()
for i in range(rdds.size()):
    partitions = status.rdd(rdds.apply(i).id()).partitions().get()
    for k in range(partitions.size()):
        executors = partitions.apply(k).executors()
        holders |= {executors.apply(n) for n in range(executors.size())}
len(holders)
"""


@pytest.fixture
def scaled(workspace: Workspace) -> Iterator[tuple[Server, str]]:
    """A cluster of one to three workers."""
    server = Server(workspace, options=OPTIONS)
    cluster_id = server.create("scaled", autoscale={"min_workers": 1, "max_workers": 3})
    server.wait(cluster_id, "RUNNING", "TERMINATED")
    yield server, cluster_id
    server.delete(cluster_id)
    server.stop()


def ready_workers(server: Server, cluster_id: str) -> int:
    cluster = server.cluster(cluster_id)
    return len(cluster.get("executors", [])) if cluster["state"] == "RUNNING" else -1


def test_a_cluster_scales_up_under_load_and_down_without_recomputation(
    scaled: tuple[Server, str], tmp_path: Path
) -> None:
    server, cluster_id = scaled
    assert server.cluster(cluster_id)["num_workers"] == 1
    notebook = Notebook(server, "scaled.ipynb").attach(cluster_id)
    flag = tmp_path / "end"
    events = server.call("POST", "api/2.0/clusters/events", {"cluster_id": cluster_id})["events"]
    assert "RESIZING" not in {e["type"] for e in events}  # the jobs that warm a new cluster up are no load

    load = notebook.begin(LOAD.format(flag=str(flag)))
    wait_until(lambda: ready_workers(server, cluster_id) == 3, 150)
    flag.touch()
    assert notebook.wait(load).ok().value == "2016"

    assert notebook.value(HOLD) == (1200, 7)
    assert notebook.value(HOLDERS) >= 2
    wait_until(lambda: ready_workers(server, cluster_id) == 1, 120)

    assert notebook.value(HOLDERS) == 1
    assert notebook.value("held.count(), sums.count(), made.value, shuffled.value") == (1200, 7, 1200, 1200)
    events = server.call("POST", "api/2.0/clusters/events", {"cluster_id": cluster_id})["events"]
    causes = {e["details"].get("cause") for e in events if e["type"] == "RESIZING"}
    assert causes == {"AUTOSCALE"}
    began, ended = (
        {e["details"]["instance_id"] for e in events if e["type"] == f"DECOMMISSION_{step}"}
        for step in ("STARTED", "ENDED")
    )
    assert began == ended and len(ended) >= 2  # more if a slow machine lets a worker go and come back
    notebook.close()
