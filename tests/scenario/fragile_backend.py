"""A memory backend with faults: daemons exit, hang and use CPU time, capacity runs out, servers die."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from itertools import count
from typing import Any

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.controllers.clock import Clock
from jupyter_dbx.model.errors import NodeFailure
from jupyter_dbx.model.node import Daemon, DaemonObservation, Node, NodeTypes, Observation
from jupyter_dbx.model.protocol import EndedNote
from jupyter_dbx.model.wire import Json

#: CPU time that a daemon uses in a second, s.
CPU_SHARE = 0.01


class Crash(Exception):
    """The server dies here."""


class FragileBackend(MemoryBackend):
    """A memory backend whose daemons use CPU time, with events during observations.

    Parameters
    ----------
    clock : monotonic, s
    """

    def __init__(self, clock: Clock, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._clock = clock
        #: (node id, daemon) → its last start, s, and a unique number of that start
        self.starts: dict[tuple[str, str], tuple[float, int]] = {}
        self._numbers = count(1)
        #: (node id, daemon) that hangs → its CPU time at that moment, s
        self.hung: dict[tuple[str, str], float] = {}
        #: (node id, daemon) that exits right after each start
        self.short_lived: set[tuple[str, str]] = set()
        #: False = the CPU time of daemons is unknown
        self.tells_cpu = True
        #: True = no node fits, and each failure has a different message
        self.full = False
        #: node types that are no longer available
        self.withdrawn: set[str] = set()
        #: True = creating a node never ends
        self.stuck = False
        #: number of listings, count; and how long a listing takes, s
        self.listings, self.listing_s = 0, 0.0
        #: True = the server dies after the first step of creating a node
        self.crash_in_provision = False
        #: called during an observation, between reading and writing a row
        self.meanwhile: list[Callable[[], Awaitable[Any]]] = []

    async def node_types(self) -> NodeTypes:
        offered = await super().node_types()
        return replace(offered, types=tuple(t for t in offered.types if t.node_type_id not in self.withdrawn))

    async def provision(self, node: Node) -> AsyncIterator[Json]:
        if self.full:
            raise NodeFailure(f"There is no room for {node.node_id}.")
        if self.stuck:
            await self._clock.sleep(math.inf)
        async for state in super().provision(node):
            yield state
            if self.crash_in_provision:
                self.crash_in_provision = False
                raise Crash

    async def start(self, node: Node, daemon: Daemon) -> None:
        await super().start(node, daemon)
        which = (node.node_id, daemon.name)
        self.hung.pop(which, None)
        self.starts[which] = (self._clock(), next(self._numbers))
        if which in self.short_lived:
            self.end_daemon(*which)

    async def list_nodes(self) -> dict[str, Observation]:
        while self.meanwhile:
            await self.meanwhile.pop()()
        self.listings += 1
        seen = {
            node_id: replace(node, daemons={name: self._see(node_id, name, d) for name, d in node.daemons.items()})
            for node_id, node in (await super().list_nodes()).items()
        }
        if self.listing_s:
            await self._clock.sleep(self.listing_s)
        return seen

    def change(self, node_id: str, **changes: Any) -> None:
        """Change the observation of a node."""
        self.nodes[node_id] = replace(self.nodes[node_id], **changes)

    def end_daemon(self, node_id: str, name: str, ended: EndedNote | None = None) -> None:
        """End a daemon, with an optional note about the reason."""
        daemons = self.nodes[node_id].daemons
        self.change(node_id, daemons=daemons | {name: replace(daemons[name], running=False, ended=ended)})

    def hang(self, node_id: str, name: str) -> None:
        """Make a daemon hang."""
        self.hung[node_id, name] = self._cpu_s(node_id, name)

    def reboot(self) -> None:
        """Reboot the machine: nothing runs, and existing nodes belong to an earlier boot."""
        for node_id, seen in list(self.nodes.items()):
            for name in seen.daemons:
                self.end_daemon(node_id, name)
            self.change(node_id, alive=False)

    def works(self, node_id: str, name: str) -> bool:
        """Return whether a daemon runs and does not hang."""
        seen = self.nodes.get(node_id)
        daemon = seen.daemons.get(name) if seen and seen.alive else None
        return daemon is not None and daemon.running and (node_id, name) not in self.hung

    def _cpu_s(self, node_id: str, name: str) -> float:
        return self.hung.get((node_id, name), CPU_SHARE * (self._clock() - self.starts[node_id, name][0]))

    def _see(self, node_id: str, name: str, daemon: DaemonObservation) -> DaemonObservation:
        known = daemon.running and self.tells_cpu
        return replace(daemon, cpu_s=self._cpu_s(node_id, name) if known else None)
