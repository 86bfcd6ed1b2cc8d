"""How far the Spark jobs of one cell are, as Spark's own status store tells it.

A job is one row however many tasks it has, so what this costs does not grow with the tasks. What has ended is asked for once.
"""

from __future__ import annotations

from typing import Any

from py4j.protocol import Py4JJavaError

from jupyter_dbx.driver.context import DriverContext
from jupyter_dbx.model.wire import Json

#: Jobs of one cell that are told, count: of more, the newest.
MOST_JOBS = 50

#: Longest description of a job that is told, characters.
LONGEST_TEXT = 200


class CellProgress:
    """The jobs of one cell.

    Parameters
    ----------
    tag : of the cell's jobs, and of no others
    """

    def __init__(self, context: DriverContext, tag: str) -> None:
        self._context, self._tag = context, tag
        self._ended: dict[int, Json] = {}

    def look(self) -> list[Json]:
        """Return the jobs, oldest first; blocks for as long as the JVM takes to answer."""
        sc = self._context.jsc.sc()
        store = sc.statusStore()
        ids = sorted(sc.statusTracker().getJobIdsForTag(self._tag))[-MOST_JOBS:]
        return [job for job_id in ids if (job := self._ended.get(job_id) or self._read(store, job_id)) is not None]

    def _read(self, store: Any, job_id: int) -> Json | None:
        try:
            data = store.job(job_id)
        except Py4JJavaError:  # so old that Spark has forgotten it
            return None
        status = data.status().toString()
        began, ended = _ms(data.submissionTime()), _ms(data.completionTime())
        description = data.description()
        job: Json = {
            "job_id": job_id,
            "name": str(description.get() if description.isDefined() else data.name())[:LONGEST_TEXT],
            "status": status,
            "began_ms": began,
            "ended_ms": ended,
            # Tasks of stages whose results were there already are none that have to run.
            "tasks": data.numTasks() - data.numSkippedTasks(),
            "done": data.numCompletedTasks(),
            "running": data.numActiveTasks(),
            "failed": data.numFailedTasks(),
            "stages": data.stageIds().size(),
        }
        if status != "RUNNING":
            self._ended[job_id] = job
        return job


def _ms(date: Any) -> int | None:
    return int(date.get().getTime()) if date.isDefined() else None
