"""The controller's loop: one server acts, another takes over, changes arrive, closing is quick. No test waits for real time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from passing_time import ManualClock, PluggableStore, Time
from samples import sample_cluster

from jupyter_dbx.controllers.base import Controller
from jupyter_dbx.model.errors import Conflict


class Recorder(Controller):
    """Reconciles keys as the test configures."""

    def __init__(self, store: PluggableStore, time: Time, **settings: Any) -> None:
        super().__init__(store, clock=time.steady, **settings)
        #: key → what a look at it gives (s) or raises
        self.looks_at: dict[str, float | Exception] = {"a": 1.0}
        #: every key that was looked at, and a "sweep" for each of those
        self.done: list[str] = []
        self.takes_s = 0.0
        self.busy = self.most_busy = 0
        self._time = time

    async def keys(self) -> list[str]:
        return list(self.looks_at)

    async def sweep(self) -> None:
        self.done.append("sweep")

    async def reconcile(self, key: str, due: float) -> float:
        self.done.append(key)
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        try:
            if self.takes_s:
                await self.clock.sleep(self.takes_s)
        finally:
            self.busy -= 1
        result = self.looks_at[key]
        if isinstance(result, Exception):
            raise result
        return result

    async def looked(self, count: int, key: str = "a") -> None:
        """Return once a key was looked at so many times more."""
        wanted = self.done.count(key) + count
        await self._time.until(lambda: self.done.count(key) >= wanted, within_s=4 * self.resync_s)


@pytest.fixture
def time(clock: Any) -> Time:
    return Time(clock, ManualClock())


@pytest.fixture
async def servers(tmp_path: Path, time: Time) -> AsyncIterator[tuple[Recorder, Recorder]]:
    """Two servers of one workspace, each with its own store; neither is open yet."""
    for _ in range(2):
        store = PluggableStore(f"sqlite:///{tmp_path}/dbx.db", clock=time.wall)
        await store.open()
        time.stores.append(store)
    recorders = (Recorder(time.stores[0], time), Recorder(time.stores[1], time))
    yield recorders
    for recorder in recorders:
        await recorder.close()
        await recorder.store.close()


@pytest.fixture
def server(servers: tuple[Recorder, Recorder]) -> Recorder:
    return servers[0]


async def test_only_one_server_acts(servers: tuple[Recorder, Recorder]) -> None:
    one, two = servers
    await one.open()
    await one.looked(1)

    await two.open()
    await one.looked(20)

    assert two.done == []


async def test_closed_server_releases_its_lease(servers: tuple[Recorder, Recorder]) -> None:
    one, two = servers
    await one.open()
    await one.looked(1)
    await two.open()

    await one.close()

    await two.looked(1)


async def test_another_server_takes_over_when_the_lease_of_a_dead_one_expires(
    servers: tuple[Recorder, Recorder], time: Time
) -> None:
    one, two = servers
    await one.open()
    await one.looked(1)
    await two.open()

    time.stores[0].fault = ConnectionError("the database is out of reach")
    await two.looked(5)
    before = len(one.done)
    time.stores[0].fault = None
    await two.looked(20)

    assert len(one.done) == before


async def test_everything_is_reconciled_and_swept_at_the_start(server: Recorder) -> None:
    server.looks_at = {"a": 600, "b": 600}

    await server.open()
    await server.looked(1, "b")

    assert server.done == ["sweep", "a", "b"]


async def test_everything_is_reconciled_and_swept_periodically(server: Recorder) -> None:
    server.looks_at = {"a": 600}

    await server.open()
    await server.looked(3)

    assert server.done[:6] == ["sweep", "a"] * 3


@pytest.mark.parametrize("writer", [0, 1], ids=["this server", "another server"])
async def test_changes_by_any_process_are_noticed(servers: tuple[Recorder, Recorder], writer: int, time: Time) -> None:
    servers[0].looks_at = {"a": 600}
    await servers[0].open()
    await servers[0].looked(1)

    await servers[writer].store.clusters.save(sample_cluster())
    await time.pass_by(servers[0].news_s)

    assert servers[0].done == ["sweep", "a", "a"]


async def test_key_is_reconciled_once_at_a_time(server: Recorder, time: Time) -> None:
    server.looks_at = {"a": 0.0}
    server.takes_s = 3.0
    await server.open()

    saved = await server.store.clusters.save(sample_cluster())
    for _ in range(10):
        saved = await server.store.clusters.save(saved)
        await time.pass_by(1.0)
    await server.looked(2)

    assert server.most_busy == 1


async def test_failing_key_backs_off_and_delays_no_other_key(server: Recorder) -> None:
    server.looks_at = {"a": 0.25, "bad": RuntimeError("it does not work")}

    await server.open()
    await server.looked(20)

    assert 1 <= server.done.count("bad") <= 5


async def test_key_with_a_conflict_is_reconciled_again_at_once(server: Recorder) -> None:
    server.looks_at = {"a": Conflict()}

    await server.open()

    await server.looked(10)


async def test_server_closes_while_it_is_busy(server: Recorder) -> None:
    server.takes_s = 60
    await server.open()
    await server.looked(1)

    async with asyncio.timeout(5):
        await server.close()

    assert server.busy == 0


async def test_server_that_was_never_opened_closes(server: Recorder) -> None:
    await server.close()

    assert server.done == []
