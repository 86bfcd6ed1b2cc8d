"""Carries out what concerns the nodes of one cluster, and remembers what went wrong."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.controllers.actions import (
    Action,
    Drain,
    Healthy,
    Provision,
    Release,
    Resume,
    StartDriver,
    StartWorker,
    Trouble,
)
from jupyter_dbx.controllers.plan import pause_ms
from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.errors import NodeFailure
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.node import Daemon, Node, NodeState, NodeType, NodeTypes, Role
from jupyter_dbx.model.wire import Json
from jupyter_dbx.spark.daemons import DaemonFactory
from jupyter_dbx.store import Store

#: Longest wait before a node that could not be made is tried again, ms.
LONGEST_PROVISION_PAUSE_MS = 15_000

#: Tells a cluster's driver something: what, and the facts; returns whether it has taken it.
TellThisDriver = Callable[[str, Json], Awaitable[bool]]


class Nodes:
    """The hands of the cluster controller.

    Parameters
    ----------
    clock : monotonic, s
    """

    def __init__(self, store: Store, backend: Backend, daemons: DaemonFactory, clock: Callable[[], float]) -> None:
        self._store, self._backend, self._daemons, self._clock = store, backend, daemons, clock
        self._trouble: dict[str, Trouble] = {}
        #: cluster id → how often in a row nodes could not be made, and until when none is tried, s
        self._refusals: dict[str, tuple[int, float]] = {}

    def trouble(self, cluster_id: str) -> Trouble | None:
        """Return what went wrong last with this cluster and is still wanted."""
        return self._trouble.get(cluster_id)

    def may_provision(self, cluster_id: str) -> bool:
        """Return whether it is time to make nodes: after a refusal not at once."""
        return self._clock() >= self._refusals.get(cluster_id, (0, 0.0))[1]

    def forget(self, cluster_id: str) -> None:
        """Forget what went wrong: the cluster has gone, or starts anew."""
        self._trouble.pop(cluster_id, None)
        self._refusals.pop(cluster_id, None)

    async def act(
        self, cluster: Cluster, actions: Sequence[Action], *, timeout_s: float, tell: TellThisDriver
    ) -> Trouble | None:
        """Carry out what concerns nodes, all at once; return the first failure if it is a new one.

        Parameters
        ----------
        timeout_s : how long each action may take
        tell : tells the cluster's driver something
        """
        types = await self._backend.node_types()
        work = [(a, coroutine) for a in actions if (coroutine := self._action(cluster, a, types, tell)) is not None]
        limited = [asyncio.wait_for(coroutine, timeout_s) for _, coroutine in work]
        results = await asyncio.gather(*limited, return_exceptions=True)
        self._pause_provisioning(cluster, [r for (a, _), r in zip(work, results, strict=True) if _makes_a_node(a)])
        troubles = [_trouble_of(a, r) for (a, _), r in zip(work, results, strict=True) if isinstance(r, BaseException)]
        if not troubles:
            if not self._is_retrying(cluster.cluster_id):
                # What failed is not wanted any more, or came true after all.
                self.forget(cluster.cluster_id)
            return None
        # Without its driver the cluster is nothing; a node too many harms nobody.
        worst = min(troubles, key=lambda t: (not t.of_driver, t.of_release))
        known = self._trouble.get(cluster.cluster_id)
        if known and worst.of_release and self._is_retrying(cluster.cluster_id):
            return None  # That nodes are missing goes on to be what is wrong.
        self._trouble[cluster.cluster_id] = worst
        return None if known == worst else worst

    def _is_retrying(self, cluster_id: str) -> bool:
        """Return whether nodes that could not be made may still be wanted: the next try is to come, or was just due."""
        refused = self._refusals.get(cluster_id)
        return refused is not None and self._clock() < refused[1] + LONGEST_PROVISION_PAUSE_MS / 1000

    def _pause_provisioning(self, cluster: Cluster, results: list[BaseException | None]) -> None:
        """Wait longer and longer while nodes cannot be made: each try writes to the store, and thus makes news."""
        if any(results):
            failures = self._refusals.get(cluster.cluster_id, (0, 0.0))[0] + 1
            pause_s = pause_ms(failures, LONGEST_PROVISION_PAUSE_MS) / 1000
            self._refusals[cluster.cluster_id] = (failures, self._clock() + pause_s)
        elif results:
            self._refusals.pop(cluster.cluster_id, None)

    def _action(
        self, cluster: Cluster, action: Action, types: NodeTypes, tell: TellThisDriver
    ) -> Awaitable[None] | None:
        match action:
            case Provision(role):
                return self._provision_new(cluster, role, types)
            case Resume(node):
                return self._provision(node)
            case Drain(node):
                return self._drain(node, tell)
            case Release(node):
                return self._release(node)
            case StartDriver(node):
                return self._start(node, lambda: self._daemons.driver(cluster, node, *_types_of(cluster, types)))
            case StartWorker(node, master_url, incarnation, failed):
                return self._start(
                    node,
                    lambda: self._daemons.worker(cluster, node, master_url=master_url, incarnation=incarnation),
                    # A worker that gets another driver is none that was lost.
                    healthy=node.healthy and not failed,
                )
            case Healthy(node, proven):
                return self._save(replace(node, healthy=True, daemon_starts=0 if proven else node.daemon_starts))
        return None

    async def _provision_new(self, cluster: Cluster, role: Role, types: NodeTypes) -> None:
        node_type = _types_of(cluster, types)[0 if role is Role.DRIVER else 1]
        node = Node(
            node_id=f"{cluster.cluster_id}-{role.value}-{secrets.token_hex(3)}",
            cluster_id=cluster.cluster_id,
            role=role,
            node_type_id=node_type.node_type_id,
            cores=node_type.num_cores,
            memory_mib=node_type.memory_mib,
            generation=cluster.generation,
            created_ms=self._store.now_ms(),
        )
        await self._provision(await self._store.nodes.save(node))

    async def _provision(self, node: Node) -> None:
        try:
            async for state in self._backend.provision(node):
                node = await self._store.nodes.save(replace(node, backend_state=dict(state)))
        except NodeFailure:
            # Why it cannot be made matters more than that its rest cannot be given back, which is tried again.
            with contextlib.suppress(NodeFailure):
                await self._release(node)
            raise
        await self._store.nodes.save(replace(node, state=NodeState.READY))

    async def _drain(self, node: Node, tell: TellThisDriver) -> None:
        # The row first: a server that dies in between tells the driver again, which does no harm.
        if node.state is not NodeState.DRAINING:
            begun = replace(node, state=NodeState.DRAINING)
            node = await self._store.nodes.save(begun, self._event(node, EventType.DECOMMISSION_STARTED))
        if await tell("decommission", {"node_ids": [node.node_id]}):
            await self._store.nodes.save(replace(node, drain_told=True))

    async def _release(self, node: Node) -> None:
        await self._backend.release(node)
        ended = [self._event(node, EventType.DECOMMISSION_ENDED)] if node.state is NodeState.DRAINING else []
        await self._store.nodes.delete(node, *ended)

    async def _start(self, node: Node, make: Callable[[], Daemon], *, healthy: bool = False) -> None:
        # Noted before the start, so that a server that dies in between counts the start too.
        node = await self._store.nodes.save(replace(node, daemon_starts=node.daemon_starts + 1, healthy=healthy))
        await self._backend.start(node, make())

    async def _save(self, node: Node) -> None:
        await self._store.nodes.save(node)

    def _event(self, node: Node, kind: EventType) -> Event:
        return Event(node.cluster_id, self._store.now_ms(), kind, {"instance_id": node.node_id})


def _types_of(cluster: Cluster, types: NodeTypes) -> tuple[NodeType, NodeType]:
    """Return the node types of driver and workers."""
    spec = cluster.spec
    worker = types.get(spec.node_type_id)
    driver = types.get(spec.driver_node_type_id or spec.node_type_id)
    if worker is None or driver is None:
        raise NodeFailure(f"Node type {spec.node_type_id} is not offered any more.", code="INVALID_ARGUMENT")
    return driver, worker


def _makes_a_node(action: Action) -> bool:
    return isinstance(action, Provision | Resume)


def _trouble_of(action: Action, failure: BaseException) -> Trouble:
    """Return what is told of a failed action; raise what is no failure of a backend."""
    of = {"of_driver": isinstance(action, StartDriver), "of_release": isinstance(action, Release)}
    if isinstance(failure, NodeFailure):
        return Trouble(failure.code, failure.message, **of)
    if isinstance(failure, TimeoutError):
        return Trouble("CLOUD_PROVIDER_LAUNCH_FAILURE", "The backend took too long.", **of)
    raise failure
