"""Requests that fail: always with Databricks' error envelope, and without changing anything."""

from __future__ import annotations

from typing import Any

import pytest
from http_client import clusters_of, create, fetch, unchanged, wait_for
from live import Server, wait_until

from jupyter_dbx.model.errors import Reason

UNKNOWN = "1234-567890-abcdefgh"

READS = ["api/2.0/clusters/list", "api/2.1/clusters/list", "api/2.0/preview/scim/v2/Me", "api/dbx/kernels/k/cluster"]
WRITES = ["create", "start", "restart", "resize", "delete", "permanent-delete", "events"]


@pytest.mark.parametrize("token", ["wrong", ""])
@pytest.mark.parametrize("path", [*READS, "api/2.0/nothing", "api/dbx/nothing"])
def test_read_without_a_valid_token_is_denied(server: Server, path: str, token: str) -> None:
    answer = fetch(server, "GET", path, token=token)

    assert answer.error == (403, "PERMISSION_DENIED")
    assert "Jupyter server's token" in answer.body["message"]


@pytest.mark.parametrize("token", ["wrong", ""])
@pytest.mark.parametrize("verb", WRITES)
def test_write_without_a_valid_token_is_denied_and_changes_nothing(server: Server, verb: str, token: str) -> None:
    cluster_id = create(server)
    wait_for(server, cluster_id, "RUNNING")

    with unchanged(server):
        answer = fetch(
            server, "POST", f"api/2.0/clusters/{verb}", {"cluster_id": cluster_id, "num_workers": 3}, token=token
        )

    assert answer.error == (403, "PERMISSION_DENIED")
    assert "Jupyter server's token" in answer.body["message"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "token"])
def test_token_is_accepted_in_each_of_jupyters_forms(server: Server, scheme: str) -> None:
    answer = fetch(server, "GET", "api/2.0/clusters/list", token="", headers={"Authorization": f"{scheme} test-token"})

    assert answer.status == 200


@pytest.mark.parametrize("version", ["1.2", "2.0", "2.1", "2.2", "dbx"])
@pytest.mark.parametrize(
    "path", ["", "cluster", "clusters/explode/at/once", "clusters/list/", "kernels/k/nothing", "%20"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_unknown_path_returns_the_error_envelope(server: Server, method: str, version: str, path: str) -> None:
    answer = fetch(server, method, f"api/{version}/{path}")

    assert answer.error == (404, "ENDPOINT_NOT_FOUND")
    assert method in answer.body["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "api/2.0/clusters/list"),
        ("GET", "api/2.0/clusters/create"),
        ("PUT", "api/2.1/clusters/get"),
        ("DELETE", "api/2.0/clusters/delete"),
        ("PATCH", "api/2.0/preview/scim/v2/Me"),
        ("POST", "api/dbx/kernels/k/cluster"),
        ("GET", "api/dbx/kernels/k/seat"),
        ("TRACE", "api/2.0/clusters/list"),
        ("POST", ".well-known/databricks-config"),
    ],
)
def test_wrong_method_returns_the_error_envelope(server: Server, method: str, path: str) -> None:
    answer = fetch(server, method, path)

    assert answer.status in (404, 405)
    assert answer.body["error_code"] == "ENDPOINT_NOT_FOUND"


DEEP = b'{"num_workers": 1, "x": ' + b"[" * 60 + b"]" * 60 + b"}"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "not JSON"),
        (b"num_workers=1", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b'{"num_workers": 1,}', "not JSON"),
        (b"[]", "not list"),
        (b'"text"', "not str"),
        (b"7", "not int"),
        (b"null", "not NoneType"),
        (b'{"num_workers": 1, "x": NaN}', "NaN is not a finite number"),
        (b'{"num_workers": 1, "x": -Infinity}', "not a finite number"),
        (b'{"num_workers": 1, "x": 1e999}', "1e999 is not a finite number"),
        (b"[" * 100_000, "too deeply"),
        (DEEP, "too deeply"),
    ],
    ids=lambda value: repr(value[:30]),
)
@pytest.mark.parametrize("path", ["api/2.0/clusters/create", "api/2.1/clusters/create"])
def test_body_that_is_not_a_json_object_is_malformed(server: Server, path: str, body: bytes, message: str) -> None:
    answer = fetch(server, "POST", path, body)

    assert answer.error == (400, "MALFORMED_REQUEST")
    assert message in answer.body["message"]
    assert clusters_of(server) == []


@pytest.mark.parametrize("query", ["cluster_id=%ff", "cluster_id=a&cluster_id=b", "", "cluster_id="])
def test_invalid_cluster_id_fails(server: Server, query: str) -> None:
    answer = fetch(server, "GET", f"api/2.0/clusters/get?{query}")

    assert answer.status == 400
    assert "cluster_id" in answer.body["message"]


KNOWN_BY_ID = [
    ("GET", "get"),
    ("POST", "start"),
    ("POST", "restart"),
    ("POST", "resize"),
    ("POST", "delete"),
    ("POST", "permanent-delete"),
    ("POST", "events"),
]


@pytest.mark.parametrize("version", ["2.0", "2.1"])
@pytest.mark.parametrize(("method", "verb"), KNOWN_BY_ID)
def test_unknown_cluster_has_the_message_that_clients_match(
    server: Server, method: str, verb: str, version: str
) -> None:
    answer = fetch(server, method, f"api/{version}/clusters/{verb}?cluster_id={UNKNOWN}")

    assert answer.error == (400, "INVALID_PARAMETER_VALUE")
    assert answer.body["message"] == f"Cluster {UNKNOWN} does not exist"


@pytest.mark.parametrize(("method", "verb"), KNOWN_BY_ID)
def test_unknown_cluster_is_not_found_behind_a_prefix(prefixed: Server, method: str, verb: str) -> None:
    answer = fetch(prefixed, method, f"api/2.0/clusters/{verb}?cluster_id={UNKNOWN}")

    assert answer.error == (404, "RESOURCE_DOES_NOT_EXIST")
    assert answer.body["message"] == f"Cluster {UNKNOWN} does not exist"


@pytest.mark.parametrize("cluster_id", ["\ud800", "a\x00b", "x" * 10_000, "' OR 1=1 --", "../../etc", 7])
def test_strange_cluster_id_fails_like_any_unknown_one(server: Server, cluster_id: object) -> None:
    answer = fetch(server, "POST", "api/2.0/clusters/start", {"cluster_id": cluster_id})

    assert answer.error == (400, "INVALID_PARAMETER_VALUE")


IN_VAIN: list[tuple[str, str, dict[str, Any], str]] = [
    ("RUNNING", "start", {}, "it is RUNNING. Restart it if you want new processes."),
    ("TERMINATED", "restart", {}, "it is TERMINATED. Start it first."),
    ("TERMINATED", "resize", {"num_workers": 2}, "it is TERMINATED. Start it first."),
    ("PENDING", "start", {}, "it is PENDING. Wait until it is RUNNING."),
    ("PENDING", "restart", {}, "it is PENDING. Wait until it is RUNNING."),
    ("PENDING", "resize", {"num_workers": 2}, "it is PENDING. Wait until it is RUNNING."),
]


@pytest.mark.parametrize(("state", "verb", "args", "sentence"), IN_VAIN)
def test_operation_in_the_wrong_state_fails_and_changes_nothing(
    server: Server, hold: Any, state: str, verb: str, args: dict[str, Any], sentence: str
) -> None:
    if state == "PENDING":
        hold()
    cluster_id = create(server)
    if state == "PENDING":
        wait_until(lambda: server.cluster(cluster_id).get("cluster_cores") == 2, 10)  # nothing changes after that
    if state == "TERMINATED":
        fetch(server, "POST", "api/2.0/clusters/delete", {"cluster_id": cluster_id})
    wait_for(server, cluster_id, state)

    with unchanged(server):
        answer = fetch(server, "POST", f"api/2.0/clusters/{verb}", {"cluster_id": cluster_id} | args)

    assert answer.error == (400, "INVALID_STATE")
    assert answer.body["message"] == f"Cannot {verb} cluster {cluster_id}: {sentence}"


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({}, "INVALID_PARAMETER_VALUE"),
        ({"num_workers": 0}, "INVALID_PARAMETER_VALUE"),
        ({"num_workers": -1}, "INVALID_PARAMETER_VALUE"),
        ({"num_workers": "many"}, "INVALID_PARAMETER_VALUE"),
        ({"num_workers": 1, "autoscale": {"min_workers": 1, "max_workers": 2}}, "INVALID_PARAMETER_VALUE"),
        ({"autoscale": {"min_workers": 3, "max_workers": 2}}, "INVALID_PARAMETER_VALUE"),
        ({"num_workers": 1000}, "QUOTA_EXCEEDED"),
    ],
)
def test_invalid_size_fails_and_changes_nothing(server: Server, args: dict[str, Any], code: str) -> None:
    cluster_id = create(server)
    wait_for(server, cluster_id, "RUNNING")

    with unchanged(server):
        answer = fetch(server, "POST", "api/2.0/clusters/resize", {"cluster_id": cluster_id} | args)

    assert answer.error == (400, code)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({}, "number of workers"),
        ({"num_workers": 1, "node_type_id": "i3.xlarge"}, "memory-1c, memory-2c"),
        ({"num_workers": 1, "autotermination_minutes": 5}, "between 10 and 10000"),
        ({"num_workers": 1, "spark_conf": {"spark.driver.host": "h"}}, "spark.driver.host"),
        ({"num_workers": 1, "spark_conf": "a=b"}, "spark_conf must be an object"),
        ({"num_workers": 1, "spark_env_vars": {"A=B": "c"}}, "A=B='c' cannot be set as an environment variable"),
        ({"num_workers": 1, "spark_env_vars": {"A": "\0"}}, "must not contain a NUL character"),
        ({"num_workers": 1, "spark_env_vars": {"": "c"}}, "cannot be set as an environment variable"),
        ({"num_workers": 1, "custom_tags": {"\ud800": "c"}}, "not valid Unicode text"),
        ({"num_workers": 1, "cluster_name": "\ud800"}, "not valid Unicode text"),
    ],
)
def test_invalid_spec_fails_and_creates_nothing(server: Server, spec: dict[str, Any], message: str) -> None:
    answer = fetch(server, "POST", "api/2.0/clusters/create", spec)

    assert answer.error == (400, "INVALID_PARAMETER_VALUE")
    assert message in answer.body["message"]
    assert clusters_of(server) == []


@pytest.mark.parametrize(
    ("spec", "reason", "field"),
    [
        ({}, Reason.MISSING_VALUE, "num_workers"),
        ({"num_workers": -1}, Reason.INVALID_VALUE, "num_workers"),
        ({"num_workers": "many"}, Reason.INVALID_VALUE, "num_workers"),
        ({"num_workers": 1_000_000}, Reason.NOT_ENOUGH_ROOM, "num_workers"),
        ({"autoscale": {"min_workers": 2}}, Reason.MISSING_VALUE, "autoscale.max_workers"),
        ({"autoscale": {"min_workers": 2, "max_workers": "x"}}, Reason.INVALID_VALUE, "autoscale.max_workers"),
        ({"num_workers": 1, "autotermination_minutes": 3}, Reason.INVALID_VALUE, "autotermination_minutes"),
        ({"num_workers": 1, "node_type_id": "none"}, Reason.INVALID_VALUE, "node_type_id"),
        ({"num_workers": 1, "driver_node_type_id": "none"}, Reason.INVALID_VALUE, "driver_node_type_id"),
        (
            {"num_workers": 1, "spark_conf": {"spark.driver.host": "a"}},
            Reason.INVALID_VALUE,
            "spark_conf.spark.driver.host",
        ),
        ({"num_workers": 1, "spark_conf": []}, Reason.INVALID_VALUE, "spark_conf"),
        (
            {"num_workers": 1, "spark_conf": {"spark.sql.shuffle.partitions": "abc"}},
            Reason.INVALID_VALUE,
            "spark_conf.spark.sql.shuffle.partitions",
        ),
        ({"num_workers": 1, "spark_env_vars": {"A=": "b"}}, Reason.INVALID_VALUE, "spark_env_vars.A="),
        ({"num_workers": 1, "custom_tags": {"a": {}}}, Reason.INVALID_VALUE, "custom_tags.a"),
    ],
)
def test_error_has_reason_and_field(server: Server, spec: dict[str, Any], reason: Reason, field: str) -> None:
    answer = fetch(server, "POST", "api/2.0/clusters/create", spec)

    assert (answer.reason, answer.field) == (reason, field)


def test_unknown_cluster_and_missing_attachment_have_distinct_reasons(server: Server) -> None:
    unknown = fetch(server, "GET", f"api/2.0/clusters/get?cluster_id={UNKNOWN}")
    unattached = fetch(server, "GET", "api/dbx/kernels/k/cluster")

    assert (unknown.reason, unattached.reason) == (Reason.CLUSTER_DOES_NOT_EXIST, Reason.NOT_ATTACHED)
    assert unknown.body["message"] == f"Cluster {UNKNOWN} does not exist"
    assert unknown.body["details"][0]["metadata"] == {"cluster_id": UNKNOWN}
