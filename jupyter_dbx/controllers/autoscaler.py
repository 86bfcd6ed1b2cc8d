"""How many workers an autoscaled cluster should have. Pure: no clock, no memory but what is handed in."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_dbx.model.driver import Load
from jupyter_dbx.model.spec import Autoscale


@dataclass(frozen=True)
class Spare:
    """A time in which fewer workers would have done."""

    #: when it began, ms on a monotonic clock
    since_ms: int
    #: the most workers that were needed since, count
    peak: int


def needed_workers(load: Load, *, cores_per_worker: int, cpus_per_task: int = 1) -> int:
    """Return how many workers could run all tasks that run or wait at once, count.

    Parameters
    ----------
    load : tasks that run and that wait, count
    cores_per_worker : cores of one worker, count, > 0
    cpus_per_task : `spark.task.cpus`, count, > 0

    Source: Spark's ExecutorAllocationManager (one slot for each task).
    """
    slots = max(1, cores_per_worker // cpus_per_task)
    return -(-(load.running_tasks + load.pending_tasks) // slots)


def target_workers(
    bounds: Autoscale, current: int, needed: int, spare: Spare | None, *, now_ms: int, window_ms: int
) -> tuple[int, Spare | None]:
    """Return how many workers the cluster should have now, and what to hand in the next time.

    It grows at once to what is needed, and shrinks to the most that was needed in a window of which every moment had workers
    to spare: a pause between two jobs costs nothing.

    Parameters
    ----------
    bounds : least and most workers, both included, count
    current : workers that are wanted now, count
    needed : what `needed_workers` says, count
    spare : what the last call handed out; None at first
    now_ms, window_ms : on a monotonic clock

    Returns
    -------
    workers within `bounds`, count; and the spare time that goes on, if any

    Source: up at once and down slowly, as Dask's Adaptive and Databricks' autoscaling have it.
    """
    needed = min(max(needed, bounds.min_workers), bounds.max_workers)
    if needed >= current:
        return needed, None
    spare = Spare(now_ms, needed) if spare is None else Spare(spare.since_ms, max(spare.peak, needed))
    if now_ms - spare.since_ms < window_ms:
        return min(current, bounds.max_workers), spare
    # The bounds may have moved since, and the cluster with them.
    return min(spare.peak, current, bounds.max_workers), None
