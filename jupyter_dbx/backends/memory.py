"""A backend whose nodes exist only in memory, for tests of logic and for trying the API without Spark."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace

from traitlets import Int

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.model.errors import NodeFailure, Reason, ResourceDoesNotExist
from jupyter_dbx.model.node import Capacity, Daemon, DaemonObservation, LogFile, Node, NodeType, NodeTypes, Observation
from jupyter_dbx.model.protocol import Announcement
from jupyter_dbx.model.usage import NodeProcess, NodeResources
from jupyter_dbx.model.wire import Json


class MemoryBackend(Backend):
    """Simulates nodes. Tests make them fail by changing `nodes` and `failing_verbs` between two calls."""

    memory_mib = Int(64 * 1024, help="Memory that all nodes may use, MiB.").tag(config=True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        #: node id → its observation
        self.nodes: dict[str, Observation] = {}
        #: node id → its memory, MiB
        self._sizes: dict[str, int] = {}
        #: verbs that raise NodeFailure
        self.failing_verbs: set[str] = set()

    async def node_types(self) -> NodeTypes:
        types = tuple(NodeType(f"memory-{n}c", n, n * 2048) for n in (1, 2, 4, 8))
        return NodeTypes(types, Capacity(self.memory_mib, 256, self.memory_mib, 64))

    async def provision(self, node: Node) -> AsyncIterator[Json]:
        self._fail_if("provision")
        if node.node_id not in self.nodes:
            if sum(self._sizes.values()) + node.memory_mib > self.memory_mib:
                raise NodeFailure(f"Only {self.memory_mib} MiB of memory are available.")
            self._sizes[node.node_id] = node.memory_mib
            self.nodes[node.node_id] = Observation(node.cluster_id)
        yield {"address": "memory"}

    async def release(self, node: Node) -> None:
        self._fail_if("release")
        self.nodes.pop(node.node_id, None)
        self._sizes.pop(node.node_id, None)

    async def start(self, node: Node, daemon: Daemon) -> None:
        self._fail_if("start")
        seen = self.nodes.get(node.node_id)
        if seen is None or not seen.alive:
            raise NodeFailure(f"Node {node.node_id} is gone.")
        running = DaemonObservation(True, daemon.incarnation, pid=1, announce=Announcement(f"memory://{node.node_id}"))
        self.nodes[node.node_id] = replace(seen, daemons=seen.daemons | {daemon.name: running})

    async def stop(self, node: Node, name: str, *, grace_s: float) -> None:
        self._fail_if("stop")
        seen = self.nodes.get(node.node_id)
        if seen and name in seen.daemons:
            stopped = replace(seen.daemons[name], running=False, announce=None)
            self.nodes[node.node_id] = replace(seen, daemons=seen.daemons | {name: stopped})

    async def list_nodes(self) -> dict[str, Observation]:
        return dict(self.nodes)

    async def list_processes(self) -> dict[str, list[NodeProcess]]:
        return {
            node_id: [
                NodeProcess(seen.pid, name, "java", time.monotonic() / 4, 512.0)
                for name, seen in node.daemons.items()
                if seen.running and seen.pid
            ]
            for node_id, node in self.nodes.items()
            if node.alive
        }

    async def inspect(self, cluster_id: str) -> dict[str, NodeResources]:
        return {
            node_id: NodeResources(tuple(replace(p, ports=("127.0.0.1:4040",)) for p in processes), "memory", 0.0)
            for node_id, processes in (await self.list_processes()).items()
            if self.nodes[node_id].cluster_id == cluster_id
        }

    async def list_logs(self, cluster_id: str) -> list[LogFile]:
        return [
            LogFile(f"{node_id}/{name}/stderr", len(self._log(node_id, name)), 0, live=True)
            for node_id, seen in self.nodes.items()
            if seen.cluster_id == cluster_id
            for name in seen.daemons
        ]

    async def read_log(self, cluster_id: str, path: str, *, start: int, length: int) -> bytes:
        if path not in [log.path for log in await self.list_logs(cluster_id)]:
            raise ResourceDoesNotExist(
                f"Cluster {cluster_id} has no log {path!r}. List the logs of the cluster to see the available paths.",
                reason=Reason.LOG_DOES_NOT_EXIST,
            )
        node_id, name, _ = path.split("/")
        return self._log(node_id, name)[start:][:length]

    async def forget(self, cluster_id: str) -> None:
        pass

    def _log(self, node_id: str, name: str) -> bytes:
        return f"{name} of {node_id}\n".encode()

    def _fail_if(self, verb: str) -> None:
        if verb in self.failing_verbs:
            raise NodeFailure(f"{verb} failed")
