"""Every method of `w.clusters` of the unmodified databricks-sdk; each test is named after its method."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, InvalidState, NotFound, OperationFailed
from databricks.sdk.service import compute
from databricks.sdk.service.compute import AutoScale, ClusterDetails, EventType, State
from http_client import create, wait_for
from live import TOKEN, Server

FIXED: dict[str, Any] = {"spark_version": "15.4.x-scala2.12", "node_type_id": "memory-1c"}

Level = compute.ClusterPermissionLevel


@pytest.fixture
def w(server: Server, monkeypatch: pytest.MonkeyPatch) -> WorkspaceClient:
    """A client that polls without sleeping between requests."""
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda s: sleep(min(s, 0.03)))
    return WorkspaceClient(host=server.url, token=TOKEN)


@pytest.fixture
def running(server: Server) -> str:
    """The id of a running cluster with one worker."""
    cluster_id = create(server, **FIXED)
    wait_for(server, cluster_id, "RUNNING")
    return cluster_id


@pytest.fixture
def terminated(w: WorkspaceClient, running: str) -> str:
    """The id of a terminated cluster."""
    w.clusters.delete_and_wait(running)
    return running


def workers_of(cluster: ClusterDetails) -> int:
    """Return the number of running workers."""
    return len(cluster.executors or [])


def types_of(w: WorkspaceClient, cluster_id: str) -> list[EventType | None]:
    """Return the event types of a cluster, oldest first."""
    return [e.type for e in w.clusters.events(cluster_id, order=compute.GetEventsOrder.ASC)]


def granted(permissions: compute.ClusterPermissions) -> dict[str, Level | None]:
    """Return the granted permission levels."""
    found = {}
    for entry in permissions.access_control_list or []:
        (permission,) = entry.all_permissions or []
        found[str(entry.display_name)] = permission.permission_level
    return found


def test_every_method_is_tested(w: WorkspaceClient) -> None:
    methods = {name for name in dir(w.clusters) if not name.startswith("_") and callable(getattr(w.clusters, name))}

    assert methods <= {name.removeprefix("test_") for name in globals()}


def test_create(w: WorkspaceClient) -> None:
    waiter = w.clusters.create(cluster_name="sdk", num_workers=2, **FIXED)

    made = waiter.result(timeout=timedelta(seconds=30))

    assert (made.cluster_id, made.state, workers_of(made)) == (waiter.cluster_id, State.RUNNING, 2)


def test_create_and_wait(w: WorkspaceClient) -> None:
    whole: dict[str, Any] = {
        "cluster_name": "all",
        "autoscale": AutoScale(min_workers=1, max_workers=3),
        "autotermination_minutes": 30,
        "apply_policy_default_values": True,
        "cluster_log_conf": compute.ClusterLogConf(dbfs=compute.DbfsStorageInfo(destination="dbfs:/logs")),
        "custom_tags": {"team": "x"},
        "data_security_mode": compute.DataSecurityMode.SINGLE_USER,
        "docker_image": compute.DockerImage(url="x"),
        "driver_node_type_id": "memory-2c",
        "enable_elastic_disk": True,
        "init_scripts": [compute.InitScriptInfo(volumes=compute.VolumesStorageInfo(destination="/Volumes/a.sh"))],
        "runtime_engine": compute.RuntimeEngine.STANDARD,
        "single_user_name": "ada",
        "spark_conf": {"spark.sql.shuffle.partitions": "8"},
        "spark_env_vars": {"A": "b"},
        "ssh_public_keys": ["ssh-rsa x"],
        "workload_type": compute.WorkloadType(clients=compute.ClientsTypes(notebooks=True)),
        **FIXED,
    }

    made = w.clusters.create_and_wait(**whole)
    spec = w.clusters.get(str(made.cluster_id)).spec

    assert (made.state, workers_of(made)) == (State.RUNNING, 1)
    shown = {name: getattr(made, name, None) for name in whole}
    assert {name for name in whole if shown[name] != whole[name]} == {"apply_policy_default_values"}
    assert spec is not None and {name: getattr(spec, name) for name in whole} == whole


def test_clone_from_another_cluster(w: WorkspaceClient, running: str) -> None:
    clone = w.clusters.create_and_wait(num_workers=1, clone_from=compute.CloneCluster(running), **FIXED)

    assert clone.state is State.RUNNING and clone.cluster_id != running
    with pytest.raises(BadRequest, match="Cluster none does not exist"):
        w.clusters.create(num_workers=1, clone_from=compute.CloneCluster("none"), **FIXED)


def test_get(w: WorkspaceClient, running: str) -> None:
    cluster = w.clusters.get(running)

    assert (cluster.cluster_id, cluster.state, cluster.creator_user_name) == (running, State.RUNNING, "ada")
    assert cluster.spec is not None and cluster.spec.num_workers == 1
    with pytest.raises(NotFound, match="Cluster none does not exist"):
        w.clusters.get("none")


def test_list(w: WorkspaceClient, running: str) -> None:
    others = [str(w.clusters.create(num_workers=1, cluster_name=n, **FIXED).cluster_id) for n in ("b", "a")]
    w.clusters.pin(others[0])

    every = [c.cluster_id for c in w.clusters.list(page_size=1)]
    pinned = [c.cluster_id for c in w.clusters.list(filter_by=compute.ListClustersFilterBy(is_pinned=True))]
    made_by_jobs = compute.ListClustersFilterBy(cluster_sources=[compute.ClusterSource.JOB])
    by_name = compute.ListClustersSortBy(
        field=compute.ListClustersSortByField.CLUSTER_NAME, direction=compute.ListClustersSortByDirection.DESC
    )

    assert sorted(map(str, every)) == sorted([running, *others])
    assert pinned == others[:1]
    assert list(w.clusters.list(filter_by=made_by_jobs)) == []
    assert [c.cluster_name for c in w.clusters.list(sort_by=by_name, page_size=2)] == ["demo", "b", "a"]


def test_edit(w: WorkspaceClient, terminated: str) -> None:
    w.clusters.edit(terminated, cluster_name="new", num_workers=2, **FIXED)

    cluster = w.clusters.get(terminated)
    assert (cluster.cluster_name, cluster.num_workers, cluster.state) == ("new", 2, State.TERMINATED)
    assert types_of(w, terminated)[-1] is EventType.EDITED


def test_edit_and_wait(w: WorkspaceClient, running: str) -> None:
    before = w.clusters.get(running)

    edited = w.clusters.edit_and_wait(running, num_workers=2, **FIXED)

    assert (edited.state, workers_of(edited), edited.cluster_name) == (State.RUNNING, 2, "")
    assert edited.spark_context_id != before.spark_context_id


def test_update(w: WorkspaceClient, terminated: str) -> None:
    change = compute.UpdateClusterResource(autotermination_minutes=30, cluster_name="not named")

    w.clusters.update(terminated, "autotermination_minutes", cluster=change)

    cluster = w.clusters.get(terminated)
    assert (cluster.cluster_name, cluster.autotermination_minutes) == ("demo", 30)


def test_update_and_wait(w: WorkspaceClient, running: str) -> None:
    bounds = AutoScale(min_workers=2, max_workers=4)

    updated = w.clusters.update_and_wait(running, "autoscale", cluster=compute.UpdateClusterResource(autoscale=bounds))

    assert (updated.state, updated.autoscale, workers_of(updated)) == (State.RUNNING, bounds, 2)


def test_resize(w: WorkspaceClient, running: str) -> None:
    grown = w.clusters.resize(running, num_workers=2).result(timeout=timedelta(seconds=30))

    assert (grown.num_workers, workers_of(grown)) == (2, 2)


def test_resize_and_wait(w: WorkspaceClient, running: str) -> None:
    scaled = w.clusters.resize_and_wait(running, autoscale=AutoScale(min_workers=3, max_workers=4))
    fixed = w.clusters.resize_and_wait(running, num_workers=1)

    assert (workers_of(scaled), workers_of(fixed), fixed.autoscale) == (3, 1, None)


def test_start(w: WorkspaceClient, terminated: str) -> None:
    started = w.clusters.start(terminated).result(timeout=timedelta(seconds=30))

    assert started.state is State.RUNNING
    with pytest.raises(InvalidState, match="it is RUNNING"):
        w.clusters.start(terminated)


def test_start_and_wait(w: WorkspaceClient, terminated: str) -> None:
    assert w.clusters.start_and_wait(terminated).state is State.RUNNING


def test_restart(w: WorkspaceClient, running: str) -> None:
    restarted = w.clusters.restart(running, restart_user="bob").result(timeout=timedelta(seconds=30))

    assert restarted.state is State.RUNNING


def test_restart_and_wait(w: WorkspaceClient, running: str) -> None:
    before = w.clusters.get(running)

    restarted = w.clusters.restart_and_wait(running)

    assert restarted.spark_context_id != before.spark_context_id


def test_delete(w: WorkspaceClient, running: str) -> None:
    ended = w.clusters.delete(running).result(timeout=timedelta(seconds=30))

    assert ended.state is State.TERMINATED


def test_delete_and_wait(w: WorkspaceClient, running: str) -> None:
    ended = w.clusters.delete_and_wait(running)

    assert ended.termination_reason is not None
    assert ended.termination_reason.code is compute.TerminationReasonCode.USER_REQUEST
    assert w.clusters.delete_and_wait(running).state is State.TERMINATED


def test_permanent_delete(w: WorkspaceClient, running: str) -> None:
    w.clusters.permanent_delete(running)

    with pytest.raises(NotFound):
        w.clusters.get(running)


def test_pin(w: WorkspaceClient, running: str) -> None:
    for _ in range(2):
        w.clusters.pin(running)

    assert types_of(w, running).count(EventType.PINNED) == 1


def test_unpin(w: WorkspaceClient, running: str) -> None:
    w.clusters.pin(running)

    for _ in range(2):
        w.clusters.unpin(running)

    assert types_of(w, running)[-2:] == [EventType.PINNED, EventType.UNPINNED]
    assert list(w.clusters.list(filter_by=compute.ListClustersFilterBy(is_pinned=True))) == []


def test_change_owner(w: WorkspaceClient, terminated: str) -> None:
    w.clusters.change_owner(terminated, "bob")

    assert w.clusters.get(terminated).creator_user_name == "bob"


@pytest.mark.parametrize("paging", [{}, {"limit": 1}, {"page_size": 1}])
def test_events(w: WorkspaceClient, terminated: str, paging: dict[str, int]) -> None:
    types = [e.type for e in w.clusters.events(terminated, **paging)]
    some = w.clusters.events(terminated, event_types=[EventType.CREATING, EventType.EDITED], **paging)

    assert types == [EventType.TERMINATING, EventType.RUNNING, EventType.CREATING]
    assert [e.type for e in some] == [EventType.CREATING]


def test_list_node_types(w: WorkspaceClient) -> None:
    types = w.clusters.list_node_types().node_types or []

    assert [t.node_type_id for t in types] == ["memory-1c", "memory-2c", "memory-4c", "memory-8c"]


def test_list_zones(w: WorkspaceClient) -> None:
    zones = w.clusters.list_zones()

    assert zones.default_zone in (zones.zones or [])


def test_spark_versions(w: WorkspaceClient) -> None:
    versions = w.clusters.spark_versions().versions or []

    assert all(version("pyspark") in str(v.name) for v in versions) and len(versions) == 2
    assert all(int(str(v.key).split(".")[0]) >= 15 for v in versions)


def test_select_node_type(w: WorkspaceClient) -> None:
    assert w.clusters.select_node_type(local_disk=True, min_cores=3) == "memory-4c"


def test_select_spark_version(w: WorkspaceClient) -> None:
    assert w.clusters.select_spark_version(long_term_support=True) in [
        v.key for v in w.clusters.spark_versions().versions or []
    ]


@pytest.fixture(params=["PENDING", "RUNNING", "RESIZING", "RESTARTING", "TERMINATING", "TERMINATED"])
def in_any_state(w: WorkspaceClient, running: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The id of a cluster whose transition to this state was just requested."""
    match request.param:
        case "PENDING":
            w.clusters.delete_and_wait(running)
            w.clusters.start(running)
        case "RESIZING":
            w.clusters.resize(running, num_workers=3)
        case "RESTARTING":
            w.clusters.restart(running)
        case "TERMINATING":
            w.clusters.delete(running)
        case "TERMINATED":
            w.clusters.delete_and_wait(running)
    yield running


def test_ensure_cluster_is_running(w: WorkspaceClient, in_any_state: str) -> None:
    w.clusters.ensure_cluster_is_running(in_any_state)

    assert w.clusters.get(in_any_state).state is State.RUNNING


def test_wait_get_cluster_running(w: WorkspaceClient, server: Server, running: str) -> None:
    seen: list[State | None] = []
    w.clusters.restart(running)

    cluster = w.clusters.wait_get_cluster_running(running, callback=lambda c: seen.append(c.state))
    w.clusters.delete_and_wait(running)

    assert cluster.state is State.RUNNING and set(seen) <= {State.RESTARTING}
    with pytest.raises(OperationFailed, match="TERMINATED"):
        w.clusters.wait_get_cluster_running(running)


def test_wait_get_cluster_terminated(w: WorkspaceClient, running: str) -> None:
    w.clusters.delete(running)

    assert w.clusters.wait_get_cluster_terminated(running).state is State.TERMINATED


def test_get_permissions(w: WorkspaceClient, running: str) -> None:
    permissions = w.clusters.get_permissions(running)

    assert (permissions.object_id, permissions.object_type) == (f"/clusters/{running}", "cluster")
    assert granted(permissions) == {"ada": Level.CAN_MANAGE, "admins": Level.CAN_MANAGE}


def test_set_permissions(w: WorkspaceClient, running: str) -> None:
    bob = compute.ClusterAccessControlRequest(user_name="bob", permission_level=Level.CAN_RESTART)

    answer = granted(w.clusters.set_permissions(running, access_control_list=[bob]))
    emptied = granted(w.clusters.set_permissions(running))

    assert answer == emptied | {"bob": Level.CAN_RESTART}


def test_update_permissions(w: WorkspaceClient, running: str) -> None:
    bob = compute.ClusterAccessControlRequest(user_name="bob", permission_level=Level.CAN_RESTART)
    team = compute.ClusterAccessControlRequest(group_name="team", permission_level=Level.CAN_ATTACH_TO)
    w.clusters.set_permissions(running, access_control_list=[bob])

    answer = granted(w.clusters.update_permissions(running, access_control_list=[team]))

    assert answer["bob"] is Level.CAN_RESTART and answer["team"] is Level.CAN_ATTACH_TO
    assert answer == granted(w.clusters.update_permissions(running)) == granted(w.clusters.get_permissions(running))


def test_get_permission_levels(w: WorkspaceClient, running: str) -> None:
    levels = w.clusters.get_permission_levels(running).permission_levels or []

    assert [level.permission_level for level in levels] == [Level.CAN_ATTACH_TO, Level.CAN_RESTART, Level.CAN_MANAGE]


def test_users_and_groups_that_permissions_name_can_be_listed(w: WorkspaceClient) -> None:
    me = w.current_user.me()
    assert me.user_name in [u.user_name for u in w.users.list()]
    assert [u.user_name for u in w.users.list(filter='userName eq "bob"')] == ["bob"]
    assert [u.user_name for u in w.users.list(filter='userName eq "nobody"')] == []
    groups = {g.display_name: [m.display for m in g.members or []] for g in w.groups.list()}
    assert groups["team"] == ["bob", "eve"] and groups["admins"] == [me.user_name]
    assert list(w.service_principals.list()) == []
    assert w.users.get(me.id or "").user_name == me.user_name
