"""Sample values for tests: a healthy cluster and its observations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from jupyter_dbx.controllers.actions import Action, Ages, Release, View
from jupyter_dbx.controllers.plan import plan
from jupyter_dbx.model.cluster import Cluster, ClusterState, DriverFacts
from jupyter_dbx.model.driver import DriverStatus, Executor
from jupyter_dbx.model.node import DaemonObservation, Node, NodeState, Observation, Role
from jupyter_dbx.model.protocol import PROTOCOL, Announcement
from jupyter_dbx.model.spec import ClusterSpec
from jupyter_dbx.model.subject import Subject

#: ms since the epoch
NOW = 1_700_000_000_000

CLUSTER_ID = "1114-221320-abcdef12"
CLUSTER = Subject.cluster(CLUSTER_ID)


def sample_cluster(**changes: Any) -> Cluster:
    """Return a running cluster with two workers."""
    cluster = Cluster(
        cluster_id=CLUSTER_ID,
        spec=ClusterSpec("demo", node_type_id="memory-2c", num_workers=2, autotermination_minutes=60),
        creator_user_name="ada",
        created_ms=NOW - 60_000,
        num_workers=2,
        requested_by="ada",
        state=ClusterState.RUNNING,
        state_since_ms=NOW - 1000,
        settled_workers=2,
    )
    return replace(cluster, **changes)


def sample_node(node_id: str = "driver", **changes: Any) -> Node:
    """Return a READY node; a driver if its id starts with "driver", else a worker."""
    node = Node(
        node_id=node_id,
        cluster_id=CLUSTER_ID,
        role=Role.DRIVER if node_id.startswith("driver") else Role.WORKER,
        node_type_id="memory-2c",
        cores=2,
        memory_mib=4096,
        generation=1,
        created_ms=NOW - 50_000,
        state=NodeState.READY,
    )
    return replace(node, **changes)


def sample_status(*workers: str, **changes: Any) -> DriverStatus:
    """Return the status of a ready driver with an executor on each of `workers`."""
    executors = tuple(Executor(str(n), node_id, 2, 1024, NOW - 2000) for n, node_id in enumerate(workers))
    status = DriverStatus(
        protocol=PROTOCOL,
        cluster_id=CLUSTER_ID,
        generation=1,
        ready=True,
        incarnation="life-1",
        master_url="spark://127.0.0.1:7077",
        application_id="app-1",
        spark_version="4.0.0",
        python_version="3.11",
        start_ms=NOW - 3000,
        executors=executors,
    )
    return replace(status, **changes)


def sample_facts(status: DriverStatus, url: str = "http://driver") -> DriverFacts:
    """Return the facts that the store keeps about a driver with this status."""
    return DriverFacts(
        url=url,
        incarnation=status.incarnation,
        application_id=status.application_id,
        ui_url=status.ui_url,
        master_ui_url=status.master_ui_url,
        spark_version=status.spark_version,
        python_version=status.python_version,
        start_ms=status.start_ms,
        executors=status.executors,
    )


def running(name: str, incarnation: str, **changes: Any) -> dict[str, DaemonObservation]:
    """Return the observation of one running daemon."""
    daemon = DaemonObservation(True, incarnation, pid=7, announce=Announcement(f"http://{name}"))
    return {name: replace(daemon, **changes)}


def healthy_view(workers: int = 2, **cluster_changes: Any) -> View:
    """Return a view in which nothing is left to do, unless `cluster_changes` require it."""
    names = [f"worker-{n}" for n in range(1, workers + 1)]
    status = sample_status(*names)
    facts = {"num_workers": workers, "settled_workers": workers, "driver": sample_facts(status)}
    return View(
        cluster=sample_cluster(**(facts | cluster_changes)),
        nodes=[
            sample_node(healthy=True),
            *(sample_node(name, created_ms=NOW - 40_000 + n, healthy=True) for n, name in enumerate(names)),
        ],
        seen={
            "driver": Observation(CLUSTER_ID, daemons=running("driver", "1")),
            **{name: Observation(CLUSTER_ID, daemons=running("worker", "life-1")) for name in names},
        },
        driver=status,
        now_ms=NOW,
    )


def see(view: View, node_id: str, observation: Observation | None) -> View:
    """Return the view with another observation of one node, or with none."""
    rest = {name: seen for name, seen in view.seen.items() if name != node_id}
    return replace(view, seen=rest if observation is None else rest | {node_id: observation})


def see_daemon(view: View, node_id: str, name: str, **changes: Any) -> View:
    """Return the view with one node's daemon changed."""
    node = view.seen[node_id]
    return see(view, node_id, replace(node, daemons={name: replace(node.daemons[name], **changes)}))


def change_node(view: View, node_id: str, **changes: Any) -> View:
    """Return the view with one node's row changed."""
    return replace(view, nodes=[replace(n, **changes) if n.node_id == node_id else n for n in view.nodes])


def aged(view: View, node_id: str, **ages: int) -> View:
    """Return the view with other ages of the facts about one node (`started_ms`, `still_ms`, …)."""
    return replace(view, ages={**view.ages, node_id: replace(view.ages.get(node_id, Ages()), **ages)})


def without_node(view: View, node_id: str) -> View:
    """Return the view without the row and the observation of one node."""
    return see(replace(view, nodes=[n for n in view.nodes if n.node_id != node_id]), node_id, None)


def fresh_view(state: ClusterState = ClusterState.PENDING, **changes: Any) -> View:
    """Return a view of a cluster with two requested workers that has no nodes yet."""
    return replace(healthy_view(driver=None, state=state, **changes), nodes=[], seen={}, driver=None)


def actions_of(view: View, *kinds: type) -> list[Action]:
    """Return the planned actions of these kinds, in order."""
    return [action for action in plan(view) if isinstance(action, kinds)]


def released_by(view: View) -> list[str]:
    """Return the ids of the nodes that the plan releases, in order."""
    return [action.node.node_id for action in plan(view) if isinstance(action, Release)]
