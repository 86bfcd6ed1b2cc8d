"""A database server that stops, hangs, refuses or loses us: each is told with what to do, and passes with its cause."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from postgres import Postgres
from samples import CLUSTER_ID, NOW, sample_cluster
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
def store(url: str, runner: asyncio.Runner) -> Iterator[Store]:
    store = runner.run(Store(url).open())
    yield store
    runner.run(store.close())


@pytest.fixture
def cluster(store: Store, runner: asyncio.Runner) -> Cluster:
    """A cluster that was saved before anything went wrong."""
    return runner.run(store.clusters.save(sample_cluster()))


@pytest.fixture
def hanging(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Lets the server hang, from its call to the end of the test or to `postgres.wake`; answers are waited for 1 s."""

    def hang() -> None:
        monkeypatch.setattr(database, "ANSWER_S", 1.0)
        postgres.hang()

    yield hang
    postgres.wake()


def event() -> Event:
    return Event(CLUSTER_ID, NOW, EventType.RESIZING)


async def change(store: Store, cluster: Cluster) -> Cluster:
    return await store.clusters.save(replace(cluster, num_workers=9), event())


async def refusal(store: Store, cluster: Cluster) -> str:
    """Return what is said when a change with its event is refused."""
    with pytest.raises(StoreUnavailable) as refused:
        await change(store, cluster)
    return refused.value.message


async def check_unchanged(store: Store, cluster: Cluster) -> None:
    """Assert that nothing was written, and that the next change is."""
    assert await store.clusters.list() == [cluster]
    assert await store.events(CLUSTER_ID) == ([], 0)
    await change(store, cluster)
    assert (await store.events(CLUSTER_ID))[1] == 1


async def test_a_server_that_is_stopped_is_told_and_found_again(
    postgres: Postgres, store: Store, cluster: Cluster
) -> None:
    postgres.stop()
    said = await refusal(store, cluster)
    again = await refusal(store, cluster)
    postgres.start()

    for words in (said, again):
        assert words.startswith("It is not possible to use the store postgresql+psycopg://dbx@/postgres: ")
        assert words.endswith("Start PostgreSQL, or set DbxApp.store_url to where it is, then repeat the request.")
    await check_unchanged(store, cluster)


async def test_a_restart_between_two_calls_is_not_noticed(postgres: Postgres, store: Store, cluster: Cluster) -> None:
    postgres.stop()
    postgres.start()

    await check_unchanged(store, cluster)


async def test_connections_that_were_cut_between_two_calls_are_not_noticed(
    postgres: Postgres, store: Store, cluster: Cluster
) -> None:
    postgres.sql(CUT_ALL)

    await check_unchanged(store, cluster)


async def test_a_connection_that_is_cut_in_the_midst_of_a_change_undoes_it(
    postgres: Postgres, store: Store, cluster: Cluster
) -> None:
    def write_and_lose(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE documents SET version = 99")
        postgres.sql(CUT_ALL)
        connection.exec_driver_sql("DELETE FROM documents")

    with pytest.raises(StoreUnavailable, match="terminating connection"):
        await store.run(write_and_lose, changes=True)

    await check_unchanged(store, cluster)


async def test_a_server_that_hangs_is_given_up_and_found_again(
    postgres: Postgres, hanging: Callable[[], None], store: Store, cluster: Cluster
) -> None:
    hanging()

    async with asyncio.timeout(30):
        calls = [change(store, cluster), *(store.clusters.list() for _ in range(5))]
        said = await asyncio.gather(*calls, return_exceptions=True)
        later = await refusal(store, cluster)
    postgres.wake()

    silence = "There is no answer from the store postgresql+psycopg://dbx@/postgres for 1.0 s."
    assert all(str(words).startswith(silence) for words in [*said, later]), said
    await check_unchanged(store, cluster)


async def test_a_store_is_opened_once_its_server_answers(
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
    ("state", "said"),
    [
        ("disk_full", "There is no space left for the store {name}. Free some space"),
        (
            "read_only_sql_transaction",
            "It is not possible to write the store {name}: it does not work. Let the user of",
        ),
        ("insufficient_privilege", "It is not possible to write the store {name}: it does not work. Let the user of"),
        ("deadlock_detected", "Another process keeps the store {name} locked. Wait for it or end it (`SELECT * FROM"),
        ("query_canceled", "Another process keeps the store {name} locked."),
        ("internal_error", "It is not possible to use the store {name}: it does not work. Start PostgreSQL"),
    ],
)
async def test_each_trouble_of_the_server_has_its_sentence(
    store: Store, cluster: Cluster, state: str, said: str
) -> None:
    trouble = f"DO $$ BEGIN RAISE EXCEPTION 'it does not work.' USING ERRCODE = '{state}'; END $$"

    with pytest.raises(StoreUnavailable) as refused:
        await store.run(lambda c: (c.exec_driver_sql("DELETE FROM documents"), c.exec_driver_sql(trouble)))

    assert refused.value.message.startswith(said.format(name="postgresql+psycopg://dbx@/postgres"))
    await check_unchanged(store, cluster)


async def test_a_lock_is_not_waited_for_without_end(url: str, store: Store, cluster: Cluster) -> None:
    hasty = Store(url.replace("-csearch_path", "-clock_timeout%3D100ms%20-csearch_path"))

    def hold(connection: Connection) -> None:
        connection.exec_driver_sql("LOCK TABLE revision")
        said.append(asyncio.run_coroutine_threadsafe(refusal(hasty, cluster), loop).result(20))

    said: list[str] = []
    loop = asyncio.get_running_loop()
    await store.run(hold)

    assert "keeps the store postgresql+psycopg://dbx@/postgres locked" in said[0]
    await check_unchanged(hasty, cluster)
    await hasty.close()


async def test_user_who_may_make_no_tables_is_told(postgres: Postgres, url: str) -> None:
    postgres.sql("DROP ROLE IF EXISTS guest")
    postgres.sql("CREATE ROLE guest LOGIN")
    store = Store(url.replace("dbx@", "guest@"))

    with pytest.raises(StoreUnavailable, match=r"Let the user of DbxApp\.store_url make and write tables"):
        await store.open()

    await store.close()


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
async def test_a_server_that_is_not_there_is_told_without_the_password(postgres: Any, scheme: str) -> None:
    with pytest.raises(StoreUnavailable, match="connection failed") as refused:
        await Store(f"{scheme}://ada:secret@127.0.0.1:1/dbx?password=secret&sslmode=disable").open()

    assert "postgresql+psycopg://ada:***@127.0.0.1:1/dbx: " in refused.value.message
    assert "secret" not in refused.value.message
