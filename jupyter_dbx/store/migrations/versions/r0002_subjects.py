"""Events, pulses and samples belong to a subject, of which a cluster is one kind.

The tables are recreated, because SQLite cannot change a primary key.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from jupyter_dbx.store.columns import Count, Key

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Set the cluster as the subject of each row."""
    _replace(
        "events",
        sa.Column("seq", Count, primary_key=True, autoincrement=True),
        sa.Column("subject_kind", Key, nullable=False),
        sa.Column("subject_id", Key, nullable=False),
        sa.Column("timestamp", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
    )
    op.create_index("ix_events_subject", "events", ["subject_kind", "subject_id"])
    if op.get_bind().dialect.name == "postgresql":
        # A new table starts to count at 1.
        op.execute("SELECT setval(pg_get_serial_sequence('events', 'seq'), max(seq)) FROM events")
    _replace(
        "pulses",
        sa.Column("subject_kind", Key, primary_key=True),
        sa.Column("subject_id", Key, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )
    _replace(
        "samples",
        sa.Column("subject_kind", Key, primary_key=True),
        sa.Column("subject_id", Key, primary_key=True),
        sa.Column("at_ms", sa.BigInteger, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )


def _replace(table: str, *columns: sa.Column[object]) -> None:
    """Put a table of these columns in place of the one of this name, with its rows.

    The rows wait elsewhere meanwhile: PostgreSQL would else give other names to what belongs to the new table.
    """
    op.execute(f"CREATE TABLE moving AS SELECT 'cluster' AS subject_kind, cluster_id AS subject_id, * FROM {table}")
    op.drop_table(table)
    op.create_table(table, *columns)
    names = ", ".join(column.name for column in columns)
    op.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM moving")
    op.drop_table("moving")
