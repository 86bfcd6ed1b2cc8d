"""Upgrades the tables of a store to the revision of this code; a newer store is an error.

A new store gets the current tables; an older one is upgraded in place by the migrations, in one transaction. Alembic is
imported only for upgrades, because its import takes longer than the rest of opening a store.
"""

from __future__ import annotations

import logging
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from jupyter_dbx import __version__
from jupyter_dbx.model.errors import StoreNewer
from jupyter_dbx.store.tables import SCHEMA_REVISION, alembic_version, documents, revision, schema

#: Folder of the Alembic migrations.
MIGRATIONS = Path(__file__).parent / "migrations"

#: Key of the PostgreSQL advisory lock for schema changes; an arbitrary number that nothing else uses.
_SCHEMA_LOCK = 0x6A757064_6278

_log = logging.getLogger(__name__)

#: Built once: building a statement takes longer than running it.
_FOUND = sa.select(alembic_version.c.version_num)


def update_schema(engine: sa.Engine, name: str) -> None:
    """Create or upgrade the tables if necessary.

    Two servers may do so at once: the second waits for the first and then finds nothing to do.

    Parameters
    ----------
    name : the store's name in messages

    Raises
    ------
    StoreNewer : the store has a newer revision; nothing is written to it
    """
    with engine.begin() as connection:
        if _is_current(connection, name):
            return
    with engine.execution_options(locks=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
        if _is_current(connection, name):
            return
        if sa.inspect(connection).has_table(documents.name):
            migrate(connection)
            _log.info("%s was upgraded to revision %s", name, SCHEMA_REVISION)
        else:
            _create(connection)


def migrate(connection: Connection, target: str = "head") -> None:
    """Run the migrations up to `target`; a store without a revision predates the first one and runs all of them."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, target)


def _is_current(connection: Connection, name: str) -> bool:
    """Return whether a store has the revision of this code; raise StoreNewer if it has a newer one."""
    found = _revision_of(connection)
    if found > SCHEMA_REVISION:
        raise StoreNewer(name, found, SCHEMA_REVISION, __version__)
    return found == SCHEMA_REVISION


def _revision_of(connection: Connection) -> str:
    """Return the revision of a store's schema; "" if it has none."""
    if not sa.inspect(connection).has_table(alembic_version.name):
        return ""
    return connection.execute(_FOUND).scalar() or ""


def _create(connection: Connection) -> None:
    schema.create_all(connection)
    connection.execute(alembic_version.insert().values(version_num=SCHEMA_REVISION))
    connection.execute(revision.insert().values(value=0))
