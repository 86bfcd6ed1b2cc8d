"""The store's contract, on every database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from samples import CLUSTER, CLUSTER_ID, NOW, sample_cluster, sample_node

from jupyter_dbx.model.attachment import Attachment
from jupyter_dbx.model.cluster import Target
from jupyter_dbx.model.errors import Conflict
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.store import Store


def event(kind: EventType = EventType.RUNNING, at: int = NOW, cluster_id: str = CLUSTER_ID) -> Event:
    return Event(Subject.cluster(cluster_id), at, kind, {"n": at - NOW})


async def test_next_server_reads_saved_documents(url: str, clock: Any) -> None:
    first = await Store(url, clock=clock).open()
    saved = await first.clusters.save(sample_cluster(), event())
    await first.close()

    second = await Store(url, clock=clock).open()
    read, events = await second.clusters.get(CLUSTER_ID), await second.events(CLUSTER)
    await second.close()

    assert read == saved == sample_cluster(version=1)
    assert events == ([event()], 1)


async def test_unknown_document_is_none(store: Store) -> None:
    assert await store.clusters.get("nobody") is None
    assert await store.clusters.list() == []
    assert await store.events(Subject.cluster("nobody")) == ([], 0)


async def test_collections_share_no_keys(store: Store) -> None:
    await store.attachments.save(Attachment(CLUSTER_ID, "c", NOW))

    assert await store.clusters.get(CLUSTER_ID) is None
    assert await store.nodes.list() == []


async def test_documents_are_listed_by_key_and_by_owner(store: Store) -> None:
    nodes = [sample_node(n, cluster_id=c) for n, c in [("b", "c1"), ("a", "c2"), ("c", "c1")]]
    for node in nodes:
        await store.nodes.save(node)

    everyone, owned = await store.nodes.list(), await store.nodes.list(owner="c1")

    assert [n.node_id for n in everyone] == ["a", "b", "c"]
    assert [n.node_id for n in owned] == ["b", "c"]
    assert await store.nodes.list(owner="nobody") == []


async def test_document_with_a_new_owner_is_listed_under_it(store: Store) -> None:
    saved = await store.attachments.save(Attachment("a.ipynb", "c1", NOW))

    await store.attachments.save(replace(saved, cluster_id="c2"))

    assert await store.attachments.list(owner="c1") == []
    assert [a.version for a in await store.attachments.list(owner="c2")] == [2]


@pytest.mark.parametrize("key", ["a b/ü.ipynb", "x'; DROP TABLE documents; --", "%", "n" * 400])
async def test_any_key_is_stored_unchanged(store: Store, key: str) -> None:
    saved = await store.attachments.save(Attachment(key, "c", NOW))

    assert await store.attachments.get(key) == saved
    assert await store.attachments.get(key + "x") is None


# A write based on an older version fails and changes nothing.


async def test_stale_save_is_a_conflict_and_changes_nothing(store: Store, other: Store) -> None:
    mine = await store.clusters.save(sample_cluster())
    won = await other.clusters.save(replace(mine, target=Target.TERMINATED))
    revision = await store.revision()

    with pytest.raises(Conflict, match=f"cluster {CLUSTER_ID} was changed meanwhile"):
        await store.clusters.save(replace(mine, num_workers=9), event())

    assert await store.clusters.get(CLUSTER_ID) == won
    assert await store.events(CLUSTER) == ([], 0)
    assert await store.revision() == revision


async def test_document_is_created_once(store: Store, other: Store) -> None:
    first = await store.clusters.save(sample_cluster())

    with pytest.raises(Conflict, match="already exists"):
        await other.clusters.save(sample_cluster(num_workers=9), event())

    assert await store.clusters.list() == [first]
    assert await store.events(CLUSTER) == ([], 0)


async def test_deleted_document_is_not_saved_again(store: Store) -> None:
    saved = await store.clusters.save(sample_cluster())
    await store.clusters.delete(saved)

    with pytest.raises(Conflict):
        await store.clusters.save(saved, event())

    assert await store.clusters.get(CLUSTER_ID) is None
    assert await store.events(CLUSTER) == ([], 0)


async def test_stale_delete_is_a_conflict_and_changes_nothing(store: Store) -> None:
    old = await store.clusters.save(sample_cluster())
    new = await store.clusters.save(old)

    with pytest.raises(Conflict):
        await store.clusters.delete(old, event())

    assert await store.clusters.get(CLUSTER_ID) == new
    assert await store.events(CLUSTER) == ([], 0)


async def test_one_of_many_writers_wins(store: Store, other: Store) -> None:
    read = await store.clusters.save(sample_cluster())

    writes = [
        s.clusters.save(replace(read, num_workers=n), event(at=NOW + n)) for n in range(5) for s in (store, other)
    ]
    results = await asyncio.gather(*writes, return_exceptions=True)

    (won,) = [r for r in results if not isinstance(r, BaseException)]
    assert all(isinstance(r, Conflict) for r in results if r is not won)
    assert await store.clusters.get(CLUSTER_ID) == won
    (saved_event,), _ = await store.events(CLUSTER)
    assert saved_event.details["n"] == won.num_workers


# An event is written with the change that caused it.


async def test_events_are_written_with_a_save_and_with_a_delete(store: Store) -> None:
    saved = await store.clusters.save(sample_cluster(), event(EventType.CREATING), event(EventType.RUNNING))
    await store.clusters.delete(saved, event(EventType.TERMINATING))

    events, total = await store.events(CLUSTER)

    assert [e.type for e in events] == ["TERMINATING", "RUNNING", "CREATING"]
    assert total == 3


async def test_change_whose_event_cannot_be_written_does_not_happen(store: Store) -> None:
    saved = await store.clusters.save(sample_cluster())
    unwritable = replace(event(), details={"time": object()})

    with pytest.raises(TypeError):
        await store.clusters.save(replace(saved, num_workers=9), unwritable)

    assert await store.clusters.get(CLUSTER_ID) == saved


@pytest.fixture
async def ten_events(store: Store) -> Store:
    """Events at NOW + 0 … 9, RUNNING and RESIZING in turn, and one of another cluster."""
    kinds = (EventType.RUNNING, EventType.RESIZING)
    events = [event(kinds[n % 2], NOW + n) for n in range(10)]
    await store.clusters.save(sample_cluster(), *events, event(cluster_id="other"))
    return store


@pytest.mark.parametrize(
    ("query", "numbers", "total"),
    [
        ({}, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], 10),
        ({"newest_first": False}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 10),
        ({"limit": 3}, [9, 8, 7], 10),
        ({"limit": 3, "offset": 8}, [1, 0], 10),
        ({"limit": 3, "offset": 10}, [], 10),
        ({"newest_first": False, "limit": 2, "offset": 3}, [3, 4], 10),
        ({"types": ["RESIZING"]}, [9, 7, 5, 3, 1], 5),
        ({"types": ["RESIZING"], "limit": 2, "offset": 1}, [7, 5], 5),
        ({"types": ["RESIZING", "RUNNING"], "limit": 1}, [9], 10),
        ({"types": ["CREATING"]}, [], 0),
        ({"start_ms": NOW + 7}, [9, 8, 7], 3),
        ({"end_ms": NOW + 2}, [2, 1, 0], 3),
        ({"start_ms": NOW + 3, "end_ms": NOW + 4}, [4, 3], 2),
        ({"start_ms": NOW + 3, "end_ms": NOW + 4, "types": ["RUNNING"]}, [4], 1),
    ],
)
async def test_events_are_paged_filtered_and_ordered(
    ten_events: Store, query: dict[str, Any], numbers: list[int], total: int
) -> None:
    events, count = await ten_events.events(CLUSTER, **query)

    assert [e.details["n"] for e in events] == numbers
    assert count == total


async def test_events_with_equal_timestamps_keep_their_order(store: Store) -> None:
    kinds = [EventType.TERMINATING, EventType.CREATING, EventType.RUNNING]

    await store.clusters.save(sample_cluster(), *(event(kind) for kind in kinds))

    events, _ = await store.events(CLUSTER, newest_first=False)
    assert [e.type for e in events] == kinds


# The revision increases with every change by any process.


async def test_every_change_is_a_new_revision_for_all_servers(store: Store, other: Store) -> None:
    seen = [await store.revision()]
    saved = await other.clusters.save(sample_cluster())
    seen.append(await store.revision())
    saved = await store.clusters.save(saved)
    seen.append(await other.revision())
    await other.clusters.delete(saved)
    seen.append(await store.revision())

    assert seen == sorted(set(seen))


async def test_reads_and_leases_do_not_count_as_changes(store: Store) -> None:
    await store.clusters.save(sample_cluster())
    revision = await store.revision()

    await store.clusters.list()
    await store.events(CLUSTER)
    await store.lease("loop", "me", ttl_s=6)
    await store.release_lease("loop", "me")

    assert await store.revision() == revision


async def test_change_wakes_a_waiting_reader(store: Store) -> None:
    waiting = asyncio.create_task(store.wait_for_news(60))

    await store.clusters.save(sample_cluster())

    await asyncio.wait_for(waiting, 5)


async def test_waiting_for_changes_times_out(store: Store) -> None:
    await asyncio.wait_for(store.wait_for_news(0.01), 5)


async def test_change_wakes_once(store: Store) -> None:
    await store.clusters.save(sample_cluster())
    await store.wait_for_news(60)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(store.wait_for_news(60), 0.02)


async def test_change_wakes_every_listener(store: Store) -> None:
    await store.wait_for_news(60, listener="slow")
    await store.wait_for_news(60, listener="quick")
    await store.clusters.save(sample_cluster())

    woken = [await asyncio.wait_for(store.wait_for_news(60, listener=who), 5) for who in ("quick", "slow")]

    assert woken == [True, True]
    assert not await store.wait_for_news(0.01, listener="slow")


async def test_waiting_can_be_cancelled_at_the_moment_of_a_change(store: Store) -> None:
    waiting = asyncio.create_task(store.wait_for_news(60))
    await asyncio.sleep(0)

    await store.clusters.save(sample_cluster())
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting


# Deletion removes everything of a cluster and nothing else.


async def test_deleted_cluster_leaves_nothing(store: Store) -> None:
    kept = await store.clusters.save(sample_cluster(cluster_id="other"), event(cluster_id="other"))
    kept_attachment = await store.attachments.save(Attachment("b.ipynb", "other", NOW))
    cluster = await store.clusters.save(sample_cluster(), event())
    await store.attachments.save(Attachment("a.ipynb", CLUSTER_ID, NOW))
    await store.nodes.save(sample_node())

    await store.forget(cluster)

    assert await store.clusters.list() == [kept]
    assert await store.attachments.list() == [kept_attachment]
    assert await store.nodes.list() == []
    assert await store.events(CLUSTER) == ([], 0)
    assert (await store.events(Subject.cluster("other")))[1] == 1


async def test_stale_deletion_of_a_cluster_is_a_conflict_and_changes_nothing(store: Store) -> None:
    old = await store.clusters.save(sample_cluster(), event())
    new = await store.clusters.save(old)

    with pytest.raises(Conflict):
        await store.forget(old)

    assert await store.clusters.get(CLUSTER_ID) == new
    assert (await store.events(CLUSTER))[1] == 1
