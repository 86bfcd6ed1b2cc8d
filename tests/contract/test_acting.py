"""Of several servers of one place one acts, for as long as it holds the lease and not longer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from places import until
from samples import sample_cluster
from sqlalchemy.engine import Connection

from jupyter_dbx.controllers.base import Controller
from jupyter_dbx.model.errors import StoreUnavailable
from jupyter_dbx.store import Store

#: A lease that many renewals keep alive within a test, s.
LEASE_S = 1.2


class Pluggable(Store):
    """A store that can be out of reach for a while."""

    unplugged = False

    async def run(self, work: Callable[[Connection], Any], *, changes: bool = False) -> Any:
        if self.unplugged:
            raise StoreUnavailable("The cable is out. Plug it in.")
        return await super().run(work, changes=changes)


class Worker(Controller):
    """Notes what is being worked on, by which server."""

    def __init__(self, store: Store, **settings: Any) -> None:
        super().__init__(store, **({"news_s": 0.02, "lease_s": LEASE_S, "resync_s": 60.0} | settings))
        self.all_keys = ["a"]
        #: what a look at a key gives, s
        self.again: float | None = 60.0
        #: how long a look and a sweep take, s
        self.takes_s = self.sweep_s = 0.0
        self.begun: list[str] = []
        #: keys that are being worked on now, and the most there ever were
        self.in_hand: set[str] = set()
        self.most = 0

    async def keys(self) -> list[str]:
        return self.all_keys

    async def sweep(self) -> None:
        self.begun.append("sweep")
        await asyncio.sleep(self.sweep_s)

    async def reconcile(self, key: str) -> float | None:
        self.begun.append(key)
        self.in_hand.add(key)
        self.most = max(self.most, len(self.in_hand))
        try:
            await asyncio.sleep(self.takes_s)
        finally:
            self.in_hand.discard(key)
        return self.again


Serve = Callable[..., Awaitable[Worker]]


@pytest.fixture
def serve(tmp_path: Path, clock: Any, runner: asyncio.Runner) -> Iterator[Serve]:
    """Makes servers on one store, whose clock stands still."""
    workers: list[Worker] = []

    async def make(**settings: Any) -> Worker:
        store = await Pluggable(f"sqlite:///{tmp_path}/dbx.db", clock=clock).open()
        workers.append(Worker(store, **settings))
        return workers[-1]

    yield make
    for worker in workers:
        worker.store.unplugged = False  # type: ignore[attr-defined]
        runner.run(worker.close())
        runner.run(worker.store.close())


async def test_a_long_sweep_costs_no_lease(serve: Serve, clock: Any) -> None:
    one, two = await serve(), await serve()
    one.sweep_s = 60.0
    await one.open()
    await until(lambda: one.begun)
    await two.open()

    for _ in range(8):
        await asyncio.sleep(LEASE_S / 4)
        clock.advance(LEASE_S / 4)

    assert (one.begun, two.begun) == (["sweep"], [])


async def test_what_is_in_hand_is_dropped_when_another_server_has_the_lease(serve: Serve, clock: Any) -> None:
    one, two = await serve(), await serve()
    one.takes_s = 60.0
    await one.open()
    await until(lambda: one.in_hand)

    clock.advance(3600)
    assert await two.store.lease("Worker", "two", ttl_s=60)
    await until(lambda: not one.in_hand)

    assert one.begun == ["sweep", "a"]


async def test_what_is_in_hand_is_dropped_when_the_lease_cannot_be_renewed(serve: Serve) -> None:
    one = await serve()
    one.takes_s = 60.0
    await one.open()
    await until(lambda: one.in_hand)

    one.store.unplugged = True  # type: ignore[attr-defined]
    await until(lambda: not one.in_hand)
    one.store.unplugged = False  # type: ignore[attr-defined]

    await until(lambda: one.in_hand)
    assert one.begun == ["sweep", "a"] * 2


async def test_a_clock_that_was_set_back_blocks_nobody(serve: Serve, clock: Any) -> None:
    one, two = await serve(), await serve()
    await one.store.lease("Worker", "a server that was killed", ttl_s=6)

    clock.advance(-7200)
    await two.open()

    await until(lambda: two.begun)


async def test_servers_of_two_places_both_act(serve: Serve) -> None:
    one, two = await serve(place="here"), await serve(place="there")

    await one.open()
    await two.open()

    await until(lambda: one.begun and two.begun)


async def test_no_more_keys_are_worked_on_than_allowed_and_none_is_left_out(serve: Serve) -> None:
    server = await serve(parallel=2)
    server.all_keys = [f"key {n}" for n in range(9)]
    server.takes_s = 0.01

    await server.open()
    await until(lambda: len(server.begun) == 10)
    await until(lambda: not server.in_hand)

    assert sorted(server.begun) == [*server.all_keys, "sweep"]
    assert server.most == 2


async def test_a_key_that_is_done_is_forgotten_until_there_are_news(serve: Serve) -> None:
    server = await serve()
    server.again = None
    await server.open()
    await until(lambda: server.begun == ["sweep", "a"])
    await asyncio.sleep(5 * server.news_s)

    await server.store.clusters.save(sample_cluster())
    await until(lambda: len(server.begun) > 2)

    assert server.begun == ["sweep", "a", "a"]


async def test_an_outage_is_told_once_and_its_end_too(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = await serve()
    server.again = 0.01
    with caplog.at_level(logging.INFO, logger="traitlets"):
        await server.open()
        await until(lambda: len(server.begun) > 2)

        server.store.unplugged = True  # type: ignore[attr-defined]
        await asyncio.sleep(2 * LEASE_S)
        server.store.unplugged = False  # type: ignore[attr-defined]
        await until(lambda: "look again" in caplog.text)

    told = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING and "lease" not in r.getMessage()]
    assert told == ["Worker cannot look and tries again: The cable is out. Plug it in."]
    assert not any(record.exc_info for record in caplog.records)


async def test_server_closes_while_the_store_is_out_of_reach(serve: Serve) -> None:
    server = await serve()
    server.takes_s = 60.0
    await server.open()
    await until(lambda: server.in_hand)
    server.store.unplugged = True  # type: ignore[attr-defined]

    async with asyncio.timeout(5):
        await server.close()

    assert not server.in_hand
