"""Definitions of clusters: edits, updates, pins, clones, tokens, both spellings of a single node; over plain HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from http_client import clusters_of, create, fetch, unchanged, wait_for
from live import Server

from jupyter_dbx.model.spec import SINGLE_NODE_CONF, SINGLE_NODE_TAGS

VERSIONS = ["2.0", "2.1"]


def post(server: Server, verb: str, cluster_id: str, api: str = "2.1", **args: Any) -> None:
    """Send a request that must succeed with an empty answer."""
    answer = fetch(server, "POST", f"api/{api}/clusters/{verb}", {"cluster_id": cluster_id} | args)
    assert (answer.status, answer.body) == (200, {})


def in_state(server: Server, state: str, **spec: Any) -> str:
    """Create a cluster, bring it to RUNNING or TERMINATED, and return its id."""
    cluster_id = create(server, **spec)
    wait_for(server, cluster_id, "RUNNING")
    if state == "TERMINATED":
        post(server, "delete", cluster_id)
        wait_for(server, cluster_id, "TERMINATED")
    return cluster_id


@pytest.mark.parametrize("api", VERSIONS)
def test_edit_of_a_running_cluster_restarts_it_and_replaces_the_whole_spec(server: Server, api: str) -> None:
    cluster_id = in_state(
        server, "RUNNING", custom_tags={"a": "b"}, aws_attributes={"zone_id": "a"}, autotermination_minutes=60
    )
    before = server.cluster(cluster_id)

    post(server, "edit", cluster_id, api, cluster_name="new", num_workers="3", node_type_id="memory-2c")
    at_once = server.cluster(cluster_id)
    after = wait_for(server, cluster_id, "RUNNING")

    assert at_once["state"] == "RESTARTING"
    assert after["spec"] == {"cluster_name": "new", "num_workers": 3, "node_type_id": "memory-2c"}
    assert {"custom_tags", "aws_attributes"}.isdisjoint(after) and after["autotermination_minutes"] == 0
    assert (len(after["executors"]), after["cluster_cores"]) == (3, 8.0)
    assert after["spark_context_id"] != before["spark_context_id"]


def test_edit_of_a_terminated_cluster_applies_at_its_next_start(server: Server) -> None:
    cluster_id = in_state(server, "TERMINATED")

    post(server, "edit", cluster_id, cluster_name="new", num_workers=2)
    edited = server.cluster(cluster_id)
    post(server, "start", cluster_id)
    started = wait_for(server, cluster_id, "RUNNING")

    assert (edited["state"], edited["cluster_name"], edited["num_workers"]) == ("TERMINATED", "new", 2)
    assert len(started["executors"]) == 2


@pytest.mark.parametrize("size", [{"num_workers": 1}, {"num_workers": 0}, {"is_single_node": True}])
def test_edit_with_the_unchanged_answer_of_get_restarts_nothing(server: Server, size: dict[str, Any]) -> None:
    cluster_id = create(server, **{"cluster_name": "demo", "num_workers": None} | size)
    shown = wait_for(server, cluster_id, "RUNNING")

    post(server, "edit", **shown)
    post(server, "edit", cluster_id, **shown["spec"])

    assert server.cluster(cluster_id) == shown


def test_cluster_is_edited_from_the_answer_of_get(server: Server) -> None:
    cluster_id = in_state(server, "TERMINATED", custom_tags={"a": "b"})
    shown = server.cluster(cluster_id)

    post(server, "edit", **shown | {"cluster_name": "new"})

    changed = server.cluster(cluster_id)
    assert changed["custom_tags"] == {"a": "b"} and changed["state"] == "TERMINATED"
    assert {name for name in changed if changed[name] != shown.get(name)} == {"cluster_name", "default_tags", "spec"}


@pytest.mark.parametrize("api", VERSIONS)
def test_update_changes_the_fields_in_the_mask(server: Server, api: str) -> None:
    cluster_id = in_state(server, "RUNNING", spark_conf={"spark.a": "1", "spark.b": "2"}, single_user_name="ada")

    fields = {"num_workers": 2, "spark_conf": {"spark.a": "5"}, "cluster_name": "not named"}
    post(
        server, "update", cluster_id, api, update_mask="num_workers,spark_conf.spark.a,single_user_name", cluster=fields
    )
    updated = wait_for(server, cluster_id, "RUNNING")

    assert updated["cluster_name"] == "demo" and "single_user_name" not in updated
    assert updated["spark_conf"] == {"spark.a": "5", "spark.b": "2"}
    assert len(updated["executors"]) == 2


def test_update_switches_between_fixed_size_and_autoscaling(server: Server) -> None:
    cluster_id = in_state(server, "TERMINATED")
    bounds = {"min_workers": 2, "max_workers": 3}

    post(server, "update", cluster_id, update_mask="autoscale", cluster={"autoscale": bounds})
    scaled = server.cluster(cluster_id)["spec"]
    post(server, "update", cluster_id, update_mask="num_workers", cluster={"num_workers": 1})
    fixed = server.cluster(cluster_id)["spec"]

    assert scaled["autoscale"] == bounds and "num_workers" not in scaled
    assert fixed["num_workers"] == 1 and "autoscale" not in fixed


def test_edits_and_updates_are_logged(server: Server) -> None:
    cluster_id = in_state(server, "TERMINATED")
    post(server, "edit", cluster_id, num_workers=2)
    post(server, "update", cluster_id, update_mask="num_workers", cluster={"num_workers": 3})

    query = {"cluster_id": cluster_id, "event_types": ["EDITED"], "order": "ASC"}
    edit, update = fetch(server, "POST", "api/2.1/clusters/events", query).body["events"]

    assert edit["details"]["user"] == update["details"]["user"] == "ada"
    assert edit["details"]["previous_attributes"]["cluster_name"] == "demo"
    assert update["details"]["previous_attributes"] == edit["details"]["attributes"]
    assert update["details"]["attributes"]["num_workers"] == 3
    assert update["details"]["cluster_size"] == {"num_workers": 3}


@pytest.mark.parametrize(
    ("verb", "args", "message"),
    [
        ("edit", {}, "number of workers"),
        ("edit", {"num_workers": 1, "node_type_id": "x"}, "memory-1c"),
        ("edit", {"num_workers": 1, "autotermination_minutes": 5}, "between 10 and 10000"),
        (
            "edit",
            {"num_workers": 1, "cluster_log_conf": {"dbfs": {"destination": "dbfs:/../x"}}},
            "cluster_log_conf.dbfs",
        ),
        ("update", {"cluster": {"num_workers": 2}}, "update_mask is missing"),
        ("update", {"update_mask": ",", "cluster": {"num_workers": 2}}, "update_mask is missing"),
        ("update", {"update_mask": "num_workers", "cluster": {"num_workers": -1}}, "0 or more"),
        ("update", {"update_mask": "num_workers", "cluster": 3}, "cluster must be an object"),
        ("update", {"update_mask": "num_workers"}, "number of workers"),
        ("update", {"update_mask": "num_wrkers", "cluster": {"num_wrkers": 2}}, "'num_wrkers' is not a field"),
        ("update", {"update_mask": "policy_id", "cluster": {"policy_id": "P"}}, "leave policy_id out"),
        ("edit", {"num_workers": 1, "instance_pool_id": "P"}, "leave instance_pool_id out"),
        ("update", {"update_mask": "state,num_workers", "cluster": {"num_workers": 2}}, "state cannot be changed"),
        ("change-owner", {}, "owner_username is missing"),
    ],
)
def test_invalid_change_fails_and_changes_nothing(
    server: Server, verb: str, args: dict[str, Any], message: str
) -> None:
    cluster_id = in_state(server, "TERMINATED")

    with unchanged(server):
        answer = fetch(server, "POST", f"api/2.1/clusters/{verb}", {"cluster_id": cluster_id} | args)

    assert answer.error == (400, "INVALID_PARAMETER_VALUE")
    assert message in answer.body["message"]


def test_pinned_clusters_are_marked_and_listed_first(server: Server) -> None:
    for name in "ab":
        in_state(server, "RUNNING", cluster_name=name)
    b = in_state(server, "RUNNING", cluster_name="c")

    post(server, "pin", b)
    post(server, "pin", b)
    found = fetch(server, "GET", "api/dbx/clusters").body["clusters"]
    pinned = fetch(server, "GET", "api/2.1/clusters/list?filter_by.is_pinned=True").body["clusters"]
    others = fetch(server, "GET", "api/2.1/clusters/list?filter_by.is_pinned=false").body["clusters"]
    post(server, "unpin", b)
    unpinned = fetch(server, "GET", "api/dbx/clusters").body["clusters"]

    assert [(c["cluster_name"], c["pinned"]) for c in found] == [("c", True), ("a", False), ("b", False)]
    assert [c["cluster_name"] for c in pinned] == ["c"]
    assert [c["cluster_name"] for c in others] == ["a", "b"]
    assert [(c["cluster_name"], c["pinned"]) for c in unpinned] == [("a", False), ("b", False), ("c", False)]
    query = {"cluster_id": b, "event_types": ["PINNED", "UNPINNED"]}
    assert [e["type"] for e in fetch(server, "POST", "api/2.0/clusters/events", query).body["events"]] == [
        "UNPINNED",
        "PINNED",
    ]


def test_owner_is_changed(server: Server) -> None:
    cluster_id = in_state(server, "TERMINATED")

    post(server, "change-owner", cluster_id, owner_username="bob")

    cluster = server.cluster(cluster_id)
    assert (cluster["creator_user_name"], cluster["default_tags"]["Creator"]) == ("bob", "bob")


@pytest.mark.parametrize("api", VERSIONS)
def test_only_zone_is_listed(server: Server, api: str) -> None:
    assert fetch(server, "GET", f"api/{api}/clusters/list-zones").body == {"zones": ["local"], "default_zone": "local"}


@pytest.mark.parametrize("kind", [{"kind": "CLASSIC_PREVIEW"}, {}])
def test_single_node_is_returned_in_both_spellings_and_stored_as_written(server: Server, kind: dict[str, Any]) -> None:
    written = {"is_single_node": True, "spark_conf": {"spark.a": "1"}, "node_type_id": "memory-1c", **kind}
    cluster_id = in_state(server, "RUNNING", cluster_name="single", **written)

    got, (listed,) = server.cluster(cluster_id), clusters_of(server)

    for cluster in (got, listed):
        assert cluster["spark_conf"] == SINGLE_NODE_CONF | {"spark.a": "1"}
        assert cluster["custom_tags"] == SINGLE_NODE_TAGS
        assert (cluster["num_workers"], cluster["is_single_node"]) == (0, True)
    assert got["spec"] == {"cluster_name": "single", **written}


def test_single_node_keeps_the_older_spelling(server: Server) -> None:
    written = {"num_workers": 0, "spark_conf": SINGLE_NODE_CONF, "custom_tags": SINGLE_NODE_TAGS}

    cluster = server.cluster(in_state(server, "RUNNING", **written))

    assert {name: cluster[name] for name in written} == written
    assert "is_single_node" not in cluster and cluster["cluster_cores"] == 1.0


def test_clone_of_a_single_node_cluster_is_single_node(server: Server) -> None:
    original = server.cluster(in_state(server, "RUNNING", is_single_node=True, kind="CLASSIC_PREVIEW"))

    clone = wait_for(server, create(server, **original), "RUNNING")

    assert clone["cluster_id"] != original["cluster_id"]
    assert (clone["cluster_cores"], clone["spark_conf"]) == (1.0, SINGLE_NODE_CONF)


def test_clone_of_libraries_requires_an_existing_cluster(server: Server) -> None:
    source = create(server)

    clone = create(server, clone_from={"source_cluster_id": source})
    response = fetch(
        server, "POST", "api/2.1/clusters/create", {"num_workers": 1, "clone_from": {"source_cluster_id": "1234-none"}}
    )

    assert "clone_from" not in server.cluster(clone)["spec"]
    assert response.body["message"] == "Cluster 1234-none does not exist"
    assert len(clusters_of(server)) == 2


def test_policy_defaults_are_accepted(server: Server) -> None:
    cluster_id = create(server, apply_policy_default_values=True)

    assert server.cluster(cluster_id)["spec"]["apply_policy_default_values"] is True


def test_creation_with_a_token_is_idempotent(server: Server) -> None:
    body = {"cluster_name": "once", "num_workers": 1, "idempotency_token": "job 7"}

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: fetch(server, "POST", "api/2.1/clusters/create", body), range(8)))
    (cluster,) = clusters_of(server)

    assert {answer.body["cluster_id"] for answer in answers} == {cluster["cluster_id"]}
    assert "idempotency_token" not in cluster


def test_restart_in_the_name_of_another_user_records_the_caller(server: Server) -> None:
    cluster_id = in_state(server, "RUNNING")

    post(server, "restart", cluster_id, restart_user="bob")
    wait_for(server, cluster_id, "RUNNING")

    query = {"cluster_id": cluster_id, "event_types": ["RESTARTING"]}
    (event,) = fetch(server, "POST", "api/2.1/clusters/events", query).body["events"]
    assert event["details"]["user"] == "ada"


@pytest.mark.parametrize(
    ("conf", "ignored"),
    [
        ({"dbfs": {"destination": "dbfs:/logs"}}, False),
        ({"volumes": {"destination": "/Volumes/main/logs"}}, False),
        ({"s3": {"destination": "s3://b/logs", "region": "x"}}, True),
    ],
)
def test_log_destination_is_stored_and_reported_if_it_has_no_effect(
    server: Server, conf: dict[str, Any], ignored: bool
) -> None:
    cluster = server.cluster(in_state(server, "RUNNING", cluster_log_conf=conf))

    assert cluster["cluster_log_conf"] == cluster["spec"]["cluster_log_conf"] == conf
    assert ("Ignored settings: cluster_log_conf." in cluster["state_message"]) is ignored
