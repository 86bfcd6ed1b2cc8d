"""The state of autoscaling between two observations of a cluster; the decision is in `autoscaler.py`."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_dbx.controllers.actions import View
from jupyter_dbx.controllers.autoscaler import Spare, needed_workers, target_workers

#: How long a cluster does not scale up after no more workers were available, s.
PAUSE_S = 60.0


class Scaling:
    """Calls the autoscaler for every cluster.

    Parameters
    ----------
    clock : monotonic, s
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._spare: dict[str, Spare | None] = {}
        self._paused_until: dict[str, float] = {}

    def target(self, view: View, *, window_ms: int) -> int | None:
        """Return the number of workers an autoscaled cluster should have; None if there is nothing to decide now."""
        cluster, driver = view.cluster, view.driver
        bounds = cluster.spec.autoscale
        if bounds is None or not cluster.state.is_up or driver is None or not driver.ready:
            self._spare.pop(cluster.cluster_id, None)
            return None
        # The driver node counts too if it has the same type: its size is that of a worker.
        cores = min((n.cores for n in view.nodes if n.node_type_id == cluster.spec.node_type_id), default=1)
        needed = needed_workers(driver.load, cores_per_worker=cores, cpus_per_task=_cpus_per_task(view))
        now_ms = int(self._clock() * 1000)
        spare = self._spare.get(cluster.cluster_id)
        current = cluster.num_workers
        target, spare = target_workers(bounds, current, needed, spare, now_ms=now_ms, window_ms=window_ms)
        self._spare[cluster.cluster_id] = spare
        paused = self._clock() < self._paused_until.get(cluster.cluster_id, 0.0)
        return min(target, max(current, bounds.min_workers)) if paused else target

    def pause(self, cluster_id: str) -> None:
        """Stop scaling a cluster up for a while, because no more workers are available."""
        self._paused_until[cluster_id] = self._clock() + PAUSE_S

    def forget(self, cluster_id: str) -> None:
        """Forget a deleted cluster."""
        self._spare.pop(cluster_id, None)
        self._paused_until.pop(cluster_id, None)


def _cpus_per_task(view: View) -> int:
    cpus = view.cluster.spec.spark_conf.get("spark.task.cpus", "1")
    return max(1, int(cpus)) if cpus.isdecimal() else 1
