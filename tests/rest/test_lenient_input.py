"""Requests as real clients write them: numbers as strings, nulls, odd content types, fields of later versions."""

from __future__ import annotations

from typing import Any

import pytest
from generated_specs import SPECS
from http_client import clusters_of, create, fetch, wait_for
from hypothesis import HealthCheck, given, settings
from live import Server

from jupyter_dbx.model.spec import ClusterSpec
from jupyter_dbx.rest.databricks.clusters import ANSWER_ONLY


@pytest.mark.parametrize(
    ("field", "sent", "answered"),
    [
        ("num_workers", "2", 2),
        ("num_workers", 2.0, 2),
        ("autotermination_minutes", "60", 60),
        ("autotermination_minutes", "", 0),
        ("autotermination_minutes", None, 0),
        ("is_single_node", "False", False),
        ("spark_conf", {"spark.sql.shuffle.partitions": 8}, {"spark.sql.shuffle.partitions": "8"}),
        ("spark_conf", {"spark.speculation": True}, {"spark.speculation": "true"}),
        ("cluster_name", 42, "42"),
        ("cluster_name", "Ünï 🎉 <b>", "Ünï 🎉 <b>"),
        ("driver_node_type_id", "", "memory-1c"),
        ("driver_node_type_id", None, "memory-1c"),
    ],
)
def test_value_is_read_as_clients_write_it(server: Server, field: str, sent: object, answered: object) -> None:
    body = {"num_workers": 1, field: sent}

    cluster_id = fetch(server, "POST", "api/2.0/clusters/create", body).body["cluster_id"]

    assert server.cluster(cluster_id)[field] == answered


def test_autoscale_of_strings_is_read(server: Server) -> None:
    cluster_id = create(server, autoscale={"min_workers": "1", "max_workers": "3"}, num_workers=None)

    assert server.cluster(cluster_id)["autoscale"] == {"min_workers": 1, "max_workers": 3}


def test_null_means_absent(server: Server) -> None:
    nulls = dict.fromkeys(set(ClusterSpec.__dataclass_fields__) - {"num_workers"} | {"policy_id", "aws_attributes"})

    cluster_id = fetch(server, "POST", "api/2.0/clusters/create", nulls | {"num_workers": 1}).body["cluster_id"]

    assert None not in server.cluster(cluster_id).values()
    assert server.cluster(cluster_id)["spec"] == {"num_workers": 1, "node_type_id": "memory-1c"}


@pytest.mark.parametrize(
    "content_type", ["text/json", "application/json; charset=utf-8", "application/x-www-form-urlencoded", "x", ""]
)
def test_content_type_does_not_matter(server: Server, content_type: str) -> None:
    headers = {"Content-Type": content_type}

    made = fetch(server, "POST", "api/2.0/clusters/create", {"num_workers": 1}, headers=headers)
    listed = fetch(server, "GET", "api/2.0/clusters/list", headers=headers)

    assert made.status == 200
    assert [c["cluster_id"] for c in listed.body["clusters"]] == [made.body["cluster_id"]]


@pytest.mark.parametrize("body", [None, b"", b"  \n", {}])
def test_post_without_a_body_takes_arguments_from_the_query(server: Server, body: Any) -> None:
    answer = fetch(
        server, "POST", "api/2.0/clusters/create?num_workers=1&cluster_name=a%20b&is_single_node=False", body
    )

    assert answer.status == 200
    (cluster,) = clusters_of(server)
    assert (cluster["cluster_name"], cluster["num_workers"]) == ("a b", 1)


def test_jupyter_parameters_are_not_stored_in_the_cluster(server: Server) -> None:
    path = "api/2.0/clusters/create?token=test-token&_xsrf=secret&no_track_activity=1&1795680624092"

    answer = fetch(server, "POST", path, {"num_workers": 1}, token="")

    assert answer.status == 200
    assert {"token", "_xsrf", "no_track_activity", "1795680624092"}.isdisjoint(clusters_of(server)[0])
    assert "test-token" not in str(clusters_of(server))


EXTRA = {
    "aws_attributes": {"zone_id": "auto", "ebs_volume_count": 1},
    "init_scripts": [{"workspace": {"destination": "/a.sh"}}],
    "data_security_mode": "SINGLE_USER",
    "of_a_later_version": {"a": [1, "two", None, True, 0.5]},
}


def test_unknown_fields_are_stored_and_returned(server: Server) -> None:
    cluster_id = create(server, **EXTRA)

    got, (listed,) = server.cluster(cluster_id), clusters_of(server)

    assert {name: got[name] for name in EXTRA} == EXTRA
    assert {name: got["spec"][name] for name in EXTRA} == EXTRA
    assert {name: listed[name] for name in EXTRA} == EXTRA


def test_fields_without_effect_are_reported_once_the_cluster_is_running(server: Server) -> None:
    cluster_id = create(server, **EXTRA)

    cluster = wait_for(server, cluster_id, "RUNNING")

    assert cluster["state_message"] == "Ignored settings: init_scripts, of_a_later_version."


def test_cluster_created_from_an_answer_ignores_the_facts_in_it(server: Server, hold: Any) -> None:
    cluster_id = create(server, num_workers=2)
    original = wait_for(server, cluster_id, "RUNNING")
    hold()

    clone = server.cluster(create(server, **original))

    facts = ANSWER_ONLY - {"spec"}
    assert clone["cluster_id"] != cluster_id
    assert facts.isdisjoint(clone["spec"]) and "spec" not in clone["spec"]
    assert {"executors", "driver", "spark_context_id", "effective_spark_version"}.isdisjoint(clone)
    assert clone["state"] == "PENDING"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"a", "b"}),
        ("filter_by.is_pinned=True", set()),
        ("filter_by.is_pinned=False", {"a", "b"}),
        ("filter_by.is_pinned=false&page_token=&page_size=", {"a", "b"}),
        ("filter_by.cluster_states=RUNNING", {"a"}),
        ("filter_by.cluster_states=TERMINATED", {"b"}),
        ("filter_by.cluster_states=RUNNING&filter_by.cluster_states=TERMINATED", {"a", "b"}),
        ("filter_by.cluster_sources=API", {"a", "b"}),
        ("filter_by.cluster_sources=JOB&filter_by.cluster_sources=UI", set()),
        ("filter_by.policy_id=P", set()),
        ("a_parameter_of_a_later_version=1", {"a", "b"}),
    ],
)
def test_list_is_filtered(server: Server, query: str, names: set[str]) -> None:
    kept, ended = create(server, cluster_name="a"), create(server, cluster_name="b")
    fetch(server, "POST", "api/2.0/clusters/delete", {"cluster_id": ended})
    wait_for(server, kept, "RUNNING")
    wait_for(server, ended, "TERMINATED")

    found = fetch(server, "GET", f"api/2.1/clusters/list?{query}").body["clusters"]

    assert {c["cluster_name"] for c in found} == names


@pytest.mark.parametrize(
    ("api", "query", "message"),
    [
        ("2.1", "filter_by.pinned=true", "filter_by.is_pinned"),
        ("2.1", "sort_by.name=ASC", "sort_by.direction"),
        ("2.1", "filter_by.cluster_states=STARTED", "RUNNING"),
        ("2.1", "filter_by.cluster_states=RUNNING&filter_by.cluster_states=GONE", "'GONE'"),
        ("2.1", "filter_by.cluster_sources=ELSE", "PIPELINE_MAINTENANCE"),
        ("2.0", "filter_by.cluster_states=RUNNING", "This request has no filter_by."),
    ],
)
def test_unknown_part_of_a_filter_fails(server: Server, api: str, query: str, message: str) -> None:
    answer = fetch(server, "GET", f"api/{api}/clusters/list?{query}")

    assert answer.error == (400, "INVALID_PARAMETER_VALUE")
    assert answer.field == query.partition("=")[0] and message in answer.body["message"]


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=SPECS)
def test_any_body_creates_a_cluster_or_fails_with_a_reason(server: Server, body: dict[str, Any]) -> None:
    answer = fetch(server, "POST", "api/2.0/clusters/create", body)

    if answer.status != 200:
        assert 400 <= answer.status < 500, answer.body
        return
    cluster_id = answer.body["cluster_id"]
    shown = fetch(server, "GET", f"api/2.0/clusters/get?cluster_id={cluster_id}").body
    assert shown["cluster_id"] == cluster_id
    assert [c["cluster_id"] for c in clusters_of(server)] == [cluster_id]
    fetch(server, "POST", "api/2.0/clusters/permanent-delete", {"cluster_id": cluster_id})
