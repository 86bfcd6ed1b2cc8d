"""A database server that stops, hangs, reports an error or closes connections: each fault is explained and recovers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from postgres import Postgres
from samples import CLUSTER, NOW, sample_cluster
from sqlalchemy.engine import Connection

from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.errors import StoreUnavailable
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.store import Store, database

#: Ends every connection of a store.
CUT_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'jupyter_dbx'"


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.new_database()


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    store = await Store(url).open()
    yield store
    await store.close()


@pytest.fixture
async def cluster(store: Store) -> Cluster:
    """A cluster that was saved before the fault."""
    return await store.clusters.save(sample_cluster())


@pytest.fixture
def hanging(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Makes the server hang until the end of the test or `postgres.wake`; calls time out after 1 s."""

    def hang() -> None:
        monkeypatch.setattr(database, "CALL_S", 1.0)
        postgres.hang()

    yield hang
    postgres.wake()


def event() -> Event:
    return Event(CLUSTER, NOW, EventType.RESIZING)


async def change(store: Store, cluster: Cluster) -> Cluster:
    return await store.clusters.save(replace(cluster, num_workers=9), event())


async def refusal(store: Store, cluster: Cluster) -> str:
    """Return the error message of a failed change."""
    with pytest.raises(StoreUnavailable) as refused:
        await change(store, cluster)
    return refused.value.message


async def check_unchanged(store: Store, cluster: Cluster) -> None:
    """Assert that nothing was written, and that the next change succeeds."""
    assert await store.clusters.list() == [cluster]
    assert await store.events(CLUSTER) == ([], 0)
    await change(store, cluster)
    assert (await store.events(CLUSTER))[1] == 1


async def test_a_stopped_server_is_reported_and_reconnected(postgres: Postgres, store: Store, cluster: Cluster) -> None:
    postgres.stop()
    message = await refusal(store, cluster)
    again = await refusal(store, cluster)
    postgres.start()

    for text in (message, again):
        assert text.startswith("Cannot use the store postgresql+psycopg://dbx@/postgres: ")
        assert text.endswith("Start PostgreSQL, or set DbxApp.store_url to its address, then repeat the request.")
    await check_unchanged(store, cluster)


async def test_a_restart_between_two_calls_is_not_noticed(postgres: Postgres, store: Store, cluster: Cluster) -> None:
    postgres.stop()
    postgres.start()

    await check_unchanged(store, cluster)


async def test_connections_lost_between_two_calls_are_not_noticed(
    postgres: Postgres, store: Store, cluster: Cluster
) -> None:
    postgres.sql(CUT_ALL)

    await check_unchanged(store, cluster)


async def test_a_connection_lost_during_a_change_rolls_it_back(
    postgres: Postgres, store: Store, cluster: Cluster
) -> None:
    def write_and_lose(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE documents SET version = 99")
        postgres.sql(CUT_ALL)
        connection.exec_driver_sql("DELETE FROM documents")

    with pytest.raises(StoreUnavailable, match="terminating connection"):
        await store.run(write_and_lose, changes=True)

    await check_unchanged(store, cluster)


async def test_a_hung_server_times_out_and_is_reconnected(
    postgres: Postgres, hanging: Callable[[], None], store: Store, cluster: Cluster
) -> None:
    hanging()

    async with asyncio.timeout(30):
        calls = [change(store, cluster), *(store.clusters.list() for _ in range(5))]
        errors = await asyncio.gather(*calls, return_exceptions=True)
        later = await refusal(store, cluster)
    postgres.wake()

    timeout = "No response from the store postgresql+psycopg://dbx@/postgres within 1.0 s."
    assert all(str(error).startswith(timeout) for error in [*errors, later]), errors
    await check_unchanged(store, cluster)


async def test_a_store_is_opened_once_its_server_responds(
    postgres: Postgres, hanging: Callable[[], None], url: str
) -> None:
    store = Store(url)
    hanging()

    with pytest.raises(StoreUnavailable):
        await store.open()
    postgres.wake()

    assert await store.clusters.list() == []
    await store.close()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("disk_full", "No disk space is left for the store {name}. Free some space"),
        (
            "read_only_sql_transaction",
            "Cannot write to the store {name}: it does not work. Give the user of",
        ),
        ("insufficient_privilege", "Cannot write to the store {name}: it does not work. Give the user of"),
        ("deadlock_detected", "Another process has locked the store {name}. Wait for it or stop it (`SELECT * FROM"),
        ("query_canceled", "Another process has locked the store {name}."),
        ("internal_error", "Cannot use the store {name}: it does not work. Start PostgreSQL"),
    ],
)
async def test_each_server_error_has_its_message(store: Store, cluster: Cluster, state: str, message: str) -> None:
    failing_statement = f"DO $$ BEGIN RAISE EXCEPTION 'it does not work.' USING ERRCODE = '{state}'; END $$"

    with pytest.raises(StoreUnavailable) as refused:
        await store.run(lambda c: (c.exec_driver_sql("DELETE FROM documents"), c.exec_driver_sql(failing_statement)))

    assert refused.value.message.startswith(message.format(name="postgresql+psycopg://dbx@/postgres"))
    await check_unchanged(store, cluster)


async def test_waiting_for_a_lock_has_a_limit(url: str, store: Store, cluster: Cluster) -> None:
    hasty = Store(url.replace("-csearch_path", "-clock_timeout%3D100ms%20-csearch_path"))

    def hold(connection: Connection) -> None:
        connection.exec_driver_sql("LOCK TABLE revision")
        messages.append(asyncio.run_coroutine_threadsafe(refusal(hasty, cluster), loop).result(20))

    messages: list[str] = []
    loop = asyncio.get_running_loop()
    await store.run(hold)

    assert "has locked the store postgresql+psycopg://dbx@/postgres" in messages[0]
    await check_unchanged(hasty, cluster)
    await hasty.close()


async def test_missing_permission_to_create_tables_is_reported(postgres: Postgres, url: str) -> None:
    postgres.sql("DROP ROLE IF EXISTS guest")
    postgres.sql("CREATE ROLE guest LOGIN")
    store = Store(url.replace("dbx@", "guest@"))

    with pytest.raises(
        StoreUnavailable, match=r"Give the user of DbxApp.store_url the right to create and write tables"
    ):
        await store.open()

    await store.close()


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
async def test_a_missing_server_is_reported_without_the_password(postgres: Any, scheme: str) -> None:
    with pytest.raises(StoreUnavailable, match="connection failed") as refused:
        await Store(f"{scheme}://ada:secret@127.0.0.1:1/dbx?password=secret&sslmode=disable").open()

    assert "postgresql+psycopg://ada:***@127.0.0.1:1/dbx: " in refused.value.message
    assert "secret" not in refused.value.message
