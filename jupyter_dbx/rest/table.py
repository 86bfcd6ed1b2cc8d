"""The table of all routes."""

from __future__ import annotations

from jupyter_dbx.rest import (
    attachments,
    catalogue,
    clusters,
    compute,
    events,
    identity,
    listing,
    logs,
    permissions,
    secrets,
    usage,
)
from jupyter_dbx.rest.openapi import describing
from jupyter_dbx.rest.routes import Route

_DESCRIBED: list[Route] = [
    *compute.ROUTES,
    *listing.ROUTES,
    *events.ROUTES,
    *catalogue.ROUTES,
    *identity.ROUTES,
    *permissions.ROUTES,
    *secrets.ROUTES,
    *clusters.ROUTES,
    *logs.ROUTES,
    *usage.ROUTES,
    *attachments.ROUTES,
]

#: Every route, the one that describes all of them included.
ROUTES: list[Route] = [*_DESCRIBED, describing(_DESCRIBED)]
