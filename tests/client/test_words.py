"""Texts about clusters: sizes, durations, termination and progress."""

from __future__ import annotations

from typing import Any

import pytest
from fake_server import a_live, a_pulse, a_view

from jupyter_dbx.client.words import (
    failure_words,
    load_words,
    notebook_words,
    progress_of,
    size_words,
    terminates_in_s,
    termination_words,
    waiting_words,
)

#: ms since the epoch
NOW = 1_700_000_000_000


BOUNDS = {"autoscale": {"min_workers": 2, "max_workers": 8}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"num_workers": 2}, "2 workers · 4 cores, 8 GiB each"),
        ({"num_workers": 1}, "1 worker · 4 cores, 8 GiB"),
        ({"num_workers": 0, "driver_node_type_id": "small"}, "Single node · 1 core, 2 GiB"),
        ({"num_workers": 3} | BOUNDS, "2–8 workers (3 now) · 4 cores, 8 GiB each"),
        ({"num_workers": 3, "state": "TERMINATED"} | BOUNDS, "2–8 workers · 4 cores, 8 GiB each"),
        ({"num_workers": 2, "node_type_id": "other"}, "2 workers · other each"),
    ],
)
def test_size_has_one_wording(changes: dict[str, Any], words: str) -> None:
    cluster = a_view("1", "etl", **{"node_type_id": "big"} | changes)

    assert size_words(cluster, {"big": (4, 8192), "small": (1, 2048)}) == words


@pytest.mark.parametrize(
    ("live", "left"),
    [
        (a_pulse(time=NOW, idle_s=60.0, ends_in_s=100.0), 100.0),
        (a_pulse(time=NOW - 30_000, idle_s=60.0, ends_in_s=100.0), 70.0),
        (a_pulse(time=NOW - 300_000, idle_s=60.0, ends_in_s=100.0), 0.0),
        (a_pulse(time=NOW + 30_000, idle_s=60.0, ends_in_s=100.0), 100.0),
        (a_pulse(time=NOW, idle_s=0.0, ends_in_s=100.0), None),
        (a_pulse(time=NOW, idle_s=60.0, ends_in_s=None), None),
        (None, None),
    ],
)
def test_time_to_termination_decreases_since_the_driver_was_queried(
    live: dict[str, Any] | None, left: float | None
) -> None:
    assert terminates_in_s(a_view("1", "etl", live=live), NOW) == left


def test_cluster_that_is_not_up_has_no_time_to_termination() -> None:
    live = a_pulse(time=NOW, idle_s=60.0, ends_in_s=100.0)

    assert terminates_in_s(a_view("1", "etl", state="TERMINATING", live=live), NOW) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Terminates after 60 minutes of inactivity"),
        ({"autotermination_minutes": 0}, "No automatic termination"),
        ({"live": a_pulse(time=NOW, idle_s=30.0, ends_in_s=3570.0)}, "Terminates after 60 minutes of inactivity"),
        ({"live": a_pulse(time=NOW, idle_s=90.0, ends_in_s=3510.0)}, "Idle: terminates in 58 min"),
        ({"live": a_pulse(time=NOW, idle_s=30.0, ends_in_s=30.0)}, "Idle: terminates in 30 s"),
        ({"state": "TERMINATED"}, "Terminated"),
        ({"state": "TERMINATED", "terminated_time": NOW - 5000}, "Terminated just now"),
        ({"state": "TERMINATED", "terminated_time": NOW - 600_000}, "Terminated 10 min ago"),
        (
            {
                "state": "TERMINATED",
                "termination_reason": {"code": "USER_REQUEST", "parameters": {"username": "ada"}},
            },
            "Terminated by ada",
        ),
        ({"state": "TERMINATED", "termination_reason": {"code": "INACTIVITY"}}, "Terminated, due to inactivity"),
    ],
)
def test_termination_has_its_time_and_cause(changes: dict[str, Any], words: str) -> None:
    assert termination_words(a_view("1", "etl", **changes), NOW) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "TERMINATED", "termination_reason": {"code": "USER_REQUEST", "type": "SUCCESS"}}, ""),
        ({"state": "TERMINATED", "termination_reason": {"code": "X", "type": "SERVICE_FAULT"}}, "X"),
        ({"state": "ERROR", "state_message": "No."}, "No."),
        ({"state": "RUNNING", "state_message": "Runs."}, ""),
    ],
)
def test_only_an_abnormal_termination_is_a_failure(changes: dict[str, Any], words: str) -> None:
    assert failure_words(a_view("1", "etl", **changes)) == words


@pytest.mark.parametrize(
    ("changes", "done", "awaited"),
    [
        ({"driver": {}, "executors": []}, 0.0, "waiting for the driver"),
        ({"executors": []}, 1 / 3, "0 of 2 workers ready"),
        ({"executors": [{}]}, 2 / 3, "1 of 2 workers ready"),
        ({"executors": [{}, {}, {}]}, 1.0, "3 of 2 workers ready"),
        ({"num_workers": 0, "executors": []}, 1.0, "driver ready"),
        ({"state": "TERMINATING"}, 0.0, "waiting for processes to end"),
    ],
)
def test_progress_counts_nodes(changes: dict[str, Any], done: float, awaited: str) -> None:
    part, words = progress_of(a_view("1", "etl", **changes))

    assert (part, words) == (pytest.approx(done), awaited)


def test_load_mentions_tasks_only_when_some_are_pending() -> None:
    load = {"running_tasks": 4, "pending_tasks": 1, "busy_cores": 4, "total_cores": 4}

    assert load_words(a_live(load=load)) == "4 of 4 cores busy, 1 task pending"
    assert load_words(a_live(load=load | {"pending_tasks": 0})) == "4 of 4 cores busy"


@pytest.mark.parametrize(
    ("kernels", "words"),
    [
        ([], "no notebooks"),
        (["a"], "1 notebook"),
        (["me"], "this notebook only"),
        (["me", "a"], "this notebook and 1 other"),
        (["a", "me", "b"], "this notebook and 2 others"),
    ],
)
def test_this_notebook_is_distinguished_from_others(kernels: list[str], words: str) -> None:
    assert notebook_words(a_live(notebooks=[{"kernel_id": kernel} for kernel in kernels]), "me") == words


def test_waiting_has_a_progress_bar() -> None:
    cluster = a_view("1", "etl", num_workers=3, executors=[{}], state="PENDING")

    assert waiting_words(cluster, 12) == "▰▰▰▰▰▱▱▱▱▱ Cluster etl is PENDING: 1 of 3 workers ready, 12 s"
