"""What a cluster is: edits, updates, pins, clones, tokens, both spellings of a single node; over plain HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asking import ask, clusters_of, create, unchanged, wait_for
from live import Server

from jupyter_dbx.model.spec import SINGLE_NODE_CONF, SINGLE_NODE_TAGS

VERSIONS = ["2.0", "2.1"]


def post(server: Server, verb: str, cluster_id: str, api: str = "2.1", **args: Any) -> None:
    """Ask for something that must succeed and has nothing to answer."""
    answer = ask(server, "POST", f"api/{api}/clusters/{verb}", {"cluster_id": cluster_id} | args)
    assert (answer.status, answer.body) == (200, {})


def in_state(server: Server, state: str, **spec: Any) -> str:
    """Return the id of a new cluster that is RUNNING or TERMINATED."""
    cluster_id = create(server, **spec)
    wait_for(server, cluster_id, "RUNNING")
    if state == "TERMINATED":
        post(server, "delete", cluster_id)
        wait_for(server, cluster_id, "TERMINATED")
    return cluster_id


@pytest.mark.parametrize("api", VERSIONS)
def test_edit_of_a_running_cluster_restarts_it_with_nothing_of_the_old_spec(server: Server, api: str) -> None:
    cluster_id = in_state(server, "RUNNING", custom_tags={"a": "b"}, policy_id="P", autotermination_minutes=60)
    before = server.cluster(cluster_id)

    post(server, "edit", cluster_id, api, cluster_name="new", num_workers="3", node_type_id="memory-2c")
    at_once = server.cluster(cluster_id)
    after = wait_for(server, cluster_id, "RUNNING")

    assert at_once["state"] == "RESTARTING"
    assert after["spec"] == {"cluster_name": "new", "num_workers": 3, "node_type_id": "memory-2c"}
    assert {"custom_tags", "policy_id"}.isdisjoint(after) and after["autotermination_minutes"] == 0
    assert (len(after["executors"]), after["cluster_cores"]) == (3, 8.0)
    assert after["spark_context_id"] != before["spark_context_id"]


def test_edit_of_a_terminated_cluster_waits_for_its_start(server: Server) -> None:
    cluster_id = in_state(server, "TERMINATED")

    post(server, "edit", cluster_id, cluster_name="new", num_workers=2)
    edited = server.cluster(cluster_id)
    post(server, "start", cluster_id)
    started = wait_for(server, cluster_id, "RUNNING")

    assert (edited["state"], edited["cluster_name"], edited["num_workers"]) == ("TERMINATED", "new", 2)
    assert len(started["executors"]) == 2


def test_cluster_is_edited_from_what_get_answers(server: Server) -> None:
    cluster_id = in_state(server, "TERMINATED", custom_tags={"a": "b"})
    shown = server.cluster(cluster_id)

    post(server, "edit", **shown | {"cluster_name": "new"})

    changed = server.cluster(cluster_id)
    assert changed["custom_tags"] == {"a": "b"} and changed["state"] == "TERMINATED"
    assert {name for name in changed if changed[name] != shown.get(name)} == {"cluster_name", "default_tags", "spec"}


@pytest.mark.parametrize("api", VERSIONS)
def test_update_changes_what_the_mask_names(server: Server, api: str) -> None:
    cluster_id = in_state(server, "RUNNING", spark_conf={"spark.a": "1", "spark.b": "2"}, policy_id="P")

    fields = {"num_workers": 2, "spark_conf": {"spark.a": "5"}, "cluster_name": "not named"}
    post(server, "update", cluster_id, api, update_mask="num_workers,spark_conf.spark.a,policy_id", cluster=fields)
    updated = wait_for(server, cluster_id, "RUNNING")

    assert updated["cluster_name"] == "demo" and "policy_id" not in updated
    assert updated["spark_conf"] == {"spark.a": "5", "spark.b": "2"}
    assert len(updated["executors"]) == 2


def test_update_from_a_number_of_workers_to_bounds_and_back(server: Server) -> None:
    cluster_id = in_state(server, "TERMINATED")
    bounds = {"min_workers": 2, "max_workers": 3}

    post(server, "update", cluster_id, update_mask="autoscale", cluster={"autoscale": bounds})
    scaled = server.cluster(cluster_id)["spec"]
    post(server, "update", cluster_id, update_mask="num_workers", cluster={"num_workers": 1})
    fixed = server.cluster(cluster_id)["spec"]

    assert scaled["autoscale"] == bounds and "num_workers" not in scaled
    assert fixed["num_workers"] == 1 and "autoscale" not in fixed


def test_edits_and_updates_are_told(server: Server) -> None:
    cluster_id = in_state(server, "TERMINATED")
    post(server, "edit", cluster_id, num_workers=2)
    post(server, "update", cluster_id, update_mask="num_workers", cluster={"num_workers": 3})

    asked = {"cluster_id": cluster_id, "event_types": ["EDITED"], "order": "ASC"}
    edit, update = ask(server, "POST", "api/2.1/clusters/events", asked).body["events"]

    assert edit["details"]["user"] == update["details"]["user"] == "ada"
    assert edit["details"]["previous_attributes"]["cluster_name"] == "demo"
    assert update["details"]["previous_attributes"] == edit["details"]["attributes"]
    assert update["details"]["attributes"]["num_workers"] == 3
    assert update["details"]["cluster_size"] == {"num_workers": 3}


@pytest.mark.parametrize(
    ("verb", "args", "complaint"),
    [
        ("edit", {}, "how many workers"),
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
        ("update", {"update_mask": "num_workers"}, "how many workers"),
        ("update", {"update_mask": "state,num_workers", "cluster": {"num_workers": 2}}, "state cannot be changed"),
        ("change-owner", {}, "owner_username is missing"),
    ],
)
def test_impossible_change_is_refused_and_changes_nothing(
    server: Server, verb: str, args: dict[str, Any], complaint: str
) -> None:
    cluster_id = in_state(server, "TERMINATED")

    with unchanged(server):
        answer = ask(server, "POST", f"api/2.1/clusters/{verb}", {"cluster_id": cluster_id} | args)

    assert answer.refusal == (400, "INVALID_PARAMETER_VALUE")
    assert complaint in answer.body["message"]


def test_pinned_clusters_say_so_and_are_listed_first(server: Server) -> None:
    for name in "ab":
        in_state(server, "RUNNING", cluster_name=name)
    b = in_state(server, "RUNNING", cluster_name="c")

    post(server, "pin", b)
    post(server, "pin", b)
    found = ask(server, "GET", "api/dbx/clusters").body["clusters"]
    pinned = ask(server, "GET", "api/2.1/clusters/list?filter_by.is_pinned=True").body["clusters"]
    others = ask(server, "GET", "api/2.1/clusters/list?filter_by.is_pinned=false").body["clusters"]
    post(server, "unpin", b)
    unpinned = ask(server, "GET", "api/dbx/clusters").body["clusters"]

    assert [(c["cluster_name"], c["pinned"]) for c in found] == [("c", True), ("a", False), ("b", False)]
    assert [c["cluster_name"] for c in pinned] == ["c"]
    assert [c["cluster_name"] for c in others] == ["a", "b"]
    assert [(c["cluster_name"], c["pinned"]) for c in unpinned] == [("a", False), ("b", False), ("c", False)]
    asked = {"cluster_id": b, "event_types": ["PINNED", "UNPINNED"]}
    assert [e["type"] for e in ask(server, "POST", "api/2.0/clusters/events", asked).body["events"]] == [
        "UNPINNED",
        "PINNED",
    ]


def test_owner_is_changed(server: Server) -> None:
    cluster_id = in_state(server, "TERMINATED")

    post(server, "change-owner", cluster_id, owner_username="bob")

    cluster = server.cluster(cluster_id)
    assert (cluster["creator_user_name"], cluster["default_tags"]["Creator"]) == ("bob", "bob")


@pytest.mark.parametrize("api", VERSIONS)
def test_zones_are_the_one_there_is(server: Server, api: str) -> None:
    assert ask(server, "GET", f"api/{api}/clusters/list-zones").body == {"zones": ["local"], "default_zone": "local"}


@pytest.mark.parametrize("kind", [{"kind": "CLASSIC_PREVIEW"}, {}])
def test_single_node_is_answered_in_both_spellings_and_kept_as_it_was_written(
    server: Server, kind: dict[str, Any]
) -> None:
    written = {"is_single_node": True, "spark_conf": {"spark.a": "1"}, "node_type_id": "memory-1c", **kind}
    cluster_id = in_state(server, "RUNNING", cluster_name="single", **written)

    got, (listed,) = server.cluster(cluster_id), clusters_of(server)

    for cluster in (got, listed):
        assert cluster["spark_conf"] == SINGLE_NODE_CONF | {"spark.a": "1"}
        assert cluster["custom_tags"] == SINGLE_NODE_TAGS
        assert (cluster["num_workers"], cluster["is_single_node"]) == (0, True)
    assert got["spec"] == {"cluster_name": "single", **written}


def test_single_node_in_the_older_spelling_stays_that(server: Server) -> None:
    written = {"num_workers": 0, "spark_conf": SINGLE_NODE_CONF, "custom_tags": SINGLE_NODE_TAGS}

    cluster = server.cluster(in_state(server, "RUNNING", **written))

    assert {name: cluster[name] for name in written} == written
    assert "is_single_node" not in cluster and cluster["cluster_cores"] == 1.0


def test_cluster_made_from_a_single_nodes_answer_is_one_too(server: Server) -> None:
    original = server.cluster(in_state(server, "RUNNING", is_single_node=True, kind="CLASSIC_PREVIEW"))

    clone = wait_for(server, create(server, **original), "RUNNING")

    assert clone["cluster_id"] != original["cluster_id"]
    assert (clone["cluster_cores"], clone["spark_conf"]) == (1.0, SINGLE_NODE_CONF)


def test_clone_of_libraries_needs_a_cluster_that_exists(server: Server) -> None:
    source = create(server)

    clone = create(server, clone_from={"source_cluster_id": source})
    refused = ask(
        server, "POST", "api/2.1/clusters/create", {"num_workers": 1, "clone_from": {"source_cluster_id": "1234-none"}}
    )

    assert "clone_from" not in server.cluster(clone)["spec"]
    assert refused.body["message"] == "Cluster 1234-none does not exist"
    assert len(clusters_of(server)) == 2


def test_policy_defaults_may_be_asked_for(server: Server) -> None:
    cluster_id = create(server, apply_policy_default_values=True)

    assert server.cluster(cluster_id)["spec"]["apply_policy_default_values"] is True


def test_creation_is_repeated_safely_with_a_token(server: Server) -> None:
    body = {"cluster_name": "once", "num_workers": 1, "idempotency_token": "job 7"}

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(server, "POST", "api/2.1/clusters/create", body), range(8)))
    (cluster,) = clusters_of(server)

    assert {answer.body["cluster_id"] for answer in answers} == {cluster["cluster_id"]}
    assert "idempotency_token" not in cluster


def test_restart_for_somebody_else_names_whom(server: Server) -> None:
    cluster_id = in_state(server, "RUNNING")

    post(server, "restart", cluster_id, restart_user="bob")
    wait_for(server, cluster_id, "RUNNING")

    asked = {"cluster_id": cluster_id, "event_types": ["RESTARTING"]}
    (event,) = ask(server, "POST", "api/2.1/clusters/events", asked).body["events"]
    assert event["details"]["user"] == "bob"


@pytest.mark.parametrize(
    ("conf", "ignored"),
    [
        ({"dbfs": {"destination": "dbfs:/logs"}}, False),
        ({"volumes": {"destination": "/Volumes/main/logs"}}, False),
        ({"s3": {"destination": "s3://b/logs", "region": "x"}}, True),
    ],
)
def test_log_destination_is_kept_and_named_if_it_has_no_effect(
    server: Server, conf: dict[str, Any], ignored: bool
) -> None:
    cluster = server.cluster(in_state(server, "RUNNING", cluster_log_conf=conf))

    assert cluster["cluster_log_conf"] == cluster["spec"]["cluster_log_conf"] == conf
    assert ("Without effect here: cluster_log_conf." in cluster["state_message"]) is ignored
