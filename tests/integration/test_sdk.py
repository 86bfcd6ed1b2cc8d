"""The unmodified databricks-sdk drives a real cluster, at the root and behind a base URL prefix."""

from __future__ import annotations

import time

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied
from databricks.sdk.service.compute import EventType, GetEventsOrder, Kind, State, UpdateClusterResource
from live import TOKEN, Server, processes_of, wait_until

pytestmark = pytest.mark.spark


@pytest.fixture(autouse=True)
def poll_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the SDK's polling interval of up to ten seconds."""
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda s: sleep(min(s, 0.2)))


@pytest.fixture(params=["root", "prefix"])
def w(request: pytest.FixtureRequest, server: Server, prefixed: Server) -> WorkspaceClient:
    return WorkspaceClient(host=(server if request.param == "root" else prefixed).url, token=TOKEN)


def test_a_cluster_from_create_to_delete(prefixed: Server) -> None:
    w = WorkspaceClient(host=prefixed.url, token=TOKEN)
    version, size = (
        w.clusters.select_spark_version(long_term_support=True),
        w.clusters.select_node_type(local_disk=True),
    )
    created = w.clusters.create_and_wait(
        cluster_name="sdk", spark_version=version, node_type_id=size, num_workers=2, autotermination_minutes=60
    )
    cluster_id = str(created.cluster_id)

    smaller = w.clusters.resize_and_wait(cluster_id, num_workers=1)
    events = [e.type for e in w.clusters.events(cluster_id)]
    restarted = w.clusters.restart_and_wait(cluster_id)
    ended = w.clusters.delete_and_wait(cluster_id)
    w.clusters.permanent_delete(cluster_id)

    assert len(created.executors or []) == 2
    assert smaller.num_workers == 1 and len(smaller.executors or []) == 1
    assert events == [
        EventType.DECOMMISSION_ENDED,
        EventType.DECOMMISSION_STARTED,
        EventType.RESIZING,
        EventType.RUNNING,
        EventType.CREATING,
    ]
    assert restarted.state is State.RUNNING and restarted.spark_context_id != created.spark_context_id
    assert ended.state is State.TERMINATED and ended.termination_reason
    assert str(ended.termination_reason.code).endswith("USER_REQUEST")
    with pytest.raises(NotFound):
        w.clusters.get(cluster_id)
    wait_until(lambda: not processes_of(cluster_id), 30)


def test_running_and_terminated_clusters_can_be_edited(server: Server) -> None:
    w = WorkspaceClient(host=server.url, token=TOKEN)
    version, size = w.clusters.select_spark_version(), w.clusters.select_node_type()
    fixed = {"cluster_name": "changing", "spark_version": version, "node_type_id": size}
    cluster_id = str(w.clusters.create_and_wait(is_single_node=True, kind=Kind.CLASSIC_PREVIEW, **fixed).cluster_id)

    w.clusters.pin(cluster_id)
    edited = w.clusters.edit_and_wait(
        cluster_id, num_workers=1, spark_conf={"spark.sql.ansi.enabled": "false"}, **fixed
    )
    w.clusters.delete_and_wait(cluster_id)
    change = UpdateClusterResource(autotermination_minutes=30, custom_tags={"team": "a"})
    w.clusters.update(cluster_id, "autotermination_minutes,custom_tags", cluster=change)
    w.clusters.change_owner(cluster_id, "ada")
    w.clusters.ensure_cluster_is_running(cluster_id)
    running = w.clusters.get(cluster_id)
    w.clusters.unpin(cluster_id)
    levels = w.clusters.get_permission_levels(cluster_id).permission_levels or []
    types = [e.type for e in w.clusters.events(cluster_id, order=GetEventsOrder.ASC)]
    w.clusters.permanent_delete(cluster_id)

    assert edited.num_workers == 1 and len(edited.executors or []) == 1
    assert running.state is State.RUNNING and running.creator_user_name == "ada"
    assert (running.autotermination_minutes, running.custom_tags) == (30, {"team": "a"})
    assert running.spark_conf == {"spark.sql.ansi.enabled": "false"}
    assert [str(level.permission_level).rpartition(".")[2] for level in levels] == [
        "CAN_ATTACH_TO",
        "CAN_RESTART",
        "CAN_MANAGE",
    ]
    assert [t for t in types if t in (EventType.PINNED, EventType.EDITED, EventType.STARTING, EventType.UNPINNED)] == [
        EventType.PINNED,
        EventType.EDITED,
        EventType.EDITED,
        EventType.STARTING,
        EventType.UNPINNED,
    ]
    wait_until(lambda: not processes_of(cluster_id), 30)


def test_events_are_read_page_by_page(w: WorkspaceClient, cluster_id: str) -> None:
    whole = [e.timestamp for e in w.clusters.events(cluster_id)]

    paged = [e.timestamp for e in w.clusters.events(cluster_id, limit=1)]

    assert len(whole) >= 2
    assert paged == whole


def test_invalid_requests_raise_errors_of_the_sdk(w: WorkspaceClient, cluster_id: str) -> None:
    host = w.config.host

    with pytest.raises(BadRequest, match="not available here"):
        w.clusters.create(cluster_name="x", spark_version="15.4.x-scala2.12", node_type_id="i3.xlarge", num_workers=1)
    with pytest.raises(BadRequest, match="MiB"):
        w.clusters.create(cluster_name="x", spark_version="1", node_type_id="local-1c-2g", num_workers=1000)
    with pytest.raises(BadRequest, match="RUNNING"):
        w.clusters.start(cluster_id).result()
    with pytest.raises(PermissionDenied):
        WorkspaceClient(host=host, token="wrong").clusters.list_node_types()
