"""Operations on a cluster's definition: spec, owner, permissions, and whether it is pinned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from jupyter_dbx.managers.clusters import INSTEAD, ClusterManager
from jupyter_dbx.managers.conflicts import retry_on_conflict
from jupyter_dbx.model.access import Grant, merge_grants
from jupyter_dbx.model.cluster import Cluster, ClusterState
from jupyter_dbx.model.errors import InvalidParameterValue, QuotaExceeded, Reason
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.mask import apply_mask
from jupyter_dbx.model.spec import ClusterSpec
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.store import Store

#: Maximum number of pinned clusters. Source: Databricks, "Manage compute", pin a compute.
MAX_PINNED = 100

#: State → what to do if a cluster in this state should be RUNNING or TERMINATED.
_WAIT = INSTEAD | {ClusterState.TERMINATING: "Wait until it is TERMINATED."}

#: State → what to do if a cluster in this state should be TERMINATED.
_TERMINATE = dict.fromkeys(ClusterState, "Terminate it first.") | {
    ClusterState.TERMINATING: _WAIT[ClusterState.TERMINATING],
    ClusterState.ERROR: INSTEAD[ClusterState.ERROR],
}


class DefinitionManager:
    """Changes the definitions of clusters."""

    def __init__(self, store: Store, clusters: ClusterManager) -> None:
        self._store, self._clusters = store, clusters

    @retry_on_conflict
    async def edit(self, cluster_id: str, spec: ClusterSpec, *, user: str) -> None:
        """Replace a cluster's whole spec; a running cluster restarts with the new one, unless it is the same.

        Raises
        ------
        InvalidState : it is neither RUNNING nor TERMINATED
        InvalidParameterValue, QuotaExceeded : the spec is not supported, or does not fit; the message explains why
        """
        await self._replace_spec(await self._editable(cluster_id, "edit"), spec, user)

    @retry_on_conflict
    async def update(self, cluster_id: str, mask: str, fields: Mapping[str, object], *, user: str) -> None:
        """Change the fields of a cluster's spec that `mask` names; a running cluster restarts with them.

        Raises
        ------
        InvalidState : it is neither RUNNING nor TERMINATED
        InvalidParameterValue, QuotaExceeded : the new spec is not supported, or does not fit; the message explains why
        """
        cluster = await self._editable(cluster_id, "update")
        await self._replace_spec(cluster, apply_mask(cluster.spec, mask, fields), user)

    @retry_on_conflict
    async def pin(self, cluster_id: str, *, user: str) -> None:
        """Pin a cluster, so that its definition is never removed automatically. No effect on a pinned cluster.

        Raises
        ------
        QuotaExceeded : MAX_PINNED clusters are pinned already
        """
        cluster = await self._clusters.get(cluster_id)
        if cluster.pinned_ms:
            return
        if sum(bool(c.pinned_ms) for c, _ in await self._clusters.all()) >= MAX_PINNED:
            raise QuotaExceeded(
                f"At most {MAX_PINNED} clusters can be pinned. Unpin another one first.", reason=Reason.LIMIT_REACHED
            )
        now = self._store.now_ms()
        event = Event(Subject.cluster(cluster_id), now, EventType.PINNED, {"user": user})
        await self._store.clusters.save(replace(cluster, pinned_ms=now), event)

    @retry_on_conflict
    async def unpin(self, cluster_id: str, *, user: str) -> None:
        """Unpin a cluster. No effect on a cluster that is not pinned."""
        cluster = await self._clusters.get(cluster_id)
        if cluster.pinned_ms:
            event = Event(Subject.cluster(cluster_id), self._store.now_ms(), EventType.UNPINNED, {"user": user})
            await self._store.clusters.save(replace(cluster, pinned_ms=0), event)

    @retry_on_conflict
    async def change_owner(self, cluster_id: str, owner: str) -> None:
        """Change the owner of a cluster.

        Raises
        ------
        InvalidState : it is not TERMINATED
        """
        cluster = await self._clusters.get_in(
            cluster_id, "change the owner of", ClusterState.TERMINATED, instead=_TERMINATE
        )
        if not owner:
            raise InvalidParameterValue(
                "owner_username is missing", reason=Reason.MISSING_VALUE, field="owner_username"
            )
        await self._store.clusters.save(replace(cluster, creator_user_name=owner))

    @retry_on_conflict
    async def grant(self, cluster_id: str, grants: Sequence[Grant], *, keep: bool) -> Cluster:
        """Store permissions on a cluster and return the cluster; `keep` = in addition to the existing permissions."""
        cluster = await self._clusters.get(cluster_id)
        merged = merge_grants(cluster.grants if keep else (), grants)
        return cluster if merged == cluster.grants else await self._store.clusters.save(replace(cluster, grants=merged))

    async def _editable(self, cluster_id: str, verb: str) -> Cluster:
        return await self._clusters.get_in(
            cluster_id, verb, ClusterState.RUNNING, ClusterState.TERMINATED, instead=_WAIT
        )

    async def _replace_spec(self, cluster: Cluster, spec: ClusterSpec, user: str) -> None:
        spec, now = await self._clusters.admission.accept(spec), self._store.now_ms()
        if spec.is_same_as(cluster.spec):
            return  # a restart would end the notebooks' sessions for nothing
        changed = replace(cluster, spec=spec, num_workers=spec.initial_workers, touched_ms=now)
        if cluster.shown_state is ClusterState.RUNNING:
            await self._clusters.admission.check_room(spec, spec.initial_workers, instead_of=cluster)
            changed = replace(
                changed, generation=cluster.generation + 1, requested_by=user, resize_cause="USER_REQUEST"
            )
        details = {
            "user": user,
            "attributes": spec.to_wire(),
            "previous_attributes": cluster.spec.to_wire(),
            "cluster_size": spec.size_wire(),
            "previous_cluster_size": cluster.spec.size_wire(),
        }
        event = Event(Subject.cluster(cluster.cluster_id), now, EventType.EDITED, details)
        await self._store.clusters.save(changed, event)
