"""How far the Spark jobs of one cell are, as Spark's own status store tells it.

A job is one row however many tasks it has, and so is a stage: what this costs does not grow with the tasks. What has ended is
asked for once.
"""

from __future__ import annotations

import re
from typing import Any

from py4j.protocol import Py4JJavaError

from jupyter_dbx.driver.context import DriverContext
from jupyter_dbx.model.wire import Json

#: Jobs of one cell that are told, count: of more, the newest.
MOST_JOBS = 50

#: Stages of one job that are told, count: of more, the newest.
MOST_STAGES = 20

#: Longest description of a job that is told, characters.
LONGEST_TEXT = 200

#: Where in a cell a job was started, as Spark says it: "collect at /tmp/ipykernel_7/42.py:3".
_CELL = re.compile(r"(.+) at \S*ipykernel_\d+/\d+\.py:(\d+)")


class CellProgress:
    """The jobs of one cell.

    Parameters
    ----------
    tag : of the cell's jobs, and of no others
    title : of the cell, which its jobs have as their description unless the user gave them another one
    """

    def __init__(self, context: DriverContext, tag: str, title: str) -> None:
        self._context, self._tag, self._title = context, tag, title
        self._ended: dict[int, Json] = {}
        self._ended_stages: dict[int, Json] = {}

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
            "name": self._name(str(description.get()) if description.isDefined() else "", str(data.name())),
            "status": status,
            "began_ms": began,
            "ended_ms": ended,
            # Tasks of stages whose results were there already are none that have to run.
            "tasks": data.numTasks() - data.numSkippedTasks(),
            "done": data.numCompletedTasks(),
            "running": data.numActiveTasks(),
            "failed": data.numFailedTasks(),
            "stages": self._stages(store, [int(n) for n in data.stageIds().mkString(",").split(",") if n]),
        }
        if status != "RUNNING":
            self._ended[job_id] = job
        return job

    def _name(self, description: str, call_site: str) -> str:
        """Return what tells a job from the cell's others: the user's own words, else the line, else the cell's title."""
        if description and description != self._title and not _line(description):
            return description[:LONGEST_TEXT]
        return _line(call_site) or _line(description) or self._title or call_site[:LONGEST_TEXT]

    def _stages(self, store: Any, ids: list[int]) -> list[Json]:
        """Return a job's stages in the order in which they run, without those whose results were there already."""
        found = [self._ended_stages.get(n) or self._read_stage(store, n) for n in sorted(ids)[-MOST_STAGES:]]
        return [stage for stage in found if stage is not None]

    def _read_stage(self, store: Any, stage_id: int) -> Json | None:
        try:
            data = store.lastStageAttempt(stage_id)
        except Py4JJavaError:  # Spark has not heard of it yet, or has forgotten it
            return None
        status = data.status().toString()
        stage: Json = {
            "stage_id": stage_id,
            "attempt": data.attemptId(),
            "name": _line(data.name()) or str(data.name())[:LONGEST_TEXT],
            "status": status,
            "tasks": data.numTasks(),
            "done": data.numCompleteTasks(),
            "running": data.numActiveTasks(),
            "failed": data.numFailedTasks(),
        }
        if status == "SKIPPED":
            return None
        if status in ("COMPLETE", "FAILED"):
            self._ended_stages[stage_id] = stage
        return stage


def _line(call_site: Any) -> str:
    """Return which line of a cell Spark was called from, e.g. "collect, line 3", or "" if it does not say."""
    found = _CELL.fullmatch(str(call_site))
    return f"{found[1]}, line {found[2]}" if found else ""


def _ms(date: Any) -> int | None:
    return int(date.get().getTime()) if date.isDefined() else None
