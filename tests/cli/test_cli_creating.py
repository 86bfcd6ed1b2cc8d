"""`jupyter dbx clusters create`: its requests, its output and its errors."""

from __future__ import annotations

import json

from commanding import Shell, running
from http_client import clusters_of, fetch, unchanged
from live import Server


def test_create_prints_the_id_and_waits(server: Server, shell: Shell) -> None:
    done = shell.clusters("create", "etl")

    (cluster,) = clusters_of(server)
    assert (done.code, done.stdout) == (0, f"{cluster['cluster_id']}\n")
    assert done.stderr == "etl is RUNNING, 2 workers · memory-1c each.\n"
    assert (cluster["state"], cluster["num_workers"], cluster["autotermination_minutes"]) == ("RUNNING", 2, 60)


def test_create_of_an_existing_name_needs_same_name(server: Server, shell: Shell) -> None:
    cluster_id = running(server, cluster_name="etl", num_workers=1)

    with unchanged(server):
        done = shell.clusters("create", "etl")
    assert (done.code, done.stdout) == (1, "")
    assert f"A cluster with the name 'etl' already exists: {cluster_id}, RUNNING." in done.stderr

    assert shell.clusters("create", "etl", "--same-name", "--no-wait").code == 0
    assert [c["cluster_name"] for c in clusters_of(server)] == ["etl", "etl"]


def test_create_has_options_for_common_fields(server: Server, shell: Shell) -> None:
    shell.clusters(
        *("create", "etl", "--workers", "1-3", "--node-type", "memory-2c", "--driver-node-type", "memory-1c"),
        *("--idle", "30", "--conf", "a.b=1", "--conf", "c.d=x=y", "--env", "E=1", "--tag", "team=x", "--no-wait"),
        *("-o", "json"),
    ).ok()

    (cluster,) = clusters_of(server)
    spec = fetch(server, "GET", f"api/dbx/clusters/{cluster['cluster_id']}").body["spec"]
    assert spec.pop("spark_version")
    assert spec == {
        "cluster_name": "etl",
        "autoscale": {"min_workers": 1, "max_workers": 3},
        "node_type_id": "memory-2c",
        "driver_node_type_id": "memory-1c",
        "autotermination_minutes": 30,
        "spark_conf": {"a.b": "1", "c.d": "x=y"},
        "spark_env_vars": {"E": "1"},
        "custom_tags": {"team": "x"},
    }


def test_output_of_get_can_be_created_under_another_name(server: Server, shell: Shell) -> None:
    version = "4.9.x-scala2.13"
    running(server, cluster_name="one", spark_version=version, num_workers=3, spark_conf={"a": "b"})
    pasted = shell.clusters("get", "one", "-o", "json").ok()

    answer = json.loads(
        shell.clusters("create", "two", "--workers", "1", "--json", "-", "-o", "json", stdin=pasted).ok()
    )

    spec = json.loads(pasted)["spec"]
    assert answer["spec"] == spec | {"cluster_name": "two", "num_workers": 1}
    assert answer["state"] == "RUNNING"
    assert answer["cluster_id"] != json.loads(pasted)["cluster_id"]


def test_create_needs_a_name(server: Server, shell: Shell) -> None:
    with unchanged(server):
        done = shell.clusters("create", "--workers", "1")

    assert (done.code, done.stdout) == (2, "")
    assert "Enter a name" in done.stderr
    assert shell.clusters("create", "--json", "-", stdin='{"cluster_name": "a", "num_workers": 1}').code == 0


def test_invalid_create_reports_the_servers_message(server: Server, shell: Shell) -> None:
    with unchanged(server):
        done = shell.clusters("create", "etl", "--node-type", "huge")

    assert (done.code, done.stdout) == (1, "")
    assert "node_type_id 'huge' is not available here. Choose one of: memory-1c" in done.stderr
