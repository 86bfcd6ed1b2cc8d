"""One of several servers acts, exactly as long as it holds the lease."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from passing_time import ManualClock, PluggableStore, Time
from samples import sample_cluster

from jupyter_dbx.controllers.base import Controller
from jupyter_dbx.model.errors import StoreUnavailable

OUT_OF_REACH = StoreUnavailable("The cable is out. Plug it in.")


class Worker(Controller):
    """Records the keys in progress."""

    def __init__(self, store: PluggableStore, **settings: Any) -> None:
        super().__init__(store, **({"resync_s": 600.0, "sweep_s": 600.0} | settings))
        self.all_keys = ["a"]
        #: result of a reconciliation, s
        self.again: float | None = 600.0
        #: how long a reconciliation and a sweep take, s
        self.takes_s = self.sweep_takes_s = 0.0
        self.begun: list[str] = []
        #: keys in progress, and their maximum number so far
        self.in_hand: set[str] = set()
        self.most = 0

    async def keys(self) -> list[str]:
        return self.all_keys

    async def sweep(self) -> None:
        self.begun.append("sweep")
        await self.clock.sleep(self.sweep_takes_s)

    async def reconcile(self, key: str, due: float) -> float | None:
        self.begun.append(key)
        self.in_hand.add(key)
        self.most = max(self.most, len(self.in_hand))
        try:
            await self.clock.sleep(self.takes_s)
        finally:
            self.in_hand.discard(key)
        return self.again


Serve = Callable[..., Awaitable[Worker]]


@pytest.fixture
def time(clock: Any) -> Time:
    return Time(clock, ManualClock())


@pytest.fixture
async def serve(tmp_path: Path, time: Time) -> AsyncIterator[Serve]:
    """Creates servers on one store."""
    workers: list[Worker] = []

    async def make(**settings: Any) -> Worker:
        store = PluggableStore(f"sqlite:///{tmp_path}/dbx.db", clock=time.wall)
        await store.open()
        time.stores.append(store)
        workers.append(Worker(store, clock=time.steady, **settings))
        return workers[-1]

    yield make
    for worker, store in zip(workers, time.stores, strict=True):
        store.fault = None
        await worker.close()
        await store.close()


async def test_a_long_sweep_does_not_lose_the_lease(serve: Serve, time: Time) -> None:
    one, two = await serve(), await serve()
    one.sweep_takes_s = 60.0
    await one.open()
    await time.until(lambda: one.begun)
    await two.open()

    await time.pass_by(5 * one.lease_s)

    assert (one.begun, two.begun) == (["sweep"], [])


async def test_work_is_cancelled_when_another_server_has_the_lease(serve: Serve, time: Time) -> None:
    one, two = await serve(), await serve()
    one.takes_s = 60.0
    await one.open()
    await time.until(lambda: one.in_hand)

    time.wall.advance(3600)
    assert await two.store.lease("Worker", "two", ttl_s=60)
    await time.until(lambda: not one.in_hand)

    assert one.begun == ["sweep", "a"]


async def test_work_is_cancelled_when_the_lease_cannot_be_renewed(serve: Serve, time: Time) -> None:
    one = await serve()
    one.takes_s = 60.0
    await one.open()
    await time.until(lambda: one.in_hand)

    time.stores[0].fault = OUT_OF_REACH
    await time.until(lambda: not one.in_hand)
    time.stores[0].fault = None

    await time.until(lambda: one.in_hand)
    assert one.begun == ["sweep", "a"] * 2


async def test_a_clock_that_was_set_back_blocks_nobody(serve: Serve, time: Time) -> None:
    one, two = await serve(), await serve()
    await one.store.lease("Worker", "a server that was killed", ttl_s=6)

    time.wall.advance(-7200)
    await two.open()

    await time.until(lambda: two.begun)


async def test_servers_of_two_hosts_both_act(serve: Serve, time: Time) -> None:
    one, two = await serve(place="here"), await serve(place="there")

    await one.open()
    await two.open()

    await time.until(lambda: one.begun and two.begun)


async def test_number_of_concurrent_keys_is_limited_and_none_is_left_out(serve: Serve, time: Time) -> None:
    server = await serve(parallel=2)
    server.all_keys = [f"key {n}" for n in range(9)]
    server.takes_s = 0.5

    await server.open()
    await time.until(lambda: len(server.begun) == 10)
    await time.until(lambda: not server.in_hand)

    assert sorted(server.begun) == [*server.all_keys, "sweep"]
    assert server.most == 2


async def test_a_key_that_is_done_waits_for_the_next_change(serve: Serve, time: Time) -> None:
    server = await serve()
    server.again = None
    await server.open()
    await time.until(lambda: server.begun == ["sweep", "a"])
    await time.pass_by(5 * server.news_s)

    await server.store.clusters.save(sample_cluster())
    await time.until(lambda: len(server.begun) > 2)

    assert server.begun == ["sweep", "a", "a"]


async def test_an_outage_is_logged_once_and_so_is_its_end(
    serve: Serve, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    server = await serve()
    server.again = 1.0
    with caplog.at_level(logging.INFO, logger="traitlets"):
        await server.open()
        await time.until(lambda: len(server.begun) > 2)

        time.stores[0].fault = OUT_OF_REACH
        await time.pass_by(2 * server.lease_s)
        time.stores[0].fault = None
        await time.until(lambda: "works again" in caplog.text)

    warnings = [
        r.getMessage() for r in caplog.records if r.levelno == logging.WARNING and "lease" not in r.getMessage()
    ]
    assert warnings == ["Worker is blocked and tries again: The cable is out. Plug it in."]
    assert not any(record.exc_info for record in caplog.records)


async def test_server_closes_while_the_store_is_out_of_reach(serve: Serve, time: Time) -> None:
    server = await serve()
    server.takes_s = 60.0
    await server.open()
    await time.until(lambda: server.in_hand)
    time.stores[0].fault = OUT_OF_REACH

    async with asyncio.timeout(5):
        await server.close()

    assert not server.in_hand
