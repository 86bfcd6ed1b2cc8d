"""`hive_metastore`: another name of the catalog that every session has, as notebooks for Databricks call it."""

from __future__ import annotations

from typing import Any

ALIAS = "hive_metastore"


def add_alias(jsession: Any) -> None:
    """Let a session (of py4j, hence Any) find its catalog under the alias, unless the cluster has another catalog of this name.

    The manager of a session's catalogs caches those that were used by name. In the cache, the session's own catalog serves SQL,
    DataFrames and Scala alike; Spark's configuration can name only classes, none of which refers to it.
    """
    if jsession.conf().contains(f"spark.sql.catalog.{ALIAS}"):
        return
    manager = jsession.sessionState().catalogManager()
    catalogs = manager.getClass().getDeclaredField("catalogs")
    catalogs.setAccessible(True)
    catalogs.get(manager).put(ALIAS, manager.v2SessionCatalog())
