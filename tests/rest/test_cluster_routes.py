"""Every route of clusters, in each version that clients call, over plain HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from http_client import clusters_of, create, fetch, wait_for
from live import Server

from jupyter_dbx.model.versions import ALIAS, KEY

VERSIONS = ["2.0", "2.1"]


def post(server: Server, verb: str, cluster_id: str, api: str = "2.0", **args: Any) -> dict[str, Any]:
    """Send a request that must succeed and return its answer."""
    answer = fetch(server, "POST", f"api/{api}/clusters/{verb}", {"cluster_id": cluster_id} | args)
    assert answer.status == 200, answer.body
    return answer.body


def running(server: Server, **spec: Any) -> str:
    """Create a cluster, wait until it is RUNNING, and return its id."""
    cluster_id = create(server, **spec)
    wait_for(server, cluster_id, "RUNNING")
    return cluster_id


@pytest.mark.parametrize("api", VERSIONS)
def test_cluster_goes_through_its_whole_lifecycle(server: Server, api: str) -> None:
    made = fetch(server, "POST", f"api/{api}/clusters/create", {"cluster_name": "etl", "num_workers": 2})
    cluster_id = made.body["cluster_id"]
    states = [wait_for(server, cluster_id, "RUNNING")["state"]]

    answers = [made.body]
    for verb, args, state in [
        ("resize", {"num_workers": 1}, "RUNNING"),
        ("restart", {}, "RUNNING"),
        ("delete", {}, "TERMINATED"),
        ("start", {}, "RUNNING"),
    ]:
        answers.append(post(server, verb, cluster_id, api, **args))
        states.append(wait_for(server, cluster_id, state)["state"])
    events = post(server, "events", cluster_id, api, order="ASC")
    answers.append(post(server, "permanent-delete", cluster_id, api))

    assert re.fullmatch(r"\d{4}-\d{6}-[0-9a-z]{8}", cluster_id)
    assert answers == [{"cluster_id": cluster_id}, {}, {}, {}, {}, {}]
    assert states == ["RUNNING", "RUNNING", "RUNNING", "TERMINATED", "RUNNING"]
    assert [event["type"] for event in events["events"]] == [
        *("CREATING", "RUNNING", "RESIZING", "DECOMMISSION_STARTED", "DECOMMISSION_ENDED"),
        *("RESTARTING", "RUNNING", "TERMINATING", "STARTING", "RUNNING"),
    ]
    assert fetch(server, "GET", f"api/{api}/clusters/list").body == {"clusters": []}


@pytest.mark.parametrize("api", VERSIONS)
def test_running_cluster_is_described_in_databricks_fields(server: Server, api: str) -> None:
    cluster_id = running(server, cluster_name="etl", num_workers=2, node_type_id="memory-2c", custom_tags={"a": "b"})

    cluster = fetch(server, "GET", f"api/{api}/clusters/get?cluster_id={cluster_id}").body

    expected = {
        "cluster_id": cluster_id,
        "cluster_name": "etl",
        "state": "RUNNING",
        "num_workers": 2,
        "node_type_id": "memory-2c",
        "driver_node_type_id": "memory-2c",
        "custom_tags": {"a": "b"},
        "autotermination_minutes": 0,
        "cluster_source": "API",
        "creator_user_name": "ada",
        "cluster_cores": 6.0,
        "cluster_memory_mb": 3 * 4096,
        "jdbc_port": 10000,
    }
    assert {name: cluster.get(name) for name in expected} == expected
    assert cluster["default_tags"]["ClusterId"] == cluster_id
    assert len({n["node_id"] for n in [cluster["driver"], *cluster["executors"]]}) == 3
    assert isinstance(cluster["spark_context_id"], int)
    assert isinstance(cluster["start_time"], int)
    assert "termination_reason" not in cluster


def test_spec_is_returned_by_get_and_not_by_list(server: Server) -> None:
    spec = {"cluster_name": "etl", "num_workers": 1, "node_type_id": "memory-1c", "spark_conf": {"a": "b"}}
    cluster_id = create(server, **spec)

    got, (listed,) = server.cluster(cluster_id), clusters_of(server)

    assert got["spec"] == spec
    assert "spec" not in listed


def test_list_and_get_return_the_same_fields(server: Server) -> None:
    cluster_id = running(server)

    got = server.cluster(cluster_id)
    lists = [fetch(server, "GET", f"api/{api}/clusters/list").body["clusters"] for api in VERSIONS]

    assert lists == [[{name: value for name, value in got.items() if name != "spec"}]] * 2


@pytest.mark.parametrize(
    ("verb", "args", "state"),
    [("restart", {}, "RESTARTING"), ("resize", {"num_workers": 3}, "RESIZING")],
)
def test_requested_state_is_shown_until_it_is_reached(
    server: Server, hold: Callable[[], None], verb: str, args: dict[str, Any], state: str
) -> None:
    cluster_id = running(server)
    hold()

    post(server, verb, cluster_id, **args)
    shown = server.cluster(cluster_id)

    assert shown["state"] == state
    assert shown["num_workers"] == args.get("num_workers", 1)


def test_start_is_shown_at_once(server: Server, hold: Callable[[], None]) -> None:
    cluster_id = running(server)
    post(server, "delete", cluster_id)
    wait_for(server, cluster_id, "TERMINATED")
    hold()

    post(server, "start", cluster_id)
    shown = server.cluster(cluster_id)

    assert shown["state"] == "PENDING"


def test_termination_is_shown_at_once_and_its_reason_once_terminated(server: Server) -> None:
    cluster_id = running(server)

    post(server, "delete", cluster_id)
    at_once = server.cluster(cluster_id)
    ended = wait_for(server, cluster_id, "TERMINATED")

    assert at_once["state"] in ("TERMINATING", "TERMINATED")
    assert ended["termination_reason"] == {
        "code": "USER_REQUEST",
        "type": "SUCCESS",
        "parameters": {"username": "ada"},
    }
    assert ended["terminated_time"] >= ended["start_time"]
    assert "executors" not in ended


def test_cluster_can_be_terminated_twice(server: Server) -> None:
    cluster_id = running(server)

    for _ in range(3):
        post(server, "delete", cluster_id)
    wait_for(server, cluster_id, "TERMINATED")
    post(server, "delete", cluster_id)

    assert server.cluster(cluster_id)["state"] == "TERMINATED"


def test_deleted_cluster_is_hidden_at_once(server: Server) -> None:
    cluster_id, other_id = running(server), create(server)

    post(server, "permanent-delete", cluster_id)
    listed = clusters_of(server)
    got = fetch(server, "GET", f"api/2.0/clusters/get?cluster_id={cluster_id}")

    assert [c["cluster_id"] for c in listed] == [other_id]
    assert got.body["message"] == f"Cluster {cluster_id} does not exist"


def test_restarted_cluster_has_a_new_context(server: Server) -> None:
    cluster_id = running(server)
    before = server.cluster(cluster_id)

    post(server, "restart", cluster_id)
    after = wait_for(server, cluster_id, "RUNNING")

    assert after["spark_context_id"] != before["spark_context_id"]
    assert after["driver"]["node_id"] != before["driver"]["node_id"]
    assert after["last_restarted_time"] >= before["start_time"]


def test_resized_cluster_has_the_requested_workers(server: Server) -> None:
    cluster_id = running(server, num_workers=2)

    post(server, "resize", cluster_id, num_workers="4")
    grown = wait_for(server, cluster_id, "RUNNING")
    post(server, "resize", cluster_id, num_workers=1)
    shrunk = wait_for(server, cluster_id, "RUNNING")

    assert (grown["num_workers"], len(grown["executors"])) == (4, 4)
    assert (shrunk["num_workers"], len(shrunk["executors"])) == (1, 1)


def test_autoscaled_cluster_starts_with_min_workers(server: Server) -> None:
    cluster = server.cluster(running(server, autoscale={"min_workers": "2", "max_workers": 4}))

    assert cluster["autoscale"] == {"min_workers": 2, "max_workers": 4}
    assert len(cluster["executors"]) == 2


@pytest.mark.parametrize(
    "spec", [{"is_single_node": True}, {"num_workers": 0}, {"is_single_node": "true", "num_workers": "0"}]
)
def test_single_node_cluster_is_a_driver_only(server: Server, spec: dict[str, Any]) -> None:
    cluster = server.cluster(running(server, **spec))

    assert (cluster["num_workers"], cluster["executors"], cluster["cluster_cores"]) == (0, [], 1.0)


@pytest.mark.parametrize("version", ["15.4.x-scala2.12", "7.3.x-scala2.12", "4.3.x-scala2.13", "anything", ""])
def test_any_spark_version_is_accepted_and_the_effective_one_is_reported(server: Server, version: str) -> None:
    cluster_id = create(server, spark_version=version)
    wait_for(server, cluster_id, "RUNNING")

    cluster = server.cluster(cluster_id)

    assert cluster.get("spark_version", "") == version
    assert cluster["effective_spark_version"] == KEY
    assert ("Runs Apache Spark 4.9.9" in cluster["state_message"]) == bool(version)


@pytest.mark.parametrize("api", VERSIONS)
def test_spark_versions_contain_the_installed_one(server: Server, api: str) -> None:
    versions = fetch(server, "GET", f"api/{api}/clusters/spark-versions").body["versions"]

    assert [v["key"] for v in versions] == [KEY, ALIAS]
    assert all(f"Apache Spark {version('pyspark')}" in v["name"] and "LTS" in v["name"] for v in versions)


@pytest.mark.parametrize("api", VERSIONS)
def test_node_types_have_every_number_that_clients_sort_by(server: Server, api: str) -> None:
    types = fetch(server, "GET", f"api/{api}/clusters/list-node-types").body["node_types"]

    assert [t["node_type_id"] for t in types] == ["memory-1c", "memory-2c", "memory-4c", "memory-8c"]
    for node_type in types:
        numbers = [node_type["memory_mb"], node_type["num_cores"], node_type["num_gpus"], node_type["display_order"]]
        disks = node_type["node_instance_type"]
        numbers += [disks[n] for n in ("local_disks", "local_disk_size_gb", "local_nvme_disks")]
        assert all(isinstance(number, int | float) for number in numbers)


def test_me_is_the_owner_of_clusters(server: Server) -> None:
    me = fetch(server, "GET", "api/2.0/preview/scim/v2/Me").body

    assert me["userName"] == "ada"
    assert me["active"] is True


def test_discovery_needs_no_token_and_returns_only_ids(server: Server, prefixed: Server) -> None:
    answers = [fetch(s, "GET", ".well-known/databricks-config", token="") for s in (server, prefixed)]

    for answer in answers:
        assert answer.status == 200 and answer.body.keys() == {"workspace_id", "account_id"}
        assert answer.body["workspace_id"] == answer.headers["x-databricks-org-id"]
    assert answers[0].body["account_id"] != answers[1].body["account_id"]


def test_workspace_keeps_its_id(server: Server, prefixed: Server) -> None:
    paths = ["api/2.0/clusters/list", "api/2.0/nothing", "api/2.0/preview/scim/v2/Me"]

    ids = {fetch(server, "GET", path).headers["x-databricks-org-id"] for path in paths}

    assert len(ids) == 1
    assert ids.isdisjoint({fetch(prefixed, "GET", paths[0]).headers["x-databricks-org-id"]})


def test_kernels_get_the_same_user_and_workspace_id_as_clients(server: Server) -> None:
    answer = fetch(server, "GET", "api/dbx/workspace")

    assert answer.body["user_name"] == fetch(server, "GET", "api/2.0/preview/scim/v2/Me").body["userName"]
    assert str(answer.body["org_id"]) == answer.headers["x-databricks-org-id"]


def test_released_capacity_can_be_used_again(server: Server) -> None:
    whole = {"num_workers": 3, "node_type_id": "memory-8c"}
    first = running(server, **whole)
    response = fetch(server, "POST", "api/2.0/clusters/create", whole)

    post(server, "delete", first)
    second = create(server, **whole)

    assert response.error == (400, "QUOTA_EXCEEDED")
    assert wait_for(server, second, "RUNNING", "TERMINATED")["state"] == "RUNNING"
