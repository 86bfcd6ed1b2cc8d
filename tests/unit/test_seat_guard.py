"""Notebooks leave a cluster once their users may not use it, whatever has changed."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest
from samples import sample_facts, sample_status

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.managers import seat_guard
from jupyter_dbx.managers.attachments import AttachmentManager
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.managers.definitions import DefinitionManager
from jupyter_dbx.managers.kernel_tokens import KernelTokens
from jupyter_dbx.managers.people import People, person_of
from jupyter_dbx.managers.remote_kernels import RemoteKernels
from jupyter_dbx.managers.seat_guard import SeatGuard
from jupyter_dbx.managers.sharing import Sharing
from jupyter_dbx.model.access import Grant
from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.driver import Load, Pulse, SeatStatus
from jupyter_dbx.model.errors import StoreUnavailable
from jupyter_dbx.model.principal import Principal
from jupyter_dbx.model.protocol import Announcement, DetachNotice, DriverNotice
from jupyter_dbx.model.spec import ClusterSpec
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.spark.conf import check_spark_conf
from jupyter_dbx.store import Store


@pytest.fixture
def told() -> list[DriverNotice]:
    """What the driver was told."""
    return []


@pytest.fixture
async def sharing(store: Store, told: list[DriverNotice]) -> Sharing:
    """A cluster of `ann` that the group `data` may use, with a kernel of `ann`, of `bob`, and one that nobody knows."""

    async def notify(announcement: Announcement, token: str, notice: DriverNotice) -> bool:
        told.append(notice)
        return True

    clusters = ClusterManager(store, MemoryBackend(), check_spark_conf)
    people = People(store, "dbx")
    await people.meet(person_of("ann"))
    tokens, remote = KernelTokens(), RemoteKernels(store)
    tokens.issue("of-ann", "ann")
    await remote.meet("of-bob", "/n.ipynb", Principal("bob"))
    definitions = DefinitionManager(store, clusters)
    cluster = await clusters.create(ClusterSpec(cluster_name="etl", num_workers=1), user="ann")
    grants = (Grant("group_name", "data", "CAN_ATTACH_TO"),)
    await store.clusters.save(
        replace(cluster, grants=grants, state=ClusterState.RUNNING, driver=sample_facts(sample_status()))
    )
    seats = tuple(SeatStatus(kernel_id, 1, "", 0, busy=False) for kernel_id in ("of-ann", "of-bob", "of-nobody"))
    await store.save_pulse(Subject.cluster(cluster.cluster_id), Pulse(store.now_ms(), Load(), 0.0, None, seats))
    return Sharing(definitions, AttachmentManager(store, clusters, b"key", notify), people, tokens, remote)


async def test_a_user_who_leaves_a_group_leaves_its_clusters(
    store: Store, sharing: Sharing, told: list[DriverNotice]
) -> None:
    people = People(store, "dbx")
    await people.meet(person_of("bob", groups=["data"]))
    await sharing.enforce()
    assert told == []

    await people.meet(person_of("bob", groups=[]))
    await sharing.enforce()
    assert told == [DetachNotice("of-bob")]


async def test_the_guard_goes_on_after_a_fault(
    sharing: Sharing, told: list[DriverNotice], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seat_guard, "EVERY_S", 0.01)
    await People(store, "dbx").meet(person_of("bob"))
    tries, looked = 0, asyncio.Event()
    enforce = sharing.enforce

    async def fail_first() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise StoreUnavailable
        await enforce()
        looked.set()

    monkeypatch.setattr(sharing, "enforce", fail_first)
    guard = SeatGuard(sharing, logging.getLogger())
    await guard.open()
    await asyncio.wait_for(looked.wait(), 10)
    await guard.close()

    assert tries > 1 and told[0] == DetachNotice("of-bob")
