"""ClusterManager: operations on clusters, and their errors. Tests save the facts that controllers would write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from samples import sample_node

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.model.cluster import Cluster, ClusterState, Target
from jupyter_dbx.model.errors import (
    ClusterDoesNotExist,
    DbxError,
    InvalidParameterValue,
    InvalidState,
    QuotaExceeded,
)
from jupyter_dbx.model.spec import Autoscale, ClusterSpec
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.spark.conf import check_spark_conf
from jupyter_dbx.store import Store

S = ClusterState

SPEC = ClusterSpec(cluster_name="demo", node_type_id="memory-2c", num_workers=2)

Verb = Callable[[ClusterManager, str], Awaitable[Any]]


async def resize(manager: ClusterManager, cluster_id: str, **size: Any) -> None:
    wanted = {"num_workers": None, "autoscale": None} | size
    await manager.resize(cluster_id, **wanted, user="bob")


VERBS: dict[str, Verb] = {
    "start": lambda m, c: m.start(c, user="bob"),
    "restart": lambda m, c: m.restart(c, user="bob"),
    "resize": lambda m, c: resize(m, c, num_workers=3),
    "terminate": lambda m, c: m.terminate(c, user="bob"),
    "delete": lambda m, c: m.delete(c, user="bob"),
}


@pytest.fixture
def manager(store: Store) -> ClusterManager:
    return ClusterManager(store, MemoryBackend(), check_spark_conf)


async def made(manager: ClusterManager, store: Store, spec: ClusterSpec = SPEC, **facts: Any) -> Cluster:
    """Create a cluster, save facts like a controller would, and return it."""
    cluster = await manager.create(spec, user="ada")
    running = {"state": S.RUNNING, "settled_workers": facts.get("num_workers", cluster.num_workers)}
    return await store.clusters.save(replace(cluster, **(running | facts)))


async def row(store: Store, cluster: Cluster) -> Cluster:
    found = await store.clusters.get(cluster.cluster_id)
    assert found is not None
    return found


async def test_create_writes_intent_and_an_event(manager: ClusterManager, store: Store) -> None:
    cluster = await manager.create(SPEC, user="ada")

    assert await row(store, cluster) == cluster
    assert (cluster.state, cluster.target, cluster.num_workers) == (S.PENDING, Target.RUNNING, 2)
    assert (cluster.creator_user_name, cluster.created_ms) == ("ada", store.now_ms())
    (event,), _ = await store.events(Subject.cluster(cluster.cluster_id))
    assert (event.type, event.details["user"]) == ("CREATING", "ada")
    assert event.details["cluster_size"] == {"num_workers": 2}


async def test_autoscaled_cluster_starts_with_min_workers(manager: ClusterManager, store: Store) -> None:
    cluster = await manager.create(replace(SPEC, num_workers=None, autoscale=Autoscale(1, 4)), user="ada")

    (event,), _ = await store.events(Subject.cluster(cluster.cluster_id))

    assert cluster.num_workers == 1
    assert event.details["cluster_size"] == {"autoscale": {"min_workers": 1, "max_workers": 4}}


async def test_smallest_node_type_is_the_default(manager: ClusterManager) -> None:
    cluster = await manager.create(replace(SPEC, node_type_id=""), user="ada")

    assert cluster.spec.node_type_id == "memory-1c"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"node_type_id": "i3.xlarge"},
            InvalidParameterValue,
            "node_type_id 'i3.xlarge' is not available.*memory-1c",
        ),
        ({"driver_node_type_id": "x"}, InvalidParameterValue, "driver_node_type_id 'x' is not available here"),
        (
            {"spark_conf": {"spark.driver.host": "h"}},
            InvalidParameterValue,
            r"may not set spark\.driver\.host",
        ),
        (
            {"autotermination_minutes": 9},
            InvalidParameterValue,
            r"autotermination_minutes must be 0 \(never\) or between 10 and 10000, not 9",
        ),
        (
            {"num_workers": 100},
            QuotaExceeded,
            "100 workers of this size need 413696 MiB of memory and 202 cores",
        ),
        (
            {"num_workers": None, "autoscale": Autoscale(50, 99)},
            QuotaExceeded,
            "Available: 65536 of 65536 MiB and 256 of 256 cores",
        ),
    ],
)
async def test_failed_create_leaves_nothing(
    manager: ClusterManager, store: Store, changes: dict[str, Any], error: type[DbxError], message: str
) -> None:
    with pytest.raises(error, match=message):
        await manager.create(replace(SPEC, **changes), user="ada")

    assert await store.clusters.list() == []
    assert await store.revision() == 0


#: State, later requests (target, new generation) → the operations that are allowed then.
ALLOWED = [
    (S.PENDING, Target.RUNNING, 0, {"terminate", "delete"}),
    (S.RUNNING, Target.RUNNING, 0, {"restart", "resize", "terminate", "delete"}),
    (S.RUNNING, Target.RUNNING, 1, {"terminate", "delete"}),
    (S.RUNNING, Target.TERMINATED, 0, {"terminate", "delete"}),
    (S.RESIZING, Target.RUNNING, 0, {"terminate", "delete"}),
    (S.RESTARTING, Target.RUNNING, 0, {"terminate", "delete"}),
    (S.TERMINATING, Target.TERMINATED, 0, {"terminate", "delete"}),
    (S.TERMINATING, Target.RUNNING, 0, {"terminate", "delete"}),
    (S.ERROR, Target.TERMINATED, 0, {"terminate", "delete"}),
    (S.TERMINATED, Target.TERMINATED, 0, {"start", "terminate", "delete"}),
    (S.TERMINATED, Target.RUNNING, 0, {"start", "terminate", "delete"}),
    (S.TERMINATED, Target.RUNNING, 1, {"terminate", "delete"}),
    (S.TERMINATED, Target.TERMINATED, 1, {"start", "terminate", "delete"}),
    (S.RUNNING, Target.GONE, 0, set()),
]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("state", "target", "unseen", "allowed"), ALLOWED)
async def test_operation_is_allowed_only_in_its_states_and_otherwise_changes_nothing(
    manager: ClusterManager, store: Store, state: S, target: Target, unseen: int, allowed: set[str], verb: str
) -> None:
    cluster = await made(manager, store, state=state, target=target, generation=1 + unseen)

    try:
        await VERBS[verb](manager, cluster.cluster_id)
        failed = False
    except (InvalidState, ClusterDoesNotExist):
        failed = True

    assert failed is (verb not in allowed)
    assert not failed or await row(store, cluster) == cluster


@pytest.mark.parametrize(
    ("facts", "verb", "sentence"),
    [
        ({"state": S.PENDING}, "restart", "it is PENDING. Wait until it is RUNNING."),
        ({"state": S.RUNNING}, "start", "it is RUNNING. Restart it if you want new processes."),
        ({"state": S.RUNNING, "generation": 2}, "resize", "it is RESTARTING. Wait until it is RUNNING."),
        ({"num_workers": 9, "settled_workers": 2}, "resize", "it is RESIZING. Wait until it is RUNNING."),
        (
            {"state": S.TERMINATED, "target": Target.TERMINATED},
            "restart",
            "it is TERMINATED. Start it first.",
        ),
        ({"state": S.TERMINATED, "generation": 2}, "restart", "it is PENDING. Wait until it is RUNNING."),
        (
            {"state": S.RUNNING, "target": Target.TERMINATED},
            "start",
            "it is TERMINATING. Wait until it is TERMINATED, then start it.",
        ),
        (
            {"state": S.ERROR, "target": Target.TERMINATED},
            "start",
            "it is ERROR. Its nodes could not be released; this is retried automatically.",
        ),
    ],
)
async def test_error_contains_the_state_and_what_to_do(
    manager: ClusterManager, store: Store, facts: dict[str, Any], verb: str, sentence: str
) -> None:
    cluster = await made(manager, store, **facts)

    with pytest.raises(InvalidState) as error:
        await VERBS[verb](manager, cluster.cluster_id)

    assert str(error.value) == f"Cannot {verb} cluster {cluster.cluster_id}: {sentence}"


@pytest.mark.parametrize("verb", [*VERBS, "get", "events"])
async def test_unknown_cluster_fails_with_the_message_that_clients_match(manager: ClusterManager, verb: str) -> None:
    reads: dict[str, Verb] = {
        "get": lambda m, c: m.get(c),
        "events": lambda m, c: m.events(c, types=[], start_ms=None, end_ms=None, newest_first=True, offset=0, limit=1),
    }

    with pytest.raises(ClusterDoesNotExist, match=r"^Cluster 1234-567890-none does not exist$"):
        await (VERBS | reads)[verb](manager, "1234-567890-none")


async def test_missing_cluster_id_is_reported(manager: ClusterManager) -> None:
    with pytest.raises(InvalidParameterValue, match="cluster_id is missing"):
        await manager.get("")


async def test_start_requests_a_new_generation(manager: ClusterManager, store: Store) -> None:
    cluster = await made(manager, store, state=S.TERMINATED, target=Target.TERMINATED, num_workers=7)

    await manager.start(cluster.cluster_id, user="bob")

    wanted = await row(store, cluster)
    assert (wanted.target, wanted.generation, wanted.num_workers) == (Target.RUNNING, 2, 2)
    assert (wanted.state, wanted.started_generation, wanted.requested_by) == (S.TERMINATED, 1, "bob")


async def test_start_after_a_cancelled_start_is_a_start(manager: ClusterManager, store: Store) -> None:
    cluster = await made(manager, store, state=S.TERMINATED, target=Target.TERMINATED)

    await manager.start(cluster.cluster_id, user="bob")
    await manager.terminate(cluster.cluster_id, user="bob")
    await manager.start(cluster.cluster_id, user="bob")

    wanted = await row(store, cluster)
    assert wanted.target is Target.RUNNING
    assert wanted.generation > wanted.started_generation


async def test_start_fails_without_capacity(manager: ClusterManager, store: Store) -> None:
    asleep = await made(manager, store, state=S.TERMINATED, target=Target.TERMINATED)
    await manager.create(replace(SPEC, num_workers=13), user="ada")

    with pytest.raises(QuotaExceeded, match="Available: 8192 of 65536 MiB and 228 of 256 cores"):
        await manager.start(asleep.cluster_id, user="bob")

    assert await row(store, asleep) == asleep


async def test_capacity_is_reserved_for_a_start_before_a_controller_acts(manager: ClusterManager, store: Store) -> None:
    asleep = [
        await made(manager, store, replace(SPEC, num_workers=7), state=S.TERMINATED, target=Target.TERMINATED)
        for _ in range(3)
    ]

    await manager.start(asleep[0].cluster_id, user="bob")
    await manager.start(asleep[1].cluster_id, user="bob")

    with pytest.raises(QuotaExceeded, match="Available: 0 of 65536 MiB"):
        await manager.start(asleep[2].cluster_id, user="bob")


@pytest.mark.parametrize(
    "facts",
    [
        {"state": S.TERMINATED},
        {"state": S.TERMINATING},
        {"state": S.RUNNING, "target": Target.TERMINATED},
        {"state": S.RUNNING, "target": Target.GONE},
    ],
)
async def test_terminating_cluster_takes_no_capacity(
    manager: ClusterManager, store: Store, facts: dict[str, Any]
) -> None:
    await made(manager, store, replace(SPEC, num_workers=13), **facts)

    await manager.create(replace(SPEC, num_workers=13), user="ada")

    assert len(await store.clusters.list()) == 2


async def test_restart_requests_a_new_generation_of_the_same_size(manager: ClusterManager, store: Store) -> None:
    cluster = await made(manager, store, num_workers=7)

    await manager.restart(cluster.cluster_id, user="bob")

    assert await row(store, cluster) == replace(cluster, generation=2, requested_by="bob", version=cluster.version + 1)


@pytest.mark.parametrize(
    ("size", "now", "wanted"),
    [
        ({"num_workers": 5}, 2, 5),
        ({"autoscale": Autoscale(1, 4)}, 2, 2),
        ({"autoscale": Autoscale(3, 4)}, 2, 3),
        ({"autoscale": Autoscale(1, 4)}, 9, 4),
    ],
)
async def test_resize_changes_spec_and_workers(
    manager: ClusterManager, store: Store, size: dict[str, Any], now: int, wanted: int
) -> None:
    cluster = await made(manager, store, num_workers=now)

    await resize(manager, cluster.cluster_id, **size)

    changed = await row(store, cluster)
    assert (changed.num_workers, changed.generation) == (wanted, 1)
    assert changed.spec == replace(SPEC, **({"num_workers": None} | size))


@pytest.mark.parametrize(
    ("spec", "size", "error", "message"),
    [
        (SPEC, {"num_workers": 0}, InvalidParameterValue, "cannot become single-node"),
        (SPEC, {}, InvalidParameterValue, "Specify the number of workers"),
        (SPEC, {"num_workers": -1}, InvalidParameterValue, "0 or more, not -1"),
        (SPEC, {"num_workers": 1, "autoscale": Autoscale(1, 2)}, InvalidParameterValue, "not both"),
        (
            SPEC,
            {"num_workers": 16},
            QuotaExceeded,
            "16 workers of this size need 69632 MiB .* Available: 65536",
        ),
        (
            replace(SPEC, num_workers=0),
            {"num_workers": 1},
            InvalidParameterValue,
            "single-node cluster cannot",
        ),
    ],
)
async def test_failed_resize_changes_nothing(
    manager: ClusterManager,
    store: Store,
    spec: ClusterSpec,
    size: dict[str, Any],
    error: type[DbxError],
    message: str,
) -> None:
    cluster = await made(manager, store, spec)

    with pytest.raises(error, match=message):
        await resize(manager, cluster.cluster_id, **size)

    assert await row(store, cluster) == cluster


async def test_resize_counts_its_own_nodes_once(manager: ClusterManager, store: Store) -> None:
    cluster = await made(manager, store, replace(SPEC, num_workers=14))

    await resize(manager, cluster.cluster_id, num_workers=15)

    assert (await row(store, cluster)).num_workers == 15


async def test_second_terminate_changes_nothing(manager: ClusterManager, store: Store) -> None:
    cluster = await made(manager, store)

    await manager.terminate(cluster.cluster_id, user="bob")
    once = await row(store, cluster)
    await manager.terminate(cluster.cluster_id, user="carl")

    assert (once.target, once.requested_by) == (Target.TERMINATED, "bob")
    assert await row(store, cluster) == once


async def test_deleted_cluster_is_hidden(manager: ClusterManager, store: Store) -> None:
    cluster = await made(manager, store)

    await manager.delete(cluster.cluster_id, user="bob")

    assert await manager.all() == []
    assert (await row(store, cluster)).target is Target.GONE
    with pytest.raises(ClusterDoesNotExist):
        await manager.get(cluster.cluster_id)


async def test_clusters_are_listed_newest_first_with_their_nodes(
    manager: ClusterManager, store: Store, clock: Any
) -> None:
    old = await manager.create(SPEC, user="ada")
    clock.advance(60)
    new = await manager.create(SPEC, user="ada")
    node = await store.nodes.save(sample_node(cluster_id=old.cluster_id))

    assert await manager.all() == [(new, []), (old, [node])]
    assert await manager.nodes(old.cluster_id) == [node]
