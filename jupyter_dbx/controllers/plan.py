"""plan(view) → actions: what to do next about one cluster. Pure: no clock, no I/O, no memory.

Mirroring facts (`mirror`) and deciding (`plan`) are two passes over the same view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jupyter_dbx.controllers.actions import (
    Action,
    Drain,
    Forget,
    Healthy,
    Learn,
    Move,
    Provision,
    Release,
    Resume,
    Scale,
    StartDriver,
    StartWorker,
    Tell,
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

#: How long before its end by idleness a cluster warns, s; half of its idle time if that is less.
WARN_BEFORE_S = 300.0


def mirror(view: View) -> list[Node]:
    """Return the nodes whose rows no longer say what is: READY ones that are gone become LOST."""
    lost = []
    for node in view.nodes:
        observation = view.seen.get(node.node_id)
        gone = observation is None and node.state is not NodeState.PROVISIONING
        if node.state is not NodeState.LOST and (gone or (observation is not None and not observation.alive)):
            lost.append(replace(node, state=NodeState.LOST))
    return lost


def plan(view: View) -> list[Action]:
    """Return what to do now. After the actions the world is looked at again, so a plan need not be complete."""
    if any(o.elsewhere for n in view.nodes if (o := view.seen.get(n.node_id))):
        return []  # A server on that other host looks after it.
    match view.cluster.state:
        case _S.TERMINATED:
            return _plan_terminated(view)
        case _S.TERMINATING | _S.ERROR:
            return _plan_ending(view)
        case _:
            return _plan_end(view) or _plan_restart(view) or _plan_up(view)


def _plan_terminated(view: View) -> list[Action]:
    cluster = view.cluster
    if view.nodes:
        return [Release(n) for n in view.nodes]
    if cluster.target is Target.GONE:
        return [Forget()]
    # One that ended by itself is still wanted, but not started unasked.
    if cluster.target is Target.RUNNING and cluster.generation > cluster.started_generation:
        return [Move(_S.PENDING, EventType.STARTING, {"user": cluster.requested_by}, "Starting the driver.")]
    old = view.now_ms - cluster.terminated_ms > view.limits.retention_ms
    return [Forget()] if old and not cluster.pinned_ms else []


def _plan_ending(view: View) -> list[Action]:
    cluster = view.cluster
    if cluster.state is _S.ERROR:
        # A cluster can be found empty here too, but the table leads through TERMINATING.
        if view.nodes and view.waited_ms < view.limits.retry_release_ms:
            return []
        return [Move(_S.TERMINATING, EventType.TERMINATING, _reason_details(cluster.termination_reason))]
    if not view.nodes:
        return [Move(_S.TERMINATED, message=cluster.state_message)]
    if view.waited_ms > view.limits.release_ms:
        why = view.trouble.message if view.trouble else "Its nodes did not end."
        return [Move(_S.ERROR, message=f"The cluster could not be ended: {why}")]
    return [Release(n) for n in view.nodes]


def _plan_end(view: View) -> list[Action]:
    """Return the move that ends the cluster, if anything asks for it."""
    cluster, node = view.cluster, view.driver_node
    if cluster.target is not Target.RUNNING:
        return [_end("USER_REQUEST", "", username=cluster.requested_by)]
    rebooted = [n for n in view.nodes if (o := view.seen.get(n.node_id)) and not o.alive and n.role is Role.DRIVER]
    if rebooted:
        return [_end("INSTANCE_UNREACHABLE", "The machine of the driver was restarted.")]
    if node is not None:
        daemon = view.daemon(node, DRIVER)
        # One that says why it ends, and then hangs, ends all the same.
        if daemon.ended and view.is_dead(node) and daemon.incarnation == str(cluster.generation):
            return [_end(str(daemon.ended["reason"]), str(daemon.ended["message"]), cluster=cluster)]
        if node.daemon_starts >= view.limits.daemon_starts and view.is_dead(node):
            if view.trouble and view.trouble.of_driver:
                return [_end(view.trouble.code, view.trouble.message)]
            return [_end("DRIVER_UNREACHABLE", f"The driver ended {node.daemon_starts} times in a row.")]
    if cluster.state not in (_S.PENDING, _S.RESTARTING):
        return []
    if view.trouble and (view.trouble.code == "SPARK_STARTUP_FAILURE" or view.waited_ms > view.limits.provision_ms):
        return [_end(view.trouble.code, view.trouble.message)]
    hopeless = [n for n in view.workers if n.daemon_starts >= view.limits.daemon_starts and view.is_dead(n)]
    if hopeless:
        message = f"A worker ended {hopeless[0].daemon_starts} times in a row."
        return [replace(_end("SPARK_STARTUP_FAILURE", message), explained_by=hopeless[0])]
    if view.waited_ms > view.limits.bootstrap_ms:
        up = f"{len(view.workers_up)} of {cluster.num_workers} workers"
        driver = "The driver answers" if view.driver and view.driver.ready else "The driver does not answer"
        return [
            _end(
                "BOOTSTRAP_TIMEOUT",
                f"{driver} and {up} registered within {view.limits.bootstrap_ms // 1000} s.",
            )
        ]
    return []


def _end(code: str, message: str, *, username: str = "", cluster: Cluster | None = None) -> Move:
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
    """Return what replaces nodes of an older generation, or a driver node that is gone."""
    cluster = view.cluster
    old = [n for n in view.nodes if n.generation < cluster.generation]
    if cluster.state.is_up and old:
        return [Move(_S.RESTARTING, EventType.RESTARTING, {"user": cluster.requested_by}, "Restarting the driver.")]
    if cluster.state.is_up and view.driver_node is None:
        message = "The driver's node was lost and is replaced."
        return [Move(_S.RESTARTING, EventType.RESTARTING, {"cause": "AUTORECOVERY"}, message)]
    # All of the old generation goes before anything of the new one comes: their sum might not fit.
    return [Release(n) for n in old]


def _plan_up(view: View) -> list[Action]:
    lost = [n for n in view.nodes if n.state is NodeState.LOST]
    # Alone: everything else depends on the number of workers.
    return _plan_size(view) or [
        *(Release(n) for n in lost),
        *_plan_nodes(view),
        *_plan_daemons(view),
        *_plan_facts(view),
        *_plan_state(view, lost),
    ]


def _plan_size(view: View) -> list[Action]:
    """Return the change of the number of workers that autoscaling asks for, or that the place's limits force upon it."""
    cluster, bounds = view.cluster, view.cluster.spec.autoscale
    if bounds and cluster.resize_cause == "AUTOSCALE" and not view.may_provision:
        to_be_had = max(len(view.workers), bounds.min_workers)
        if to_be_had < cluster.num_workers:
            return [Scale(to_be_had, failed=True)]
    if view.scale_to is not None and view.scale_to != cluster.num_workers:
        return [Scale(view.scale_to)]
    return []


def _surplus(view: View) -> list[Node]:
    """Return the workers that are too many, in the order in which they go."""
    # A worker without an executor goes before one that works; then the youngest, whose caches are the smallest.
    up = {n.node_id for n in view.workers_up}
    by_worth = sorted(view.workers, key=lambda n: (n.node_id in up, -n.created_ms))
    return by_worth[: max(0, len(by_worth) - view.cluster.num_workers)]


def _plan_nodes(view: View) -> list[Action]:
    cluster, surplus = view.cluster, _surplus(view)
    up = {n.node_id for n in view.workers_up}
    # Of a driver that runs and cannot be asked nobody knows what its executors do.
    is_mute = view.driver is None and view.driver_node is not None and view.daemon(view.driver_node, DRIVER).running
    actions: list[Action] = []
    for node in surplus:
        if node.node_id in up:
            actions.append(Drain(node))
        elif not (is_mute and view.daemon(node, WORKER).running):
            actions.append(Release(node))
    for node in view.draining:
        gone = view.driver is not None and node.node_id not in view.with_executor
        if gone or view.age(node).draining_ms > view.limits.drain_ms:
            actions.append(Release(node))
        elif view.driver is not None and not node.drain_told:
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
            actions.append(StartDriver(node, healing=cluster.state.is_up))
        elif view.daemon(node, DRIVER).running and driver and driver.ready:
            actions += _plan_health(view, node)
    if driver is None or not driver.master_url:
        return actions
    up, surplus = {n.node_id for n in view.workers_up}, _surplus(view)
    for worker in view.workers:
        of_this_driver = view.daemon(worker, WORKER).incarnation == driver.incarnation
        lives = of_this_driver and not view.is_dead(worker)
        if worker in surplus or worker.state is not NodeState.READY:
            continue
        if not lives and _may_start(view, worker):
            actions.append(StartWorker(worker, driver.master_url, driver.incarnation, failed=of_this_driver))
            if cluster.state.is_up and of_this_driver:
                actions += _tell_loss(view, worker)
        elif worker.node_id in up:
            actions += _plan_health(view, worker)
    return actions


def _tell_loss(view: View, worker: Node) -> list[Action]:
    """Return what is told of a worker that worked for this driver and does not any more."""
    sizes = {"current_num_workers": len(view.workers_up), "target_num_workers": view.cluster.num_workers}
    if worker.daemon_starts == view.limits.daemon_starts:
        message = f"A worker ended {worker.daemon_starts} times in a row; it is tried again once a minute."
        return [Tell(EventType.ADD_NODES_FAILED, sizes, message, worker)]
    return [Tell(EventType.NODES_LOST, sizes | {"cause": "AUTORECOVERY"})] if worker.healthy else []


def _plan_health(view: View, node: Node) -> list[Action]:
    """Return what is to be noted of a daemon that works."""
    if not node.healthy:
        # Of workers that come while the cluster resizes the end of that is told, and who has come by then.
        waits = view.cluster.state is _S.RESIZING and node.role is Role.WORKER and not _is_complete(view)
        return [] if waits else [Healthy(node)]
    if node.daemon_starts and view.age(node).healthy_ms > view.limits.proven_ms:
        return [Healthy(node, proven=True)]
    return []


def _may_start(view: View, node: Node) -> bool:
    return view.age(node).started_ms >= pause_ms(node.daemon_starts)


def pause_ms(failures: int, longest_ms: int = 60_000) -> int:
    """Return how long to wait after so many failures in a row: nothing, then 1, 2, 4 … s up to the longest, ms."""
    return min(longest_ms, 500 * 2**failures) if failures else 0


def _plan_facts(view: View) -> list[Action]:
    driver, node = view.driver, view.driver_node
    if driver is None or not driver.ready or node is None:
        return []
    announce = view.daemon(node, DRIVER).announce or {}
    facts = DriverFacts(
        url=str(announce.get("url", "")),
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
    actions: list[Action] = [] if facts == view.cluster.driver else [Learn(facts)]
    # Not later than: somebody may have set the clock back in between.
    if view.cluster.touched_ms not in (0, driver.touched_ms):
        actions.append(Touch())
    minutes = view.cluster.spec.autotermination_minutes or 0
    ends = driver.ends_in_s is not None and driver.ends_in_s <= min(WARN_BEFORE_S, minutes * 30)
    if view.cluster.state.is_up and ends != bool(view.cluster.warned_ms):
        actions.append(Warn(ends))
    return actions


def _is_complete(view: View) -> bool:
    """Return whether the driver is ready and exactly the workers that are wanted work for it."""
    wanted = view.cluster.num_workers
    ready = view.driver is not None and view.driver.ready
    return ready and len(view.workers) == wanted == len(view.workers_up) and not view.draining


def _plan_state(view: View, lost: Sequence[Node]) -> list[Action]:
    cluster = view.cluster
    sizes = {"current_num_workers": len(view.workers_up), "target_num_workers": cluster.num_workers}
    match cluster.state:
        case _S.PENDING | _S.RESTARTING if _is_complete(view):
            return [Move(_S.RUNNING, EventType.RUNNING, sizes)]
        case _S.RUNNING if not len(view.workers) == cluster.num_workers == cluster.settled_workers:
            event = EventType.NODES_LOST if lost else EventType.RESIZING
            cause = "AUTORECOVERY" if lost else cluster.resize_cause
            message = f"Going from {len(view.workers)} to {cluster.num_workers} workers."
            return [Move(_S.RESIZING, event, sizes | {"cause": cause}, message)]
        case _S.RESIZING if _is_complete(view):
            grew = any(not n.healthy for n in view.workers)
            return [Move(_S.RUNNING, EventType.UPSIZE_COMPLETED if grew else None, sizes)]
    return []
