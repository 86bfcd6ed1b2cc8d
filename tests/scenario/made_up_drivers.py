"""Drivers without Spark: they answer, have executors and load, let workers leave, and end when nothing runs for long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fragile_backend import FragileBackend

from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.driver import DriverStatus, Executor, Load
from jupyter_dbx.model.node import Daemon, Node, NodeType
from jupyter_dbx.model.wire import Json
from jupyter_dbx.spark.daemons import DRIVER, WORKER

#: How long a made-up driver takes until it has a SparkContext, s.
DRIVER_START_S = 3.0


@dataclass(frozen=True)
class FakeDaemons:
    """Makes daemons without Java."""

    def driver(self, cluster: Cluster, node: Node, driver: NodeType, worker: NodeType) -> Daemon:
        return Daemon(DRIVER, ("driver",), incarnation=str(node.generation))

    def worker(self, cluster: Cluster, node: Node, *, master_url: str, incarnation: str) -> Daemon:
        return Daemon(WORKER, ("worker", master_url), incarnation=incarnation)

    def driver_token(self, cluster_id: str, generation: int) -> str:
        return f"{cluster_id}/{generation}"


@dataclass
class Life:
    """One life of one driver daemon."""

    number: int
    #: on the monotonic clock, s
    began: float
    active: float
    touched_ms: int = 0
    #: node id → when its executor leaves, s
    leaving: dict[str, float] = field(default_factory=dict)


class MadeUpDrivers:
    """What all drivers of a workspace would say and do.

    Parameters
    ----------
    clock : monotonic, s
    """

    def __init__(self, backend: FragileBackend, clock: Callable[[], float]) -> None:
        self._backend, self._clock = backend, clock
        self._lives: dict[str, Life] = {}
        #: True = no driver answers, though all are busy
        self.mute = False
        #: True = drivers say how they are, and take no orders
        self.deaf = False
        #: how long an executor takes to leave, s
        self.drain_s = 5.0
        #: cluster id → how busy it is, and idle minutes until its driver ends; missing = nothing runs, never
        self.loads: dict[str, Load] = {}
        self.minutes: dict[str, int] = {}
        #: every (what, facts) that drivers were told
        self.told: list[tuple[str, Json]] = []

    async def read_status(self, announce: Json, token: str) -> DriverStatus | None:
        """Answer as the driver on this node would."""
        node_id = _node_of(announce)
        if not self.answers(node_id):
            return None
        seen = self._backend.nodes[node_id]
        generation = int(seen.daemons[DRIVER].incarnation)
        assert token == f"{seen.cluster_id}/{generation}", "a driver knows the token of its own generation only"
        life, idle_s = self._life(node_id), self.idle_s(node_id)
        minutes = self.minutes.get(seen.cluster_id, 0)
        return DriverStatus(
            protocol=1,
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

    async def tell(self, announce: Json, token: str, what: str, facts: Json) -> bool:
        """Take an order as the driver on this node would."""
        node_id = _node_of(announce)
        if self.deaf or not self.answers(node_id):
            return False
        life, now = self._life(node_id), self._clock()
        self.told.append((what, facts))
        if what == "touch":
            life.touched_ms = int(str(facts["at_ms"]))
            life.active = max(life.active, now - float(str(facts["age_s"])))
        else:
            for worker in facts["node_ids"]:
                life.leaving.setdefault(str(worker), now + self.drain_s)
        return True

    def answers(self, node_id: str) -> bool:
        """Return whether the driver on this node can be asked."""
        return not self.mute and self._backend.works(node_id, DRIVER)

    def idle_s(self, node_id: str) -> float:
        """Return for how long nothing has run on the driver on this node."""
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

    def live(self) -> None:
        """Let drivers end for which nothing has run for too long. Called as time passes, whether a server is there or not."""
        for node_id, seen in list(self._backend.nodes.items()):
            if not self._backend.works(node_id, DRIVER):
                continue
            life, load = self._life(node_id), self.loads.get(seen.cluster_id, Load())
            if not self._is_ready(life) or load.running_tasks or load.pending_tasks:
                life.active = self._clock()
            limit_s = 60 * self.minutes.get(seen.cluster_id, 0)
            if limit_s and self._clock() - life.active > limit_s:
                note = {"reason": "INACTIVITY", "message": f"Nothing ran for {limit_s // 60} minutes.", "at": 0}
                self._backend.end_daemon(node_id, DRIVER, note)

    def _life(self, node_id: str) -> Life:
        began, number = self._backend.starts[node_id, DRIVER]
        life = self._lives.get(node_id)
        if life is None or life.number != number:
            life = self._lives[node_id] = Life(number, began, active=began)
        return life

    def _is_ready(self, life: Life) -> bool:
        return self._clock() >= life.began + DRIVER_START_S


def _node_of(announce: Json) -> str:
    return str(announce["url"]).removeprefix("memory://")
