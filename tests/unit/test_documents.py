"""to_document and from_document: round trips, also between older and newer versions."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from enum import StrEnum

import pytest
from samples import NOW, sample_cluster, sample_facts, sample_node, sample_status

from jupyter_dbx.model.access import Grant
from jupyter_dbx.model.attachment import Attachment
from jupyter_dbx.model.cluster import Cluster, ClusterState, Target, TerminationReason
from jupyter_dbx.model.driver import Load, Pulse, SeatStatus
from jupyter_dbx.model.event import Event, EventType
from jupyter_dbx.model.node import Daemon, DaemonObservation, File, LogFile, NodeState, NodeTypes, Observation, Role
from jupyter_dbx.model.protocol import Announcement, EndedNote
from jupyter_dbx.model.spec import Autoscale, ClusterSpec
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.model.wire import from_document, to_document

_STATUS = replace(
    sample_status("worker-1"),
    seats=(SeatStatus("kernel", 42, "a.ipynb", NOW, busy=True),),
    load=Load(running_tasks=3, total_cores=4),
    idle_s=1.5,
    ends_in_s=58.5,
    touched_ms=NOW,
)
_SPEC = ClusterSpec(
    autoscale=Autoscale(1, 4), spark_conf={"a": "b"}, is_single_node=False, extra={"x": [1, {"y": None}]}
)
VALUES = [
    sample_cluster(),
    sample_cluster(
        spec=_SPEC,
        target=Target.GONE,
        state=ClusterState.ERROR,
        termination_reason=TerminationReason("INACTIVITY", {"inactivity_duration_min": "60"}),
        driver=sample_facts(_STATUS),
        version=7,
    ),
    sample_cluster(
        place="host",
        resize_cause="AUTOSCALE",
        touched_ms=NOW,
        pinned_ms=NOW,
        warned_ms=NOW,
        idempotency_token="t",
        grants=(Grant("user_name", "bob", "CAN_RESTART"), Grant("group_name", "users", "CAN_ATTACH_TO")),
    ),
    sample_node(backend_state={"boot": "b", "ports": [1, 2]}, state=NodeState.LOST),
    sample_node("worker-1", daemon_starts=3, state=NodeState.DRAINING, drain_notified=True, healthy=True),
    Event(Subject.cluster("c"), NOW, EventType.TERMINATING, {"reason": {"code": "USER_REQUEST"}}),
    Attachment("a.ipynb", "c", NOW),
    _STATUS,
    Daemon("d", ("a", "b"), {"E": "1"}, {"f": File("text", executable=True)}, incarnation="1"),
    NodeTypes(()),
    Pulse(NOW, Load(1, 2, 3, 4), 1.5, None, _STATUS.seats),
    Pulse(NOW, Load(), 0.0, 30.0),
    Observation(
        "c",
        daemons={
            "driver": DaemonObservation(
                True, "1", 7, cpu_s=1.25, announce=Announcement("u"), ended=EndedNote("INACTIVITY", "Nothing ran.", NOW)
            )
        },
    ),
    LogFile("node/driver/stderr", 10, NOW, live=False),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_document_is_read_as_it_was_written(value: object) -> None:
    text = json.dumps(to_document(value))

    assert from_document(type(value), json.loads(text)) == value


def test_enums_and_inner_values_get_their_types_back() -> None:
    cluster = from_document(Cluster, to_document(sample_cluster(driver=sample_facts(_STATUS))))

    assert cluster.state is ClusterState.RUNNING
    assert cluster.driver is not None
    assert cluster.driver.executors == _STATUS.executors
    assert from_document(type(sample_node()), to_document(sample_node())).role is Role.DRIVER


def test_field_missing_from_an_older_version_gets_its_default() -> None:
    document = to_document(sample_cluster(started_generation=5, termination_reason=TerminationReason("X")))
    del document["started_generation"], document["termination_reason"], document["spec"]["custom_tags"]

    cluster = from_document(Cluster, document)

    assert cluster == sample_cluster(started_generation=1)


def test_row_of_the_first_version_is_read_with_defaults_for_newer_fields() -> None:
    came_since = {
        "place": "",
        "resize_cause": "USER_REQUEST",
        "touched_ms": 0,
        "pinned_ms": 0,
        "warned_ms": 0,
        "idempotency_token": "",
        "grants": [],
    }
    document = {k: v for k, v in to_document(sample_cluster()).items() if k not in came_since}

    read = to_document(from_document(Cluster, document))

    assert {name: read[name] for name in came_since} == came_since


def test_field_of_a_newer_version_is_dropped() -> None:
    document = to_document(sample_cluster()) | {"color": "green"}
    document["spec"]["flavour"] = "salt"

    assert from_document(Cluster, document) == sample_cluster()


def test_missing_field_without_a_default_is_an_error() -> None:
    document = to_document(sample_cluster())
    del document["cluster_id"]

    with pytest.raises(TypeError, match="cluster_id"):
        from_document(Cluster, document)


class Color(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Leaf:
    color: Color


@dataclass(frozen=True)
class Tree:
    leaves: tuple[Leaf, ...] = ()
    named: dict[str, Leaf] = field(default_factory=dict)
    listed: list[Leaf] = field(default_factory=list)
    best: Leaf | None = None


def test_values_are_read_in_every_container() -> None:
    leaf = Leaf(Color.RED)
    tree = Tree((leaf, leaf), {"a": leaf}, [leaf], leaf)

    document = to_document(tree)

    assert document["named"] == {"a": {"color": "red"}}
    assert from_document(Tree, document) == tree
    assert from_document(Tree, document | {"best": None}).best is None


def test_document_with_an_unknown_enum_value_is_an_error() -> None:
    with pytest.raises(ValueError, match="blue"):
        from_document(Leaf, {"color": "blue"})
