"""Simulated drivers: they respond, have executors and load, drain workers, and terminate when idle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

from fragile_backend import FragileBackend

from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.driver import DriverStatus, Executor, Load
from jupyter_dbx.model.node import Daemon, Node, NodeType
from jupyter_dbx.model.protocol import PROTOCOL, Announcement, DecommissionNotice, DriverNotice, EndedNote, TouchNotice
from jupyter_dbx.spark.daemons import DRIVER, WORKER

#: How long a simulated driver takes to start its SparkContext, s.
DRIVER_START_S = 3.0


@dataclass(frozen=True)
class FakeDaemons:
    """Creates daemons without Java."""

    def driver(self, cluster: Cluster, node: Node, driver: NodeType, worker: NodeType) -> Daemon:
        return Daemon(DRIVER, ("driver",), incarnation=str(node.generation))

    def worker(self, cluster: Cluster, node: Node, *, master_url: str, incarnation: str) -> Daemon:
        return Daemon(WORKER, ("worker", master_url), incarnation=incarnation)

    def driver_token(self, cluster_id: str, generation: int) -> str:
        return f"{cluster_id}/{generation}"


@dataclass
class Life:
    """One run of a driver daemon."""

    number: int
    #: on the monotonic clock, s
    began: float
    active: float
    touched_ms: int = 0
    #: node id → when its executor exits, s
    leaving: dict[str, float] = field(default_factory=dict)


class SimulatedDrivers:
    """Simulates all drivers of a workspace.

    Parameters
    ----------
    clock : monotonic, s
    """

    def __init__(self, backend: FragileBackend, clock: Callable[[], float]) -> None:
        self._backend, self._clock = backend, clock
        self._lives: dict[str, Life] = {}
        #: number of status requests, count
        self.requests = 0
        #: True = all drivers are busy and none responds
        self.mute = False
        #: True = drivers report their status, but accept no notices
        self.deaf = False
        #: how long an executor takes to drain, s
        self.drain_s = 5.0
        #: cluster id → how busy it is, and idle minutes until its driver ends; missing = nothing runs, never
        self.loads: dict[str, Load] = {}
        self.minutes: dict[str, int] = {}
        #: all accepted notices
        self.notices: list[DriverNotice] = []

    async def read_status(self, announce: Announcement, token: str) -> DriverStatus | None:
        """Return the status of the driver on this node."""
        self.requests += 1
        node_id = _node_of(announce)
        if not self.responds(node_id):
            return None
        seen = self._backend.nodes[node_id]
        generation = int(seen.daemons[DRIVER].incarnation)
        assert token == f"{seen.cluster_id}/{generation}", "a driver knows the token of its own generation only"
        life, idle_s = self._life(node_id), self.idle_s(node_id)
        minutes = self.minutes.get(seen.cluster_id, 0)
        return DriverStatus(
            protocol=PROTOCOL,
            cluster_id=seen.cluster_id,
            generation=generation,
            ready=self._is_ready(life),
            incarnation=f"life-{life.number}",
            master_url="spark://memory",
            application_id=f"app-{life.number}",
            start_ms=int(life.began * 1000),
            idle_s=idle_s,
            ends_in_s=minutes * 60 - idle_s if minutes else None,
            touched_ms=life.touched_ms,
            executors=tuple(
                Executor(str(n), worker, 1, 512, int(life.began * 1000))
                for n, worker in enumerate(self.executors(node_id))
            ),
            load=self.loads.get(seen.cluster_id, Load()),
        )

    async def notify(self, announce: Announcement, token: str, notice: DriverNotice) -> bool:
        """Process a notice as the driver on this node."""
        node_id = _node_of(announce)
        if self.deaf or not self.responds(node_id):
            return False
        life, now = self._life(node_id), self._clock()
        self.notices.append(notice)
        match notice:
            case TouchNotice(at_ms, age_s):
                life.touched_ms = at_ms
                life.active = max(life.active, now - age_s)
            case DecommissionNotice(node_ids):
                for worker in node_ids:
                    life.leaving.setdefault(worker, now + self.drain_s)
            case _:
                assert_never(notice)
        return True

    def responds(self, node_id: str) -> bool:
        """Return whether the driver on this node responds."""
        return not self.mute and self._backend.works(node_id, DRIVER)

    def idle_s(self, node_id: str) -> float:
        """Return the idle time of the driver on this node."""
        return self._clock() - self._life(node_id).active

    def executors(self, node_id: str) -> list[str]:
        """Return the nodes with an executor of the driver on this node."""
        life, now = self._life(node_id), self._clock()
        cluster_id = self._backend.nodes[node_id].cluster_id
        return [
            other_id
            for other_id, other in self._backend.nodes.items()
            if other.cluster_id == cluster_id and self._backend.works(other_id, WORKER) and self._is_ready(life)
            if other.daemons[WORKER].incarnation == f"life-{life.number}"
            if now < life.leaving.get(other_id, float("inf"))
        ]

    def end_idle_drivers(self) -> None:
        """Terminate drivers that have been idle for too long. Called as time passes, with or without a server."""
        for node_id, seen in list(self._backend.nodes.items()):
            if not self._backend.works(node_id, DRIVER):
                continue
            life, load = self._life(node_id), self.loads.get(seen.cluster_id, Load())
            if not self._is_ready(life) or load.running_tasks or load.pending_tasks:
                life.active = self._clock()
            limit_s = 60 * self.minutes.get(seen.cluster_id, 0)
            if limit_s and self._clock() - life.active > limit_s:
                note = EndedNote("INACTIVITY", f"The cluster was inactive for {limit_s // 60} minutes.")
                self._backend.end_daemon(node_id, DRIVER, note)

    def _life(self, node_id: str) -> Life:
        began, number = self._backend.starts[node_id, DRIVER]
        life = self._lives.get(node_id)
        if life is None or life.number != number:
            life = self._lives[node_id] = Life(number, began, active=began)
        return life

    def _is_ready(self, life: Life) -> bool:
        return self._clock() >= life.began + DRIVER_START_S


def _node_of(announce: Announcement) -> str:
    return announce.url.removeprefix("memory://")
