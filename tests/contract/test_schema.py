"""Revisions of the store's schema: a new store, an older one and a newer one, on both databases."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from samples import CLUSTER, CLUSTER_ID, NOW, sample_cluster

from jupyter_dbx.managers.secrets import SecretManager
from jupyter_dbx.model.access import Grant
from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.driver import Load
from jupyter_dbx.model.errors import StoreNewer, StoreUnavailable
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.node import NodeState, Role
from jupyter_dbx.model.secret import SecretAcl, SecretMetadata
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.model.usage import NodeSample
from jupyter_dbx.store import Store
from jupyter_dbx.store.schema import MIGRATIONS, migrate
from jupyter_dbx.store.tables import SCHEMA_REVISION, alembic_version, schema

#: Dumps of a store from the code before revisions, and the key of its secret; see `make.py` there.
OLD_STORE = Path(__file__).parent / "old_store"
WORKSPACE_KEY = bytes(range(32))

OTHER_CLUSTER = Subject.cluster("1114-221320-ended")


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    """Yield a separate connection in a transaction, to inspect or create a store."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def old_url(url: str) -> str:
    """A store from the code before revisions."""
    with connected(url) as connection:
        driver: Any = connection.connection.driver_connection
        script = (OLD_STORE / f"{connection.dialect.name}.sql").read_text()
        if connection.dialect.name == "sqlite":
            driver.executescript(script)
        else:
            driver.execute(script)
    return url


def tables_of(url: str) -> dict[str, Any]:
    """Return the columns, the primary key and the indexes of each table."""
    with connected(url) as connection:
        look = sa.inspect(connection)
        return {
            name: {
                "columns": [column | {"type": describe(column["type"])} for column in look.get_columns(name)],
                "primary key": look.get_pk_constraint(name),
                "indexes": look.get_indexes(name),
            }
            for name in look.get_table_names()
        }


def describe(kind: Any) -> tuple[str, str | None]:
    return str(kind), getattr(kind, "collation", None)


def rows_of(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of a store."""
    with connected(url) as connection:
        names = sa.inspect(connection).get_table_names()
        return {name: [tuple(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}"))] for name in names}


def set_revision(url: str, value: str) -> None:
    with connected(url) as connection:
        connection.execute(alembic_version.update().values(version_num=value))


async def open_and_close(url: str) -> None:
    await (await Store(url).open()).close()


def test_revision_of_this_code_is_that_of_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == SCHEMA_REVISION


async def test_migrations_create_the_tables_of_a_new_store(new_url: Callable[[], str]) -> None:
    new, migrated = new_url(), new_url()

    await open_and_close(new)
    with connected(migrated) as connection:
        migrate(connection)

    assert tables_of(migrated) == tables_of(new)
    assert (
        rows_of(migrated)
        == rows_of(new)
        == {name: [] for name in schema.tables}
        | {
            "revision": [(0,)],
            "alembic_version": [(SCHEMA_REVISION,)],
        }
    )


async def test_store_of_the_code_before_revisions_gets_the_tables_of_a_new_one(
    old_url: str, new_url: Callable[[], str]
) -> None:
    new = new_url()

    await open_and_close(old_url)
    await open_and_close(new)

    assert tables_of(old_url) == tables_of(new)


async def test_first_revision_does_not_change_a_store_without_one(old_url: str) -> None:
    tables, rows = tables_of(old_url), rows_of(old_url)

    with connected(old_url) as connection:
        migrate(connection, "0001")

    assert rows_of(old_url) == rows | {"alembic_version": [("0001",)]}
    assert {name: table for name, table in tables_of(old_url).items() if name != "alembic_version"} == tables


async def test_store_from_before_usage_and_secrets_gets_their_tables(old_url: str) -> None:
    with connected(old_url) as connection:
        for name in ("pulses", "samples", "secrets"):
            connection.execute(sa.text(f"DROP TABLE {name}"))

    store = await Store(old_url).open()

    assert len(await store.clusters.list()) == 2
    assert await store.pulses("cluster") == {}
    assert await store.samples(CLUSTER) == []
    assert await store.vault.list("team") == []
    await store.close()


# Every kind of row is read back.


@pytest.fixture
async def upgraded(old_url: str, clock: Any) -> AsyncIterator[Store]:
    store = await Store(old_url, clock=clock).open()
    yield store
    await store.close()


async def test_clusters_nodes_and_attachments_outlive_an_upgrade(upgraded: Store) -> None:
    running, ended = await upgraded.clusters.list()
    driver, worker = await upgraded.nodes.list(owner=CLUSTER_ID)
    (attachment,) = await upgraded.attachments.list(owner=CLUSTER_ID)

    assert (running.cluster_id, running.state, running.version) == (CLUSTER_ID, ClusterState.RUNNING, 2)
    assert running.driver is not None and [e.node_id for e in running.driver.executors] == ["worker-1", "worker-2"]
    assert running.grants == (Grant("user_name", "bob", "CAN_RESTART"),)
    assert (running.spec.cluster_name, running.spec.num_workers) == ("demo", 2)
    assert (ended.cluster_id, ended.state, ended.pinned_ms) == (OTHER_CLUSTER.id, ClusterState.TERMINATED, NOW)
    assert ended.termination_reason is not None and ended.termination_reason.code == "USER_REQUEST"
    assert (driver.role, driver.backend_state) == (Role.DRIVER, {"address": "127.1.2.3"})
    assert (worker.role, worker.state) == (Role.WORKER, NodeState.DRAINING)
    assert (attachment.key, attachment.attached_ms) == ("/home/ada/ü.ipynb", NOW)


async def test_events_outlive_an_upgrade_and_later_ones_follow_them(upgraded: Store) -> None:
    running = await upgraded.clusters.get(CLUSTER_ID)
    assert running is not None
    await upgraded.clusters.save(running, Event(CLUSTER, NOW, EventType.PINNED))

    assert await upgraded.events(CLUSTER, newest_first=False) == (
        [
            Event(CLUSTER, NOW - 60_000, EventType.CREATING, {"user": "ada"}),
            Event(CLUSTER, NOW - 1000, EventType.RUNNING),
            Event(CLUSTER, NOW, EventType.RESIZING, {"current_num_workers": 2, "cause": "ü"}),
            Event(CLUSTER, NOW, EventType.PINNED),
        ],
        4,
    )
    assert (await upgraded.events(OTHER_CLUSTER))[0] == [Event(OTHER_CLUSTER, NOW - 500, EventType.TERMINATING)]


async def test_pulses_and_samples_outlive_an_upgrade(upgraded: Store) -> None:
    pulses, samples = await upgraded.pulses("cluster"), await upgraded.samples(CLUSTER)

    assert [(p.at_ms, p.load, p.seats[0].notebook) for p in pulses.values()] == [
        (NOW, Load(1, 2, 3, 4), "/home/ada/ü.ipynb")
    ]
    assert list(pulses) == [CLUSTER_ID]
    assert [s.at_ms for s in samples] == [NOW - 15_000, NOW]
    assert samples[0].load == Load(1, 2, 3, 4)
    assert samples[0].nodes == {"driver": NodeSample(Role.DRIVER, 2, 4096, 1.5, 900.0)}


async def test_secrets_outlive_an_upgrade(upgraded: Store) -> None:
    secrets = SecretManager(upgraded, WORKSPACE_KEY)

    assert await secrets.secrets("team") == [SecretMetadata("Token", NOW)]
    assert await secrets.get("team", "token") == b"\x00 value"
    assert await secrets.acls("team") == (SecretAcl("ada", "MANAGE"), SecretAcl("bob", "READ"))


async def test_leases_and_the_count_of_changes_outlive_an_upgrade(upgraded: Store, clock: Any) -> None:
    assert await upgraded.revision() == 9
    assert not await upgraded.lease("loop", "another", ttl_s=1)

    clock.advance(61)

    assert await upgraded.lease("loop", "another", ttl_s=1)


# Several servers, failures, and stores of newer code.

#: Opens a store; prints its number of clusters and of changes.
_OPENER = """
import asyncio, sys
from jupyter_dbx.store import Store

async def main():
    store = await Store(sys.argv[1]).open()
    print(len(await store.clusters.list()), await store.revision())
    await store.close()

asyncio.run(main())
"""


def open_at_once(url: str) -> set[tuple[str, str]]:
    """Return the outputs and the errors of four servers that open a store at the same moment."""
    command, pipe = [sys.executable, "-W", "error", "-c", _OPENER, url], subprocess.PIPE
    servers = [subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) for _ in range(4)]
    return {server.communicate(timeout=60) for server in servers}


def test_new_store_is_created_once_for_all_servers(url: str) -> None:
    assert open_at_once(url) == {("0 0\n", "")}
    assert rows_of(url)["alembic_version"] == [(SCHEMA_REVISION,)]


def test_older_store_is_upgraded_once_for_all_servers(old_url: str) -> None:
    assert open_at_once(old_url) == {("2 9\n", "")}
    assert rows_of(old_url)["alembic_version"] == [(SCHEMA_REVISION,)]


async def test_failed_upgrade_leaves_the_store_unchanged(old_url: str) -> None:
    # Blocks a step after the old table of events was dropped.
    with connected(old_url) as connection:
        connection.execute(sa.text("CREATE INDEX ix_events_subject ON documents (kind)"))
    tables, rows = tables_of(old_url), rows_of(old_url)

    with pytest.raises(StoreUnavailable):
        await Store(old_url).open()
    unchanged = tables_of(old_url) == tables and rows_of(old_url) == rows
    with connected(old_url) as connection:
        connection.execute(sa.text("DROP INDEX ix_events_subject"))

    assert unchanged
    store = await Store(old_url).open()
    assert len(await store.clusters.list()) == 2
    await store.close()


async def test_store_of_newer_code_is_an_error_and_nothing_is_written(url: str) -> None:
    store = await Store(url).open()
    await store.clusters.save(sample_cluster(), Event(CLUSTER, NOW, EventType.CREATING))
    await store.close()
    set_revision(url, "0099")
    before = tables_of(url), rows_of(url)

    newer = Store(url)
    with pytest.raises(StoreNewer) as refused:
        await newer.open()
    with pytest.raises(StoreNewer):
        await newer.clusters.save(sample_cluster(cluster_id="another"))
    await newer.close()

    assert (refused.value.found, refused.value.known) == ("0099", SCHEMA_REVISION)
    assert (refused.value.status, refused.value.error_code) == (500, "INTERNAL_ERROR")
    assert all(word in refused.value.message for word in ("0099", SCHEMA_REVISION, "pip install --upgrade jupyter_dbx"))
    assert (tables_of(url), rows_of(url)) == before


async def test_store_upgraded_meanwhile_by_newer_code_is_an_error_after_the_next_fault(url: str) -> None:
    store = await Store(url).open()
    with connected(url) as connection:
        connection.execute(sa.text("ALTER TABLE events RENAME TO facts"))
    set_revision(url, "0099")

    with pytest.raises(StoreUnavailable):
        await store.events(CLUSTER)
    with pytest.raises(StoreNewer):
        await store.events(CLUSTER)

    await store.close()


async def test_current_store_is_opened_without_alembic(url: str) -> None:
    await open_and_close(url)
    script = _OPENER + "\nassert not any(name.startswith('alembic') for name in sys.modules)"

    command = [sys.executable, "-c", script, url]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60)

    assert (done.stdout, done.stderr) == ("0 0\n", "")
