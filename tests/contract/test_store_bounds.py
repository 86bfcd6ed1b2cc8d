"""Limits of the store: keys, the newest events, the last pulse; and many concurrent writers."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter

import pytest
from samples import CLUSTER, CLUSTER_ID, NOW, sample_cluster

from jupyter_dbx.model.attachment import Attachment
from jupyter_dbx.model.driver import Load, Pulse, SeatStatus
from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.store import Store


def events_of(cluster_id: str, count: int) -> list[Event]:
    return [Event(Subject.cluster(cluster_id), NOW + n, EventType.RESIZING, {"n": n}) for n in range(count)]


async def numbers_of(store: Store, cluster_id: str) -> list[int]:
    found, _ = await store.events(Subject.cluster(cluster_id), limit=1000)
    return [event.details["n"] for event in found]


async def test_newest_events_of_each_cluster_are_kept(store: Store) -> None:
    for cluster_id, count in [("busy", 12), ("quiet", 3), ("just full", 5)]:
        await store.clusters.save(sample_cluster(cluster_id=cluster_id), *events_of(cluster_id, count))

    forgotten = await store.prune(events_per_subject=5)

    assert forgotten == 7
    assert await numbers_of(store, "busy") == [11, 10, 9, 8, 7]
    assert await numbers_of(store, "quiet") == [2, 1, 0]
    assert await numbers_of(store, "just full") == [4, 3, 2, 1, 0]


async def test_pruning_again_deletes_nothing(store: Store) -> None:
    await store.clusters.save(sample_cluster(), *events_of(CLUSTER_ID, 12))
    await store.prune(events_per_subject=5)

    assert await store.prune(events_per_subject=5) == 0


async def test_pruning_does_not_count_as_a_change(store: Store) -> None:
    await store.clusters.save(sample_cluster(), *events_of(CLUSTER_ID, 12))
    revision = await store.revision()

    await store.prune(events_per_subject=5)

    assert await store.revision() == revision


async def test_events_added_after_pruning_are_the_newest(store: Store) -> None:
    saved = await store.clusters.save(sample_cluster(), *events_of(CLUSTER_ID, 5))
    await store.prune(events_per_subject=2)

    await store.clusters.save(saved, Event(CLUSTER, NOW, EventType.RUNNING, {"n": 99}))

    assert await numbers_of(store, CLUSTER_ID) == [99, 4, 3]


def a_pulse(at_ms: int) -> Pulse:
    return Pulse(at_ms, Load(1, 2, 3, 4), 0.5, None, (SeatStatus("k", 1, "ü.ipynb", NOW, True),))


async def test_last_pulse_of_each_driver_is_kept(store: Store, other: Store) -> None:
    await store.save_pulse(Subject.cluster("one"), a_pulse(1))
    await store.save_pulse(Subject.cluster("two"), a_pulse(2))
    await other.save_pulse(Subject.cluster("one"), a_pulse(3))

    assert await store.pulses("cluster") == {"one": a_pulse(3), "two": a_pulse(2)}


async def test_pulse_does_not_count_as_a_change_and_is_deleted_with_its_cluster(store: Store) -> None:
    cluster = await store.clusters.save(sample_cluster())
    revision = await store.revision()

    await store.save_pulse(CLUSTER, a_pulse(1))
    assert await store.revision() == revision
    await store.forget(cluster)

    assert await store.pulses("cluster") == {}


@pytest.mark.parametrize("key", ["x" * 2049, "ü" * 1025, "a\0b", "half \ud83d of a face"])
async def test_invalid_key_is_an_error(store: Store, key: str) -> None:
    with pytest.raises(InvalidParameterValue, match="text of at most 2048 bytes"):
        await store.attachments.save(Attachment(key, "c", NOW))

    assert await store.attachments.get(key) is None
    assert await store.attachments.list() == []


@pytest.mark.parametrize("key", ["x" * 2048, "ü" * 1024])
async def test_key_of_maximum_length_is_stored(store: Store, key: str) -> None:
    saved = await store.attachments.save(Attachment(key, "c", NOW))

    assert await store.attachments.get(key) == saved


async def test_keys_are_ordered_by_code_point_in_both_databases(store: Store) -> None:
    for key in ["a", "B", "_", "ä", "b", "A"]:
        await store.attachments.save(Attachment(key, "c", NOW))

    assert [found.key for found in await store.attachments.list()] == ["A", "B", "_", "a", "b", "ä"]


async def test_values_of_a_document_can_contain_any_character(store: Store) -> None:
    saved = await store.clusters.save(sample_cluster(state_message="\0 \ud83d ü"))

    assert await store.clusters.get(CLUSTER_ID) == saved


#: Increments a number a given number of times, concurrently with others; prints the number of attempts.
_ADDER = """
import asyncio, sys
from dataclasses import replace
from jupyter_dbx.model.errors import Conflict
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.store import Store

async def main(url, cluster_id, me, times):
    store, tries = await Store(url).open(), 0
    for n in range(int(times)):
        while True:
            tries += 1
            row = await store.clusters.get(cluster_id)
            event = Event(Subject.cluster(cluster_id), n, EventType.RESIZING, {"by": me, "workers": row.num_workers + 1})
            try:
                await store.clusters.save(replace(row, num_workers=row.num_workers + 1), event)
                break
            except Conflict:
                continue
        await store.prune()
    await store.close()
    print(tries)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_many_processes_write_at_once_and_none_is_lost(url: str) -> None:
    store = await Store(url).open()
    await store.clusters.save(sample_cluster(num_workers=0))
    command = [sys.executable, "-c", _ADDER, url, CLUSTER_ID]

    outcomes = await asyncio.gather(*(asyncio.to_thread(finish, [*command, str(n), "40"]) for n in range(4)))
    found = await store.clusters.get(CLUSTER_ID)
    revision, (events, _) = await store.revision(), await store.events(CLUSTER, limit=1000)
    await store.close()

    assert [outcome.stderr for outcome in outcomes] == [""] * 4
    assert found is not None and (found.num_workers, revision) == (160, 161)
    assert [event.details["workers"] for event in events] == list(range(160, 0, -1))
    assert Counter(event.details["by"] for event in events) == {"0": 40, "1": 40, "2": 40, "3": 40}


def finish(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=100)
