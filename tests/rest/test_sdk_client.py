"""The unmodified databricks-sdk, at the root and behind a base URL prefix; its waits are not waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from asking import create, unchanged, wait_for
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    BadRequest,
    InvalidParameterValue,
    InvalidState,
    NotFound,
    OperationFailed,
    PermissionDenied,
    ResourceDoesNotExist,
)
from databricks.sdk.service import compute
from databricks.sdk.service.compute import EventType, State
from live import TOKEN, Server
from memory_app import SPARK_VERSION

from jupyter_dbx.model.cluster import version_key

UNKNOWN = "1234-567890-abcdefgh"


@pytest.fixture(params=["root", "prefix"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the two servers in turn."""
    found: Server = request.getfixturevalue("server" if request.param == "root" else "prefixed")
    return found


@pytest.fixture
def w(server: Server, monkeypatch: pytest.MonkeyPatch) -> WorkspaceClient:
    """A client that polls at once and again, where it would sleep for seconds."""
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda s: sleep(min(s, 0.03)))
    return WorkspaceClient(host=server.url, token=TOKEN)


def test_cluster_lives_through_every_verb(w: WorkspaceClient) -> None:
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


def test_every_field_of_a_spec_comes_back(w: WorkspaceClient) -> None:
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


def test_cluster_is_cloned_from_what_get_answers(w: WorkspaceClient) -> None:
    original = w.clusters.create_and_wait(cluster_name="a", spark_version="x", num_workers=1)
    assert original.spec is not None

    clone = w.clusters.create_and_wait(**vars(original.spec) | {"cluster_name": "b"})

    assert clone.cluster_id != original.cluster_id
    assert (clone.cluster_name, clone.num_workers, clone.state) == ("b", 1, State.RUNNING)


@pytest.mark.parametrize("wanted", [{}, {"long_term_support": True}, {"latest": True}, {"scala": "2.13"}])
def test_spark_version_is_selected(w: WorkspaceClient, wanted: dict[str, Any]) -> None:
    short = ".".join(version("pyspark").split(".")[:2])

    selected = w.clusters.select_spark_version(**wanted)

    assert selected == f"{short}.x-scala{wanted.get('scala', '2.12')}"
    assert w.clusters.create_and_wait(spark_version=selected, num_workers=1).state is State.RUNNING


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


def test_what_really_runs_is_told(w: WorkspaceClient) -> None:
    cluster = w.clusters.create_and_wait(spark_version="7.3.x-scala2.12", num_workers=1)

    raw = w.api_client.do("GET", "/api/2.1/clusters/get", query={"cluster_id": cluster.cluster_id})

    assert cluster.spark_version == "7.3.x-scala2.12"
    assert raw["effective_spark_version"] == version_key(SPARK_VERSION)  # type: ignore[index,call-overload]  # it is an object


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

    told = [(e.cluster_id, e.type) for e in w.clusters.events(cluster_id, limit=limit)]

    assert told == [(cluster_id, t) for t in (EventType.TERMINATING, EventType.RUNNING, EventType.CREATING)]


def test_events_are_chosen(w: WorkspaceClient, server: Server) -> None:
    cluster_id = create(server)
    wait_for(server, cluster_id, "RUNNING")

    told = w.clusters.events(
        cluster_id, event_types=[EventType.CREATING, EventType.NODES_LOST], order=compute.GetEventsOrder.ASC
    )

    (event,) = told
    assert event.type is EventType.CREATING
    assert event.details is not None and event.details.user == "ada"
    assert event.details.cluster_size == compute.ClusterSize(num_workers=1)


def test_client_finds_out_where_and_who_it_is(w: WorkspaceClient) -> None:
    me = w.current_user.me()

    assert w.get_workspace_id() > 0
    assert (me.user_name, me.active) == ("ada", True)


REFUSED: list[tuple[Callable[[WorkspaceClient, str], Any], type[Exception], str]] = [
    (lambda w, _: w.clusters.get(UNKNOWN), NotFound, f"Cluster {UNKNOWN} does not exist"),
    (lambda w, _: w.clusters.get(UNKNOWN), ResourceDoesNotExist, f"Cluster {UNKNOWN} does not exist"),
    (lambda w, i: w.clusters.start(i), InvalidState, "it is RUNNING"),
    (lambda w, i: w.clusters.resize(i, num_workers=0), InvalidParameterValue, "1 or more"),
    (lambda w, i: w.clusters.resize(i, num_workers=999), BadRequest, "MiB"),
    (lambda w, _: w.clusters.create("x", num_workers=1, node_type_id="i3"), InvalidParameterValue, "memory-1c"),
    (lambda w, _: w.clusters.create("x"), InvalidParameterValue, "how many workers"),
    (lambda w, i: w.clusters.change_owner(i, "bob"), InvalidState, "it is RUNNING. Terminate it first."),
    (lambda w, _: list(w.jobs.list()), NotFound, "No API found"),
    (lambda w, _: w.command_execution.create(), NotFound, "No API found"),
]


@pytest.mark.parametrize(("request_it", "error", "sentence"), REFUSED)
def test_refusal_is_the_sdks_own_error_with_our_sentence(
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


def test_end_while_it_is_waited_for_fails_the_wait_with_the_clusters_message(
    w: WorkspaceClient, server: Server
) -> None:
    flag = server.workspace.data / "hold"
    flag.touch()
    try:
        waiter = w.clusters.create("x", num_workers=1)
        w.clusters.delete(waiter.cluster_id)

        with pytest.raises(OperationFailed, match=r"failed to reach RUNNING, got .*TERMINATED"):
            waiter.result()
    finally:
        flag.unlink()
