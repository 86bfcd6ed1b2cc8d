"""The verbs on clusters."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.model.cluster import Cluster, ClusterState, Target
from jupyter_dbx.model.errors import ClusterDoesNotExist, Conflict, InvalidParameterValue, InvalidState, QuotaExceeded
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.node import Node, NodeType, NodeTypes
from jupyter_dbx.model.spec import Autoscale, ClusterSpec
from jupyter_dbx.store import Store

#: Raises InvalidParameterValue if a spec's Spark properties cannot be honoured on nodes of these types (driver, worker).
CheckConf = Callable[[ClusterSpec, NodeType, NodeType], None]

#: How often a verb is tried whose cluster others keep changing, count.
ATTEMPTS = 5

P = ParamSpec("P")
R = TypeVar("R")


def _again_on_conflict(verb: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Repeat a verb when a controller changed the cluster between its reading and its writing: no concern of a user."""

    @functools.wraps(verb)
    async def repeated(*args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(ATTEMPTS - 1):
            try:
                return await verb(*args, **kwargs)
            except Conflict:
                pass
        return await verb(*args, **kwargs)

    return repeated


class ClusterManager:
    """What can be asked of clusters.

    Parameters
    ----------
    check_conf : the rules for Spark properties, which are the spark room's
    """

    def __init__(self, store: Store, backend: Backend, check_conf: CheckConf) -> None:
        self._store, self._backend, self._check_conf = store, backend, check_conf

    async def node_types(self) -> NodeTypes:
        """Return what sizes of node there are, and how much of them."""
        return await self._backend.node_types()

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

    async def create(self, spec: ClusterSpec, *, user: str) -> Cluster:
        """Write a new cluster, to be started.

        Raises
        ------
        InvalidParameterValue, QuotaExceeded : the spec cannot be honoured; says why
        """
        types = await self.node_types()
        spec = await self._checked(spec, types)
        await self._check_room(spec, spec.initial_workers, types)
        now = self._store.now_ms()
        cluster = Cluster(
            cluster_id=f"{datetime.fromtimestamp(now / 1000, UTC):%m%d-%H%M%S}-{secrets.token_hex(4)}",
            spec=spec,
            creator_user_name=user,
            created_ms=now,
            num_workers=spec.initial_workers,
            requested_by=user,
            state_message="Starting the driver.",
            state_since_ms=now,
        )
        details = {"user": user, "cluster_size": _size(spec), "attributes": spec.to_wire()}
        return await self._store.clusters.save(cluster, Event(cluster.cluster_id, now, EventType.CREATING, details))

    @_again_on_conflict
    async def start(self, cluster_id: str, *, user: str) -> None:
        """Ask for a terminated cluster to run again.

        Raises
        ------
        InvalidState : it is not TERMINATED
        """
        cluster = await self._in_state(cluster_id, "start", ClusterState.TERMINATED)
        types = await self.node_types()
        spec = await self._checked(cluster.spec, types)
        await self._check_room(spec, spec.initial_workers, types)
        await self._store.clusters.save(
            replace(
                cluster,
                target=Target.RUNNING,
                generation=cluster.generation + 1,
                num_workers=spec.initial_workers,
                requested_by=user,
            )
        )

    @_again_on_conflict
    async def restart(self, cluster_id: str, *, user: str) -> None:
        """Ask for a new driver and new workers.

        Raises
        ------
        InvalidState : it is not RUNNING
        """
        cluster = await self._in_state(cluster_id, "restart", ClusterState.RUNNING)
        changed = replace(cluster, generation=cluster.generation + 1, requested_by=user)
        await self._store.clusters.save(changed)

    @_again_on_conflict
    async def resize(self, cluster_id: str, *, num_workers: int | None, autoscale: Autoscale | None, user: str) -> None:
        """Ask for another number of workers.

        Raises
        ------
        InvalidState : it is not RUNNING
        InvalidParameterValue : it is a single-node cluster, or the number is none
        QuotaExceeded : there is no room
        """
        cluster = await self._in_state(cluster_id, "resize", ClusterState.RUNNING)
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
        await self._check_room(spec, wanted, await self.node_types(), instead_of=cluster)
        await self._store.clusters.save(replace(cluster, spec=spec, num_workers=wanted, requested_by=user))

    @_again_on_conflict
    async def terminate(self, cluster_id: str, *, user: str) -> None:
        """Ask for a cluster to end; its definition stays. Nothing happens if it has ended."""
        await self._want(await self.get(cluster_id), Target.TERMINATED, user)

    @_again_on_conflict
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
    ) -> tuple[list[Event], int]:
        """Return a page of a cluster's events and how many there are in all."""
        await self.get(cluster_id)
        return await self._store.events(
            cluster_id,
            types=types,
            start_ms=start_ms,
            end_ms=end_ms,
            newest_first=newest_first,
            offset=offset,
            limit=limit,
        )

    async def _want(self, cluster: Cluster, target: Target, user: str) -> None:
        if cluster.target is not target:
            await self._store.clusters.save(replace(cluster, target=target, requested_by=user))

    async def _in_state(self, cluster_id: str, verb: str, wanted: ClusterState) -> Cluster:
        cluster = await self.get(cluster_id)
        state = cluster.shown_state
        if state is not wanted:
            raise InvalidState(cluster_id, state, verb, _INSTEAD[state])
        return cluster

    async def _checked(self, spec: ClusterSpec, types: NodeTypes) -> ClusterSpec:
        """Return the spec with its defaults, or raise if its node types or properties cannot be honoured."""
        if not spec.node_type_id:
            spec = replace(spec, node_type_id=types.types[0].node_type_id)
        worker = _offered(types, "node_type_id", spec.node_type_id)
        driver = _offered(types, "driver_node_type_id", spec.driver_node_type_id or spec.node_type_id)
        self._check_conf(spec, driver, worker)
        _check_environment(spec.spark_env_vars)
        return spec

    async def _check_room(
        self, spec: ClusterSpec, workers: int, types: NodeTypes, *, instead_of: Cluster | None = None
    ) -> None:
        """Raise QuotaExceeded unless this cluster fits beside all others that are wanted."""
        if types.capacity is None:
            return
        others = [
            c
            for c in await self._store.clusters.list()
            if (instead_of is None or c.cluster_id != instead_of.cluster_id)
            and c.shown_state not in (ClusterState.TERMINATED, ClusterState.TERMINATING)
        ]
        taken = [_demand(c.spec, c.num_workers, types) for c in others]
        memory, cores = sum(m for m, _ in taken), sum(c for _, c in taken)
        capacity, (want_memory, want_cores) = types.capacity, _demand(spec, workers, types)
        if memory + want_memory <= capacity.memory_mib and cores + want_cores <= capacity.cores:
            return
        raise QuotaExceeded(
            f"A driver and {workers} workers of this size need {want_memory} MiB of memory and {want_cores} cores. "
            f"Free are {capacity.memory_mib - memory} of {capacity.memory_mib} MiB and {capacity.cores - cores} of "
            f"{capacity.cores} cores (the machine has {capacity.machine_memory_mib} MiB and {capacity.machine_cores} cores). "
            "Choose fewer or smaller nodes, or terminate another cluster."
        )


_INSTEAD = {
    ClusterState.TERMINATED: "Start it first.",
    ClusterState.TERMINATING: "Wait until it is TERMINATED, then start it.",
    ClusterState.RUNNING: "It is up already.",
    ClusterState.PENDING: "Wait until it is RUNNING.",
    ClusterState.RESTARTING: "Wait until it is RUNNING.",
    ClusterState.RESIZING: "Wait until it is RUNNING.",
    ClusterState.ERROR: "Its nodes could not be released, which is tried again by itself.",
}


def _offered(types: NodeTypes, field: str, node_type_id: str) -> NodeType:
    found = types.get(node_type_id)
    if found is None:
        offered = ", ".join(t.node_type_id for t in types.types)
        raise InvalidParameterValue(f"{field} {node_type_id!r} is not offered here. Choose one of: {offered}.")
    return found


def _check_environment(variables: Mapping[str, str]) -> None:
    """Raise InvalidParameterValue unless a process can be started with these variables."""
    for name, value in variables.items():
        if not name or "=" in name or "\0" in name + value:
            raise InvalidParameterValue(f"spark_env_vars: {name}={value!r} cannot be set as an environment variable.")


def _demand(spec: ClusterSpec, workers: int, types: NodeTypes) -> tuple[int, int]:
    """Return the memory (MiB) and the cores that a cluster takes."""
    driver, worker = types.get(spec.driver_node_type_id or spec.node_type_id), types.get(spec.node_type_id)
    memory = (driver.memory_mib if driver else 0) + workers * (worker.memory_mib if worker else 0)
    return memory, (driver.num_cores if driver else 0) + workers * (worker.num_cores if worker else 0)


def _size(spec: ClusterSpec) -> Mapping[str, object]:
    if spec.autoscale:
        bounds = {"min_workers": spec.autoscale.min_workers, "max_workers": spec.autoscale.max_workers}
        return {"autoscale": bounds}
    return {"num_workers": spec.initial_workers}
