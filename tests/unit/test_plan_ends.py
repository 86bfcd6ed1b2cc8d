"""plan: what terminates a cluster, with which reason, and what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from samples import (
    CLUSTER_ID,
    NOW,
    aged,
    change_node,
    fresh_view,
    healthy_view,
    sample_status,
    see,
    see_daemon,
)

from jupyter_dbx.controllers.actions import Failure, Limits, Move, View
from jupyter_dbx.controllers.plan import plan
from jupyter_dbx.model.cluster import ClusterState, Target
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.node import NodeState, Observation
from jupyter_dbx.model.protocol import EndedNote

S = ClusterState
LIMITS = Limits()

#: Databricks' name of the parameter with the message
MESSAGE = "databricks_error_message"


def ended_with(note: EndedNote, *, incarnation: str = "1", is_running: bool = False) -> View:
    return see_daemon(healthy_view(), "driver", "driver", running=is_running, incarnation=incarnation, ended=note)


def tired(node_id: str, view: View) -> View:
    """Return the view with a daemon dead after all starts that are allowed."""
    name = "driver" if node_id == "driver" else "worker"
    view = see_daemon(view, node_id, name, running=False)
    return change_node(view, node_id, daemon_starts=LIMITS.daemon_starts)


def hung(node_id: str, view: View, **changes: Any) -> View:
    """Return the view with a daemon that runs, does not do its work, and has used no CPU time for too long."""
    name = "driver" if node_id == "driver" else "worker"
    view = replace(view, driver=None if node_id == "driver" else sample_status("worker-2"))
    view = aged(see_daemon(view, node_id, name, cpu_s=3.0), node_id, still_ms=LIMITS.hung_ms)
    return change_node(view, node_id, **changes)


STARTUP = Failure("SPARK_STARTUP_FAILURE", "There is no Java.")
FULL = Failure("CLOUD_PROVIDER_LAUNCH_FAILURE", "There is no room.")
REBOOTED = Observation(CLUSTER_ID, alive=False)


@pytest.mark.parametrize(
    ("view", "code", "parameters"),
    [
        (healthy_view(target=Target.TERMINATED), "USER_REQUEST", {"username": "ada"}),
        (
            ended_with(EndedNote("SPARK_STARTUP_FAILURE", "bad conf")),
            "SPARK_STARTUP_FAILURE",
            {MESSAGE: "bad conf"},
        ),
        (
            ended_with(EndedNote("INACTIVITY", "Nothing ran.")),
            "INACTIVITY",
            {"inactivity_duration_min": "60"},
        ),
        (
            see(healthy_view(), "driver", REBOOTED),
            "INSTANCE_UNREACHABLE",
            {MESSAGE: "The driver's machine restarted."},
        ),
        (
            change_node(see(healthy_view(), "driver", REBOOTED), "driver", state=NodeState.LOST),
            "INSTANCE_UNREACHABLE",
            {MESSAGE: "The driver's machine restarted."},
        ),
        (
            tired("driver", healthy_view()),
            "DRIVER_UNREACHABLE",
            {MESSAGE: "The driver failed 4 times in a row."},
        ),
        (
            replace(tired("driver", healthy_view()), failure=replace(FULL, of_driver=True)),
            "CLOUD_PROVIDER_LAUNCH_FAILURE",
            {MESSAGE: "There is no room."},
        ),
        (
            replace(tired("driver", healthy_view()), failure=FULL),
            "DRIVER_UNREACHABLE",
            {MESSAGE: "The driver failed 4 times in a row."},
        ),
        (
            hung("driver", healthy_view(driver=None), daemon_starts=LIMITS.daemon_starts),
            "DRIVER_UNREACHABLE",
            {MESSAGE: "The driver failed 4 times in a row."},
        ),
        (
            see_daemon(
                hung("driver", healthy_view()),
                "driver",
                "driver",
                ended=EndedNote("INACTIVITY", "Nothing ran."),
            ),
            "INACTIVITY",
            {"inactivity_duration_min": "60"},
        ),
        (
            hung("worker-1", healthy_view(state=S.PENDING), daemon_starts=LIMITS.daemon_starts),
            "SPARK_STARTUP_FAILURE",
            {MESSAGE: "A worker failed 4 times in a row."},
        ),
        (
            tired("worker-1", healthy_view(state=S.PENDING)),
            "SPARK_STARTUP_FAILURE",
            {MESSAGE: "A worker failed 4 times in a row."},
        ),
        (
            replace(fresh_view(), failure=STARTUP),
            "SPARK_STARTUP_FAILURE",
            {MESSAGE: "There is no Java."},
        ),
        (
            replace(fresh_view(), waited_ms=LIMITS.provision_ms + 1, failure=FULL),
            "CLOUD_PROVIDER_LAUNCH_FAILURE",
            {MESSAGE: "There is no room."},
        ),
        (
            replace(fresh_view(), waited_ms=LIMITS.bootstrap_ms + 1),
            "BOOTSTRAP_TIMEOUT",
            {MESSAGE: "Startup timed out after 600 s: the driver is not responding; 0 of 2 workers are registered."},
        ),
    ],
)
def test_cluster_terminates_with_its_reason(view: View, code: str, parameters: dict[str, str]) -> None:
    (move,) = plan(view)

    assert isinstance(move, Move)
    assert (move.state, move.event) == (S.TERMINATING, EventType.TERMINATING)
    assert move.reason is not None
    assert (move.reason.code, move.reason.parameters) == (code, parameters)
    assert move.details == {"reason": move.reason.to_wire()}


@pytest.mark.parametrize(
    "view",
    [
        ended_with(EndedNote("INACTIVITY", ""), is_running=True),
        ended_with(EndedNote("INACTIVITY", ""), incarnation="0"),
        see_daemon(healthy_view(), "driver", "driver", running=False),
        change_node(healthy_view(), "driver", daemon_starts=LIMITS.daemon_starts),
        tired("worker-1", healthy_view()),
        replace(healthy_view(), failure=STARTUP),
        replace(fresh_view(), waited_ms=LIMITS.provision_ms, failure=FULL),
        replace(fresh_view(), waited_ms=LIMITS.bootstrap_ms),
        fresh_view(state_since_ms=0),
        fresh_view(state_since_ms=NOW + 3_600_000),
        hung("driver", healthy_view(), daemon_starts=LIMITS.daemon_starts - 1),
        hung("worker-1", healthy_view(), daemon_starts=LIMITS.daemon_starts),
        see(healthy_view(), "worker-1", REBOOTED),
        replace(healthy_view(), driver=None),
    ],
    ids=[
        "note of a driver that still runs",
        "note of an older generation",
        "crash without a note",
        "last start that still runs",
        "tired worker of a running cluster",
        "failure in a running cluster",
        "failure that may pass",
        "start that may take as long",
        "start whose begin the clock puts long ago",
        "start whose begin the clock puts ahead",
        "hung driver that may be started again",
        "hung worker of a running cluster",
        "worker's machine restarted",
        "unreachable driver",
    ],
)
def test_cluster_does_not_terminate(view: View) -> None:
    assert not [m for m in plan(view) if isinstance(m, Move) and m.state is S.TERMINATING]
