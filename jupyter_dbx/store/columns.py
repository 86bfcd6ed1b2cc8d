"""Column types that behave the same in both databases.

Tables and migrations share them, so they never change: a new type gets a new name.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TEXT

#: Keys are ordered by code point; PostgreSQL would otherwise use its server's locale.
Key = sa.Text().with_variant(TEXT(collation="C"), "postgresql")

#: SQLite generates values only for a column of exactly this type.
Count = sa.BigInteger().with_variant(sa.Integer, "sqlite")
