"""Words about clusters: sizes, durations, ends and progress."""

from __future__ import annotations

from typing import Any

import pytest
from fake_server import a_cluster, a_pulse

from jupyter_dbx.kernel.wording import (
    duration_words,
    ending_words,
    ends_in_s,
    failure_words,
    load_words,
    memory_words,
    notebook_words,
    progress_of,
    waiting_words,
)

#: ms since the epoch
NOW = 1_700_000_000_000


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (0.4, "0 s"), (99, "99 s"), (100, "2 min"), (3600, "60 min"), (7200, "2 h"), (200_000, "2 days")],
)
def test_duration_is_told_in_one_unit(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


@pytest.mark.parametrize(("mib", "words"), [(2048, "2 GiB"), (1536, "1.5 GiB"), (512, "0.5 GiB")])
def test_memory_is_told_in_gib(mib: int, words: str) -> None:
    assert memory_words(mib) == words


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
def test_time_left_goes_down_since_the_driver_was_asked(live: dict[str, Any] | None, left: float | None) -> None:
    assert ends_in_s(a_cluster("1", "etl", live=live), NOW) == left


def test_cluster_that_does_not_run_has_no_time_left() -> None:
    live = a_pulse(time=NOW, idle_s=60.0, ends_in_s=100.0)

    assert ends_in_s(a_cluster("1", "etl", state="TERMINATING", live=live), NOW) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "ends after 60 min without use"),
        ({"autotermination_minutes": 0}, "never ends by itself"),
        ({"live": a_pulse(time=NOW, idle_s=30.0, ends_in_s=3570.0)}, "ends after 60 min without use"),
        ({"live": a_pulse(time=NOW, idle_s=90.0, ends_in_s=3510.0)}, "not in use: ends in 58 min"),
        ({"live": a_pulse(time=NOW, idle_s=30.0, ends_in_s=30.0)}, "not in use: ends in 30 s"),
        ({"state": "TERMINATED"}, "ended"),
        ({"state": "TERMINATED", "terminated_time": NOW - 5000}, "ended just now"),
        ({"state": "TERMINATED", "terminated_time": NOW - 600_000}, "ended 10 min ago"),
        (
            {
                "state": "TERMINATED",
                "termination_reason": {"code": "USER_REQUEST", "parameters": {"username": "ada"}},
            },
            "ended, by ada",
        ),
        ({"state": "TERMINATED", "termination_reason": {"code": "INACTIVITY"}}, "ended, not in use for 60 min"),
    ],
)
def test_end_is_told_with_its_time_and_cause(changes: dict[str, Any], words: str) -> None:
    assert ending_words(a_cluster("1", "etl", **changes), NOW) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "TERMINATED", "termination_reason": {"code": "USER_REQUEST", "type": "SUCCESS"}}, ""),
        ({"state": "TERMINATED", "termination_reason": {"code": "X", "type": "SERVICE_FAULT"}}, "X"),
        ({"state": "ERROR", "state_message": "No."}, "No."),
        ({"state": "RUNNING", "state_message": "Runs."}, ""),
    ],
)
def test_only_an_end_that_nobody_wanted_is_a_failure(changes: dict[str, Any], words: str) -> None:
    assert failure_words(a_cluster("1", "etl", **changes)) == words


@pytest.mark.parametrize(
    ("changes", "done", "awaited"),
    [
        ({"driver": {}, "executors": []}, 0.0, "waiting for the driver"),
        ({"executors": []}, 1 / 3, "0 of 2 workers up"),
        ({"executors": [{}]}, 2 / 3, "1 of 2 workers up"),
        ({"executors": [{}, {}, {}]}, 1.0, "3 of 2 workers up"),
        ({"num_workers": 0, "executors": []}, 1.0, "the driver is up"),
        ({"state": "TERMINATING"}, 0.0, "waiting until its processes have ended"),
    ],
)
def test_progress_counts_nodes(changes: dict[str, Any], done: float, awaited: str) -> None:
    part, words = progress_of(a_cluster("1", "etl", **changes))

    assert (part, words) == (pytest.approx(done), awaited)


def test_load_tells_of_tasks_only_when_some_wait() -> None:
    load = {"running_tasks": 4, "pending_tasks": 1, "busy_cores": 4, "total_cores": 4}

    assert load_words(a_pulse(load=load)) == "4 of 4 cores busy, 1 task waiting"
    assert load_words(a_pulse(load=load | {"pending_tasks": 0})) == "4 of 4 cores busy"


@pytest.mark.parametrize(
    ("kernels", "words"),
    [
        ([], "no notebook"),
        (["a"], "1 notebook"),
        (["me"], "this notebook only"),
        (["me", "a"], "this notebook and 1 other"),
        (["a", "me", "b"], "this notebook and 2 others"),
    ],
)
def test_this_notebook_is_told_from_others(kernels: list[str], words: str) -> None:
    assert notebook_words(a_pulse(notebooks=[{"kernel_id": kernel} for kernel in kernels]), "me") == words


def test_waiting_is_told_with_a_bar() -> None:
    facts = {"cluster_name": "etl", "num_workers": 3, "executors": [{}], "driver": {"node_id": "d"}, "state": "PENDING"}

    assert waiting_words(facts, 12) == "▰▰▰▰▰▱▱▱▱▱ Cluster etl is PENDING: 1 of 3 workers up, 12 s"
