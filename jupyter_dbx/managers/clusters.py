"""Operations on clusters: create, start, restart, resize, terminate, delete and read."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.managers.admission import Admission, CheckConf
from jupyter_dbx.managers.conflicts import retry_on_conflict
from jupyter_dbx.model.cluster import Cluster, ClusterState, Target
from jupyter_dbx.model.driver import Pulse
from jupyter_dbx.model.errors import ClusterDoesNotExist, Conflict, InvalidParameterValue, InvalidState, Reason
from jupyter_dbx.model.event import OWN_TYPES, Event, EventType
from jupyter_dbx.model.keys import check_token
from jupyter_dbx.model.node import Node, NodeTypes
from jupyter_dbx.model.principal import is_same_name
from jupyter_dbx.model.spec import AUTOTERMINATION_BOUNDS, Autoscale, ClusterSpec
from jupyter_dbx.model.subject import CLUSTER, Subject
from jupyter_dbx.store import Store

#: Lease of a create request with a token, s; how often a concurrent request with the same token retries, s, and how many times.
_LEASE_S, _RETRY_EVERY_S, _ATTEMPTS = 20.0, 0.05, 600


#: State → what to do if a cluster in this state should be running or startable.
INSTEAD = {
    ClusterState.TERMINATED: "Start it first.",
    ClusterState.TERMINATING: "Wait until it is TERMINATED, then start it.",
    ClusterState.RUNNING: "Restart it if you want new processes.",
    ClusterState.PENDING: "Wait until it is RUNNING.",
    ClusterState.RESTARTING: "Wait until it is RUNNING.",
    ClusterState.RESIZING: "Wait until it is RUNNING.",
    ClusterState.ERROR: "Its nodes could not be released; this is retried automatically.",
}


class ClusterManager:
    """Operations on clusters. Every operation that counts as use resets the idle time.

    Parameters
    ----------
    check_conf : the check of Spark properties, which belongs to the package `spark`
    least_autotermination_minutes : the minimum `autotermination_minutes`, minutes
    """

    def __init__(
        self,
        store: Store,
        backend: Backend,
        check_conf: CheckConf,
        *,
        least_autotermination_minutes: int = AUTOTERMINATION_BOUNDS[0],
    ) -> None:
        self._store, self._backend = store, backend
        #: checks every requested spec
        self.admission = Admission(store, backend, check_conf, least_autotermination_minutes)

    async def node_types(self) -> NodeTypes:
        """Return the available node types and the total capacity."""
        return await self._backend.node_types()

    @property
    def idle_minutes(self) -> tuple[int, int]:
        """The minimum and maximum `autotermination_minutes`, minutes; 0 (never) is allowed, too."""
        return self.admission.idle_minutes

    async def taken(self, types: NodeTypes) -> tuple[int, int]:
        """Return the memory (MiB) and the cores that are reserved by clusters."""
        return await self.admission.taken(types)

    async def all(self) -> list[tuple[Cluster, list[Node]]]:
        """Return every cluster with its nodes, newest first."""
        nodes: dict[str, list[Node]] = {}
        for node in await self._store.nodes.list():
            nodes.setdefault(node.cluster_id, []).append(node)
        clusters = [c for c in await self._store.clusters.list() if c.target is not Target.GONE]
        clusters.sort(key=lambda c: c.created_ms, reverse=True)
        return [(c, nodes.get(c.cluster_id, [])) for c in clusters]

    async def get(self, cluster_id: str) -> Cluster:
        """Return a cluster.

        Raises
        ------
        ClusterDoesNotExist : no cluster has this id, or it was deleted permanently
        """
        if not cluster_id:
            raise InvalidParameterValue("cluster_id is missing", reason=Reason.MISSING_VALUE, field="cluster_id")
        cluster = await self._store.clusters.get(cluster_id)
        if cluster is None or cluster.target is Target.GONE:
            raise ClusterDoesNotExist(cluster_id)
        return cluster

    async def nodes(self, cluster_id: str) -> list[Node]:
        """Return a cluster's live nodes."""
        return await self._store.nodes.list(owner=cluster_id)

    async def revision(self) -> int:
        """Return the number of changes to the workspace so far; pulses do not count."""
        return await self._store.revision()

    async def pulses(self) -> dict[str, Pulse]:
        """Return the last pulse of each driver: cluster id → pulse. It may be outdated."""
        return await self._store.pulses(CLUSTER)

    async def create(self, spec: ClusterSpec, *, user: str, token: str = "") -> Cluster:
        """Create a cluster, to be started; with a token, return the user's cluster of that token, unless it was terminated.

        Raises
        ------
        InvalidParameterValue, QuotaExceeded : the spec is not supported, or does not fit; the message explains why
        """
        if not token:
            return await self._create(spec, user, token)
        check_token(token)
        # Two requests with the same token may arrive at the same time, also at different servers of this store.
        async with self._exclusive(f"create {hashlib.sha256(token.encode()).hexdigest()}"):
            for cluster in await self._store.clusters.list():
                ended = cluster.target is Target.GONE or cluster.shown_state is ClusterState.TERMINATED
                is_own = is_same_name(cluster.creator_user_name, user)
                if cluster.idempotency_token == token and is_own and not ended:
                    return cluster
            return await self._create(spec, user, token)

    async def _create(self, spec: ClusterSpec, user: str, token: str) -> Cluster:
        spec = await self.admission.accept(spec)
        await self.admission.check_room(spec, spec.initial_workers)
        now = self._store.now_ms()
        cluster = Cluster(
            cluster_id=f"{datetime.fromtimestamp(now / 1000, UTC):%m%d-%H%M%S}-{secrets.token_hex(4)}",
            spec=spec,
            creator_user_name=user,
            created_ms=now,
            num_workers=spec.initial_workers,
            requested_by=user,
            place=self._backend.place,
            touched_ms=now,
            idempotency_token=token,
            state_message="Starting the driver.",
            state_since_ms=now,
        )
        details = {"user": user, "cluster_size": spec.size_wire(), "attributes": spec.to_wire()}
        event = Event(Subject.cluster(cluster.cluster_id), now, EventType.CREATING, details)
        return await self._store.clusters.save(cluster, event)

    @retry_on_conflict
    async def start(self, cluster_id: str, *, user: str) -> None:
        """Request the start of a terminated cluster, on this server's machines.

        Raises
        ------
        InvalidState : it is not TERMINATED
        """
        cluster = await self.get_in(cluster_id, "start", ClusterState.TERMINATED)
        spec = await self.admission.check(cluster.spec)
        await self.admission.check_room(spec, spec.initial_workers)
        await self._store.clusters.save(
            replace(
                cluster,
                target=Target.RUNNING,
                generation=cluster.generation + 1,
                num_workers=spec.initial_workers,
                requested_by=user,
                place=self._backend.place,
                touched_ms=self._store.now_ms(),
                idempotency_token="",  # a token is valid until its cluster terminates
            )
        )

    @retry_on_conflict
    async def restart(self, cluster_id: str, *, user: str) -> None:
        """Request a new driver and new workers.

        Raises
        ------
        InvalidState : it is not RUNNING
        """
        cluster = await self.get_in(cluster_id, "restart", ClusterState.RUNNING)
        now, generation = self._store.now_ms(), cluster.generation + 1
        await self._store.clusters.save(replace(cluster, generation=generation, requested_by=user, touched_ms=now))

    @retry_on_conflict
    async def resize(self, cluster_id: str, *, num_workers: int | None, autoscale: Autoscale | None, user: str) -> None:
        """Request another number of workers; autoscaling bounds change the current number only as far as necessary.

        Raises
        ------
        InvalidState : it is not RUNNING
        InvalidParameterValue : it is a single-node cluster, or the number is invalid
        QuotaExceeded : there is not enough capacity
        """
        cluster = await self.get_in(cluster_id, "resize", ClusterState.RUNNING)
        if cluster.spec.single_node:
            raise InvalidParameterValue(
                "A single-node cluster cannot be resized. Create a cluster with num_workers of 1 or more.",
                field="num_workers",
            )
        spec = replace(cluster.spec, num_workers=num_workers, autoscale=autoscale)
        spec.check()
        if spec.single_node:
            raise InvalidParameterValue(
                "num_workers must be 1 or more: a running cluster cannot become single-node.", field="num_workers"
            )
        wanted = spec.initial_workers
        if autoscale:
            wanted = min(max(cluster.num_workers, autoscale.min_workers), autoscale.max_workers)
        await self.admission.check_room(spec, wanted, instead_of=cluster)
        await self._store.clusters.save(
            replace(
                cluster,
                spec=spec,
                num_workers=wanted,
                resize_cause="USER_REQUEST",
                requested_by=user,
                touched_ms=self._store.now_ms(),
            )
        )

    @retry_on_conflict
    async def extend(self, cluster_id: str) -> None:
        """Reset the idle time; a controller notifies the driver, which measures it.

        Raises
        ------
        InvalidState : it is not running
        """
        cluster = await self.get_in(cluster_id, "extend", ClusterState.RUNNING, ClusterState.RESIZING)
        await self._store.clusters.save(replace(cluster, touched_ms=self._store.now_ms()))

    @retry_on_conflict
    async def terminate(self, cluster_id: str, *, user: str) -> None:
        """Request the termination of a cluster; its definition is kept. No effect on a terminated cluster."""
        await self._set_target(await self.get(cluster_id), Target.TERMINATED, user)

    @retry_on_conflict
    async def delete(self, cluster_id: str, *, user: str) -> None:
        """Request the termination and permanent deletion of a cluster; it is hidden from now on."""
        await self._set_target(await self.get(cluster_id), Target.GONE, user)

    async def events(
        self,
        cluster_id: str,
        *,
        types: list[str],
        start_ms: int | None,
        end_ms: int | None,
        newest_first: bool,
        offset: int,
        limit: int,
        with_own_types: bool = False,
    ) -> tuple[list[Event], int]:
        """Return a page of a cluster's events, and the total number of events on all pages.

        Parameters
        ----------
        types : only events of these types; empty = all
        start_ms, end_ms : bounds of the timestamp, both included, ms since the epoch
        with_own_types : include the types that Databricks' clients do not know
        """
        await self.get(cluster_id)
        selected = set(types or EventType) - (set() if with_own_types else OWN_TYPES)
        if not selected:
            return [], 0
        return await self._store.events(
            Subject.cluster(cluster_id),
            types=sorted(map(str, selected)),
            start_ms=start_ms,
            end_ms=end_ms,
            newest_first=newest_first,
            offset=offset,
            limit=limit,
        )

    async def get_in(
        self, cluster_id: str, verb: str, *states: ClusterState, instead: Mapping[ClusterState, str] = INSTEAD
    ) -> Cluster:
        """Return a cluster that is in one of these states.

        Parameters
        ----------
        verb : the attempted operation, for the message
        instead : for each other state, what to do instead

        Raises
        ------
        InvalidState : it is in another state
        """
        cluster = await self.get(cluster_id)
        state = cluster.shown_state
        if state not in states:
            raise InvalidState(cluster_id, state, verb, instead[state])
        return cluster

    async def _set_target(self, cluster: Cluster, target: Target, user: str) -> None:
        if cluster.target is not target:
            await self._store.clusters.save(replace(cluster, target=target, requested_by=user))

    @asynccontextmanager
    async def _exclusive(self, name: str) -> AsyncIterator[None]:
        """Exclude all others that use the same name, on any server of this store."""
        owner = secrets.token_hex(8)
        for _ in range(_ATTEMPTS):
            if await self._store.lease(name, owner, ttl_s=_LEASE_S):
                break
            await asyncio.sleep(_RETRY_EVERY_S)
        else:
            raise Conflict
        try:
            yield
        finally:
            await self._store.release_lease(name, owner)
