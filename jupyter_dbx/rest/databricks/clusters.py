"""`/api/2.x/clusters/…`: the operations of `managers/clusters.py` and `managers/definitions.py` in Databricks' API.

Source: Databricks REST API, Clusters.
"""

from __future__ import annotations

from typing import Annotated

from jupyter_dbx.model.access import require
from jupyter_dbx.model.answers.answer import Done
from jupyter_dbx.model.answers.clusters import ClusterCreated, ClusterDetails
from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.spec import Autoscale, ClusterSpec
from jupyter_dbx.model.wire import Json, read_str
from jupyter_dbx.rest.databricks.cluster_answers import describe_cluster
from jupyter_dbx.rest.databricks.cluster_spec import SpecFields
from jupyter_dbx.rest.framework.endpoint import Arg, Call, ClusterId, Route, in_both_versions
from jupyter_dbx.rest.framework.needs import Role, on_cluster

#: Fields that only answers have. A request made from an answer, to clone a cluster, contains them, too; they are ignored.
ANSWER_ONLY = frozenset(
    "cluster_id cluster_source creator_user_name default_tags state state_message termination_reason spec driver executors "
    "start_time terminated_time last_restarted_time last_state_loss_time spark_context_id effective_spark_version "
    "cluster_cores cluster_memory_mb cluster_log_status jdbc_port pinned live spark_ui_url master_ui_url "
    "apache_spark_version running_since permission_level".split()
)


async def create(
    call: Call,
    spec: SpecFields,
    clone_from: Annotated[
        Json, Arg("Object with `source_cluster_id`: a cluster whose libraries to clone. It must exist.")
    ]
    | None = None,
    idempotency_token: Annotated[
        str, Arg("Requests with the same token create one cluster. Valid until it terminates; at most 64 characters.")
    ] = "",
) -> ClusterCreated:
    """Create a cluster and start it.

    The request returns at once; the cluster is PENDING until its driver and workers are ready.
    """
    if clone_from:
        source = await call.services.clusters.get(read_str(clone_from, "source_cluster_id"))
        require(call.principal, "CAN_ATTACH_TO", source.guarded)
    cluster = await call.services.clusters.create(_read_spec(spec), user=call.user, token=idempotency_token)
    return ClusterCreated(cluster_id=cluster.cluster_id)


async def get(call: Call, cluster_id: ClusterId) -> ClusterDetails:
    """Return a cluster; `spec` is its configuration as the user wrote it."""
    cluster = await call.services.clusters.get(cluster_id)
    return describe_cluster(cluster, await call.services.clusters.nodes(cluster.cluster_id), with_spec=True)


async def edit(call: Call, cluster_id: ClusterId, spec: SpecFields) -> Done:
    """Replace the whole configuration of a RUNNING or TERMINATED cluster; a running cluster restarts."""
    await call.services.definitions.edit(cluster_id, _read_spec(spec), user=call.user)
    return Done()


async def update(
    call: Call,
    cluster_id: ClusterId,
    update_mask: Annotated[
        str,
        Arg("Comma-separated fields to change; `a.b` = key `b` of the map `a`; `*` = replace the whole configuration."),
    ],
    cluster: Annotated[Json, Arg("New values. A field that `update_mask` names and that is missing here is reset.")]
    | None = None,
) -> Done:
    """Change some fields of a RUNNING or TERMINATED cluster's configuration; a running cluster restarts."""
    if facts := {path.strip().partition(".")[0] for path in update_mask.split(",")} & ANSWER_ONLY:
        raise InvalidParameterValue(f"update_mask: {', '.join(sorted(facts))} cannot be changed.", field="update_mask")
    fields = _without_facts(cluster or {})
    await call.services.definitions.update(cluster_id, update_mask, fields, user=call.user)
    return Done()


async def start(call: Call, cluster_id: ClusterId) -> Done:
    """Start a TERMINATED cluster with its last configuration."""
    await call.services.clusters.start(cluster_id, user=call.user)
    return Done()


async def restart(
    call: Call,
    cluster_id: ClusterId,
    restart_user: Annotated[str, Arg("Has no effect: the event log names the caller.")] = "",
) -> Done:
    """Restart a RUNNING cluster with a new driver and new workers."""
    await call.services.clusters.restart(cluster_id, user=call.user)
    return Done()


async def resize(
    call: Call,
    cluster_id: ClusterId,
    num_workers: Annotated[int, Arg("Number of workers. Excludes autoscale.")] | None = None,
    autoscale: Annotated[Autoscale, Arg("Minimum and maximum number of workers. Excludes num_workers.")] | None = None,
) -> Done:
    """Change the number of workers of a RUNNING cluster."""
    await call.services.clusters.resize(cluster_id, num_workers=num_workers, autoscale=autoscale, user=call.user)
    return Done()


async def terminate(call: Call, cluster_id: ClusterId) -> Done:
    """Terminate a cluster; its configuration is kept."""
    await call.services.clusters.terminate(cluster_id, user=call.user)
    return Done()


async def permanent_delete(call: Call, cluster_id: ClusterId) -> Done:
    """Terminate a cluster and delete its configuration and logs permanently."""
    await call.services.clusters.delete(cluster_id, user=call.user)
    return Done()


async def pin(call: Call, cluster_id: ClusterId) -> Done:
    """Pin a cluster: it is listed first, and its configuration is never deleted automatically."""
    await call.services.definitions.pin(cluster_id, user=call.user)
    return Done()


async def unpin(call: Call, cluster_id: ClusterId) -> Done:
    """Unpin a cluster."""
    await call.services.definitions.unpin(cluster_id, user=call.user)
    return Done()


async def change_owner(
    call: Call, cluster_id: ClusterId, owner_username: Annotated[str, Arg("Name of the new owner.")]
) -> Done:
    """Change the owner of a TERMINATED cluster."""
    await call.services.definitions.change_owner(cluster_id, owner_username)
    return Done()


def _read_spec(fields: Json) -> ClusterSpec:
    return ClusterSpec.from_wire(_without_facts(fields))


def _without_facts(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if name not in ANSWER_ONLY}


ROUTES: list[Route] = [
    *in_both_versions("POST", "clusters/create", create, Role.ANYBODY),
    *in_both_versions("GET", "clusters/get", get, on_cluster("CAN_ATTACH_TO")),
    *in_both_versions("POST", "clusters/edit", edit, on_cluster("CAN_MANAGE")),
    *in_both_versions("POST", "clusters/update", update, on_cluster("CAN_MANAGE")),
    *in_both_versions("POST", "clusters/start", start, on_cluster("CAN_RESTART")),
    *in_both_versions("POST", "clusters/restart", restart, on_cluster("CAN_RESTART")),
    *in_both_versions("POST", "clusters/resize", resize, on_cluster("CAN_MANAGE")),
    *in_both_versions("POST", "clusters/delete", terminate, on_cluster("CAN_RESTART")),
    *in_both_versions("POST", "clusters/permanent-delete", permanent_delete, on_cluster("CAN_MANAGE")),
    *in_both_versions("POST", "clusters/pin", pin, on_cluster("CAN_MANAGE")),
    *in_both_versions("POST", "clusters/unpin", unpin, on_cluster("CAN_MANAGE")),
    *in_both_versions("POST", "clusters/change-owner", change_owner, Role.ADMIN),
]
