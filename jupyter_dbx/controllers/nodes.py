"""Carries out actions on the nodes of a cluster, and remembers failures."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import assert_never

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.controllers.actions import (
    Drain,
    Failure,
    MarkHealthy,
    NodeAction,
    Provision,
    Release,
    Resume,
    StartDriver,
    StartWorker,
)
from jupyter_dbx.controllers.clock import Clock
from jupyter_dbx.controllers.plan import backoff_ms
from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.errors import NodeFailure
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.node import Daemon, Node, NodeState, NodeType, NodeTypes, Role
from jupyter_dbx.model.protocol import DecommissionNotice, DriverNotice
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.spark.daemons import DaemonFactory
from jupyter_dbx.store import Store

#: Maximum wait before creating a node is tried again, ms.
MAX_PROVISION_BACKOFF_MS = 15_000

#: Notifies a cluster's driver; returns whether it accepted the notice.
NotifyThisDriver = Callable[[DriverNotice], Awaitable[bool]]


class Nodes:
    """Carries out the node actions of the cluster controller."""

    def __init__(self, store: Store, backend: Backend, daemons: DaemonFactory, clock: Clock) -> None:
        self._store, self._backend, self._daemons, self._clock = store, backend, daemons, clock
        self._last_failure: dict[str, Failure] = {}
        #: cluster id → how often in a row creating nodes failed, and when to try again (monotonic, s)
        self._provision_failures: dict[str, tuple[int, float]] = {}

    def last_failure(self, cluster_id: str) -> Failure | None:
        """Return the last failure of an action that this cluster still needs."""
        return self._last_failure.get(cluster_id)

    def may_provision(self, cluster_id: str) -> bool:
        """Return whether nodes may be created now; after a failure there is a pause."""
        return self._clock() >= self._provision_failures.get(cluster_id, (0, 0.0))[1]

    def forget(self, cluster_id: str) -> None:
        """Forget the failures of a cluster that was deleted or starts again."""
        self._last_failure.pop(cluster_id, None)
        self._provision_failures.pop(cluster_id, None)

    async def act(
        self, cluster: Cluster, actions: Sequence[NodeAction], *, timeout_s: float, notify: NotifyThisDriver
    ) -> Failure | None:
        """Run the node actions concurrently; return the most important failure if it is a new one.

        Parameters
        ----------
        timeout_s : how long each action may take
        notify : notifies the cluster's driver
        """
        done: list[tuple[NodeAction, BaseException | None]] = []
        if actions:
            types = await self._backend.node_types()
            work = [self._limit(self._action(cluster, action, types, notify), timeout_s) for action in actions]
            results = await asyncio.gather(*work, return_exceptions=True)
            done = list(zip(actions, results, strict=True))
        self._pause_provisioning(cluster, [r for a, r in done if isinstance(a, Provision | Resume)])
        failures = [_failure_of(a, r) for a, r in done if isinstance(r, BaseException)]
        if not failures:
            if not self._is_retrying(cluster.cluster_id):
                # The failed action is no longer needed, or has succeeded since.
                self.forget(cluster.cluster_id)
            return None
        # A cluster needs its driver most; a surplus node does no harm.
        worst = min(failures, key=lambda f: (not f.of_driver, f.of_release))
        known = self._last_failure.get(cluster.cluster_id)
        if known and worst.of_release and self._is_retrying(cluster.cluster_id):
            return None  # Missing nodes remain the failure to report.
        self._last_failure[cluster.cluster_id] = worst
        return None if known == worst else worst

    def _is_retrying(self, cluster_id: str) -> bool:
        """Return whether nodes whose creation failed may still be needed: the next attempt is pending or was just due."""
        failed = self._provision_failures.get(cluster_id)
        return failed is not None and self._clock() < failed[1] + MAX_PROVISION_BACKOFF_MS / 1000

    def _pause_provisioning(self, cluster: Cluster, results: list[BaseException | None]) -> None:
        """Back off while creating nodes fails, because each attempt writes to the store and wakes all listeners."""
        if any(results):
            failures = self._provision_failures.get(cluster.cluster_id, (0, 0.0))[0] + 1
            pause_s = backoff_ms(failures, MAX_PROVISION_BACKOFF_MS) / 1000
            self._provision_failures[cluster.cluster_id] = (failures, self._clock() + pause_s)
        elif results:
            self._provision_failures.pop(cluster.cluster_id, None)

    async def _limit(self, work: Awaitable[None], timeout_s: float) -> None:
        async with self._clock.timeout(timeout_s):
            await work

    def _action(
        self, cluster: Cluster, action: NodeAction, types: NodeTypes, notify: NotifyThisDriver
    ) -> Awaitable[None]:
        match action:
            case Provision(role):
                return self._provision_new(cluster, role, types)
            case Resume(node):
                return self._provision(node)
            case Drain(node):
                return self._drain(node, notify)
            case Release(node):
                return self._release(node)
            case StartDriver(node):
                return self._start(node, lambda: self._daemons.driver(cluster, node, *_types_of(cluster, types)))
            case StartWorker(node, master_url, incarnation, failed):
                return self._start(
                    node,
                    lambda: self._daemons.worker(cluster, node, master_url=master_url, incarnation=incarnation),
                    # A worker that gets a new driver was not lost.
                    healthy=node.healthy and not failed,
                )
            case MarkHealthy(node, proven):
                return self._save(replace(node, healthy=True, daemon_starts=0 if proven else node.daemon_starts))
            case _:
                assert_never(action)

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
            # The cause matters more than a failed release of the remains, which is retried.
            with contextlib.suppress(NodeFailure):
                await self._release(node)
            raise
        await self._store.nodes.save(replace(node, state=NodeState.READY))

    async def _drain(self, node: Node, notify: NotifyThisDriver) -> None:
        # Save the row first: a server that dies in between notifies the driver twice, which does no harm.
        if node.state is not NodeState.DRAINING:
            begun = replace(node, state=NodeState.DRAINING)
            node = await self._store.nodes.save(begun, self._event(node, EventType.DECOMMISSION_STARTED))
        if await notify(DecommissionNotice((node.node_id,))):
            await self._store.nodes.save(replace(node, drain_notified=True))

    async def _release(self, node: Node) -> None:
        await self._backend.release(node)
        ended = [self._event(node, EventType.DECOMMISSION_ENDED)] if node.state is NodeState.DRAINING else []
        await self._store.nodes.delete(node, *ended)

    async def _start(self, node: Node, make: Callable[[], Daemon], *, healthy: bool = False) -> None:
        # Saved before the start, so that a server that dies in between counts the start too.
        node = await self._store.nodes.save(replace(node, daemon_starts=node.daemon_starts + 1, healthy=healthy))
        await self._backend.start(node, make())

    async def _save(self, node: Node) -> None:
        await self._store.nodes.save(node)

    def _event(self, node: Node, kind: EventType) -> Event:
        return Event(Subject.cluster(node.cluster_id), self._store.now_ms(), kind, {"instance_id": node.node_id})


def _types_of(cluster: Cluster, types: NodeTypes) -> tuple[NodeType, NodeType]:
    """Return the node types of driver and workers."""
    spec = cluster.spec
    worker = types.get(spec.node_type_id)
    driver = types.get(spec.driver_node_type_id or spec.node_type_id)
    if worker is None or driver is None:
        raise NodeFailure(f"Node type {spec.node_type_id} is no longer available.", code="INVALID_ARGUMENT")
    return driver, worker


def _failure_of(action: NodeAction, failure: BaseException) -> Failure:
    """Return the failure of an action; raise any error that is not a backend's."""
    of = {"of_driver": isinstance(action, StartDriver), "of_release": isinstance(action, Release)}
    if isinstance(failure, NodeFailure):
        return Failure(failure.code, failure.message, **of)
    if isinstance(failure, TimeoutError):
        return Failure("CLOUD_PROVIDER_LAUNCH_FAILURE", "The backend timed out.", **of)
    raise failure
