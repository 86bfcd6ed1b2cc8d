"""A cluster in the format of `clusters/get` and `clusters/list`.

Source: Databricks REST API, `clusters/get`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_dbx.model.answers.answer import UNSET, to_json
from jupyter_dbx.model.answers.clusters import ClusterDetails, SparkNode, Termination
from jupyter_dbx.model.cluster import Cluster, ClusterState, TerminationReason
from jupyter_dbx.model.node import Node, Role
from jupyter_dbx.model.spec import SINGLE_NODE_CONF, SINGLE_NODE_TAGS, ClusterSpec
from jupyter_dbx.model.versions import KEY

#: States in which a cluster has a termination reason.
_ENDED = (ClusterState.TERMINATING, ClusterState.TERMINATED, ClusterState.ERROR)


def describe_cluster(cluster: Cluster, nodes: Sequence[Node], *, with_spec: bool = False) -> ClusterDetails:
    """Return a cluster in Databricks' fields.

    Parameters
    ----------
    nodes : its live nodes
    with_spec : include the user's spec, as `clusters/get` does
    """
    spec, ended = cluster.spec, cluster.termination_reason if cluster.state in _ENDED else None
    return ClusterDetails(
        **_spec_fields(spec),
        **_driver_facts(cluster, nodes),
        cluster_id=cluster.cluster_id,
        cluster_name=spec.cluster_name,
        creator_user_name=cluster.creator_user_name,
        cluster_source="API",
        state=cluster.shown_state.value,
        state_message=cluster.state_message,
        start_time=cluster.created_ms,
        terminated_time=cluster.terminated_ms or UNSET,
        last_restarted_time=cluster.last_restarted_ms or UNSET,
        termination_reason=_describe_termination(ended) if ended else UNSET,
        driver_node_type_id=spec.driver_node_type_id or spec.node_type_id,
        num_workers=cluster.num_workers,
        autotermination_minutes=spec.autotermination_minutes or 0,
        default_tags=cluster.default_tags,
        cluster_memory_mb=sum(n.memory_mib for n in nodes) if nodes else UNSET,
        cluster_cores=float(sum(n.cores for n in nodes)) if nodes else UNSET,
        jdbc_port=10000,
        spec=spec.to_wire() if with_spec else UNSET,
    )


def _spec_fields(spec: ClusterSpec) -> dict[str, Any]:
    """Return the optional fields of a cluster that repeat its spec."""
    conf, tags = spec.spark_conf, spec.custom_tags
    if spec.is_single_node:
        # Databricks returns both spellings, whichever the user sent.
        conf, tags = SINGLE_NODE_CONF | conf, SINGLE_NODE_TAGS | tags
    given = {
        "spark_version": spec.spark_version,
        "node_type_id": spec.node_type_id,
        "autoscale": spec.autoscale,
        "spark_conf": conf,
        "spark_env_vars": spec.spark_env_vars,
        "custom_tags": tags,
    }
    single = UNSET if spec.is_single_node is None else spec.is_single_node
    return {"extra": spec.extra, "is_single_node": single} | {name: value or UNSET for name, value in given.items()}


def _driver_facts(cluster: Cluster, nodes: Sequence[Node]) -> dict[str, Any]:
    driver = cluster.driver
    if driver is None:
        return {}
    node = next((n for n in nodes if n.role is Role.DRIVER), None)
    added = {e.node_id: e.added_ms for e in driver.executors}
    return {
        "spark_context_id": driver.start_ms,
        "effective_spark_version": KEY,
        "driver": to_json(_describe_node(node, driver.start_ms)) if node else {},
        "executors": tuple(_describe_node(n, added[n.node_id]) for n in nodes if n.node_id in added),
    }


def _describe_termination(reason: TerminationReason) -> Termination:
    return Termination(**reason.to_wire())


def _describe_node(node: Node, start_ms: int) -> SparkNode:
    address = str(node.backend_state.get("address", "127.0.0.1"))
    return SparkNode(
        node_id=node.node_id,
        instance_id=node.node_id,
        private_ip=address,
        host_private_ip=address,
        start_timestamp=start_ms,
    )
