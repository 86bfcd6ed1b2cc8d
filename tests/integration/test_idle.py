"""Idle clusters: they warn, can be extended, and terminate by themselves, even without a server."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live import Server, Workspace, processes_of, wait_until

# Its clusters have nothing to do, so it may run beside others.
pytestmark = [pytest.mark.spark, pytest.mark.long, pytest.mark.timeout(500), pytest.mark.xdist_group("idle")]

OPTIONS = ("--DbxApp.least_autotermination_minutes=1",)
SINGLE_NODE: dict[str, Any] = {
    "num_workers": 0,
    "spark_conf": {"spark.databricks.cluster.profile": "singleNode", "spark.master": "local[*]"},
}


@pytest.fixture
def impatient(tmp_path: Path, archives: Path) -> Iterator[list[Server]]:
    """The only server of its workspace, with termination after one minute; the test may replace it."""
    servers = [Server(Workspace(tmp_path, archives), options=OPTIONS)]
    yield servers
    for cluster in servers[-1].call("GET", "api/2.0/clusters/list").get("clusters", []):
        servers[-1].delete(cluster["cluster_id"])
    servers[-1].stop()
    assert processes_of(str(tmp_path)) == []


def warnings_of(server: Server, cluster_id: str) -> list[dict[str, Any]]:
    answer = server.call("POST", f"api/dbx/clusters/{cluster_id}/events", {})
    return [event for event in answer["events"] if event["type"] == "INACTIVITY_WARNING"]


def test_an_idle_cluster_warns_is_extended_and_terminates_even_without_a_server(
    impatient: list[Server],
) -> None:
    server, workspace = impatient[0], impatient[0].workspace
    left, extended = (
        server.create(f"idle-{n}", autotermination_minutes=1, **SINGLE_NODE) for n in ("left", "extended")
    )
    for cluster_id in (left, extended):
        assert server.wait(cluster_id, "RUNNING", "TERMINATED")["state"] == "RUNNING"

    wait_until(lambda: warnings_of(server, extended), 60)
    server.call("POST", f"api/dbx/clusters/{extended}/extend", {})

    # The other cluster terminates; the extended one still has most of its minute left.
    reason = server.wait(left, "TERMINATED", timeout_s=60)["termination_reason"]
    assert (reason["code"], reason["type"]) == ("INACTIVITY", "SUCCESS")
    assert reason["parameters"] == {"inactivity_duration_min": "1"}
    assert server.cluster(extended)["state"] == "RUNNING"
    assert warnings_of(server, extended)[0]["details"]["ends_in_s"] <= 30
    assert "INACTIVITY_WARNING" not in str(server.call("POST", "api/2.0/clusters/events", {"cluster_id": extended}))

    server.stop(signal.SIGKILL)
    notes = list((workspace.data / "nodes").glob(f"{extended}-driver-*/driver"))
    wait_until(lambda: (notes[0] / "ended.json").exists(), 80)
    impatient.append(Server(workspace, options=OPTIONS))

    ended = impatient[-1].wait(extended, "TERMINATED", timeout_s=60)
    assert ended["termination_reason"]["code"] == "INACTIVITY"
