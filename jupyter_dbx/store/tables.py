"""The tables of the newest revision of the schema."""

from __future__ import annotations

import sqlalchemy as sa

from jupyter_dbx.store.columns import Count, Key

#: Revision of the schema that this code reads and writes: the newest one in `migrations/versions`. Revisions sort by age.
SCHEMA_REVISION = "0002"

schema = sa.MetaData()
documents = sa.Table(
    "documents",
    schema,
    sa.Column("kind", Key, primary_key=True),
    sa.Column("id", Key, primary_key=True),
    sa.Column("owner", Key, nullable=False, index=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
events = sa.Table(
    "events",
    schema,
    sa.Column("seq", Count, primary_key=True, autoincrement=True),
    sa.Column("subject_kind", Key, nullable=False),
    sa.Column("subject_id", Key, nullable=False),
    sa.Column("timestamp", sa.BigInteger, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("details", sa.Text, nullable=False),
    sa.Index("ix_events_subject", "subject_kind", "subject_id"),
)
leases = sa.Table(
    "leases",
    schema,
    sa.Column("name", Key, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("expires_ms", sa.BigInteger, nullable=False),
)
pulses = sa.Table(
    "pulses",
    schema,
    sa.Column("subject_kind", Key, primary_key=True),
    sa.Column("subject_id", Key, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)
samples = sa.Table(
    "samples",
    schema,
    sa.Column("subject_kind", Key, primary_key=True),
    sa.Column("subject_id", Key, primary_key=True),
    sa.Column("at_ms", sa.BigInteger, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)
secrets = sa.Table(
    "secrets",
    schema,
    sa.Column("scope", Key, primary_key=True),
    sa.Column("id", Key, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("updated_ms", sa.BigInteger, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
#: Number of changes of the store; one row.
revision = sa.Table("revision", schema, sa.Column("value", sa.BigInteger, nullable=False))

#: Revision of the store's schema; one row. This is Alembic's table, defined here to read it without Alembic.
alembic_version = sa.Table(
    "alembic_version",
    schema,
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
