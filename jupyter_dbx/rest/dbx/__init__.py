"""jupyter_dbx's own API, `/api/dbx/`: what Databricks' API does not cover.

Clusters with the live status of their drivers, attachments of kernels, logs, usage, jobs, limits, the workspace, the audit log,
Spark's web UIs, what doors ask, and the event feed that notifies pages of changes. May import `rest.framework`,
`rest.databricks` for what both APIs share, `model` and `managers`.
"""

from __future__ import annotations

from jupyter_dbx.rest.dbx import audit, cluster_events, clusters, doors, kernels, limits, logs, usage, work, workspace
from jupyter_dbx.rest.framework.endpoint import Route

ROUTES: list[Route] = [
    *clusters.ROUTES,
    *cluster_events.ROUTES,
    *limits.ROUTES,
    *logs.ROUTES,
    *usage.ROUTES,
    *work.ROUTES,
    *kernels.ROUTES,
    *workspace.ROUTES,
    *audit.ROUTES,
    *doors.ROUTES,
]
