"""Data of a subject is separate from all other subjects of any kind, on both databases."""

from __future__ import annotations

import pytest
from samples import CLUSTER, CLUSTER_ID, NOW, sample_cluster

from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.driver import Load, Pulse
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.model.usage import Sample
from jupyter_dbx.store import Store

#: A subject of another kind with the cluster's id.
POOL = Subject("pool", CLUSTER_ID)


def a_pulse(at_ms: int) -> Pulse:
    return Pulse(at_ms, Load(1, 2, 3, 4), 0.5, None)


def an_event(subject: Subject, at_ms: int) -> Event:
    return Event(subject, at_ms, EventType.RESIZING)


@pytest.fixture
async def cluster(store: Store) -> Cluster:
    """A cluster with three events, a pulse and a sample, beside a pool with the same."""
    events = [an_event(subject, NOW + n) for n in range(3) for subject in (CLUSTER, POOL)]
    cluster = await store.clusters.save(sample_cluster(), *events)
    for n, subject in enumerate((CLUSTER, POOL)):
        await store.save_pulse(subject, a_pulse(NOW + n))
        await store.save_sample(subject, Sample(NOW + n, None), keep_ms=1000)
    return cluster


async def test_subjects_of_one_id_are_kept_apart(store: Store, cluster: Cluster) -> None:
    assert await store.events(CLUSTER, newest_first=False) == ([an_event(CLUSTER, NOW + n) for n in range(3)], 3)
    assert await store.events(POOL, newest_first=False) == ([an_event(POOL, NOW + n) for n in range(3)], 3)
    assert await store.pulses("cluster") == {CLUSTER_ID: a_pulse(NOW)}
    assert await store.pulses("pool") == {CLUSTER_ID: a_pulse(NOW + 1)}
    assert await store.samples(CLUSTER) == [Sample(NOW, None)]
    assert await store.samples(POOL) == [Sample(NOW + 1, None)]


async def test_newest_events_of_each_kind_of_subject_are_kept(store: Store, cluster: Cluster) -> None:
    assert await store.prune(events_per_subject=2) == 2

    assert await store.events(CLUSTER) == ([an_event(CLUSTER, NOW + 2), an_event(CLUSTER, NOW + 1)], 2)
    assert await store.events(POOL) == ([an_event(POOL, NOW + 2), an_event(POOL, NOW + 1)], 2)


async def test_samples_of_another_kind_of_subject_are_not_deleted(store: Store, cluster: Cluster) -> None:
    await store.save_sample(CLUSTER, Sample(NOW + 5000, None), keep_ms=1000)

    assert await store.samples(CLUSTER) == [Sample(NOW + 5000, None)]
    assert await store.samples(POOL) == [Sample(NOW + 1, None)]


async def test_deleting_a_cluster_keeps_subjects_of_another_kind(store: Store, cluster: Cluster) -> None:
    await store.forget(cluster)

    assert await store.events(CLUSTER) == ([], 0)
    assert await store.pulses("cluster") == {} and await store.samples(CLUSTER) == []
    assert (await store.events(POOL))[1] == 3
    assert len(await store.pulses("pool")) == len(await store.samples(POOL)) == 1
