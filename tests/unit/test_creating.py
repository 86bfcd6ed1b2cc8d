"""ClusterManager: what each operation records besides its request, and idempotency tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.model.cluster import Cluster, ClusterState, Target
from jupyter_dbx.model.errors import InvalidParameterValue, InvalidState
from jupyter_dbx.model.keys import LONGEST_TOKEN
from jupyter_dbx.model.spec import Autoscale, ClusterSpec
from jupyter_dbx.spark.conf import check_spark_conf
from jupyter_dbx.store import Store

S = ClusterState

SPEC = ClusterSpec(cluster_name="demo", node_type_id="memory-1c", num_workers=2)


class PlacedBackend(MemoryBackend):
    """A backend at a site of its own."""

    host = "here"

    @property
    def place(self) -> str:
        return self.host


@pytest.fixture
def backend() -> PlacedBackend:
    return PlacedBackend()


@pytest.fixture
def manager(store: Store, backend: PlacedBackend) -> ClusterManager:
    return ClusterManager(store, backend, check_spark_conf)


async def with_facts(store: Store, cluster: Cluster, **facts: Any) -> Cluster:
    """Save facts of a cluster like a controller would."""
    return await store.clusters.save(replace(cluster, settled_workers=cluster.num_workers, **facts))


async def row(store: Store, cluster: Cluster) -> Cluster:
    found = await store.clusters.get(cluster.cluster_id)
    assert found is not None
    return found


async def test_new_cluster_belongs_to_this_site_and_counts_as_used(manager: ClusterManager, store: Store) -> None:
    cluster = await manager.create(SPEC, user="ada")

    assert (cluster.place, cluster.touched_ms, cluster.resize_cause) == ("here", store.now_ms(), "USER_REQUEST")


USES: dict[str, tuple[S, Callable[[ClusterManager, str], Awaitable[None]]]] = {
    "start": (S.TERMINATED, lambda m, c: m.start(c, user="bob")),
    "restart": (S.RUNNING, lambda m, c: m.restart(c, user="bob")),
    "resize": (S.RUNNING, lambda m, c: m.resize(c, num_workers=3, autoscale=None, user="bob")),
    "extend": (S.RUNNING, lambda m, c: m.extend(c)),
    "extend while it resizes": (S.RESIZING, lambda m, c: m.extend(c)),
}


@pytest.mark.parametrize("use", USES)
async def test_use_is_recorded_with_its_time(manager: ClusterManager, store: Store, clock: Any, use: str) -> None:
    state, verb = USES[use]
    cluster = await with_facts(store, await manager.create(SPEC, user="ada"), state=state)
    clock.advance(600)

    await verb(manager, cluster.cluster_id)

    assert (await row(store, cluster)).touched_ms == store.now_ms() == cluster.touched_ms + 600_000


@pytest.mark.parametrize("read", ["get", "all", "nodes", "pulses", "events"])
async def test_reading_does_not_count_as_use(manager: ClusterManager, store: Store, clock: Any, read: str) -> None:
    cluster = await with_facts(store, await manager.create(SPEC, user="ada"), state=S.RUNNING)
    clock.advance(600)

    match read:
        case "get" | "nodes":
            await getattr(manager, read)(cluster.cluster_id)
        case "events":
            page: dict[str, Any] = {"types": [], "start_ms": None, "end_ms": None, "newest_first": True}
            await manager.events(cluster.cluster_id, offset=0, limit=5, **page)
        case _:
            await getattr(manager, read)()

    assert await row(store, cluster) == cluster


async def test_extend_changes_nothing_else(manager: ClusterManager, store: Store, clock: Any) -> None:
    cluster = await with_facts(store, await manager.create(SPEC, user="ada"), state=S.RUNNING)
    clock.advance(1)

    await manager.extend(cluster.cluster_id)

    assert await row(store, cluster) == replace(cluster, touched_ms=store.now_ms(), version=cluster.version + 1)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (S.PENDING, "it is PENDING. Wait until it is RUNNING."),
        (S.RESTARTING, "it is RESTARTING. Wait until it is RUNNING."),
        (S.TERMINATING, "it is TERMINATING. Wait until it is TERMINATED, then start it."),
        (S.TERMINATED, "it is TERMINATED. Start it first."),
    ],
)
async def test_extend_fails_without_a_driver(manager: ClusterManager, store: Store, state: S, sentence: str) -> None:
    cluster = await with_facts(store, await manager.create(SPEC, user="ada"), state=state)

    with pytest.raises(InvalidState) as error:
        await manager.extend(cluster.cluster_id)

    assert str(error.value) == f"Cannot extend cluster {cluster.cluster_id}: {sentence}"
    assert await row(store, cluster) == cluster


async def test_started_cluster_moves_to_the_site_that_starts_it(
    manager: ClusterManager, store: Store, backend: PlacedBackend
) -> None:
    cluster = await with_facts(store, await manager.create(SPEC, user="ada"), state=S.TERMINATED)
    backend.host = "there"

    await manager.start(cluster.cluster_id, user="bob")

    assert (await row(store, cluster)).place == "there"


async def test_clusters_of_another_site_take_no_capacity_here(
    manager: ClusterManager, store: Store, backend: PlacedBackend
) -> None:
    large = replace(SPEC, node_type_id="memory-8c", num_workers=3)
    await manager.create(large, user="ada")
    backend.host = "there"

    cluster = await manager.create(large, user="ada")

    assert cluster.place == "there"


async def test_resize_by_a_user_is_not_an_autoscaling_resize(manager: ClusterManager, store: Store) -> None:
    cluster = await manager.create(replace(SPEC, num_workers=None, autoscale=Autoscale(1, 8)), user="ada")
    cluster = await with_facts(store, cluster, state=S.RUNNING, num_workers=1, resize_cause="AUTOSCALE")

    await manager.resize(cluster.cluster_id, num_workers=None, autoscale=Autoscale(2, 5), user="bob")

    assert (await row(store, cluster)).resize_cause == "USER_REQUEST"


@pytest.mark.parametrize(("now", "wanted"), [(12, 10), (3, 5), (6, 6)])
async def test_new_bounds_change_the_number_of_workers_as_little_as_possible(
    manager: ClusterManager, store: Store, now: int, wanted: int
) -> None:
    cluster = await with_facts(store, await manager.create(SPEC, user="ada"), state=S.RUNNING)
    cluster = await with_facts(store, replace(cluster, num_workers=now))

    await manager.resize(cluster.cluster_id, num_workers=None, autoscale=Autoscale(5, 10), user="bob")

    changed = await row(store, cluster)
    assert (changed.num_workers, changed.spec.num_workers) == (wanted, None)


@pytest.mark.parametrize(("least", "minutes", "allowed"), [(10, 9, False), (10, 10, True), (1, 1, True), (1, 0, True)])
async def test_min_autotermination_minutes_are_those_of_the_server(
    store: Store, least: int, minutes: int, allowed: bool
) -> None:
    manager = ClusterManager(store, MemoryBackend(), check_spark_conf, least_autotermination_minutes=least)
    spec = replace(SPEC, autotermination_minutes=minutes)

    if allowed:
        assert (await manager.create(spec, user="ada")).spec.autotermination_minutes == minutes
        return
    with pytest.raises(InvalidParameterValue, match=r"must be 0 \(never\) or between 10 and 10000, not 9"):
        await manager.create(spec, user="ada")


async def test_cluster_created_under_a_lower_bound_can_be_started(store: Store) -> None:
    backend = MemoryBackend()
    lower = ClusterManager(store, backend, check_spark_conf, least_autotermination_minutes=1)
    cluster = await lower.create(replace(SPEC, autotermination_minutes=1), user="ada")
    await with_facts(store, cluster, state=S.TERMINATED)

    await ClusterManager(store, backend, check_spark_conf).start(cluster.cluster_id, user="ada")

    assert (await row(store, cluster)).generation == 2


async def test_same_token_returns_the_same_cluster(manager: ClusterManager, store: Store) -> None:
    first = await manager.create(SPEC, user="ada", token="t")

    again = await manager.create(replace(SPEC, cluster_name="again"), user="ada", token="t")
    other = await manager.create(SPEC, user="ada", token="u")
    none = [await manager.create(SPEC, user="ada") for _ in range(2)]

    assert again == first
    assert len({c.cluster_id for c in (first, other, *none)}) == len(await store.clusters.list()) == 4


async def test_concurrent_requests_with_the_same_token_on_two_servers_create_one_cluster(
    manager: ClusterManager, store: Store, tmp_path: Path, clock: Any
) -> None:
    other_store = await Store(f"sqlite:///{tmp_path}/dbx.db", clock=clock).open()
    other = ClusterManager(other_store, PlacedBackend(), check_spark_conf)

    creations = [m.create(SPEC, user="ada", token="t") for m in (manager, other) for _ in range(5)]
    made = await asyncio.wait_for(asyncio.gather(*creations), 60)
    await other_store.close()

    assert len({cluster.cluster_id for cluster in made}) == len(await store.clusters.list()) == 1


@pytest.mark.parametrize(
    "facts",
    [{"state": S.TERMINATED, "target": Target.TERMINATED}, {"state": S.TERMINATED}, {"target": Target.GONE}],
)
async def test_token_expires_when_the_cluster_is_terminated(
    manager: ClusterManager, store: Store, facts: dict[str, Any]
) -> None:
    first = await with_facts(store, await manager.create(SPEC, user="ada", token="t"), **facts)

    second = await manager.create(SPEC, user="ada", token="t")

    assert second.cluster_id != first.cluster_id


async def test_restarted_cluster_has_no_token(manager: ClusterManager, store: Store) -> None:
    first = await with_facts(store, await manager.create(SPEC, user="ada", token="t"), state=S.TERMINATED)
    await manager.start(first.cluster_id, user="ada")

    second = await manager.create(SPEC, user="ada", token="t")

    assert second.cluster_id != first.cluster_id
    assert (await manager.create(SPEC, user="ada", token="t")).cluster_id == second.cluster_id


async def test_token_of_a_failed_creation_can_be_reused(manager: ClusterManager) -> None:
    with pytest.raises(InvalidParameterValue):
        await manager.create(replace(SPEC, node_type_id="x"), user="ada", token="t")

    assert (await manager.create(SPEC, user="ada", token="t")).idempotency_token == "t"


async def test_token_has_at_most_64_characters(manager: ClusterManager, store: Store) -> None:
    await manager.create(SPEC, user="ada", token="ü" * LONGEST_TOKEN)

    with pytest.raises(InvalidParameterValue, match="idempotency_token must have at most 64 characters, not 65"):
        await manager.create(SPEC, user="ada", token="x" * 65)

    assert len(await store.clusters.list()) == 1
