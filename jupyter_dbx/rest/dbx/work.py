"""`/api/dbx/clusters/ID/jobs` and `…/executors`: what a cluster works on, for pages that request it every few seconds."""

from __future__ import annotations

from typing import Annotated

from jupyter_dbx.model.answers.work import ExecutorList, JobDetails, JobList
from jupyter_dbx.rest.framework.endpoint import Arg, Call, ClusterId, Route
from jupyter_dbx.rest.framework.needs import on_cluster


async def jobs(
    call: Call,
    cluster_id: ClusterId,
    since: Annotated[int, Arg("Only jobs that run, or ended later than this, ms since the epoch.", minimum=0)] = 0,
) -> JobList:
    """Return the newest Spark jobs of a cluster with their stages: at most 100 jobs and about 300 stages.

    For clients that poll: with the `time` of the previous answer as `since`, an answer contains only what changes.
    """
    found = await call.services.work.jobs(cluster_id, since_ms=since)
    if found is None:
        return JobList()
    notebooks = await call.notebooks(job.kernel_id for job in found.jobs)
    described = (JobDetails(job=j.job, notebook=notebooks.path(j.kernel_id, j.notebook)) for j in found.jobs)
    return JobList(time=found.at_ms, application_id=found.application_id, jobs=tuple(described))


async def executors(call: Call, cluster_id: ClusterId) -> ExecutorList:
    """Return the load of a cluster, and the tasks that each executor runs and has run."""
    found = await call.services.work.tasks(cluster_id)
    return ExecutorList(time=found.at_ms, load=found.load, executors=found.executors) if found else ExecutorList()


ROUTES: list[Route] = [
    Route("GET", "dbx/clusters/{cluster_id}/jobs", jobs, on_cluster("CAN_ATTACH_TO")),
    Route("GET", "dbx/clusters/{cluster_id}/executors", executors, on_cluster("CAN_ATTACH_TO")),
]
