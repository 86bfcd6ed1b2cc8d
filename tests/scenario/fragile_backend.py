"""A memory backend that things happen to: daemons end, hang and use CPU time, places are full, servers die."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from itertools import count
from typing import Any

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.model.errors import NodeFailure
from jupyter_dbx.model.node import Daemon, DaemonObservation, Node, NodeTypes, Observation
from jupyter_dbx.model.wire import Json

#: CPU time that a daemon uses in a second, s.
CPU_SHARE = 0.01


class Crash(Exception):
    """The server dies here."""


class FragileBackend(MemoryBackend):
    """A memory backend whose daemons use CPU time, and while it looks other things may happen.

    Parameters
    ----------
    clock : monotonic, s
    """

    def __init__(self, clock: Callable[[], float], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._clock = clock
        #: (node id, daemon) → when it was started last, s, and a number that no other start has
        self.starts: dict[tuple[str, str], tuple[float, int]] = {}
        self._numbers = count(1)
        #: (node id, daemon) that hangs → the CPU time it had used by then, s
        self.hung: dict[tuple[str, str], float] = {}
        #: (node id, daemon) that ends as soon as it is started
        self.short_lived: set[tuple[str, str]] = set()
        #: False = nobody knows how much CPU time a daemon has used
        self.tells_cpu = True
        #: True = no node fits, and each is refused in other words
        self.full = False
        #: node types that are not offered any more
        self.withdrawn: set[str] = set()
        #: True = the server dies after the first step of making a node
        self.crash_in_provision = False
        #: happens while a controller looks, between its reading of a row and its writing
        self.meanwhile: list[Callable[[], Awaitable[Any]]] = []

    async def node_types(self) -> NodeTypes:
        offered = await super().node_types()
        return replace(offered, types=tuple(t for t in offered.types if t.node_type_id not in self.withdrawn))

    async def provision(self, node: Node) -> AsyncIterator[Json]:
        if self.full:
            raise NodeFailure(f"There is no room for {node.node_id}.")
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
        return {
            node_id: replace(seen, daemons={name: self._see(node_id, name, d) for name, d in seen.daemons.items()})
            for node_id, seen in (await super().list_nodes()).items()
        }

    def change(self, node_id: str, **changes: Any) -> None:
        """Let a node be seen as something else."""
        self.nodes[node_id] = replace(self.nodes[node_id], **changes)

    def end_daemon(self, node_id: str, name: str, ended: Json | None = None) -> None:
        """Let a daemon die, with a note if it says why."""
        daemons = self.nodes[node_id].daemons
        self.change(node_id, daemons=daemons | {name: replace(daemons[name], running=False, ended=ended)})

    def hang(self, node_id: str, name: str) -> None:
        """Let a daemon do nothing any more."""
        self.hung[node_id, name] = self._cpu_s(node_id, name)

    def reboot(self) -> None:
        """Let the machine start anew: nothing runs, and what was there is of an earlier boot."""
        for node_id, seen in list(self.nodes.items()):
            for name in seen.daemons:
                self.end_daemon(node_id, name)
            self.change(node_id, alive=False)

    def works(self, node_id: str, name: str) -> bool:
        """Return whether a daemon runs and does something."""
        seen = self.nodes.get(node_id)
        daemon = seen.daemons.get(name) if seen and seen.alive else None
        return daemon is not None and daemon.running and (node_id, name) not in self.hung

    def _cpu_s(self, node_id: str, name: str) -> float:
        return self.hung.get((node_id, name), CPU_SHARE * (self._clock() - self.starts[node_id, name][0]))

    def _see(self, node_id: str, name: str, daemon: DaemonObservation) -> DaemonObservation:
        known = daemon.running and self.tells_cpu
        return replace(daemon, cpu_s=self._cpu_s(node_id, name) if known else None)
