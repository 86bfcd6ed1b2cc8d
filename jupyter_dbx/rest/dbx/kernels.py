"""`/api/dbx/kernels/…`: the attachment of a kernel's notebook, and how the kernel reaches the driver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from jupyter_dbx.model.access import require
from jupyter_dbx.model.answers.answer import Done
from jupyter_dbx.model.answers.clusters import ClustersSeen
from jupyter_dbx.model.answers.kernels import AttachmentChoice, AttachmentDetails
from jupyter_dbx.model.attachment import Attachment, is_on_own_server, notebook_key, path_of
from jupyter_dbx.model.errors import (
    ClusterDoesNotExist,
    InvalidParameterValue,
    PermissionDenied,
    Reason,
    ResourceDoesNotExist,
)
from jupyter_dbx.model.protocol import DriverContact
from jupyter_dbx.rest.dbx import clusters
from jupyter_dbx.rest.framework.endpoint import Arg, Call, Route
from jupyter_dbx.rest.framework.needs import OwnKernel

KernelId = Annotated[str, Arg("ID of the kernel.")]

#: For a notebook whose kernel was not started by this server.
NotebookPath = Annotated[str, Arg("Path of the kernel's notebook; used only if the server does not know it.")]


async def attach(
    call: Call,
    kernel_id: KernelId,
    cluster: Annotated[str, Arg("ID or name of the cluster.")] = "",
    cluster_id: Annotated[str, Arg("The same as `cluster`.")] = "",
    path: NotebookPath = "",
) -> AttachmentDetails:
    """Attach the notebook to a cluster."""
    wanted = cluster or cluster_id
    if not wanted:
        raise InvalidParameterValue(
            "cluster is missing: specify the ID or name of a cluster.", reason=Reason.MISSING_VALUE, field="cluster"
        )
    key = await _key(call, kernel_id, path)
    return await _describe(call, await call.services.attachments.attach(key, wanted, kernel_id, call.principal))


async def attachment(call: Call, kernel_id: KernelId, path: NotebookPath = "") -> AttachmentDetails:
    """Return the notebook's attachment; it is an error if there is none."""
    return await _describe(call, await call.services.attachments.get(await _key(call, kernel_id, path)))


async def choice(
    call: Call,
    kernel_id: KernelId,
    path: NotebookPath = "",
    candidate: Annotated[str, Arg("ID or name of the cluster in the notebook's metadata.")] = "",
) -> AttachmentChoice:
    """Return the ID of the cluster that the notebook uses, or "", and the notebook's current path.

    For clients that poll, to whom a missing attachment is not an error.
    """
    key = await _key(call, kernel_id, path)
    cluster_id, is_chosen = await call.services.attachments.in_use(key, kernel_id, candidate, call.principal)
    return AttachmentChoice(cluster_id=cluster_id, is_chosen=is_chosen, path=path_of(key))


async def clusters_seen(call: Call, kernel_id: KernelId, path: NotebookPath = "") -> ClustersSeen:
    """Return all clusters, as `GET dbx/clusters` does, and the ID of the cluster that the notebook is attached to, or "".

    For clients that poll every second: one request, in which a missing attachment is not an error.
    """
    wanted = await choice(call, kernel_id, path)
    return ClustersSeen(**msgspec.structs.asdict(await clusters.list_all(call)), attached=wanted.cluster_id)


async def detach(call: Call, kernel_id: KernelId, path: NotebookPath = "") -> Done:
    """Detach the notebook from its cluster; the cluster in its metadata and the kernel's default no longer apply, either."""
    await call.services.attachments.detach(await _key(call, kernel_id, path), kernel_id, call.principal)
    return Done()


async def take_seat(
    call: Call,
    kernel_id: KernelId,
    path: NotebookPath = "",
    candidates: Annotated[
        Sequence[str],
        Arg("IDs or names of clusters to use if the user chose none; the first that is not empty counts."),
    ] = (),
) -> DriverContact:
    """Return the URL of the driver of the notebook's cluster, and a ticket for this kernel.

    `url` and `ticket` are empty while the driver is not running. Unless the user attached or detached the notebook, the first of
    `candidates` (from the notebook's metadata, then the kernel's default) is used.
    """
    attachments = call.services.attachments
    wanted = await attachments.decide(await _key(call, kernel_id, path), candidates)
    try:
        contact = await attachments.driver_contact(wanted, kernel_id, call.principal)
    except ClusterDoesNotExist:
        raise ResourceDoesNotExist(
            f"The cluster {wanted!r} of this notebook no longer exists. Attach another one.",
            reason=Reason.CLUSTER_DOES_NOT_EXIST,
        ) from None
    return contact


async def _key(call: Call, kernel_id: str, path: str) -> str:
    """Return the key of the attachment: the notebook's path, else the kernel's id; behind a door with the user's name."""
    if is_on_own_server(path) or not kernel_id.isprintable():
        raise InvalidParameterValue("The ID of a kernel, and the path of a notebook, contain no control characters.")
    kernels = call.services.remote_kernels
    if call.door:
        path = call.door.notebook or path
        await kernels.meet(kernel_id, path, call.principal)
        return notebook_key(call.user, path or kernel_id)
    notebook = await call.services.notebook_of(kernel_id)
    if notebook is not None and call.principal.kernel_id not in ("", kernel_id):
        raise PermissionDenied("A kernel's token is valid only for that kernel and the kernels that it starts.")
    if notebook is None:  # the caller says which notebook it is
        await call.services.attachments.require_own(path or kernel_id, call.principal)
        if not call.services.kernel_tokens.has(kernel_id):
            await kernels.meet(kernel_id, path, call.principal)
    return notebook or path or kernel_id


async def _describe(call: Call, found: Attachment) -> AttachmentDetails:
    cluster = await call.services.clusters.get(found.cluster_id)
    require(call.principal, "CAN_ATTACH_TO", cluster.guarded)
    return AttachmentDetails(
        cluster_id=cluster.cluster_id,
        cluster_name=cluster.spec.cluster_name,
        state=cluster.shown_state.value,
        path=path_of(found.key),
        attached_time=found.attached_ms,
    )


ROUTES: list[Route] = [
    Route("GET", "dbx/kernels/{kernel_id}", choice, OwnKernel()),
    Route("PUT", "dbx/kernels/{kernel_id}/cluster", attach, OwnKernel()),
    Route("GET", "dbx/kernels/{kernel_id}/cluster", attachment, OwnKernel()),
    Route("DELETE", "dbx/kernels/{kernel_id}/cluster", detach, OwnKernel()),
    Route("GET", "dbx/kernels/{kernel_id}/clusters", clusters_seen, OwnKernel()),
    Route("POST", "dbx/kernels/{kernel_id}/seat", take_seat, OwnKernel(), audited=False),
]
