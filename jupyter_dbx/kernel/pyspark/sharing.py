"""Patches of what a SparkContext has once, although many notebooks use it: cancelling, and the folder of checkpoints."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from jupyter_dbx.kernel.pyspark.owner import SeatOwner


def patch_context(session: SeatOwner, context: Any) -> None:
    """Let cancelling reach the notebook's own jobs only, and let the folder of checkpoints be its own."""

    def cancel_all(self: Any) -> None:
        session.cancel_jobs()

    def cancel_group(self: Any, groupId: str) -> None:
        cancel_own(self, self._jsc.sc().statusTracker().getJobIdsForGroup(groupId))

    def cancel_tag(self: Any, tag: str) -> None:
        cancel_own(self, self._jsc.sc().statusTracker().getJobIdsForTag(tag))

    def cancel_own(self: Any, jobs: Any) -> None:
        own = set(self._jsc.sc().statusTracker().getJobIdsForTag(session.adopted.job_tag))
        for job in own.intersection(jobs):
            self._jsc.sc().cancelJob(job)

    set_folder = context.setCheckpointDir

    @functools.wraps(set_folder)
    def set_checkpoint_folder(self: Any, dirName: str) -> None:
        set_folder(self, dirName)
        session.adopted.checkpoint_folder = self._jsc.sc().checkpointDir()

    for name, cancel in (
        ("cancelAllJobs", cancel_all),
        ("cancelJobGroup", cancel_group),
        ("cancelJobsWithTag", cancel_tag),
    ):
        setattr(context, name, functools.wraps(getattr(context, name))(cancel))
    context.setCheckpointDir = set_checkpoint_folder
    context.getCheckpointDir = _in_own_folder(session, context.getCheckpointDir)


def patch_checkpoints(session: SeatOwner, module: ModuleType, cls: str) -> None:
    """Let the checkpoints of RDDs or DataFrames use the notebook's folder."""
    target = getattr(module, cls)
    target.checkpoint = _in_own_folder(session, target.checkpoint)


def _in_own_folder(session: SeatOwner, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        adopted = session.adopted
        if adopted.checkpoint_folder is not None:
            getattr(adopted.sc._jsc.sc(), "checkpointDir_$eq")(adopted.checkpoint_folder)
        return method(*args, **kwargs)

    return wrapped
