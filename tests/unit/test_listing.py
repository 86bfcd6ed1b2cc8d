"""SharedListing: which clusters share a listing of the backend, and which get a new one."""

from __future__ import annotations

import asyncio

import pytest
from passing_time import RunningClock

from jupyter_dbx.controllers.listing import SharedListing
from jupyter_dbx.model.errors import NodeFailure


class NumberedBackend:
    """A backend whose listing returns the number of listings so far once `answers` is set; its clock runs."""

    def __init__(self) -> None:
        self.clock = RunningClock()
        self.count = 0
        self.fails = False
        self.answers = asyncio.Event()
        self.answers.set()
        self.listing = SharedListing(self.list_all, self.clock)

    async def list_all(self) -> int:
        self.count += 1
        number = self.count
        await self.answers.wait()
        if self.fails:
            raise NodeFailure("It is out of reach.")
        return number


@pytest.fixture
def backend() -> NumberedBackend:
    return NumberedBackend()


async def test_clusters_due_before_a_listing_share_it(backend: NumberedBackend) -> None:
    dues = [backend.clock() for _ in range(3)]

    found = [(await backend.listing.since(due)).found for due in dues]

    assert found == [1, 1, 1]


async def test_clusters_due_before_a_running_listing_share_it(backend: NumberedBackend) -> None:
    dues = [backend.clock() for _ in range(3)]
    backend.answers.clear()
    listings = [asyncio.create_task(backend.listing.since(due)) for due in dues]
    await asyncio.sleep(0)

    backend.answers.set()

    assert [listing.found for listing in await asyncio.gather(*listings)] == [1, 1, 1]


async def test_cluster_due_after_the_start_of_a_listing_gets_a_new_one(backend: NumberedBackend) -> None:
    backend.answers.clear()
    before = asyncio.create_task(backend.listing.since(backend.clock()))
    await asyncio.sleep(0)
    after = asyncio.create_task(backend.listing.since(backend.clock()))
    await asyncio.sleep(0)
    backend.answers.set()

    listings = await asyncio.gather(before, after)

    assert [listing.found for listing in listings] == [1, 2]
    assert listings[0].began < listings[1].began


async def test_cluster_due_at_the_instant_of_a_listing_gets_a_new_one(backend: NumberedBackend) -> None:
    first = await backend.listing.since(backend.clock())

    assert (await backend.listing.since(first.began)).found == 2


async def test_failure_is_shared_and_the_next_round_retries(backend: NumberedBackend) -> None:
    dues = [backend.clock() for _ in range(2)]
    backend.fails = True
    for due in dues:
        with pytest.raises(NodeFailure):
            await backend.listing.since(due)
    backend.fails = False

    assert (await backend.listing.since(backend.clock())).found == 2
