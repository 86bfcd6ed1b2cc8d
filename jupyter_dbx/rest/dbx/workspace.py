"""`/api/dbx/workspace`: the user, and the workspace's ID and folder, for kernels; only the server determines them."""

from __future__ import annotations

from jupyter_dbx.model.answers.people import Workspace
from jupyter_dbx.rest.framework.endpoint import Call, Route
from jupyter_dbx.rest.framework.needs import Role


async def workspace(call: Call) -> Workspace:
    """Return the caller, the ID of the workspace, which Databricks calls organization ID, and its folder."""
    return Workspace(user_name=call.user, org_id=call.services.org_id, data_dir=call.services.data_dir)


ROUTES = [Route("GET", "dbx/workspace", workspace, Role.ANYBODY)]
