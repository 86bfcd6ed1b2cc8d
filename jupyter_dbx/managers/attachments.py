"""The verbs on attachments, and what a kernel needs to take its seat."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.managers.conflicts import again_on_conflict
from jupyter_dbx.model.attachment import Attachment
from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.driver import cluster_secret, seat_ticket
from jupyter_dbx.model.errors import ClusterDoesNotExist, InvalidParameterValue, ResourceDoesNotExist
from jupyter_dbx.store import Store

#: As long as the store's keys may be, characters.
LONGEST_KEY = 512


@dataclass(frozen=True)
class SeatOffer:
    """Where a kernel finds the driver of its cluster, if there is one now."""

    cluster: Cluster
    #: of the driver's server; "" = not yet
    url: str = ""
    #: lets this kernel in, and nobody else; "" = not yet
    ticket: str = ""


class AttachmentManager:
    """Which cluster a notebook wants."""

    def __init__(self, store: Store, clusters: ClusterManager, workspace_key: bytes) -> None:
        self._store, self._clusters, self._key = store, clusters, workspace_key

    @again_on_conflict
    async def attach(self, key: str, cluster: str) -> Attachment:
        """Let the notebook `key` want a cluster, given by id or name.

        Raises
        ------
        ClusterDoesNotExist : there is none of this id or name
        InvalidParameterValue : several clusters have this name, or the notebook's path is too long to be kept
        """
        found = await self.find(cluster)
        if len(key) > LONGEST_KEY:
            raise InvalidParameterValue(
                f"The path of the notebook must have at most {LONGEST_KEY} characters, not {len(key)}."
            )
        old = await self._store.attachments.get(key)
        wanted = old or Attachment(key, "", 0)
        now = self._store.now_ms()
        return await self._store.attachments.save(replace(wanted, cluster_id=found.cluster_id, attached_ms=now))

    async def get(self, key: str) -> Attachment:
        """Return a notebook's attachment.

        Raises
        ------
        ResourceDoesNotExist : it is attached to none, or to one that was deleted for good
        """
        found = await self._store.attachments.get(key)
        if found is not None:
            try:
                await self._clusters.get(found.cluster_id)
                return found
            except ClusterDoesNotExist:
                pass
        raise ResourceDoesNotExist("This notebook is attached to no cluster.")

    @again_on_conflict
    async def detach(self, key: str) -> None:
        """Let the notebook `key` want no cluster."""
        old = await self._store.attachments.get(key)
        if old is not None:
            await self._store.attachments.delete(old)

    async def find(self, cluster: str) -> Cluster:
        """Return the cluster of this id, or the only one of this name.

        Raises
        ------
        ClusterDoesNotExist : there is none
        InvalidParameterValue : several clusters have this name
        """
        try:
            return await self._clusters.get(cluster)
        except ClusterDoesNotExist:
            named = [c for c, _ in await self._clusters.all() if c.spec.cluster_name == cluster]
            if not named:
                raise
        if len(named) > 1:
            ids = ", ".join(c.cluster_id for c in named)
            raise InvalidParameterValue(f"Several clusters are called {cluster!r}; use an id: {ids}")
        return named[0]

    async def offer_seat(self, cluster: str, kernel_id: str) -> SeatOffer:
        """Return what lets a kernel take its seat on a cluster; without URL and ticket while the driver is not up."""
        found = await self.find(cluster)
        if not found.shown_state.is_up or found.driver is None:
            return SeatOffer(found)
        token = cluster_secret(self._key, found.cluster_id, found.generation, "driver")
        return SeatOffer(found, found.driver.url, seat_ticket(token, kernel_id))
