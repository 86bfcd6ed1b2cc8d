"""The unmodified databricks-sdk, at the root and behind a base URL prefix; its waits poll without sleeping."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    BadRequest,
    InvalidParameterValue,
    InvalidState,
    NotFound,
    NotImplemented,
    OperationFailed,
    PermissionDenied,
    ResourceDoesNotExist,
)
from databricks.sdk.service import compute
from databricks.sdk.service.compute import EventType, State
from http_client import create, fetch, unchanged, wait_for
from live import TOKEN, Server
from memory_app import SPARK_VERSION

from jupyter_dbx.model.versions import KEY

UNKNOWN = "1234-567890-abcdefgh"


@pytest.fixture(params=["root", "prefix"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the two servers in turn."""
    found: Server = request.getfixturevalue("server" if request.param == "root" else "prefixed")
    return found


@pytest.fixture
def w(server: Server, monkeypatch: pytest.MonkeyPatch) -> WorkspaceClient:
    """A client that polls without sleeping between requests."""
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda s: sleep(min(s, 0.03)))
    return WorkspaceClient(host=server.url, token=TOKEN)


def test_cluster_goes_through_its_whole_lifecycle(w: WorkspaceClient) -> None:
    made = w.clusters.create_and_wait(cluster_name="sdk", spark_version="15.4.x-scala2.12", num_workers=2)
    cluster_id = str(made.cluster_id)

    resized = w.clusters.resize_and_wait(cluster_id, num_workers=1)
    restarted = w.clusters.restart_and_wait(cluster_id)
    ended = w.clusters.delete_and_wait(cluster_id)
    started = w.clusters.start_and_wait(cluster_id)
    w.clusters.permanent_delete(cluster_id)

    states = [c.state for c in (made, resized, restarted, ended, started)]
    assert states == [State.RUNNING, State.RUNNING, State.RUNNING, State.TERMINATED, State.RUNNING]
    assert [len(c.executors or []) for c in (made, resized, restarted, started)] == [2, 1, 1, 2 - 1]
    assert len({c.spark_context_id for c in (made, restarted, started)}) == 3
    assert ended.termination_reason is not None
    assert ended.termination_reason.code is compute.TerminationReasonCode.USER_REQUEST
    assert ended.termination_reason.type is compute.TerminationReasonType.SUCCESS


def test_error_details_are_parsed_by_the_sdk(w: WorkspaceClient) -> None:
    with pytest.raises(BadRequest) as raised:
        w.clusters.create(spark_version="x", num_workers=1, spark_conf={"spark.driver.host": "a"})

    details = raised.value.get_error_details()
    assert details.unknown_details == []
    assert details.error_info is not None and details.bad_request is not None
    assert (details.error_info.reason, details.error_info.domain) == ("INVALID_VALUE", "jupyter_dbx")
    assert [v.field for v in details.bad_request.field_violations] == ["spark_conf.spark.driver.host"]


def test_every_field_of_a_spec_is_returned(w: WorkspaceClient) -> None:
    spec: dict[str, Any] = {
        "cluster_name": "etl",
        "spark_version": "15.4.x-scala2.12",
        "node_type_id": "memory-2c",
        "driver_node_type_id": "memory-4c",
        "autoscale": compute.AutoScale(min_workers=1, max_workers=3),
        "autotermination_minutes": 30,
        "spark_conf": {"spark.sql.shuffle.partitions": "8"},
        "spark_env_vars": {"A": "b"},
        "custom_tags": {"team": "x"},
        "data_security_mode": compute.DataSecurityMode.SINGLE_USER,
        "aws_attributes": compute.AwsAttributes(zone_id="auto", ebs_volume_count=1),
        "init_scripts": [
            compute.InitScriptInfo(workspace=compute.WorkspaceStorageInfo(destination="/a.sh")),
        ],
        "workload_type": compute.WorkloadType(clients=compute.ClientsTypes(notebooks=True)),
    }

    cluster_id = w.clusters.create(**spec).cluster_id
    got = w.clusters.get(str(cluster_id))

    assert got.spec is not None
    assert {name: getattr(got, name) for name in spec} == spec
    assert {name: getattr(got.spec, name) for name in spec} == spec


def test_cluster_is_cloned_from_the_answer_of_get(w: WorkspaceClient) -> None:
    original = w.clusters.create_and_wait(cluster_name="a", spark_version="x", num_workers=1)
    assert original.spec is not None

    clone = w.clusters.create_and_wait(**vars(original.spec) | {"cluster_name": "b"})

    assert clone.cluster_id != original.cluster_id
    assert (clone.cluster_name, clone.num_workers, clone.state) == ("b", 1, State.RUNNING)


@pytest.mark.parametrize("scala", ["2.12", "2.13"])
@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"long_term_support": True},
        {"latest": True},
        {"spark_version": version("pyspark")},
        {"spark_version": ".".join(version("pyspark").split(".")[:2]), "long_term_support": True},
    ],
)
def test_spark_version_is_selected(w: WorkspaceClient, wanted: dict[str, Any], scala: str) -> None:
    selected = w.clusters.select_spark_version(scala=scala, **wanted)

    major, _, rest = selected.partition(".")
    assert int(major) >= 15 and rest.endswith(f".x-scala{scala}")


def test_selected_spark_version_is_what_runs(w: WorkspaceClient, server: Server) -> None:
    selected = w.clusters.select_spark_version(spark_version=version("pyspark"))
    names = {v.key: str(v.name) for v in w.clusters.spark_versions().versions or []}

    cluster = w.clusters.create_and_wait(spark_version=selected, num_workers=1)

    assert cluster.state is State.RUNNING and cluster.state_message == ""
    assert f"Apache Spark {version('pyspark')}, Scala 2.13" in names[selected]
    shown = fetch(server, "GET", f"api/dbx/clusters/{cluster.cluster_id}").body
    assert shown["apache_spark_version"] == SPARK_VERSION


@pytest.mark.parametrize(
    ("wanted", "selected"),
    [
        ({}, "memory-1c"),
        ({"local_disk": True}, "memory-1c"),
        ({"min_cores": 3}, "memory-4c"),
        ({"min_memory_gb": 10}, "memory-8c"),
        ({"local_disk": True, "min_cores": 2, "gb_per_core": 2}, "memory-2c"),
    ],
)
def test_node_type_is_selected(w: WorkspaceClient, wanted: dict[str, Any], selected: str) -> None:
    assert w.clusters.select_node_type(**wanted) == selected


def test_effective_spark_version_is_reported(w: WorkspaceClient) -> None:
    cluster = w.clusters.create_and_wait(spark_version="7.3.x-scala2.12", num_workers=1)

    raw = w.api_client.do("GET", "/api/2.1/clusters/get", query={"cluster_id": cluster.cluster_id})

    assert cluster.spark_version == "7.3.x-scala2.12"
    assert raw["effective_spark_version"] == KEY  # type: ignore[index,call-overload]  # it is an object


def test_list_follows_the_pages(w: WorkspaceClient, server: Server) -> None:
    ids = {create(server, is_single_node=True) for _ in range(5)}

    found = [c.cluster_id for c in w.clusters.list(page_size=2)]

    assert len(found) == 5 and set(found) == ids


def test_list_is_filtered_and_sorted(w: WorkspaceClient, server: Server) -> None:
    for name in ("b", "a"):
        wait_for(server, create(server, cluster_name=name), "RUNNING")
    running = compute.ListClustersFilterBy(cluster_states=[State.RUNNING], is_pinned=False)
    ended = compute.ListClustersFilterBy(cluster_states=[State.TERMINATED, State.ERROR])
    pinned = compute.ListClustersFilterBy(is_pinned=True)
    by_name = compute.ListClustersSortBy(field=compute.ListClustersSortByField.CLUSTER_NAME)

    names = [c.cluster_name for c in w.clusters.list(filter_by=running, sort_by=by_name, page_size=1)]

    assert names == ["a", "b"]
    assert [*w.clusters.list(filter_by=ended), *w.clusters.list(filter_by=pinned)] == []


@pytest.mark.parametrize("limit", [None, 1, 2])
def test_events_are_read_page_by_page(w: WorkspaceClient, server: Server, limit: int | None) -> None:
    cluster_id = create(server)
    wait_for(server, cluster_id, "RUNNING")
    w.clusters.delete_and_wait(cluster_id)

    types = [(e.cluster_id, e.type) for e in w.clusters.events(cluster_id, limit=limit)]

    assert types == [(cluster_id, t) for t in (EventType.TERMINATING, EventType.RUNNING, EventType.CREATING)]


def test_events_are_filtered(w: WorkspaceClient, server: Server) -> None:
    cluster_id = create(server)
    wait_for(server, cluster_id, "RUNNING")

    types = w.clusters.events(
        cluster_id, event_types=[EventType.CREATING, EventType.NODES_LOST], order=compute.GetEventsOrder.ASC
    )

    (event,) = types
    assert event.type is EventType.CREATING
    assert event.details is not None and event.details.user == "ada"
    assert event.details.cluster_size == compute.ClusterSize(num_workers=1)


def test_client_identifies_workspace_and_user(w: WorkspaceClient) -> None:
    me = w.current_user.me()

    assert w.get_workspace_id() > 0
    assert (me.user_name, me.active) == ("ada", True)


#: Calls of APIs of Databricks that this server does not have, also outside of `/api/2.x/`.
UNSERVED: list[Callable[[WorkspaceClient], Any]] = [
    lambda w: list(w.jobs.list()),
    lambda w: w.jobs.get(1),
    lambda w: w.command_execution.create(),
    lambda w: list(w.dbfs.list("/")),
    lambda w: w.files.get_metadata("/Volumes/a"),
    lambda w: w.files.download("/Volumes/a"),
    lambda w: list(w.workspace.list("/")),
    lambda w: list(w.warehouses.list()),
    lambda w: w.statement_execution.execute_statement("SELECT 1", "w"),
    lambda w: list(w.catalogs.list()),
    lambda w: list(w.instance_pools.list()),
    lambda w: list(w.cluster_policies.list()),
    lambda w: w.permissions.get("jobs", "1"),
    lambda w: list(w.experiments.list_experiments()),
    lambda w: w.serving_endpoints.query("e", prompt="p"),
    lambda w: w.api_client.do("GET", "/api/3.0/rfa/requests"),
    lambda w: w.api_client.do("POST", "/oidc/v1/token"),
]


@pytest.mark.parametrize("request_it", UNSERVED)
def test_api_that_is_not_served_says_so(w: WorkspaceClient, request_it: Callable[[WorkspaceClient], Any]) -> None:
    with pytest.raises(NotImplemented) as caught:
        request_it(w)

    # An answer to HEAD has no body.
    assert re.match("This server does not have Databricks' API '|Not Implemented$", str(caught.value))


def test_client_learns_its_workspace_and_account(w: WorkspaceClient) -> None:
    assert w.config.workspace_id == str(w.get_workspace_id())
    assert uuid.UUID(w.config.account_id).version == 4
    assert list(w.clusters.list()) == []


REFUSED: list[tuple[Callable[[WorkspaceClient, str], Any], type[Exception], str]] = [
    (lambda w, _: w.clusters.get(UNKNOWN), NotFound, f"Cluster {UNKNOWN} does not exist"),
    (lambda w, _: w.clusters.get(UNKNOWN), ResourceDoesNotExist, f"Cluster {UNKNOWN} does not exist"),
    (lambda w, i: w.clusters.start(i), InvalidState, "it is RUNNING"),
    (lambda w, i: w.clusters.resize(i, num_workers=0), InvalidParameterValue, "1 or more"),
    (lambda w, i: w.clusters.resize(i, num_workers=999), BadRequest, "MiB"),
    (lambda w, _: w.clusters.create("x", num_workers=1, node_type_id="i3"), InvalidParameterValue, "memory-1c"),
    (lambda w, _: w.clusters.create("x"), InvalidParameterValue, "number of workers"),
    (lambda w, i: w.clusters.change_owner(i, "bob"), InvalidState, "it is RUNNING. Terminate it first."),
]


@pytest.mark.parametrize(("request_it", "error", "sentence"), REFUSED)
def test_error_is_the_sdks_exception_with_our_message(
    w: WorkspaceClient,
    server: Server,
    request_it: Callable[[WorkspaceClient, str], Any],
    error: type[Exception],
    sentence: str,
) -> None:
    cluster_id = create(server)
    wait_for(server, cluster_id, "RUNNING")

    with unchanged(server), pytest.raises(error, match=sentence):
        request_it(w, cluster_id)


@pytest.mark.parametrize("verb", ["start", "restart", "delete", "permanent_delete"])
def test_unknown_cluster_is_a_bad_request_at_the_root_and_not_found_behind_a_prefix(
    w: WorkspaceClient, server: Server, verb: str
) -> None:
    error = BadRequest if server.url.endswith(f"{server.port}/") else NotFound

    with pytest.raises(error, match=f"Cluster {UNKNOWN} does not exist"):
        getattr(w.clusters, verb)(UNKNOWN)


def test_wrong_token_is_denied(server: Server) -> None:
    stranger = WorkspaceClient(host=server.url, token="wrong")

    with pytest.raises(PermissionDenied, match="Jupyter server's token"):
        list(stranger.clusters.list())
    with pytest.raises(PermissionDenied, match="Jupyter server's token"):
        stranger.clusters.create("x", num_workers=1)


def test_termination_fails_a_wait_with_the_clusters_message(w: WorkspaceClient, server: Server) -> None:
    flag = server.workspace.data / "hold"
    flag.touch()
    try:
        waiter = w.clusters.create("x", num_workers=1)
        w.clusters.delete(waiter.cluster_id)

        with pytest.raises(OperationFailed, match=r"failed to reach RUNNING, got .*TERMINATED"):
            waiter.result()
    finally:
        flag.unlink()
