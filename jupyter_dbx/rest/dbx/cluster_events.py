"""`/api/dbx/clusters/ID/events`: all events of a cluster, including types that Databricks' clients do not know."""

from __future__ import annotations

from jupyter_dbx.rest.databricks.cluster_events import events_endpoint
from jupyter_dbx.rest.framework.endpoint import Route
from jupyter_dbx.rest.framework.needs import on_cluster

ROUTES: list[Route] = [
    Route(
        "POST",
        "dbx/clusters/{cluster_id}/events",
        events_endpoint(with_own_types=True),
        on_cluster("CAN_ATTACH_TO"),
        audited=False,
    )
]
