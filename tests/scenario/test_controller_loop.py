"""The controller's own loop, in real time: one server acts, another takes over, news are heard, closing is quick."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import sample_cluster
from sqlalchemy.engine import Connection

from jupyter_dbx.controllers.base import Controller
from jupyter_dbx.model.errors import Conflict
from jupyter_dbx.store import Store

#: A lease that ends within a test (and is asked for three times as often), and one that does not, s.
SHORT_S, LONG_S = 0.4, 60.0


class Unpluggable(Store):
    """A store that can be out of reach for a while."""

    unplugged = False

    async def run(self, work: Callable[[Connection], Any], *, changes: bool = False) -> Any:
        if self.unplugged:
            raise ConnectionError("the database is out of reach")
        return await super().run(work, changes=changes)


class Recorder(Controller):
    """Looks at keys and does what it was told to do with them."""

    def __init__(self, store: Store, **settings: Any) -> None:
        super().__init__(store, **({"news_s": 0.02, "lease_s": LONG_S} | settings))
        #: key → what a look at it gives (s) or raises
        self.looks_at: dict[str, float | Exception] = {"a": 0.01}
        #: every key that was looked at, and a "sweep" for each of those
        self.done: list[str] = []
        self.takes_s = 0.0
        self.busy = self.most_busy = 0
        self._look = asyncio.Event()

    async def keys(self) -> list[str]:
        return list(self.looks_at)

    async def sweep(self) -> None:
        self.done.append("sweep")

    async def reconcile(self, key: str) -> float:
        self.done.append(key)
        self._look.set()
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        try:
            await asyncio.sleep(self.takes_s)
        finally:
            self.busy -= 1
        result = self.looks_at[key]
        if isinstance(result, Exception):
            raise result
        return result

    async def looked(self, count: int, key: str = "a") -> None:
        """Return once a key was looked at so many times more."""
        wanted = self.done.count(key) + count
        async with asyncio.timeout(20):
            while self.done.count(key) < wanted:
                self._look.clear()
                await self._look.wait()


@pytest.fixture
def servers(tmp_path: Path, runner: asyncio.Runner) -> Iterator[tuple[Recorder, Recorder]]:
    """Two servers of one workspace, each with a store of its own; neither is open yet."""
    stores = [runner.run(Unpluggable(f"sqlite:///{tmp_path}/dbx.db").open()) for _ in range(2)]
    recorders = (Recorder(stores[0]), Recorder(stores[1]))
    yield recorders
    for recorder in recorders:
        runner.run(recorder.close())
        runner.run(recorder.store.close())


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


async def test_closed_server_need_not_be_waited_for(servers: tuple[Recorder, Recorder]) -> None:
    one, two = servers
    two.lease_s = SHORT_S
    await one.open()
    await one.looked(1)
    await two.open()

    await one.close()

    await two.looked(1)


async def test_lost_server_is_followed_when_its_lease_ends(servers: tuple[Recorder, Recorder]) -> None:
    one, two = servers
    one.lease_s = two.lease_s = SHORT_S
    await one.open()
    await one.looked(1)
    await two.open()

    one.store.unplugged = True  # type: ignore[attr-defined]
    await two.looked(5)
    before = len(one.done)
    one.store.unplugged = False  # type: ignore[attr-defined]
    await two.looked(20)

    assert len(one.done) == before


async def test_everything_is_looked_at_and_swept_at_the_start(server: Recorder) -> None:
    server.looks_at = {"a": 60, "b": 60}

    await server.open()
    await server.looked(1, "b")

    assert server.done == ["sweep", "a", "b"]


async def test_everything_is_looked_at_and_swept_from_time_to_time(server: Recorder) -> None:
    server.looks_at = {"a": 60}
    server.resync_s = 0.05

    await server.open()
    await server.looked(3)

    assert server.done[:6] == ["sweep", "a"] * 3


@pytest.mark.parametrize("writer", [0, 1], ids=["this server", "another server"])
async def test_news_by_anybody_are_heard(servers: tuple[Recorder, Recorder], writer: int) -> None:
    servers[0].looks_at = {"a": 60}
    await servers[0].open()
    await servers[0].looked(1)

    await servers[writer].store.clusters.save(sample_cluster())

    await servers[0].looked(1)


async def test_key_is_looked_at_by_one_at_a_time(server: Recorder) -> None:
    server.looks_at = {"a": 0.0}
    server.takes_s = 0.03
    await server.open()

    saved = await server.store.clusters.save(sample_cluster())
    for _ in range(10):
        saved = await server.store.clusters.save(saved)
        await asyncio.sleep(0.01)
    await server.looked(2)

    assert server.most_busy == 1


async def test_key_that_fails_is_looked_at_less_often_and_disturbs_no_other(server: Recorder) -> None:
    server.looks_at = {"a": 0.01, "bad": RuntimeError("it does not work")}

    await server.open()
    await server.looked(20)

    assert 1 <= server.done.count("bad") <= 5


async def test_key_that_met_a_conflict_is_looked_at_again_at_once(server: Recorder) -> None:
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


async def test_server_that_never_opened_closes(server: Recorder) -> None:
    await server.close()

    assert server.done == []
