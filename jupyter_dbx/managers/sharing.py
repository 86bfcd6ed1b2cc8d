"""Sharing: who may use a cluster, and what a change of that ends."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_dbx.managers.attachments import AttachmentManager
from jupyter_dbx.managers.definitions import DefinitionManager
from jupyter_dbx.managers.kernel_tokens import KernelTokens
from jupyter_dbx.managers.people import People
from jupyter_dbx.managers.remote_kernels import RemoteKernels
from jupyter_dbx.model.access import Grant, may
from jupyter_dbx.model.cluster import Cluster


class Sharing:
    """Changes permissions on clusters."""

    def __init__(
        self,
        definitions: DefinitionManager,
        attachments: AttachmentManager,
        people: People,
        kernels: KernelTokens,
        remote_kernels: RemoteKernels,
    ) -> None:
        self._definitions, self._attachments, self._people = definitions, attachments, people
        self._kernels, self._remote_kernels = kernels, remote_kernels

    async def grant(self, cluster_id: str, grants: Sequence[Grant], *, keep: bool) -> Cluster:
        """Store permissions and return the cluster; `keep` = in addition to the existing ones.

        Notebooks of users who may no longer attach leave the cluster, once no cell of theirs is running.

        Raises
        ------
        ResourceDoesNotExist : a grant is for a user or group that is not known
        """
        known = [await self._people.known(grant) for grant in grants]
        cluster = await self._definitions.grant(cluster_id, known, keep=keep)
        await self._dismiss(cluster, await self._attachments.kernels_on(cluster))
        return cluster

    async def enforce(self) -> None:
        """Let notebooks leave all clusters that their users may not use, e.g. since they have left a group."""
        for cluster, seated in await self._attachments.seated():
            await self._dismiss(cluster, seated)

    async def _dismiss(self, cluster: Cluster, kernel_ids: Sequence[str]) -> None:
        leaving = [kernel_id for kernel_id in kernel_ids if not await self._may_stay(kernel_id, cluster)]
        await self._attachments.dismiss_from(cluster, leaving)

    async def _may_stay(self, kernel_id: str, cluster: Cluster) -> bool:
        """Return whether a kernel may use a cluster; unknown ones are the affair of other servers that share the store."""
        owner = self._kernels.user_of(kernel_id) or await self._remote_kernels.owner_of(kernel_id)
        if not owner:
            return True
        user = await self._people.find(owner)
        return user is not None and may(user, "CAN_ATTACH_TO", cluster.guarded)
