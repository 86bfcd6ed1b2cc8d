"""What autoscaling remembers between two looks at a cluster; what it decides is in `autoscaler.py`."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_dbx.controllers.actions import View
from jupyter_dbx.controllers.autoscaler import Spare, needed_workers, target_workers

#: After workers could not be had, none is wanted for so long, s.
PAUSE_S = 60.0


class Scaling:
    """Asks the autoscaler on behalf of every cluster.

    Parameters
    ----------
    clock : monotonic, s
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._spare: dict[str, Spare | None] = {}
        self._paused_until: dict[str, float] = {}

    def target(self, view: View, *, window_ms: int) -> int | None:
        """Return how many workers an autoscaled cluster should have, count; None if that is not to be decided now."""
        cluster, driver = view.cluster, view.driver
        bounds = cluster.spec.autoscale
        if bounds is None or not cluster.state.is_up or driver is None or not driver.ready:
            self._spare.pop(cluster.cluster_id, None)
            return None
        # Also the driver's node tells how many cores a worker has, if it is of the same type.
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
        """Let a cluster not grow for a while, because no more workers can be had."""
        self._paused_until[cluster_id] = self._clock() + PAUSE_S

    def forget(self, cluster_id: str) -> None:
        """Forget a cluster that has gone."""
        self._spare.pop(cluster_id, None)
        self._paused_until.pop(cluster_id, None)


def _cpus_per_task(view: View) -> int:
    asked = view.cluster.spec.spark_conf.get("spark.task.cpus", "1")
    return max(1, int(asked)) if asked.isdecimal() else 1
