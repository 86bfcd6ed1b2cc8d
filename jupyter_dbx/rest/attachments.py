"""`/api/dbx/kernels/…`: which cluster a kernel's notebook wants, and what the kernel needs to take its seat."""

from __future__ import annotations

from jupyter_dbx.model.attachment import Attachment
from jupyter_dbx.model.errors import (
    ClusterDoesNotExist,
    InvalidParameterValue,
    PermissionDenied,
    ResourceDoesNotExist,
)
from jupyter_dbx.model.wire import Json, read_list, read_str
from jupyter_dbx.rest.base import Call, Route


async def attach(call: Call) -> Json:
    """Let the notebook want a cluster: `cluster` is an id or a name."""
    wanted = read_str(call.args, "cluster") or read_str(call.args, "cluster_id")
    if not wanted:
        raise InvalidParameterValue("Say which cluster: `cluster` is missing.")
    return await _describe(call, await call.services.attachments.attach(await _key(call), wanted))


async def attachment(call: Call) -> Json:
    """Return the notebook's attachment."""
    return await _describe(call, await call.services.attachments.get(await _key(call)))


async def detach(call: Call) -> Json:
    """Let the notebook want no cluster."""
    await call.services.attachments.detach(await _key(call))
    return {}


async def take_seat(call: Call) -> Json:
    """Return where the driver of the notebook's cluster is, with a ticket for this kernel.

    `url` and `ticket` are empty while the driver is not up. Without an attachment, the first of `candidates` (ids or names:
    the notebook's metadata, then the kernel's default) is it.
    """
    attachments = call.services.attachments
    kernel_id = read_str(call.args, "kernel_id")
    try:
        wanted = (await attachments.get(await _key(call))).cluster_id
    except ResourceDoesNotExist:
        candidates = read_list(call.args, "candidates")
        if not candidates:
            raise
        wanted = candidates[0]
    try:
        offer = await attachments.offer_seat(wanted, kernel_id)
    except ClusterDoesNotExist:
        raise ResourceDoesNotExist(
            f"This notebook wants the cluster {wanted!r}, which does not exist any more. Attach another one."
        ) from None
    cluster = offer.cluster
    return {
        "cluster_id": cluster.cluster_id,
        "cluster_name": cluster.spec.cluster_name,
        "state": cluster.shown_state.value,
        "state_message": cluster.state_message,
        "url": offer.url,
        "ticket": offer.ticket,
    }


async def _key(call: Call) -> str:
    """Return what the attachment is kept under: the notebook's path, else the kernel's id."""
    kernel_id = read_str(call.args, "kernel_id")
    if call.kernel_id not in (None, kernel_id):
        raise PermissionDenied("A kernel's token is good for this kernel only.")
    return await call.services.notebook_of(kernel_id) or read_str(call.args, "path") or kernel_id


async def _describe(call: Call, found: Attachment) -> Json:
    cluster = await call.services.clusters.get(found.cluster_id)
    return {
        "cluster_id": cluster.cluster_id,
        "cluster_name": cluster.spec.cluster_name,
        "state": cluster.shown_state.value,
        "path": found.key,
        "attached_time": found.attached_ms,
    }


ROUTES: list[Route] = [
    Route("PUT", "dbx/kernels/{kernel_id}/cluster", attach),
    Route("GET", "dbx/kernels/{kernel_id}/cluster", attachment),
    Route("DELETE", "dbx/kernels/{kernel_id}/cluster", detach),
    Route("POST", "dbx/kernels/{kernel_id}/seat", take_seat),
]
