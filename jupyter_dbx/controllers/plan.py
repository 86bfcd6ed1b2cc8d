"""plan(view) → actions: what to do next about one cluster. Pure: no clock, no I/O, no memory.

Mirroring facts (`mirror`) and deciding (`plan`) are two passes over the same view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jupyter_dbx.controllers.actions import (
    Action,
    Drain,
    Emit,
    Forget,
    LoseDriver,
    MarkHealthy,
    Move,
    Provision,
    RecordDriver,
    Recover,
    Release,
    Resume,
    Scale,
    StartDriver,
    StartWorker,
    Touch,
    View,
    Warn,
)
from jupyter_dbx.model.cluster import Cluster, ClusterState, DriverFacts, Target, TerminationReason
from jupyter_dbx.model.event import EventType
from jupyter_dbx.model.node import Node, NodeState, Role
from jupyter_dbx.model.wire import Json
from jupyter_dbx.spark.daemons import DRIVER, WORKER

_S = ClusterState

#: How long before automatic termination a cluster warns, s; half of its idle limit if that is less.
WARN_BEFORE_S = 300.0


def mirror(view: View) -> list[Node]:
    """Return the nodes whose rows are outdated, updated: a node that is gone becomes LOST."""
    lost = []
    for node in view.nodes:
        observation = view.seen.get(node.node_id)
        gone = observation is None and node.state is not NodeState.PROVISIONING
        if node.state is not NodeState.LOST and (gone or (observation is not None and not observation.alive)):
            lost.append(replace(node, state=NodeState.LOST))
    return lost


def plan(view: View) -> list[Action]:
    """Return what to do now. The cluster is observed again after the actions, so a plan need not be complete."""
    if any(o.elsewhere for n in view.nodes if (o := view.seen.get(n.node_id))):
        return []  # A server on that other host manages it.
    match view.cluster.state:
        case _S.TERMINATED:
            return _plan_terminated(view)
        case _S.TERMINATING | _S.ERROR:
            return _plan_terminating(view)
        case _:
            return _plan_termination(view) or _plan_restart(view) or _plan_up(view)


def _plan_terminated(view: View) -> list[Action]:
    cluster = view.cluster
    if view.nodes:
        return [Release(n) for n in view.nodes]
    if cluster.target is Target.GONE:
        return [Forget()]
    # A cluster that terminated by itself keeps its target, but starts only on a new request.
    if cluster.target is Target.RUNNING and cluster.generation > cluster.started_generation:
        return [Move(_S.PENDING, EventType.STARTING, {"user": cluster.requested_by}, "Starting the driver.")]
    expired = view.now_ms - cluster.terminated_ms > view.limits.retention_ms
    return [Forget()] if expired and not cluster.pinned_ms else []


def _plan_terminating(view: View) -> list[Action]:
    cluster = view.cluster
    if cluster.state is _S.ERROR:
        # The cluster may have no nodes here already, but the state table leads through TERMINATING.
        if view.nodes and view.waited_ms < view.limits.retry_release_ms:
            return []
        return [Move(_S.TERMINATING, EventType.TERMINATING, _reason_details(cluster.termination_reason))]
    if not view.nodes:
        return [Move(_S.TERMINATED, message=cluster.state_message)]
    if view.waited_ms > view.limits.release_ms:
        cause = view.failure.message if view.failure else "Its nodes did not stop."
        return [Move(_S.ERROR, message=f"The cluster could not be terminated: {cause}")]
    return [Release(n) for n in view.nodes]


def _plan_termination(view: View) -> list[Action]:
    """Return the move that terminates the cluster, if there is a reason."""
    cluster, node = view.cluster, view.driver_node
    if cluster.target is not Target.RUNNING:
        return [_terminate("USER_REQUEST", "", username=cluster.requested_by)]
    rebooted = [n for n in view.nodes if (o := view.seen.get(n.node_id)) and not o.alive and n.role is Role.DRIVER]
    if rebooted:
        return [_terminate("INSTANCE_UNREACHABLE", "The driver's machine restarted.")]
    if node is not None:
        daemon = view.daemon(node, DRIVER)
        # A driver that reports its reason and then hangs counts as ended too.
        if daemon.ended and view.is_dead(node) and daemon.incarnation == str(cluster.generation):
            return [_terminate(daemon.ended.reason, daemon.ended.message, cluster=cluster)]
        if node.daemon_starts >= view.limits.daemon_starts and view.is_dead(node):
            if view.failure and view.failure.of_driver:
                return [_terminate(view.failure.code, view.failure.message)]
            return [_terminate("DRIVER_UNREACHABLE", f"The driver failed {node.daemon_starts} times in a row.")]
    if cluster.state not in (_S.PENDING, _S.RESTARTING):
        return []
    if view.failure and (view.failure.code == "SPARK_STARTUP_FAILURE" or view.waited_ms > view.limits.provision_ms):
        return [_terminate(view.failure.code, view.failure.message)]
    failing = [n for n in view.workers if n.daemon_starts >= view.limits.daemon_starts and view.is_dead(n)]
    if failing:
        message = f"A worker failed {failing[0].daemon_starts} times in a row."
        return [replace(_terminate("SPARK_STARTUP_FAILURE", message), explained_by=failing[0])]
    if view.waited_ms > view.limits.bootstrap_ms:
        workers = f"{len(view.ready_workers)} of {cluster.num_workers} workers are registered"
        driver = "the driver is not responding"
        if view.driver and view.driver.ready:
            driver = "the driver is ready" if view.driver.proven else "the driver is ready, but no job has run"
        timeout = f"Startup timed out after {view.limits.bootstrap_ms // 1000} s"
        return [_terminate("BOOTSTRAP_TIMEOUT", f"{timeout}: {driver}; {workers}.")]
    return []


def _terminate(code: str, message: str, *, username: str = "", cluster: Cluster | None = None) -> Move:
    parameters = {}
    if username:
        parameters["username"] = username
    if message:
        parameters["databricks_error_message"] = message
    if code == "INACTIVITY" and cluster:
        parameters = {"inactivity_duration_min": str(cluster.spec.autotermination_minutes)}
    reason = TerminationReason(code, parameters)
    return Move(_S.TERMINATING, EventType.TERMINATING, _reason_details(reason), message, reason)


def _reason_details(reason: TerminationReason | None) -> Json:
    return {"reason": reason.to_wire()} if reason else {}


def _plan_restart(view: View) -> list[Action]:
    """Return the actions that replace nodes of an older generation, or a missing driver node."""
    cluster = view.cluster
    old = [n for n in view.nodes if n.generation < cluster.generation]
    if cluster.state.is_up and old:
        return [Move(_S.RESTARTING, EventType.RESTARTING, {"user": cluster.requested_by}, "Restarting the driver.")]
    if cluster.state.is_up and view.driver_node is None:
        message = "The driver node was lost and is being replaced."
        return [Move(_S.RESTARTING, EventType.RESTARTING, {"cause": "AUTORECOVERY"}, message)]
    # Release the whole old generation before creating the new one: both together might not fit.
    return [Release(n) for n in old]


def _plan_up(view: View) -> list[Action]:
    lost = [n for n in view.nodes if n.state is NodeState.LOST]
    # A change of size comes alone, because everything else depends on it.
    return _plan_size(view) or [
        *(Release(n) for n in lost),
        *_plan_nodes(view),
        *_plan_daemons(view),
        *_plan_facts(view),
        *_plan_state(view, lost),
    ]


def _plan_size(view: View) -> list[Action]:
    """Return the change of size that autoscaling requests or that the available capacity forces."""
    cluster, bounds = view.cluster, view.cluster.spec.autoscale
    if bounds and cluster.resize_cause == "AUTOSCALE" and not view.may_provision:
        available = max(len(view.workers), bounds.min_workers)
        if available < cluster.num_workers:
            return [Scale(available, failed=True)]
    if view.scale_to is not None and view.scale_to != cluster.num_workers:
        return [Scale(view.scale_to)]
    return []


def _surplus(view: View) -> list[Node]:
    """Return the surplus workers, in the order of their removal."""
    # Workers without an executor go first, then the newest, whose caches are the smallest.
    up = {n.node_id for n in view.ready_workers}
    candidates = sorted(view.workers, key=lambda n: (n.node_id in up, -n.created_ms))
    return candidates[: max(0, len(candidates) - view.cluster.num_workers)]


def _plan_nodes(view: View) -> list[Action]:
    cluster, surplus = view.cluster, _surplus(view)
    up = {n.node_id for n in view.ready_workers}
    # While a running driver does not respond, the state of its executors is unknown.
    is_unresponsive = (
        view.driver is None and view.driver_node is not None and view.daemon(view.driver_node, DRIVER).running
    )
    actions: list[Action] = []
    for node in surplus:
        if node.node_id in up:
            actions.append(Drain(node))
        elif not (is_unresponsive and view.daemon(node, WORKER).running):
            actions.append(Release(node))
    for node in view.draining:
        gone = view.driver is not None and node.node_id not in view.nodes_with_executor
        if gone or view.age(node).draining_ms > view.limits.drain_ms:
            actions.append(Release(node))
        elif view.driver is not None and not node.drain_notified:
            actions.append(Drain(node))
    if not view.may_provision:
        return actions
    actions += [Resume(n) for n in view.nodes if n.state is NodeState.PROVISIONING and n not in surplus]
    if view.driver_node is None:
        actions.append(Provision(Role.DRIVER))
    return actions + [Provision(Role.WORKER)] * (cluster.num_workers - len(view.workers))


def _plan_daemons(view: View) -> list[Action]:
    actions: list[Action] = []
    cluster, driver, node = view.cluster, view.driver, view.driver_node
    if node and node.state is NodeState.READY:
        if view.is_dead(node) and _may_start(view, node):
            actions += [LoseDriver()] if cluster.state.is_up else []
            actions.append(StartDriver(node))
        elif view.daemon(node, DRIVER).running and driver and driver.ready:
            actions += _plan_health(view, node)
    if driver is None or not driver.master_url:
        return actions
    up, surplus = {n.node_id for n in view.ready_workers}, _surplus(view)
    for worker in view.workers:
        of_this_driver = view.daemon(worker, WORKER).incarnation == driver.incarnation
        is_live = of_this_driver and not view.is_dead(worker)
        if worker in surplus or worker.state is not NodeState.READY:
            continue
        if not is_live and _may_start(view, worker):
            actions.append(StartWorker(worker, driver.master_url, driver.incarnation, failed=of_this_driver))
            if cluster.state.is_up and of_this_driver:
                actions += _report_loss(view, worker)
        elif worker.node_id in up:
            actions += _plan_health(view, worker)
    return actions


def _report_loss(view: View, worker: Node) -> list[Action]:
    """Return the event about a worker of this driver that has failed."""
    sizes = {"current_num_workers": len(view.ready_workers), "target_num_workers": view.cluster.num_workers}
    if worker.daemon_starts == view.limits.daemon_starts:
        message = f"A worker failed {worker.daemon_starts} times in a row; it is retried once a minute."
        return [Emit(EventType.ADD_NODES_FAILED, sizes, message, worker)]
    return [Emit(EventType.NODES_LOST, sizes | {"cause": "AUTORECOVERY"})] if worker.healthy else []


def _plan_health(view: View, node: Node) -> list[Action]:
    """Return the actions for a healthy daemon."""
    if not node.healthy:
        # While the cluster resizes, only its completion is reported, with all new workers.
        is_resizing = view.cluster.state is _S.RESIZING and node.role is Role.WORKER and not _is_complete(view)
        return [] if is_resizing else [*_report_health(view, node), MarkHealthy(node)]
    if node.daemon_starts and view.age(node).healthy_ms > view.limits.proven_ms:
        return [MarkHealthy(node, proven=True)]
    return []


def _report_health(view: View, node: Node) -> list[Action]:
    if node.role is Role.DRIVER:
        return [Emit(EventType.DRIVER_HEALTHY)] if view.cluster.state.is_up else []
    return [Recover()] if view.cluster.state is _S.RUNNING else []


def _may_start(view: View, node: Node) -> bool:
    return view.age(node).started_ms >= backoff_ms(node.daemon_starts)


def backoff_ms(failures: int, max_ms: int = 60_000) -> int:
    """Return the wait after this many consecutive failures, ms: 0, then 1, 2, 4 … s up to `max_ms`."""
    return min(max_ms, 500 * 2**failures) if failures else 0


def _plan_facts(view: View) -> list[Action]:
    driver, node = view.driver, view.driver_node
    if driver is None or not driver.ready or node is None:
        return []
    announce = view.daemon(node, DRIVER).announce
    facts = DriverFacts(
        url=announce.url if announce else "",
        incarnation=driver.incarnation,
        application_id=driver.application_id,
        ui_url=driver.ui_url,
        master_ui_url=driver.master_ui_url,
        spark_version=driver.spark_version,
        python_version=driver.python_version,
        start_ms=driver.start_ms,
        executors=driver.executors,
        protocol=driver.protocol,
    )
    actions: list[Action] = [] if facts == view.cluster.driver else [RecordDriver(facts)]
    # Inequality rather than order: the clock may have been set back in between.
    if view.cluster.touched_ms not in (0, driver.touched_ms):
        actions.append(Touch())
    minutes = view.cluster.spec.autotermination_minutes or 0
    warns = driver.ends_in_s is not None and driver.ends_in_s <= min(WARN_BEFORE_S, minutes * 30)
    if view.cluster.state.is_up and warns != bool(view.cluster.warned_ms):
        actions.append(Warn(warns))
    return actions


def _is_complete(view: View) -> bool:
    """Return whether the driver is ready and has exactly the requested workers."""
    requested = view.cluster.num_workers
    ready = view.driver is not None and view.driver.ready
    # An autoscaled cluster may start without workers, and then nothing can run a job yet.
    is_proven = view.driver is not None and (view.driver.proven or not (requested or view.cluster.spec.single_node))
    return ready and is_proven and len(view.workers) == requested == len(view.ready_workers) and not view.draining


def _plan_state(view: View, lost: Sequence[Node]) -> list[Action]:
    cluster = view.cluster
    sizes = {"current_num_workers": len(view.ready_workers), "target_num_workers": cluster.num_workers}
    match cluster.state:
        case _S.PENDING | _S.RESTARTING if _is_complete(view):
            return [Move(_S.RUNNING, EventType.RUNNING, sizes)]
        case _S.RUNNING if not len(view.workers) == cluster.num_workers == cluster.settled_workers:
            event = EventType.NODES_LOST if lost else EventType.RESIZING
            cause = "AUTORECOVERY" if lost else cluster.resize_cause
            message = f"Resizing from {len(view.workers)} to {cluster.num_workers} workers."
            return [Move(_S.RESIZING, event, sizes | {"cause": cause}, message)]
        case _S.RESIZING if _is_complete(view):
            grew = any(not n.healthy for n in view.workers)
            return [Move(_S.RUNNING, EventType.UPSIZE_COMPLETED if grew else None, sizes)]
    return []
