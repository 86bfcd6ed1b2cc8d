"""The Databricks REST API, `/api/2.x/`: one module per resource, in Databricks' wire format.

Names, defaults and errors are those that official clients expect. May import `rest.framework` and `model`.
"""

from __future__ import annotations

from jupyter_dbx.rest.databricks import (
    cluster_events,
    cluster_list,
    cluster_options,
    clusters,
    permissions,
    scim,
    secrets,
    tokens,
)
from jupyter_dbx.rest.framework.endpoint import Route

ROUTES: list[Route] = [
    *clusters.ROUTES,
    *cluster_list.ROUTES,
    *cluster_events.ROUTES,
    *cluster_options.ROUTES,
    *scim.ROUTES,
    *permissions.ROUTES,
    *secrets.ROUTES,
    *tokens.ROUTES,
]
