"""The progress of Spark jobs, from Spark's status store: of any job, and of the jobs of one cell.

A job or a stage is one record, whatever its number of tasks, so the cost does not depend on the tasks. Completed jobs and
stages are read once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from py4j.protocol import Py4JJavaError

from jupyter_dbx.driver.context import DriverContext
from jupyter_dbx.model.protocol import JobProgress, StageProgress

#: Maximum number of jobs reported for a cell, count; the newest ones.
MAX_JOBS = 50

#: Maximum number of stages reported for a job, count; the newest ones.
MAX_STAGES = 20

#: Maximum length of a reported description, characters.
MAX_TEXT = 200

#: Spark's call site of a job that a cell started: "collect at /tmp/ipykernel_7/42.py:3".
_CELL = re.compile(r"(.+) at \S*ipykernel_\d+/\d+\.py:(\d+)")

#: Spark's reason for the failure of a stage whose job was cancelled.
_CANCELLED = re.compile(r"SPARK_JOB_CANCELLED|\b[Jj]ob \d+ (was )?cancelled\b")


class JobReader:
    """Reads jobs with their stages. Methods block until the JVM responds.

    Parameters
    ----------
    cores : returns how many cores the cluster has, 0 = unknown
    title : a description that says nothing about a job, because all of a cell's have it
    """

    def __init__(self, context: DriverContext, cores: Callable[[], int], title: str = "") -> None:
        self._context, self._cores, self._title = context, cores, title
        self._ended: dict[int, JobProgress] = {}
        self._ended_stages: dict[int, StageProgress] = {}
        self._cancelled_stages: set[int] = set()

    def read(self, job_id: int) -> JobProgress | None:
        """Return a job, or None if Spark has already dropped it."""
        return self._ended.get(job_id) or self._read(self._context.jsc.sc().statusStore(), job_id)

    def forget(self, before: int) -> None:
        """Forget the jobs whose ids are lower than this."""
        for job_id in [job_id for job_id in self._ended if job_id < before]:
            for stage in self._ended.pop(job_id).stages:
                self._ended_stages.pop(stage.stage_id, None)
                self._cancelled_stages.discard(stage.stage_id)

    def _read(self, store: Any, job_id: int) -> JobProgress | None:
        try:
            data = store.job(job_id)
        except Py4JJavaError:  # Spark has already dropped it
            return None
        status, ids = data.status().toString(), [int(n) for n in data.stageIds().mkString(",").split(",") if n]
        stages = self._stages(store, ids)
        if status == "FAILED" and self._cancelled_stages.intersection(ids):
            status = "CANCELLED"
        description = data.description()
        job = JobProgress(
            job_id=job_id,
            name=self._name(str(description.get()) if description.isDefined() else "", str(data.name())),
            status=status,
            began_ms=_ms(data.submissionTime()),
            ended_ms=_ms(data.completionTime()),
            # Tasks of skipped stages do not run: their results already exist.
            tasks=data.numTasks() - data.numSkippedTasks(),
            done=data.numCompletedTasks(),
            running=self._running(data.numActiveTasks(), is_active=status == "RUNNING"),
            failed=data.numFailedTasks(),
            stages=stages,
        )
        if status != "RUNNING":
            self._ended[job_id] = job
        return job

    def _name(self, description: str, call_site: str) -> str:
        """Return a name that identifies a job: the user's description, else the line, else the cell's title."""
        if description and description != self._title and not _line(description):
            return description[:MAX_TEXT]
        return _line(call_site) or _line(description) or self._title or call_site[:MAX_TEXT]

    def _stages(self, store: Any, ids: list[int]) -> tuple[StageProgress, ...]:
        """Return a job's stages in order of execution."""
        found = (self._ended_stages.get(n) or self._read_stage(store, n) for n in sorted(ids)[-MAX_STAGES:])
        return tuple(stage for stage in found if stage is not None)

    def _read_stage(self, store: Any, stage_id: int) -> StageProgress | None:
        try:
            data = store.lastStageAttempt(stage_id)
        except Py4JJavaError:  # Spark does not know it yet, or has already dropped it
            return None
        status = data.status().toString()
        stage = StageProgress(
            stage_id=stage_id,
            attempt=data.attemptId(),
            name=_line(data.name()) or str(data.name())[:MAX_TEXT],
            status=status,
            tasks=data.numTasks(),
            done=data.numCompleteTasks(),
            running=self._running(data.numActiveTasks(), is_active=status == "ACTIVE"),
            failed=data.numFailedTasks(),
            began_ms=_ms(data.submissionTime()),
            ended_ms=_ms(data.completionTime()),
        )
        reason = data.failureReason()
        if reason.isDefined() and _CANCELLED.search(str(reason.get())):
            self._cancelled_stages.add(stage_id)
        if status in ("COMPLETE", "FAILED", "SKIPPED"):
            self._ended_stages[stage_id] = stage
        return stage

    def _running(self, active: int, *, is_active: bool) -> int:
        """Return how many tasks run: Spark reports the next task of a core before the end of the previous one."""
        return min(active, self._cores() or active) if is_active else 0


class CellJobs:
    """The jobs of one cell.

    Parameters
    ----------
    tag : job tag that only the cell's jobs have
    title : the cell's title, which is the description of its jobs unless the user has set another one
    cores : returns how many cores the cluster has, 0 = unknown
    """

    def __init__(self, context: DriverContext, tag: str, title: str, cores: Callable[[], int]) -> None:
        self._context, self._tag = context, tag
        self._reader = JobReader(context, cores, title)

    def progress(self) -> tuple[JobProgress, ...]:
        """Return the jobs, oldest first, without the stages that Spark has skipped. Blocks until the JVM responds."""
        ids = sorted(self._context.jsc.sc().statusTracker().getJobIdsForTag(self._tag))[-MAX_JOBS:]
        found = (self._reader.read(job_id) for job_id in ids)
        return tuple(
            replace(job, stages=tuple(stage for stage in job.stages if stage.status != "SKIPPED"))
            for job in found
            if job is not None
        )


def _line(call_site: Any) -> str:
    """Return the line of a cell that called Spark, e.g. "collect, line 3"; "" if unknown."""
    found = _CELL.fullmatch(str(call_site))
    return f"{found[1]}, line {found[2]}" if found else ""


def _ms(date: Any) -> int | None:
    return int(date.get().getTime()) if date.isDefined() else None
