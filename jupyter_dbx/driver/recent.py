"""The newest Spark jobs of all notebooks, with the notebook of each.

A request reads only the jobs that are new or were running at the one before, because ended ones are kept.
"""

from __future__ import annotations

import threading
import time

from jupyter_dbx.driver.context import WARM_UP, DriverContext
from jupyter_dbx.driver.progress import JobReader
from jupyter_dbx.driver.seats import Seats
from jupyter_dbx.model.kernel_contact import kernel_of_tag
from jupyter_dbx.model.protocol import NotebookJob, RecentJobs

#: Maximum number of jobs, and of all their stages, in one response; the newest ones.
MAX_JOBS, MAX_STAGES = 100, 300


class NotebookJobs:
    """The newest jobs of a driver. Thread-safe."""

    def __init__(self, context: DriverContext, seats: Seats, reader: JobReader) -> None:
        self._context, self._seats, self._reader = context, seats, reader
        self._lock = threading.Lock()
        #: job id → its kernel and notebook
        self._owners: dict[int, tuple[str, str]] = {}

    def since(self, since_ms: int) -> RecentJobs:
        """Return the newest jobs that run, or ended later than `since_ms`, ms since the epoch, without those of the warm-up.

        Blocks until the JVM responds.
        """
        at_ms = int(time.time() * 1000)  # before reading: what ends meanwhile is later
        with self._lock:
            return RecentJobs(at_ms, self._context.application_id, self._read(since_ms))

    def _read(self, since_ms: int) -> tuple[NotebookJob, ...]:
        sc = self._context.jsc.sc()
        total = int(sc.dagScheduler().numTotalJobs())
        oldest = max(0, total - MAX_JOBS)
        active = self._context.ints(sc.statusTracker().getActiveJobIds())
        found: list[NotebookJob] = []
        stages = 0
        for job_id in sorted(active | set(range(oldest, total)), reverse=True):
            job = self._reader.read(job_id)
            if job is None or WARM_UP in job.name or (job.ended_ms is not None and job.ended_ms <= since_ms):
                continue
            stages += len(job.stages)
            if found and stages > MAX_STAGES:
                break
            found.append(NotebookJob(job, *self._owner(job_id)))
        self._reader.forget(before=oldest)
        self._owners = {job_id: owner for job_id, owner in self._owners.items() if job_id >= oldest or job_id in active}
        return tuple(found)

    def _owner(self, job_id: int) -> tuple[str, str]:
        """Return the kernel and the notebook of a job, "" = none."""
        if job_id not in self._owners:
            kernel_id = next(filter(None, map(kernel_of_tag, self._context.tags_of(job_id))), "")
            self._owners[job_id] = kernel_id, self._seats.notebook_of(kernel_id)
        return self._owners[job_id]
