"""`/api/dbx/clusters/ID/jobs` and `…/executors`, with simulated drivers, over plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from http_client import create, fetch, wait_for
from live import Server

from jupyter_dbx.model.codec import encode
from jupyter_dbx.model.protocol import JobProgress, NotebookJob, RecentJobs, StageProgress

UNKNOWN = "1234-567890-abcdefgh"


@pytest.fixture
def cluster_id(server: Server) -> Iterator[str]:
    """A running cluster whose driver reports a job that has ended and one that runs."""
    stage = StageProgress(7, 0, "count, line 1", "COMPLETE", 8, 8, 0, 0, 1000, 2000)
    ended = JobProgress(3, "count, line 1", "SUCCEEDED", 1000, 2000, 8, 8, 0, 0, (stage,))
    runs = JobProgress(4, "sum, line 2", "RUNNING", 3000, None, 8, 2, 2, 0)
    jobs = (NotebookJob(runs), NotebookJob(ended, "k1", "/home/me/a.ipynb"))
    told = server.workspace.data / "jobs"
    told.write_text(encode(RecentJobs(0, "app-1", jobs)))
    cluster_id = create(server, num_workers=2)
    wait_for(server, cluster_id, "RUNNING")
    yield cluster_id
    told.unlink()


def test_jobs_that_run_or_have_ended_since_are_listed_with_their_notebooks(server: Server, cluster_id: str) -> None:
    path = f"api/dbx/clusters/{cluster_id}/jobs"

    every = fetch(server, "GET", path).body
    later = fetch(server, "GET", f"{path}?since=2000").body

    assert every["application_id"] == "app-1" and every["time"] > 0
    assert [(found["job"]["job_id"], found["notebook"]) for found in every["jobs"]] == [
        (4, ""),
        (3, "/home/me/a.ipynb"),
    ]
    (stage,) = every["jobs"][1]["job"]["stages"]
    assert (stage["status"], stage["began_ms"], stage["ended_ms"]) == ("COMPLETE", 1000, 2000)
    assert [found["job"]["job_id"] for found in later["jobs"]] == [4]


def test_executors_are_listed_with_their_tasks(server: Server, cluster_id: str) -> None:
    answer = fetch(server, "GET", f"api/dbx/clusters/{cluster_id}/executors").body

    assert answer["load"]["total_cores"] == 2
    assert [(e["executor_id"], e["cores"], e["running"], e["done"]) for e in answer["executors"]] == [
        ("0", 1, 1, 41),
        ("1", 1, 1, 41),
    ]


@pytest.mark.parametrize("list_name", ["jobs", "executors"])
def test_a_terminated_cluster_works_on_nothing(server: Server, cluster_id: str, list_name: str) -> None:
    fetch(server, "POST", "api/2.1/clusters/delete", {"cluster_id": cluster_id})
    wait_for(server, cluster_id, "TERMINATED")

    answer = fetch(server, "GET", f"api/dbx/clusters/{cluster_id}/{list_name}")

    assert (answer.status, answer.body["time"], answer.body[list_name]) == (200, 0, [])
    assert fetch(server, "GET", f"api/dbx/clusters/{UNKNOWN}/{list_name}").status == 400
