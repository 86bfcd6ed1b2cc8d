"""Cluster: the state that others see, and the words it is answered in."""

from __future__ import annotations

from typing import Any

import pytest
from samples import CLUSTER_ID, NOW, sample_cluster, sample_facts, sample_node, sample_status

from jupyter_dbx.model.cluster import ClusterState, Target, TerminationReason
from jupyter_dbx.model.spec import ClusterSpec

S, T = ClusterState, Target


@pytest.mark.parametrize("state", S)
def test_state_is_shown_as_it_is_when_nothing_was_asked_for_since(state: S) -> None:
    assert sample_cluster(state=state).shown_state is state


@pytest.mark.parametrize(
    ("state", "wish", "shown"),
    [
        (S.RUNNING, {"target": T.TERMINATED}, S.TERMINATING),
        (S.PENDING, {"target": T.GONE}, S.TERMINATING),
        (S.RESTARTING, {"target": T.TERMINATED, "generation": 2}, S.TERMINATING),
        (S.TERMINATED, {"target": T.TERMINATED}, S.TERMINATED),
        (S.TERMINATED, {"target": T.TERMINATED, "generation": 2}, S.TERMINATED),
        (S.TERMINATED, {"generation": 2}, S.PENDING),
        (S.TERMINATING, {"generation": 2}, S.TERMINATING),
        (S.ERROR, {"target": T.TERMINATED}, S.ERROR),
        (S.RUNNING, {"generation": 2}, S.RESTARTING),
        (S.RESIZING, {"generation": 2}, S.RESTARTING),
        (S.PENDING, {"generation": 2}, S.PENDING),
        (S.RUNNING, {"num_workers": 3}, S.RESIZING),
        (S.RUNNING, {"num_workers": 1}, S.RESIZING),
        (S.PENDING, {"num_workers": 3}, S.PENDING),
        (S.RUNNING, {"num_workers": 3, "generation": 2}, S.RESTARTING),
    ],
)
def test_what_was_asked_for_is_shown_before_a_controller_has_looked(state: S, wish: dict[str, Any], shown: S) -> None:
    assert sample_cluster(state=state, **wish).shown_state is shown


def test_running_cluster_is_answered_with_its_nodes() -> None:
    status = sample_status("worker-1")
    cluster = sample_cluster(driver=sample_facts(status))
    nodes = [sample_node(), sample_node("worker-1"), sample_node("worker-2")]

    wire = cluster.to_wire(nodes)

    assert (wire["cluster_id"], wire["cluster_name"], wire["state"]) == (CLUSTER_ID, "demo", "RUNNING")
    assert (wire["cluster_cores"], wire["cluster_memory_mb"]) == (6.0, 12_288)
    assert wire["driver"]["node_id"] == "driver"
    assert [(e["node_id"], e["start_timestamp"]) for e in wire["executors"]] == [("worker-1", NOW - 2000)]
    assert (wire["driver_node_type_id"], wire["effective_spark_version"]) == ("memory-2c", "4.0.x-scala2.13")
    assert "termination_reason" not in wire
    assert "spec" not in wire


def test_spec_is_answered_as_the_user_wrote_it() -> None:
    spec = ClusterSpec(num_workers=2, node_type_id="memory-2c", extra={"policy_id": "p"})

    wire = sample_cluster(spec=spec, num_workers=5).to_wire([], with_spec=True)

    assert wire["spec"] == {"num_workers": 2, "node_type_id": "memory-2c", "policy_id": "p"}
    assert (wire["num_workers"], wire["policy_id"]) == (5, "p")
    assert not {"cluster_cores", "driver", "executors"} & wire.keys()


@pytest.mark.parametrize(
    ("state", "is_told"),
    [(S.TERMINATED, True), (S.TERMINATING, True), (S.ERROR, True), (S.RUNNING, False), (S.PENDING, False)],
)
def test_reason_is_told_of_a_cluster_that_ends(state: S, is_told: bool) -> None:
    reason = TerminationReason("INACTIVITY", {"inactivity_duration_min": "60"})

    wire = sample_cluster(state=state, termination_reason=reason, terminated_ms=NOW).to_wire([])

    assert wire["terminated_time"] == NOW
    expected = {"code": "INACTIVITY", "type": "SUCCESS", "parameters": {"inactivity_duration_min": "60"}}
    assert wire.get("termination_reason") == (expected if is_told else None)


def test_reason_of_an_unknown_code_is_a_fault_of_the_service() -> None:
    assert TerminationReason("SOMETHING_NEW").to_wire()["type"] == "SERVICE_FAULT"
