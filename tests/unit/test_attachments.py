"""AttachmentManager: which cluster a notebook wants, by id or by name."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from samples import sample_facts, sample_status

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.managers.attachments import LONGEST_KEY, AttachmentManager
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.model.cluster import Cluster, ClusterState
from jupyter_dbx.model.driver import cluster_secret, seat_ticket
from jupyter_dbx.model.errors import ClusterDoesNotExist, InvalidParameterValue, ResourceDoesNotExist
from jupyter_dbx.model.spec import ClusterSpec
from jupyter_dbx.spark.conf import check_spark_conf
from jupyter_dbx.store import Store

KEY = b"workspace key"


@pytest.fixture
def clusters(store: Store) -> ClusterManager:
    return ClusterManager(store, MemoryBackend(), check_spark_conf)


@pytest.fixture
def attachments(store: Store, clusters: ClusterManager) -> AttachmentManager:
    return AttachmentManager(store, clusters, KEY)


async def create(clusters: ClusterManager, name: str = "demo") -> Cluster:
    return await clusters.create(ClusterSpec(cluster_name=name, num_workers=1), user="ada")


@pytest.mark.parametrize("by", ["cluster_id", "name"])
async def test_notebook_is_attached_by_id_or_name(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store, by: str
) -> None:
    cluster = await create(clusters)

    made = await attachments.attach("a.ipynb", cluster.cluster_id if by == "cluster_id" else "demo")

    assert (made.cluster_id, made.attached_ms) == (cluster.cluster_id, store.now_ms())
    assert await attachments.get("a.ipynb") == made


async def test_notebook_is_attached_to_one_cluster_at_a_time(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store
) -> None:
    await create(clusters, "one")
    two = await create(clusters, "two")

    await attachments.attach("a.ipynb", "one")
    await attachments.attach("a.ipynb", "two")

    assert [a.cluster_id for a in await store.attachments.list()] == [two.cluster_id]


async def test_name_of_several_clusters_is_refused_with_their_ids(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store
) -> None:
    ids = [(await create(clusters)).cluster_id for _ in range(2)]

    with pytest.raises(InvalidParameterValue, match="Several clusters are called 'demo'; use an id: ") as error:
        await attachments.attach("a.ipynb", "demo")

    assert all(cluster_id in str(error.value) for cluster_id in ids)
    assert await store.attachments.list() == []


async def test_name_of_a_deleted_cluster_is_free_again(
    attachments: AttachmentManager, clusters: ClusterManager
) -> None:
    await clusters.delete((await create(clusters)).cluster_id, user="ada")
    new = await create(clusters)

    assert (await attachments.find("demo")).cluster_id == new.cluster_id


async def test_unknown_cluster_is_refused_and_the_old_attachment_stays(
    attachments: AttachmentManager, clusters: ClusterManager
) -> None:
    await create(clusters)
    old = await attachments.attach("a.ipynb", "demo")

    with pytest.raises(ClusterDoesNotExist, match="Cluster nope does not exist"):
        await attachments.attach("a.ipynb", "nope")

    assert await attachments.get("a.ipynb") == old


async def test_missing_cluster_is_told(attachments: AttachmentManager) -> None:
    with pytest.raises(InvalidParameterValue, match="cluster_id is missing"):
        await attachments.attach("a.ipynb", "")


async def test_detached_notebook_wants_no_cluster(attachments: AttachmentManager, clusters: ClusterManager) -> None:
    await create(clusters)
    await attachments.attach("a.ipynb", "demo")

    await attachments.detach("a.ipynb")
    await attachments.detach("a.ipynb")

    with pytest.raises(ResourceDoesNotExist, match="attached to no cluster"):
        await attachments.get("a.ipynb")


async def test_notebook_of_a_deleted_cluster_is_attached_to_none(
    attachments: AttachmentManager, clusters: ClusterManager
) -> None:
    cluster = await create(clusters)
    await attachments.attach("a.ipynb", "demo")

    await clusters.delete(cluster.cluster_id, user="ada")

    with pytest.raises(ResourceDoesNotExist):
        await attachments.get("a.ipynb")


async def test_seat_is_offered_on_a_driver_that_is_up(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store
) -> None:
    facts = sample_facts(sample_status(), url="http://driver:1")
    up = replace(await create(clusters), state=ClusterState.RUNNING, driver=facts)
    cluster = await store.clusters.save(up)

    offer = await attachments.offer_seat("demo", "kernel-1")

    token = cluster_secret(KEY, cluster.cluster_id, 1, "driver")
    assert (offer.cluster, offer.url) == (cluster, "http://driver:1")
    assert offer.ticket == seat_ticket(token, "kernel-1")
    assert offer.ticket != (await attachments.offer_seat("demo", "kernel-2")).ticket


@pytest.mark.parametrize(
    "changes",
    [
        {"state": ClusterState.PENDING},
        {"state": ClusterState.TERMINATED},
        {"driver": None},
        {"generation": 2},
    ],
    ids=["not up", "ended", "driver unknown", "restart asked for"],
)
async def test_no_seat_is_offered_before_the_driver_is_up(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store, changes: dict[str, object]
) -> None:
    up = replace(await create(clusters), state=ClusterState.RUNNING, driver=sample_facts(sample_status()))
    await store.clusters.save(replace(up, **changes))

    offer = await attachments.offer_seat("demo", "kernel-1")

    assert (offer.url, offer.ticket) == ("", "")


async def test_notebook_may_be_attached_and_detached_many_times_at_once(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store
) -> None:
    ids = [(await create(clusters, name)).cluster_id for name in "abc"]

    made = await asyncio.gather(*(attachments.attach("a.ipynb", cluster_id) for cluster_id in ids))
    (kept,) = await store.attachments.list()
    await asyncio.gather(*(attachments.detach("a.ipynb") for _ in range(3)))

    assert [a.cluster_id for a in made] == ids and kept in made
    assert await store.attachments.list() == []


async def test_path_that_cannot_be_kept_is_refused(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store
) -> None:
    cluster = await create(clusters)
    await attachments.attach("x" * LONGEST_KEY, cluster.cluster_id)

    with pytest.raises(InvalidParameterValue, match="at most 512 characters, not 513"):
        await attachments.attach("x" * (LONGEST_KEY + 1), cluster.cluster_id)

    assert len(await store.attachments.list()) == 1
