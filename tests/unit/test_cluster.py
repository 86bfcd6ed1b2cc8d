"""Cluster: the state that users see, and its description in the API."""

from __future__ import annotations

from typing import Any

import pytest
from samples import CLUSTER_ID, NOW, sample_cluster, sample_facts, sample_node, sample_status

from jupyter_dbx.model.answers.answer import to_json
from jupyter_dbx.model.cluster import ClusterState, Target, TerminationReason
from jupyter_dbx.model.spec import ClusterSpec
from jupyter_dbx.model.versions import KEY
from jupyter_dbx.rest.databricks.cluster_answers import describe_cluster

S, T = ClusterState, Target


@pytest.mark.parametrize("state", S)
def test_state_is_shown_unchanged_without_a_new_request(state: S) -> None:
    assert sample_cluster(state=state).shown_state is state


@pytest.mark.parametrize(
    ("state", "requested", "shown"),
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
def test_request_is_shown_before_a_controller_acts(state: S, requested: dict[str, Any], shown: S) -> None:
    assert sample_cluster(state=state, **requested).shown_state is shown


def test_running_cluster_is_described_with_its_nodes() -> None:
    status = sample_status("worker-1")
    cluster = sample_cluster(driver=sample_facts(status))
    nodes = [sample_node(), sample_node("worker-1"), sample_node("worker-2")]

    wire = to_json(describe_cluster(cluster, nodes))

    assert (wire["cluster_id"], wire["cluster_name"], wire["state"]) == (CLUSTER_ID, "demo", "RUNNING")
    assert (wire["cluster_cores"], wire["cluster_memory_mb"]) == (6.0, 12_288)
    assert wire["driver"]["node_id"] == "driver"
    assert [(e["node_id"], e["start_timestamp"]) for e in wire["executors"]] == [("worker-1", NOW - 2000)]
    assert (wire["driver_node_type_id"], wire["effective_spark_version"]) == ("memory-2c", KEY)
    assert "termination_reason" not in wire
    assert "spec" not in wire


def test_spec_is_returned_as_the_user_wrote_it() -> None:
    spec = ClusterSpec(num_workers=2, node_type_id="memory-2c", extra={"policy_id": "p"})

    wire = to_json(describe_cluster(sample_cluster(spec=spec, num_workers=5), [], with_spec=True))

    assert wire["spec"] == {"num_workers": 2, "node_type_id": "memory-2c", "policy_id": "p"}
    assert (wire["num_workers"], wire["policy_id"]) == (5, "p")
    assert not {"cluster_cores", "driver", "executors"} & wire.keys()


@pytest.mark.parametrize(
    ("state", "is_shown"),
    [(S.TERMINATED, True), (S.TERMINATING, True), (S.ERROR, True), (S.RUNNING, False), (S.PENDING, False)],
)
def test_terminating_cluster_has_a_reason(state: S, is_shown: bool) -> None:
    reason = TerminationReason("INACTIVITY", {"inactivity_duration_min": "60"})

    cluster = sample_cluster(state=state, termination_reason=reason, terminated_ms=NOW)
    wire = to_json(describe_cluster(cluster, []))

    assert wire["terminated_time"] == NOW
    expected = {"code": "INACTIVITY", "type": "SUCCESS", "parameters": {"inactivity_duration_min": "60"}}
    assert wire.get("termination_reason") == (expected if is_shown else None)


def test_unknown_termination_code_is_a_service_fault() -> None:
    assert TerminationReason("SOMETHING_NEW").to_wire()["type"] == "SERVICE_FAULT"
