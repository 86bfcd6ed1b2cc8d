"""Answers about what a cluster works on."""

from __future__ import annotations

from jupyter_dbx.model.answers.answer import Answer
from jupyter_dbx.model.driver import Load
from jupyter_dbx.model.protocol import ExecutorLoad, JobProgress


class JobDetails(Answer, frozen=True):
    """A Spark job with its stages, and the notebook that began it."""

    job: JobProgress
    #: absolute path of the notebook; "" = none
    notebook: str = ""


class JobList(Answer, frozen=True):
    """The newest jobs of a cluster."""

    #: now, ms since the epoch; 0 = the cluster is not running, or its driver does not report its jobs
    time: int = 0
    #: Spark's id of the application that the jobs belong to; their ids begin at 0 in each
    application_id: str = ""
    #: newest first
    jobs: tuple[JobDetails, ...] = ()


class ExecutorList(Answer, frozen=True):
    """The load of a cluster, and the tasks of each executor."""

    #: now, ms since the epoch; 0 = the cluster is not running, or its driver does not report them
    time: int = 0
    load: Load = Load()
    executors: tuple[ExecutorLoad, ...] = ()
