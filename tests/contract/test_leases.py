"""Several servers on one database: at most one holds a lease, and none blocks another."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_dbx.store import MAX_LEASE_S, Store

TTL_S = 6.0


@pytest.fixture
async def stores(url: str, clock: Any) -> AsyncIterator[tuple[Store, Store]]:
    """Two servers on one database."""
    stores = (await Store(url, clock=clock).open(), await Store(url, clock=clock).open())
    yield stores
    for store in stores:
        await store.close()


async def test_first_server_to_request_the_lease_holds_it(stores: tuple[Store, Store]) -> None:
    one, two = stores

    assert await one.lease("loop", "one", ttl_s=TTL_S)
    assert not await two.lease("loop", "two", ttl_s=TTL_S)


async def test_leases_of_other_names_are_free(stores: tuple[Store, Store]) -> None:
    one, two = stores

    assert await one.lease("loop", "one", ttl_s=TTL_S)
    assert await two.lease("other loop", "two", ttl_s=TTL_S)


@pytest.mark.parametrize(("waited_s", "is_over"), [(0.0, False), (5.9, False), (6.0, False), (6.1, True)])
async def test_lease_expires(stores: tuple[Store, Store], clock: Any, waited_s: float, is_over: bool) -> None:
    one, two = stores
    await one.lease("loop", "one", ttl_s=TTL_S)

    clock.advance(waited_s)

    assert await two.lease("loop", "two", ttl_s=TTL_S) is is_over


async def test_renewed_lease_lasts_from_the_renewal(stores: tuple[Store, Store], clock: Any) -> None:
    one, two = stores
    await one.lease("loop", "one", ttl_s=TTL_S)

    clock.advance(4)
    renewed = await one.lease("loop", "one", ttl_s=TTL_S)
    clock.advance(4)

    assert renewed
    assert not await two.lease("loop", "two", ttl_s=TTL_S)


async def test_holder_that_was_suspended_has_lost_its_lease(stores: tuple[Store, Store], clock: Any) -> None:
    one, two = stores
    await one.lease("loop", "one", ttl_s=TTL_S)
    clock.advance(7)
    await two.lease("loop", "two", ttl_s=TTL_S)

    assert not await one.lease("loop", "one", ttl_s=TTL_S)


async def test_released_lease_is_free_at_once(stores: tuple[Store, Store]) -> None:
    one, two = stores
    await one.lease("loop", "one", ttl_s=TTL_S)

    await one.release_lease("loop", "one")

    assert await two.lease("loop", "two", ttl_s=TTL_S)


async def test_only_the_holder_releases_a_lease(stores: tuple[Store, Store]) -> None:
    one, two = stores
    await one.lease("loop", "one", ttl_s=TTL_S)

    await two.release_lease("loop", "two")

    assert not await two.lease("loop", "two", ttl_s=TTL_S)


@pytest.mark.parametrize(("set_back_s", "is_over"), [(30, False), (120, True), (86_400, True)])
async def test_lease_with_an_implausible_expiry_is_over(
    stores: tuple[Store, Store], clock: Any, set_back_s: float, is_over: bool
) -> None:
    one, two = stores
    await one.lease("loop", "one", ttl_s=TTL_S)

    clock.advance(-set_back_s)

    assert await two.lease("loop", "two", ttl_s=TTL_S) is is_over


async def test_term_of_a_lease_is_limited(stores: tuple[Store, Store], clock: Any) -> None:
    one, two = stores
    await one.lease("loop", "one", ttl_s=1e6)

    clock.advance(MAX_LEASE_S + 0.1)

    assert await two.lease("loop", "two", ttl_s=TTL_S)


async def test_one_of_two_concurrent_requests_gets_the_lease(stores: tuple[Store, Store]) -> None:
    for n in range(20):
        requests = [s.lease(f"loop {n}", owner, ttl_s=TTL_S) for s, owner in zip(stores, ("a", "b"), strict=True)]

        assert sorted(await asyncio.gather(*requests)) == [False, True]


#: Takes the lease as often as possible. While it holds the lease, a file exists that no other process may find.
#: Prints how often it held the lease.
_CONTENDER = """
import asyncio, os, sys, time
from jupyter_dbx.store import MAX_LEASE_S, Store

async def main(url, mark, me, go):
    held = 0
    while not os.path.exists(go):
        time.sleep(0.001)
    store = await Store(url).open()
    ends = time.monotonic() + 1.0
    while time.monotonic() < ends:
        if await store.lease("loop", me, ttl_s=60):
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
            held += 1
            await store.lease("loop", me, ttl_s=60)
            os.unlink(mark)
            await store.release_lease("loop", me)
        await asyncio.sleep(0.001)
    await store.close()
    print(held)

asyncio.run(main(*sys.argv[1:]))
"""


def test_racing_processes_never_both_hold_a_lease(url: str, tmp_path: Path) -> None:
    mark, go = tmp_path / "held", tmp_path / "go"
    command = [sys.executable, "-c", _CONTENDER, url, str(mark)]
    pipe = subprocess.PIPE
    racers = [subprocess.Popen([*command, me, str(go)], stdout=pipe, stderr=pipe, text=True) for me in ("a", "b")]

    go.touch()
    outputs = [racer.communicate(timeout=60) for racer in racers]

    assert [racer.returncode for racer in racers] == [0, 0], outputs
    assert all(int(held) > 0 for held, _ in outputs)


#: Opens stores that do not exist yet, each at the same moment as its twin.
_OPENER = """
import asyncio, os, sys, time
from jupyter_dbx.store import MAX_LEASE_S, Store

async def main(folder, me, twin, *urls):
    for n, url in enumerate(urls):
        open(f"{folder}/{me}-{n}", "w").close()
        deadline = time.monotonic() + 30
        while not os.path.exists(f"{folder}/{twin}-{n}"):
            assert time.monotonic() < deadline, "the twin has failed"
        store = await Store(url).open()
        await store.revision()
        await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


def test_two_processes_can_create_a_database_at_once(new_url: Callable[[], str], tmp_path: Path) -> None:
    urls = [new_url() for _ in range(8)]
    command = [sys.executable, "-c", _OPENER, str(tmp_path)]
    pipe = subprocess.PIPE
    names = (("a", "b"), ("b", "a"))
    twins = [subprocess.Popen([*command, *twin, *urls], stderr=pipe, text=True) for twin in names]

    try:
        errors = [twin.communicate(timeout=60)[1] for twin in twins]
    finally:
        for twin in twins:
            twin.kill()
            twin.communicate()

    assert errors == ["", ""]
