"""CellProgress: shows the progress of a cell's Spark jobs below the cell.

It is an ordinary output, with our MIME type for JupyterLab and a sentence for other front ends, so the saved notebook keeps it.
Reports of the driver arrive on the seat's thread; `display_id` directs them to the right cell, whichever cell is running. A cell
with only short jobs shows nothing.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

from jupyter_dbx.client.dialect import plural
from jupyter_dbx.kernel.session.cells import Cell, current_request
from jupyter_dbx.model.wire import Json, to_document

if TYPE_CHECKING:
    from jupyter_dbx.model.protocol import JobProgress, Progress

#: MIME type that JupyterLab shows with our renderer.
MIME_TYPE = "application/vnd.jupyter-dbx.progress+json"

#: How many runs that have ended are kept, count: their jobs may go on in threads.
KEPT = 10

#: Progress is shown once a cell's first job has run for this long, s.
SHOWN_AFTER_S = 0.5


@dataclass
class _Run:
    """One run of a cell."""

    cell: Cell
    display_id: str = ""
    #: None = no job yet
    report: Progress | None = None


class CellProgress:
    """The progress below the cells of one notebook.

    Parameters
    ----------
    publisher : IPython's display publisher
    kernel_id : id of this kernel
    start : tells its start from others with the same id
    """

    def __init__(self, publisher: Any, kernel_id: str, start: str) -> None:
        self._publisher, self._prefix = publisher, f"{kernel_id}:{start}:"
        self._lock = threading.Lock()
        self._runs: dict[int, _Run] = {}
        clear = publisher.clear_output
        publisher.clear_output = lambda *args, **kwargs: self._after_clear(clear, *args, **kwargs)

    def begin(self, cell: Cell) -> None:
        """Record that a cell runs; old runs are dropped."""
        with self._lock:
            self._runs = {n: run for n, run in self._runs.items() if n > cell.number - KEPT or run.cell.is_handled}
            if cell.request is not None:
                self._runs[cell.number] = _Run(cell)

    def show(self, report: Progress) -> None:
        """Show a report of the driver; called on the seat's thread."""
        with self._lock:
            run = self._runs.get(report.cell)
            if run is None:
                return
            before = run.report or report
            jobs = report.jobs or before.jobs
            if report.over:
                jobs = tuple(_ended(job, is_cut_off=not report.jobs) for job in jobs)
            run.report = replace(report, cluster_id=report.cluster_id or before.cluster_id, jobs=jobs)
            if run.display_id or (not report.over and _runs_long(run.report.jobs)):
                self._publish(run, run.report)

    def latest(self, run_id: str) -> Json:
        """Return the latest output of a run, or {} if it is not a recent run of this kernel; for a reloaded page."""
        with self._lock:
            outputs = (self._output(run.report) for run in self._runs.values() if run.report)
            return next((output for output in outputs if output["run"] == run_id), {})

    def cell_of(self, run_id: str) -> Cell | None:
        """Return the cell of a run, or None if it was a run of an earlier start of the kernel."""
        number = run_id.removeprefix(self._prefix)
        if number == run_id or not number.isdecimal():
            return None
        with self._lock:
            run = self._runs.get(int(number))
            return run.cell if run else Cell(int(number))

    def _output(self, report: Progress) -> Json:
        """Return what JupyterLab shows."""
        return {
            "run": f"{self._prefix}{report.cell}",
            "cluster_id": report.cluster_id,
            "jobs": to_document(report.jobs),
            "over": report.over,
        }

    def _publish(self, run: _Run, report: Progress) -> None:
        is_new = not run.display_id
        run.display_id = run.display_id or f"dbx-progress-{uuid.uuid4().hex}"
        set_parent = getattr(self._publisher, "set_thread_parent", None)
        if set_parent is not None:
            set_parent(run.cell.request)
        text = describe(report)
        data = {MIME_TYPE: self._output(report), "text/plain": text, "text/html": f"<small>{escape(text)}</small>"}
        self._publisher.publish(data, {}, transient={"display_id": run.display_id}, update=not is_new)

    def _after_clear(self, clear: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Show the next report as a new output: updates of a cleared output would be lost."""
        answer, request = clear(*args, **kwargs), current_request()
        with self._lock:
            for run in self._runs.values():
                if request in (None, run.cell.request) and not (run.report and run.report.over):
                    run.display_id = ""
        return answer


def describe(report: Progress) -> str:
    """Return a report as a sentence, e.g. "3 Spark jobs, 24 tasks, 4.2 s" or "Spark: 1 of 2 jobs done, 30 of 120 tasks"."""
    jobs = report.jobs
    statuses = [job.status for job in jobs]
    ends = "".join(f", {n} {word.lower()}" for word in ("FAILED", "CANCELLED") if (n := statuses.count(word)))
    tasks, finished = sum(job.tasks for job in jobs), sum(job.done for job in jobs)
    if report.over:
        began = min((job.began_ms for job in jobs if job.began_ms is not None), default=0)
        took_s = (max(job.ended_ms or began for job in jobs) - began) / 1000
        return f"{plural(len(jobs), 'Spark job')}{ends}, {plural(finished, 'task')}, {took_s:.1f} s"
    done = sum(job.status != "RUNNING" for job in jobs)
    return f"Spark: {done} of {plural(len(jobs), 'job')} done{ends}, {finished} of {plural(tasks, 'task')}"


def _ended(job: JobProgress, *, is_cut_off: bool) -> JobProgress:
    """Return a job at the last report: one that runs is of a stream, or was cut off by the end of its driver."""
    if job.ended_ms is not None:
        return job
    status = "CANCELLED" if is_cut_off else job.status
    return replace(job, status=status, ended_ms=int(time.time() * 1000), running=0)


def _runs_long(jobs: Sequence[JobProgress]) -> bool:
    began = min((job.began_ms for job in jobs if job.began_ms), default=None)
    return began is not None and time.time() * 1000 - began >= SHOWN_AFTER_S * 1000
