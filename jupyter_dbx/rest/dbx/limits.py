"""`/api/dbx/limits`: bounds of cluster settings, and the capacity for clusters."""

from __future__ import annotations

from jupyter_dbx.model.answers.options import IdleBounds, Limits, Room
from jupyter_dbx.rest.framework.endpoint import Call, Route
from jupyter_dbx.rest.framework.needs import Role


async def limits(call: Call) -> Limits:
    """Return the limits for clusters; without `capacity` if it is not known in advance."""
    clusters = call.services.clusters
    minimum, maximum = clusters.idle_minutes
    bounds, types = IdleBounds(least=minimum, most=maximum), await clusters.node_types()
    if types.capacity is None:
        return Limits(autotermination_minutes=bounds)
    memory_mib, cores = await clusters.taken(types)
    room = Room(
        memory_mib=types.capacity.memory_mib,
        cores=types.capacity.cores,
        free_memory_mib=max(0, types.capacity.memory_mib - memory_mib),
        free_cores=max(0, types.capacity.cores - cores),
    )
    return Limits(autotermination_minutes=bounds, capacity=room)


ROUTES: list[Route] = [Route("GET", "dbx/limits", limits, Role.ANYBODY)]
