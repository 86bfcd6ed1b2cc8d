"""Operations on attachments, and the driver contact with which a kernel takes its seat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.managers.conflicts import retry_on_conflict
from jupyter_dbx.model.access import may, require
from jupyter_dbx.model.attachment import Attachment
from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.derived_secrets import cluster_secret, seat_ticket
from jupyter_dbx.model.errors import (
    ClusterDoesNotExist,
    InvalidParameterValue,
    PermissionDenied,
    Reason,
    ResourceDoesNotExist,
)
from jupyter_dbx.model.keys import check_key
from jupyter_dbx.model.principal import Principal
from jupyter_dbx.model.protocol import Announcement, DetachNotice, DriverContact, DriverNotice
from jupyter_dbx.model.subject import CLUSTER
from jupyter_dbx.store import Store

#: Sends a notice to the driver at this address, with its token.
NotifyDriver = Callable[[Announcement, str, DriverNotice], Awaitable[bool]]

#: How long a change of an attachment waits for drivers to let the kernel go, s.
DISMISSAL_S = 2.0


class AttachmentManager:
    """Attaches notebooks to clusters.

    A notebook uses what its user chose last, by whatever means: a cluster, or none. Only while there is no choice, the cluster in
    its file applies, and then the default of its kernel. A choice ends when its cluster is deleted.
    """

    def __init__(self, store: Store, clusters: ClusterManager, workspace_key: bytes, notify: NotifyDriver) -> None:
        self._store, self._clusters, self._key, self._notify = store, clusters, workspace_key, notify
        #: notices on their way; asyncio itself keeps no reference to them
        self._sending: set[asyncio.Task[bool]] = set()

    @retry_on_conflict
    async def attach(self, key: str, cluster: str, kernel_id: str, principal: Principal) -> Attachment:
        """Attach the notebook `key` to a cluster, given by id or name; its kernel leaves any other one.

        Raises
        ------
        ClusterDoesNotExist : no cluster has this id or name
        InvalidParameterValue : several clusters have this name, or the notebook's path is too long to be stored
        PermissionDenied : the principal may not attach to it
        """
        found = await self.find(cluster, principal)
        check_key(key, "The path of the notebook", "path")
        saved = await self._choose(key, found.cluster_id, principal)
        await self._dismiss(kernel_id, but=found.cluster_id)
        return saved

    async def _choose(self, key: str, cluster_id: str, principal: Principal) -> Attachment:
        old = await self._store.attachments.get(key)
        wanted = old or Attachment(key, "", 0)
        now = self._store.now_ms()
        chosen = replace(
            wanted, cluster_id=cluster_id, attached_ms=now, user_name=wanted.user_name or principal.user_name
        )
        return await self._store.attachments.save(chosen)

    async def require_own(self, key: str, principal: Principal) -> None:
        """Raise PermissionDenied if another user chose the cluster of the notebook `key`."""
        found = await self._store.attachments.get(key)
        owner = found.user_name if found else ""
        if not principal.may_act_for(owner):
            raise PermissionDenied(f"The notebook {key} is {owner}'s.")

    async def get(self, key: str) -> Attachment:
        """Return a notebook's attachment.

        Raises
        ------
        ResourceDoesNotExist : it is not attached, or its cluster was deleted permanently
        """
        found = await self._store.attachments.get(key)
        if found is not None and found.cluster_id:
            try:
                await self._clusters.get(found.cluster_id)
                return found
            except ClusterDoesNotExist:
                pass
        raise _not_attached()

    async def decide(self, key: str, candidates: Sequence[str]) -> str:
        """Return the ID or name of the cluster that a notebook is to use.

        Parameters
        ----------
        candidates : for a notebook without a choice: IDs or names of which the first that is not "" applies

        Raises
        ------
        ResourceDoesNotExist : none is
        """
        chosen = await self._store.attachments.get(key)
        wanted = chosen.cluster_id if chosen else next(filter(None, candidates), "")
        if not wanted:
            raise _not_attached()
        return wanted

    async def in_use(self, key: str, kernel_id: str, candidate: str, principal: Principal) -> tuple[str, bool]:
        """Return the ID of the cluster that a notebook uses, "" = none, and whether its user chose that.

        Parameters
        ----------
        candidate : ID or name in its file, or ""; for a notebook without a choice whose kernel has not used Spark yet
        """
        chosen = await self._store.attachments.get(key)
        if chosen is not None:
            return chosen.cluster_id, True
        for cluster_id, pulse in (await self._store.pulses(CLUSTER)).items():
            if any(seat.kernel_id == kernel_id for seat in pulse.seats):
                cluster = await self._store.clusters.get(cluster_id)
                if cluster and cluster.shown_state.is_up:
                    return cluster_id, False
        try:
            return (await self.find(candidate, principal)).cluster_id if candidate else "", False
        except (ClusterDoesNotExist, InvalidParameterValue, PermissionDenied):
            return candidate, False

    @retry_on_conflict
    async def detach(self, key: str, kernel_id: str, principal: Principal) -> None:
        """Detach the notebook `key`, also from a cluster that its file names; its kernel leaves its cluster."""
        check_key(key, "The path of the notebook", "path")
        await self._choose(key, "", principal)
        await self._dismiss(kernel_id)

    async def kernels_on(self, cluster: Cluster) -> list[str]:
        """Return the ids of the kernels that have a seat on a cluster, as its driver reported last."""
        pulse = (await self._store.pulses(CLUSTER)).get(cluster.cluster_id)
        return [seat.kernel_id for seat in pulse.seats] if pulse and cluster.shown_state.is_up else []

    async def seated(self) -> list[tuple[Cluster, list[str]]]:
        """Return the clusters on which kernels have seats, and the ids of these, as the drivers reported last."""
        pulses = await self._store.pulses(CLUSTER)
        if not any(pulse.seats for pulse in pulses.values()):
            return []
        up = {c.cluster_id: c for c, _ in await self._clusters.all() if c.shown_state.is_up}
        return [
            (up[key], [s.kernel_id for s in pulse.seats]) for key, pulse in pulses.items() if pulse.seats and key in up
        ]

    async def dismiss_from(self, cluster: Cluster, kernel_ids: Sequence[str]) -> None:
        """Let kernels release their seats on a cluster, each once no cell of it is running."""
        await self._notify_all((cluster, DetachNotice(kernel_id)) for kernel_id in kernel_ids)

    async def _dismiss(self, kernel_id: str, *, but: str = "") -> None:
        """Let a kernel release its seat on all clusters but one, once no cell of it is running."""
        others = [cluster for cluster, _ in await self._clusters.all() if cluster.cluster_id != but]
        await self._notify_all((cluster, DetachNotice(kernel_id)) for cluster in others)

    async def _notify_all(self, notices: Iterable[tuple[Cluster, DetachNotice]]) -> None:
        sent = []
        for cluster, notice in notices:
            if cluster.driver and cluster.shown_state.is_up:
                sent.append(asyncio.create_task(self._send(cluster, cluster.driver.url, notice)))
                self._sending.add(sent[-1])
                sent[-1].add_done_callback(self._sending.discard)
        if sent:
            # Without an answer they go on in the background: such a driver has no cell to run, either.
            done, _ = await asyncio.wait(sent, timeout=DISMISSAL_S)
            if any(sending.result() for sending in done):
                await self.announce()

    async def _send(self, cluster: Cluster, url: str, notice: DetachNotice) -> bool:
        return await self._notify(Announcement(url), self._token(cluster), notice)

    async def announce(self) -> None:
        """Make controllers and pages look at the clusters' notebooks again."""
        await self._store.run(lambda connection: None, changes=True)

    @asynccontextmanager
    async def renaming(self, old: str, new: str) -> AsyncIterator[None]:
        """Let attachments follow a notebook, or all notebooks in a folder, to a new path.

        Until the context ends, both paths have them: a kernel that waits for its cluster asks by the one or the other.
        """
        await self.follow(old, new)
        yield
        await self.forget(old)

    @retry_on_conflict
    async def follow(self, old: str, new: str) -> None:
        """Let the attachments of a notebook, or of all notebooks in a folder, apply to a new path, too."""
        for found in await self._below(old):
            there = await self._store.attachments.get(new + found.key.removeprefix(old))
            wanted = replace(there or replace(found, version=0), key=new + found.key.removeprefix(old))
            await self._store.attachments.save(
                replace(wanted, cluster_id=found.cluster_id, attached_ms=found.attached_ms)
            )

    @retry_on_conflict
    async def forget(self, path: str) -> None:
        """Forget the choice for a notebook that was deleted, or for all notebooks in a folder that was."""
        for found in await self._below(path):
            await self._store.attachments.delete(found)

    async def _below(self, path: str) -> list[Attachment]:
        every = await self._store.attachments.list()
        return [found for found in every if found.key == path or found.key.startswith(f"{path}/")]

    async def find(self, cluster: str, principal: Principal) -> Cluster:
        """Return the cluster with this id, or the only one with this name to which the principal may attach.

        Raises
        ------
        ClusterDoesNotExist : there is no such cluster
        InvalidParameterValue : several clusters have this name
        PermissionDenied : the principal may not attach to it
        """
        try:
            named = [await self._clusters.get(cluster)]
        except ClusterDoesNotExist:
            named = [c for c, _ in await self._clusters.all() if c.spec.cluster_name == cluster]
            # Other people's clusters of this name do not count, unless there is no other: then the reason is told.
            named = [c for c in named if may(principal, "CAN_ATTACH_TO", c.guarded)] or named[:1]
            if not named:
                raise
        if len(named) > 1:
            ids = ", ".join(c.cluster_id for c in named)
            raise InvalidParameterValue(
                f"Several clusters are named {cluster!r}. Use an ID: {ids}",
                reason=Reason.AMBIGUOUS_NAME,
                field="cluster",
            )
        (found,) = named
        require(principal, "CAN_ATTACH_TO", found.guarded)
        if not found.is_for(principal):
            raise PermissionDenied(
                f"Cluster {found.guarded.name} is dedicated to {found.dedicated_to}. Attach to another one, or clone it."
            )
        return found

    async def driver_contact(self, cluster: str, kernel_id: str, principal: Principal) -> DriverContact:
        """Return the contact with which a kernel takes its seat; without URL and ticket while the driver is not running."""
        found = await self.find(cluster, principal)
        contact = DriverContact(found.cluster_id, found.spec.cluster_name, found.shown_state.value, found.state_message)
        if not found.shown_state.is_up or found.driver is None:
            return contact
        return replace(contact, url=found.driver.url, ticket=seat_ticket(self._token(found), kernel_id))

    def _token(self, cluster: Cluster) -> str:
        return cluster_secret(self._key, cluster.cluster_id, cluster.generation, "driver")


def _not_attached() -> ResourceDoesNotExist:
    return ResourceDoesNotExist("This notebook is not attached to a cluster.", reason=Reason.NOT_ATTACHED)
