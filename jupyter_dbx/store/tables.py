"""The tables, and how they are made."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TEXT

#: Keys are in the order of their characters' numbers everywhere; PostgreSQL would else follow its server's language.
_Key = sa.Text().with_variant(TEXT(collation="C"), "postgresql")

#: SQLite counts rows by itself in a column of this very type only.
_Count = sa.BigInteger().with_variant(sa.Integer, "sqlite")

schema = sa.MetaData()
documents = sa.Table(
    "documents",
    schema,
    sa.Column("kind", _Key, primary_key=True),
    sa.Column("id", _Key, primary_key=True),
    sa.Column("owner", _Key, nullable=False, default="", index=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
events = sa.Table(
    "events",
    schema,
    sa.Column("seq", _Count, primary_key=True, autoincrement=True),
    sa.Column("cluster_id", _Key, nullable=False, index=True),
    sa.Column("timestamp", sa.BigInteger, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("details", sa.Text, nullable=False),
)
leases = sa.Table(
    "leases",
    schema,
    sa.Column("name", _Key, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("expires_ms", sa.BigInteger, nullable=False),
)
pulses = sa.Table(
    "pulses",
    schema,
    sa.Column("cluster_id", _Key, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)
samples = sa.Table(
    "samples",
    schema,
    sa.Column("cluster_id", _Key, primary_key=True),
    sa.Column("at_ms", sa.BigInteger, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)
secrets = sa.Table(
    "secrets",
    schema,
    sa.Column("scope", _Key, primary_key=True),
    sa.Column("id", _Key, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("updated_ms", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
revision = sa.Table("revision", schema, sa.Column("value", sa.BigInteger, nullable=False))

#: Key of the PostgreSQL advisory lock under which tables are made; any number that nobody else uses.
_SCHEMA_LOCK = 0x6A757064_6278


def make_tables(engine: sa.Engine) -> None:
    """Make the tables that are missing.

    Two servers may make a new database at once: the second waits for the first and then finds all of it.
    """
    with engine.execution_options(locks=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
        schema.create_all(connection)
        if connection.execute(sa.select(revision.c.value)).first() is None:
            connection.execute(revision.insert().values(value=0))
