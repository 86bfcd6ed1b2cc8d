"""Progress: how far the Spark jobs of a cell are, below the cell.

It is an output like any other, with a MIME type of ours for JupyterLab and a sentence for everybody else, so that it stays in the
saved notebook. The driver tells of jobs on the seat's thread; what comes is shown by `display_id`, whatever cell runs by then.
A cell whose jobs take no time shows nothing.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

from jupyter_dbx.kernel.wording import plural
from jupyter_dbx.model.wire import Json

#: What JupyterLab shows with our renderer.
MIME_TYPE = "application/vnd.jupyter-dbx.progress+json"

#: For how long a cell's first job must have run before it is shown, s.
SHOWN_AFTER_S = 0.5


@dataclass
class _Run:
    """One cell's run."""

    cell: int
    #: header of the request that runs it
    parent: Any
    display_id: str = ""
    told: Json = field(default_factory=dict)


class CellProgress:
    """What is shown below the cells of one notebook.

    Parameters
    ----------
    publisher : IPython's, of displays
    kernel_id : of this kernel
    """

    def __init__(self, publisher: Any, kernel_id: str) -> None:
        self._publisher, self._kernel_id = publisher, kernel_id
        self._lock = threading.Lock()
        self._runs: dict[int, _Run] = {}
        clear = publisher.clear_output
        publisher.clear_output = lambda *args, **kwargs: self._after_clear(clear, *args, **kwargs)

    def begin(self, cell: int, parent: Any) -> None:
        """Note that a cell runs; those that ended long ago are forgotten."""
        with self._lock:
            self._runs = {n: run for n, run in self._runs.items() if n > cell - 10}
            self._runs[cell] = _Run(cell, parent)

    def show(self, message: Json) -> None:
        """Show what the driver tells; called on the seat's thread."""
        with self._lock:
            run = self._runs.get(message["cell"])
            if run is None:
                return
            run.told = {
                "run": f"{self._kernel_id}:{run.cell}",
                "cluster_id": message.get("cluster_id") or run.told.get("cluster_id", ""),
                "jobs": message["jobs"] if message["jobs"] is not None else run.told.get("jobs", []),
                "over": message["over"],
            }
            if run.display_id or (not message["over"] and _runs_long(run.told["jobs"])):
                self._publish(run)

    def latest(self, run: str) -> Json:
        """Return what was told last of a run, or {} if it is none of this kernel's recent ones: for a page that was reloaded."""
        with self._lock:
            return next((dict(r.told) for r in self._runs.values() if r.told.get("run") == run), {})

    def _publish(self, run: _Run) -> None:
        is_new = not run.display_id
        run.display_id = run.display_id or f"dbx-progress-{uuid.uuid4().hex}"
        set_parent = getattr(self._publisher, "set_thread_parent", None)
        if set_parent is not None:
            set_parent(run.parent)
        words = describe(run.told)
        data = {MIME_TYPE: run.told, "text/plain": words, "text/html": f"<small>{escape(words)}</small>"}
        self._publisher.publish(data, {}, transient={"display_id": run.display_id}, update=not is_new)

    def _after_clear(self, clear: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Let what comes next be shown anew: updates of what was cleared away would be lost."""
        answer = clear(*args, **kwargs)
        with self._lock:
            for run in self._runs.values():
                if not run.told.get("over"):
                    run.display_id = ""
        return answer


def describe(told: Json) -> str:
    """Return it in a sentence, e.g. "3 Spark jobs, 24 tasks, 4.2 s" or "Spark: 1 of 2 jobs done, 30 of 120 tasks"."""
    jobs = told["jobs"]
    failed = sum(job["status"] == "FAILED" for job in jobs)
    ends = f", {failed} failed" if failed else ""
    tasks, finished = sum(job["tasks"] for job in jobs), sum(job["done"] for job in jobs)
    if told["over"]:
        took_s = (max(j["ended_ms"] or j["began_ms"] or 0 for j in jobs) - min(j["began_ms"] or 0 for j in jobs)) / 1000
        return f"{plural(len(jobs), 'Spark job')}{ends}, {plural(finished, 'task')}, {took_s:.1f} s"
    done = sum(job["status"] != "RUNNING" for job in jobs)
    return f"Spark: {done} of {plural(len(jobs), 'job')} done{ends}, {finished} of {plural(tasks, 'task')}"


def _runs_long(jobs: list[Json]) -> bool:
    began = min((job["began_ms"] for job in jobs if job["began_ms"]), default=None)
    return began is not None and time.time() * 1000 - began >= SHOWN_AFTER_S * 1000
