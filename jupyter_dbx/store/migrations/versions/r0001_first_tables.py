"""The tables as they were before the schema had revisions.

Older stores already have some or all of them; existing tables stay unchanged.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from jupyter_dbx.store.columns import Count, Key

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create missing tables."""
    _create(
        "documents",
        sa.Column("kind", Key, primary_key=True),
        sa.Column("id", Key, primary_key=True),
        sa.Column("owner", Key, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("ix_documents_owner", "documents", ["owner"], if_not_exists=True)
    _create(
        "events",
        sa.Column("seq", Count, primary_key=True, autoincrement=True),
        sa.Column("cluster_id", Key, nullable=False),
        sa.Column("timestamp", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
    )
    op.create_index("ix_events_cluster_id", "events", ["cluster_id"], if_not_exists=True)
    _create(
        "leases",
        sa.Column("name", Key, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
    )
    _make_usage_tables()
    _create(
        "secrets",
        sa.Column("scope", Key, primary_key=True),
        sa.Column("id", Key, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("updated_ms", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    _create("revision", sa.Column("value", sa.BigInteger, nullable=False))
    op.execute("INSERT INTO revision (value) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM revision)")


def _make_usage_tables() -> None:
    _create(
        "pulses",
        sa.Column("cluster_id", Key, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )
    _create(
        "samples",
        sa.Column("cluster_id", Key, primary_key=True),
        sa.Column("at_ms", sa.BigInteger, primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )


def _create(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(name, *columns, if_not_exists=True)
