"""Alembic's entry point: runs the migrations in the transaction of the connection that `store/schema.py` passes."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
