"""AttachmentManager: attaching notebooks to clusters by id or by name."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from samples import sample_facts, sample_status

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.managers.attachments import AttachmentManager
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.model.cluster import Cluster, ClusterState
from jupyter_dbx.model.derived_secrets import cluster_secret, seat_ticket
from jupyter_dbx.model.driver import Load, Pulse, SeatStatus
from jupyter_dbx.model.errors import ClusterDoesNotExist, InvalidParameterValue, ResourceDoesNotExist
from jupyter_dbx.model.keys import LONGEST_KEY
from jupyter_dbx.model.principal import Principal
from jupyter_dbx.model.protocol import Announcement, DetachNotice, DriverNotice
from jupyter_dbx.model.spec import ClusterSpec
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.spark.conf import check_spark_conf
from jupyter_dbx.store import Store

KEY = b"workspace key"

ADA = Principal("ada")


class Drivers:
    """Drivers that record which kernels they were told to let go."""

    def __init__(self) -> None:
        self.notices: list[tuple[str, str, DriverNotice]] = []

    async def __call__(self, announce: Announcement, token: str, notice: DriverNotice) -> bool:
        self.notices.append((announce.url, token, notice))
        return True


@pytest.fixture
def clusters(store: Store) -> ClusterManager:
    return ClusterManager(store, MemoryBackend(), check_spark_conf)


@pytest.fixture
def drivers() -> Drivers:
    return Drivers()


@pytest.fixture
def attachments(store: Store, clusters: ClusterManager, drivers: Drivers) -> AttachmentManager:
    return AttachmentManager(store, clusters, KEY, drivers)


async def create(clusters: ClusterManager, name: str = "demo") -> Cluster:
    return await clusters.create(ClusterSpec(cluster_name=name, num_workers=1), user="ada")


@pytest.mark.parametrize("by", ["cluster_id", "name"])
async def test_notebook_is_attached_by_id_or_name(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store, by: str
) -> None:
    cluster = await create(clusters)

    made = await attachments.attach("a.ipynb", cluster.cluster_id if by == "cluster_id" else "demo", "k", ADA)

    assert (made.cluster_id, made.attached_ms) == (cluster.cluster_id, store.now_ms())
    assert await attachments.get("a.ipynb") == made


async def test_notebook_is_attached_to_one_cluster_at_a_time(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store
) -> None:
    await create(clusters, "one")
    two = await create(clusters, "two")

    await attachments.attach("a.ipynb", "one", "k", ADA)
    await attachments.attach("a.ipynb", "two", "k", ADA)

    assert [a.cluster_id for a in await store.attachments.list()] == [two.cluster_id]


async def test_ambiguous_name_fails_with_the_ids(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store
) -> None:
    ids = [(await create(clusters)).cluster_id for _ in range(2)]

    with pytest.raises(InvalidParameterValue, match=r"Several clusters are named 'demo'\. Use an ID: ") as error:
        await attachments.attach("a.ipynb", "demo", "k", ADA)

    assert all(cluster_id in str(error.value) for cluster_id in ids)
    assert await store.attachments.list() == []


async def test_name_of_a_deleted_cluster_can_be_reused(
    attachments: AttachmentManager, clusters: ClusterManager
) -> None:
    await clusters.delete((await create(clusters)).cluster_id, user="ada")
    new = await create(clusters)

    assert (await attachments.find("demo", ADA)).cluster_id == new.cluster_id


async def test_unknown_cluster_fails_and_the_old_attachment_is_kept(
    attachments: AttachmentManager, clusters: ClusterManager
) -> None:
    await create(clusters)
    old = await attachments.attach("a.ipynb", "demo", "k", ADA)

    with pytest.raises(ClusterDoesNotExist, match="Cluster nope does not exist"):
        await attachments.attach("a.ipynb", "nope", "k", ADA)

    assert await attachments.get("a.ipynb") == old


async def test_missing_cluster_is_reported(attachments: AttachmentManager) -> None:
    with pytest.raises(InvalidParameterValue, match="cluster_id is missing"):
        await attachments.attach("a.ipynb", "", "k", ADA)


async def test_detached_notebook_has_no_cluster(attachments: AttachmentManager, clusters: ClusterManager) -> None:
    await create(clusters)
    await attachments.attach("a.ipynb", "demo", "k", ADA)

    await attachments.detach("a.ipynb", "k", ADA)
    await attachments.detach("a.ipynb", "k", ADA)

    with pytest.raises(ResourceDoesNotExist, match="not attached to a cluster"):
        await attachments.get("a.ipynb")


@pytest.mark.parametrize("default", ["", "default"])
@pytest.mark.parametrize("file", ["", "file"])
@pytest.mark.parametrize("choice", ["none yet", "attached", "detached", "attached to one that was deleted"])
async def test_last_choice_decides_then_the_file_then_the_default(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store, choice: str, file: str, default: str
) -> None:
    ids = {name: (await create(clusters, name)).cluster_id for name in ("chosen", "file", "default")}
    if choice != "none yet":
        await attachments.attach("a.ipynb", "chosen", "k", ADA)
    if choice == "detached":
        await attachments.detach("a.ipynb", "k", ADA)
    if "deleted" in choice:
        chosen = await store.clusters.get(ids["chosen"])
        assert chosen is not None
        await store.forget(chosen)

    is_chosen = choice in ("attached", "detached")
    decided = ({"attached": ids["chosen"]}.get(choice, "")) if is_chosen else file or default

    shown = await attachments.in_use("a.ipynb", "k", file, ADA)
    assert shown == (ids["file"] if decided == "file" else decided.removeprefix("default"), is_chosen)
    if decided:
        assert await attachments.decide("a.ipynb", [file, default]) == decided
    else:
        with pytest.raises(ResourceDoesNotExist, match="not attached"):
            await attachments.decide("a.ipynb", [file, default])


async def test_kernel_leaves_all_clusters_but_the_chosen_one(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store, drivers: Drivers
) -> None:
    for name in ("one", "two", "down"):
        facts = sample_facts(sample_status(), url=f"http://{name}") if name != "down" else None
        state = ClusterState.RUNNING if facts else ClusterState.TERMINATED
        await store.clusters.save(replace(await create(clusters, name), state=state, driver=facts))
    before = await store.revision()

    await attachments.attach("a.ipynb", "one", "k", ADA)
    told, drivers.notices = drivers.notices, []
    await attachments.detach("a.ipynb", "k", ADA)

    assert [(url, notice) for url, _, notice in told] == [("http://two", DetachNotice("k"))]
    assert {url for url, _, _ in drivers.notices} == {"http://one", "http://two"}
    assert await store.revision() == before + 4  # two choices, and each time the notebooks of clusters


async def test_cluster_in_use_is_that_of_the_seat_unless_the_user_chose(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store
) -> None:
    facts = sample_facts(sample_status(), url="http://driver:1")
    cluster = replace(await create(clusters), state=ClusterState.RUNNING, driver=facts)
    await store.clusters.save(cluster)
    seat = SeatStatus("k", 1, "a.ipynb", 0, busy=False)
    await store.save_pulse(Subject.cluster(cluster.cluster_id), Pulse(0, Load(), 0, None, (seat,)))

    assert await attachments.in_use("a.ipynb", "k", "", ADA) == (cluster.cluster_id, False)
    assert await attachments.in_use("a.ipynb", "other", "", ADA) == ("", False)
    await attachments.detach("a.ipynb", "k", ADA)
    assert await attachments.in_use("a.ipynb", "k", "", ADA) == ("", True)


async def test_notebook_of_a_deleted_cluster_is_not_attached(
    attachments: AttachmentManager, clusters: ClusterManager
) -> None:
    cluster = await create(clusters)
    await attachments.attach("a.ipynb", "demo", "k", ADA)

    await clusters.delete(cluster.cluster_id, user="ada")

    with pytest.raises(ResourceDoesNotExist):
        await attachments.get("a.ipynb")


async def test_kernel_gets_the_contact_of_a_running_driver(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store
) -> None:
    facts = sample_facts(sample_status(), url="http://driver:1")
    up = replace(await create(clusters), state=ClusterState.RUNNING, driver=facts)
    cluster = await store.clusters.save(up)

    contact = await attachments.driver_contact("demo", "kernel-1", ADA)

    token = cluster_secret(KEY, cluster.cluster_id, 1, "driver")
    assert (contact.cluster_id, contact.state, contact.url) == (
        cluster.cluster_id,
        cluster.shown_state,
        "http://driver:1",
    )
    assert contact.ticket == seat_ticket(token, "kernel-1")
    assert contact.ticket != (await attachments.driver_contact("demo", "kernel-2", ADA)).ticket


@pytest.mark.parametrize(
    "changes",
    [
        {"state": ClusterState.PENDING},
        {"state": ClusterState.TERMINATED},
        {"driver": None},
        {"generation": 2},
    ],
    ids=["pending", "terminated", "driver unknown", "restart requested"],
)
async def test_contact_has_neither_url_nor_ticket_before_the_driver_is_running(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store, changes: dict[str, object]
) -> None:
    up = replace(await create(clusters), state=ClusterState.RUNNING, driver=sample_facts(sample_status()))
    await store.clusters.save(replace(up, **changes))

    contact = await attachments.driver_contact("demo", "kernel-1", ADA)

    assert (contact.url, contact.ticket) == ("", "")


async def test_notebook_can_be_attached_and_detached_concurrently(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store
) -> None:
    ids = [(await create(clusters, name)).cluster_id for name in "abc"]

    made = await asyncio.gather(*(attachments.attach("a.ipynb", cluster_id, "k", ADA) for cluster_id in ids))
    (kept,) = await store.attachments.list()
    await asyncio.gather(*(attachments.detach("a.ipynb", "k", ADA) for _ in range(3)))

    assert [a.cluster_id for a in made] == ids and kept in made
    assert [a.cluster_id for a in await store.attachments.list()] == [""]


async def test_path_that_cannot_be_stored_fails(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store
) -> None:
    cluster = await create(clusters)
    await attachments.attach("x" * LONGEST_KEY, cluster.cluster_id, "k", ADA)

    with pytest.raises(InvalidParameterValue, match="at most 2048 bytes"):
        await attachments.attach("x" * (LONGEST_KEY + 1), cluster.cluster_id, "k", ADA)

    assert len(await store.attachments.list()) == 1


async def test_attachment_follows_a_renamed_notebook_without_a_gap(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store
) -> None:
    cluster, other = await create(clusters), await create(clusters, "other")
    await attachments.attach("/r/a.ipynb", cluster.cluster_id, "k", ADA)
    await attachments.attach("/r/b ü #1.ipynb", other.cluster_id, "k", ADA)

    async with attachments.renaming("/r/a.ipynb", "/r/b ü #1.ipynb"):
        for key in ("/r/a.ipynb", "/r/b ü #1.ipynb"):
            assert await attachments.decide(key, []) == cluster.cluster_id

    assert [(a.key, a.cluster_id) for a in await store.attachments.list()] == [("/r/b ü #1.ipynb", cluster.cluster_id)]


async def test_attachments_follow_a_renamed_folder(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store
) -> None:
    cluster = await create(clusters)
    for key in ("/r/a/1.ipynb", "/r/a/x/2.ipynb", "/r/ab/3.ipynb"):
        await attachments.attach(key, cluster.cluster_id, "k", ADA)

    async with attachments.renaming("/r/a", "/r/new"):
        pass

    assert {a.key for a in await store.attachments.list()} == {"/r/new/1.ipynb", "/r/new/x/2.ipynb", "/r/ab/3.ipynb"}


async def test_deleted_notebook_is_detached(
    attachments: AttachmentManager, clusters: ClusterManager, store: Store
) -> None:
    cluster = await create(clusters)
    for key in ("/r/a/1.ipynb", "/r/a/2.ipynb", "/r/b.ipynb"):
        await attachments.attach(key, cluster.cluster_id, "k", ADA)

    await attachments.forget("/r/b.ipynb")
    await attachments.forget("/r/a")

    assert await store.attachments.list() == []
