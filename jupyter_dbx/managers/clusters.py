"""The verbs on clusters: make one, start it, change its size, end it; and what can be read of them."""

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
from jupyter_dbx.managers.conflicts import again_on_conflict
from jupyter_dbx.model.cluster import Cluster, ClusterState, Target
from jupyter_dbx.model.driver import Pulse
from jupyter_dbx.model.errors import ClusterDoesNotExist, Conflict, InvalidParameterValue, InvalidState
from jupyter_dbx.model.event import OURS_ALONE, Event, EventType
from jupyter_dbx.model.node import Node, NodeTypes
from jupyter_dbx.model.spec import AUTOTERMINATION_BOUNDS, Autoscale, ClusterSpec
from jupyter_dbx.store import Store

#: Source: Databricks REST API, `clusters/create`, `idempotency_token`; characters.
LONGEST_TOKEN = 64

#: How long a request with a token may be alone, s; how often another one with the same token looks whether it has ended, s,
#: and how many times, count.
_ALONE_S, _TRY_EVERY_S, _TRIES = 20.0, 0.05, 600


#: State → what to do about a cluster that has to be up, or to be started, and is in this state.
INSTEAD = {
    ClusterState.TERMINATED: "Start it first.",
    ClusterState.TERMINATING: "Wait until it is TERMINATED, then start it.",
    ClusterState.RUNNING: "It is up already.",
    ClusterState.PENDING: "Wait until it is RUNNING.",
    ClusterState.RESTARTING: "Wait until it is RUNNING.",
    ClusterState.RESIZING: "Wait until it is RUNNING.",
    ClusterState.ERROR: "Its nodes could not be released, which is tried again by itself.",
}


class ClusterManager:
    """What can be asked of clusters. Each verb that people use a cluster by begins its idle time anew.

    Parameters
    ----------
    check_conf : the rules for Spark properties, which are the spark room's
    least_autotermination_minutes : the least that may be asked for, minutes
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
        #: the rules that a spec has to keep
        self.admission = Admission(store, backend, check_conf, least_autotermination_minutes)

    async def node_types(self) -> NodeTypes:
        """Return what sizes of node there are, and how much of them."""
        return await self._backend.node_types()

    @property
    def idle_minutes(self) -> tuple[int, int]:
        """Return the least and the most `autotermination_minutes` that may be asked for, besides 0 (never), minutes."""
        return self.admission.idle_minutes

    async def taken(self, types: NodeTypes) -> tuple[int, int]:
        """Return the memory (MiB) and the cores that all clusters take together which are wanted."""
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
        ClusterDoesNotExist : there is none of this id, or it was deleted for good
        """
        if not cluster_id:
            raise InvalidParameterValue("cluster_id is missing")
        cluster = await self._store.clusters.get(cluster_id)
        if cluster is None or cluster.target is Target.GONE:
            raise ClusterDoesNotExist(cluster_id)
        return cluster

    async def nodes(self, cluster_id: str) -> list[Node]:
        """Return a cluster's live nodes."""
        return await self._store.nodes.list(owner=cluster_id)

    async def revision(self) -> int:
        """Return the count of changes so far; pulses are none."""
        return await self._store.revision()

    async def pulses(self) -> dict[str, Pulse]:
        """Return what each driver said last: cluster id → pulse. It may be old."""
        return await self._store.pulses()

    async def create(self, spec: ClusterSpec, *, user: str, token: str = "") -> Cluster:
        """Write a new cluster, to be started; with a token, return the cluster that was made with it, until it has ended.

        Raises
        ------
        InvalidParameterValue, QuotaExceeded : the spec cannot be honoured; says why
        """
        if not token:
            return await self._create(spec, user, token)
        if len(token) > LONGEST_TOKEN:
            raise InvalidParameterValue(
                f"idempotency_token must have at most {LONGEST_TOKEN} characters, not {len(token)}"
            )
        # Alone among all servers of this store: two requests with the same token may come at the same moment.
        async with self._alone(f"create {hashlib.sha256(token.encode()).hexdigest()}"):
            for cluster in await self._store.clusters.list():
                ended = cluster.target is Target.GONE or cluster.shown_state is ClusterState.TERMINATED
                if cluster.idempotency_token == token and not ended:
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
        return await self._store.clusters.save(cluster, Event(cluster.cluster_id, now, EventType.CREATING, details))

    @again_on_conflict
    async def start(self, cluster_id: str, *, user: str) -> None:
        """Ask for a terminated cluster to run again, on this server's machines.

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
                idempotency_token="",  # it was forgotten when the cluster ended
            )
        )

    @again_on_conflict
    async def restart(self, cluster_id: str, *, user: str) -> None:
        """Ask for a new driver and new workers.

        Raises
        ------
        InvalidState : it is not RUNNING
        """
        cluster = await self.get_in(cluster_id, "restart", ClusterState.RUNNING)
        now, generation = self._store.now_ms(), cluster.generation + 1
        await self._store.clusters.save(replace(cluster, generation=generation, requested_by=user, touched_ms=now))

    @again_on_conflict
    async def resize(self, cluster_id: str, *, num_workers: int | None, autoscale: Autoscale | None, user: str) -> None:
        """Ask for another number of workers; bounds of autoscaling move it no further than they must.

        Raises
        ------
        InvalidState : it is not RUNNING
        InvalidParameterValue : it is a single-node cluster, or the number is none
        QuotaExceeded : there is no room
        """
        cluster = await self.get_in(cluster_id, "resize", ClusterState.RUNNING)
        if cluster.spec.single_node:
            raise InvalidParameterValue(
                "A single-node cluster cannot be resized. Create a cluster with num_workers of 1 or more."
            )
        spec = replace(cluster.spec, num_workers=num_workers, autoscale=autoscale)
        spec.check()
        if spec.single_node:
            raise InvalidParameterValue("num_workers must be 1 or more: a running cluster cannot become single-node.")
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

    @again_on_conflict
    async def extend(self, cluster_id: str) -> None:
        """Let the idle time begin anew; a controller tells the driver, which counts it.

        Raises
        ------
        InvalidState : there is no driver
        """
        cluster = await self.get_in(cluster_id, "extend", ClusterState.RUNNING, ClusterState.RESIZING)
        await self._store.clusters.save(replace(cluster, touched_ms=self._store.now_ms()))

    @again_on_conflict
    async def terminate(self, cluster_id: str, *, user: str) -> None:
        """Ask for a cluster to end; its definition stays. Nothing happens if it has ended."""
        await self._want(await self.get(cluster_id), Target.TERMINATED, user)

    @again_on_conflict
    async def delete(self, cluster_id: str, *, user: str) -> None:
        """Ask for a cluster to end and to be forgotten; nobody sees it from now on."""
        await self._want(await self.get(cluster_id), Target.GONE, user)

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
        with_ours: bool = False,
    ) -> tuple[list[Event], int]:
        """Return a page of a cluster's events and how many there are in all.

        Parameters
        ----------
        types : only these; empty = all
        with_ours : those too that Databricks' clients do not know
        """
        await self.get(cluster_id)
        told = set(types or EventType) - (set() if with_ours else OURS_ALONE)
        if not told:
            return [], 0
        return await self._store.events(
            cluster_id,
            types=sorted(map(str, told)),
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
        instead : for each other state, what to do about it

        Raises
        ------
        InvalidState : it is in another one
        """
        cluster = await self.get(cluster_id)
        state = cluster.shown_state
        if state not in states:
            raise InvalidState(cluster_id, state, verb, instead[state])
        return cluster

    async def _want(self, cluster: Cluster, target: Target, user: str) -> None:
        if cluster.target is not target:
            await self._store.clusters.save(replace(cluster, target=target, requested_by=user))

    @asynccontextmanager
    async def _alone(self, name: str) -> AsyncIterator[None]:
        """Let nobody else in who asks for the same name, on whatever server."""
        owner = secrets.token_hex(8)
        for _ in range(_TRIES):
            if await self._store.lease(name, owner, ttl_s=_ALONE_S):
                break
            await asyncio.sleep(_TRY_EVERY_S)
        else:
            raise Conflict
        try:
            yield
        finally:
            await self._store.release_lease(name, owner)
