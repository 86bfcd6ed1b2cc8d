"""`/api/dbx/kernels/…`: which cluster a kernel's notebook wants, and what the kernel needs to take its seat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from jupyter_dbx.model.attachment import Attachment
from jupyter_dbx.model.errors import (
    ClusterDoesNotExist,
    InvalidParameterValue,
    PermissionDenied,
    ResourceDoesNotExist,
)
from jupyter_dbx.model.wire import Json
from jupyter_dbx.rest import clusters
from jupyter_dbx.rest.routes import Arg, Call, Route

KernelId = Annotated[str, Arg("Which kernel.")]

#: Of a notebook whose kernel no server of ours started.
NotebookPath = Annotated[str, Arg("Of the kernel's notebook, if the server does not know it.")]


async def attach(
    call: Call,
    kernel_id: KernelId,
    cluster: Annotated[str, Arg("Id or name of a cluster.")] = "",
    cluster_id: Annotated[str, Arg("The same.")] = "",
    path: NotebookPath = "",
) -> Json:
    """Let the notebook want a cluster."""
    wanted = cluster or cluster_id
    if not wanted:
        raise InvalidParameterValue("Say which cluster: `cluster` is missing.")
    return await _describe(call, await call.services.attachments.attach(await _key(call, kernel_id, path), wanted))


async def attachment(call: Call, kernel_id: KernelId, path: NotebookPath = "") -> Json:
    """Return the notebook's attachment."""
    return await _describe(call, await call.services.attachments.get(await _key(call, kernel_id, path)))


async def choice(call: Call, kernel_id: KernelId, path: NotebookPath = "") -> Json:
    """Return the id of the cluster that the notebook wants, or "": for those who ask often, and for whom none is no error."""
    try:
        return {"cluster_id": (await call.services.attachments.get(await _key(call, kernel_id, path))).cluster_id}
    except ResourceDoesNotExist:
        return {"cluster_id": ""}


async def clusters_seen(call: Call, kernel_id: KernelId, path: NotebookPath = "") -> Json:
    """Return every cluster, as `GET dbx/clusters` does, and the id of the one that the notebook wants, or "".

    One request, and none that fails, for those who ask every second.
    """
    wanted = await choice(call, kernel_id, path)
    return await clusters.list_all(call) | {"attached": wanted["cluster_id"]}


async def detach(call: Call, kernel_id: KernelId, path: NotebookPath = "") -> Json:
    """Let the notebook want no cluster."""
    await call.services.attachments.detach(await _key(call, kernel_id, path))
    return {}


async def take_seat(
    call: Call,
    kernel_id: KernelId,
    path: NotebookPath = "",
    candidates: Annotated[
        Sequence[str], Arg("Ids or names: which cluster it is if the notebook is attached to none.")
    ] = (),
) -> Json:
    """Return where the driver of the notebook's cluster is, with a ticket for this kernel.

    `url` and `ticket` are empty while the driver is not up. Without an attachment, the first of `candidates` (the notebook's
    metadata, then the kernel's default) is it.
    """
    attachments = call.services.attachments
    try:
        wanted = (await attachments.get(await _key(call, kernel_id, path))).cluster_id
    except ResourceDoesNotExist:
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


async def _key(call: Call, kernel_id: str, path: str) -> str:
    """Return what the attachment is kept under: the notebook's path, else the kernel's id."""
    notebook = await call.services.notebook_of(kernel_id)
    is_ours = notebook is not None or call.services.kernel_tokens.has(kernel_id)
    if is_ours and call.kernel_id not in (None, kernel_id):
        raise PermissionDenied("A kernel's token is good for this kernel, and those that it starts itself.")
    return notebook or path or kernel_id


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
    Route("GET", "dbx/kernels/{kernel_id}", choice),
    Route("PUT", "dbx/kernels/{kernel_id}/cluster", attach),
    Route("GET", "dbx/kernels/{kernel_id}/cluster", attachment),
    Route("DELETE", "dbx/kernels/{kernel_id}/cluster", detach),
    Route("GET", "dbx/kernels/{kernel_id}/clusters", clusters_seen),
    Route("POST", "dbx/kernels/{kernel_id}/seat", take_seat),
]
