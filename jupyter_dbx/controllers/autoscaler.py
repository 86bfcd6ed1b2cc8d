"""The number of workers an autoscaled cluster should have. Pure: the caller passes the time and the state."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_dbx.model.driver import Load
from jupyter_dbx.model.spec import Autoscale


@dataclass(frozen=True)
class Spare:
    """A period during which fewer workers would have been enough."""

    #: start of the period, ms on a monotonic clock
    since_ms: int
    #: the maximum number of workers needed since, count
    peak: int


def needed_workers(load: Load, *, cores_per_worker: int, cpus_per_task: int = 1) -> int:
    """Return the number of workers that could run all running and pending tasks at once.

    Parameters
    ----------
    load : running and pending tasks, count
    cores_per_worker : cores of one worker, count, > 0
    cpus_per_task : `spark.task.cpus`, count, > 0

    Source: Spark's ExecutorAllocationManager (one slot for each task).
    """
    slots = max(1, cores_per_worker // cpus_per_task)
    return -(-(load.running_tasks + load.pending_tasks) // slots)


def target_workers(
    bounds: Autoscale, current: int, needed: int, spare: Spare | None, *, now_ms: int, window_ms: int
) -> tuple[int, Spare | None]:
    """Return the number of workers the cluster should have now, and the `spare` for the next call.

    It scales up immediately. It scales down to the peak need of a window throughout which workers were spare, so a pause between
    two jobs costs nothing.

    Parameters
    ----------
    bounds : minimum and maximum workers, both included, count
    current : workers requested now, count
    needed : what `needed_workers` returns, count
    spare : returned by the previous call; None at first
    now_ms, window_ms : on a monotonic clock

    Returns
    -------
    workers within `bounds`, count; and the spare period that continues, if any

    Source: Dask's Adaptive and Databricks' autoscaling, which scale up at once and down slowly.
    """
    needed = min(max(needed, bounds.min_workers), bounds.max_workers)
    if needed >= current:
        return needed, None
    spare = Spare(now_ms, needed) if spare is None else Spare(spare.since_ms, max(spare.peak, needed))
    if now_ms - spare.since_ms < window_ms:
        return min(current, bounds.max_workers), spare
    # The bounds may have changed since, and the cluster with them.
    return min(spare.peak, current, bounds.max_workers), None
