"""The table of all routes."""

from __future__ import annotations

from jupyter_dbx.rest import databricks, dbx
from jupyter_dbx.rest.framework.endpoint import Route
from jupyter_dbx.rest.framework.openapi import describing

_DESCRIBED: list[Route] = [*databricks.ROUTES, *dbx.ROUTES]

#: Every route, including the one of the OpenAPI description.
ROUTES: list[Route] = [*_DESCRIBED, describing(_DESCRIBED)]
