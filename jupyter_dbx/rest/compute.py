"""`/api/2.x/clusters/…`: Databricks' words for the verbs of `managers/clusters.py` and `managers/definitions.py`.

Source: Databricks REST API, Clusters.
"""

from __future__ import annotations

from typing import Annotated

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.spec import Autoscale, ClusterSpec
from jupyter_dbx.model.wire import Json, read_str
from jupyter_dbx.rest.routes import Arg, Call, ClusterId, Route, in_both
from jupyter_dbx.rest.spec_fields import SpecFields

#: What only answers have. A request made from one of them, to clone a cluster, carries the other cluster's facts along.
ANSWER_ONLY = frozenset(
    "cluster_id cluster_source creator_user_name default_tags state state_message termination_reason spec driver executors "
    "start_time terminated_time last_restarted_time last_state_loss_time spark_context_id effective_spark_version "
    "cluster_cores cluster_memory_mb cluster_log_status jdbc_port pinned live spark_ui_url master_ui_url".split()
)


async def create(
    call: Call,
    spec: SpecFields,
    clone_from: Annotated[Json, Arg("`source_cluster_id`: whose libraries are wanted too. It must exist.")]
    | None = None,
    idempotency_token: Annotated[
        str, Arg("Two requests with the same one make one cluster. Forgotten when it has ended; at most 64 characters.")
    ] = "",
) -> Json:
    """Create a cluster and begin to start it."""
    if clone_from:
        await call.services.clusters.get(read_str(clone_from, "source_cluster_id"))
    cluster = await call.services.clusters.create(_read_spec(spec), user=call.user, token=idempotency_token)
    return {"cluster_id": cluster.cluster_id}


async def get(call: Call, cluster_id: ClusterId) -> Json:
    """Return one cluster, and in `spec` what the user wrote."""
    cluster = await call.services.clusters.get(cluster_id)
    return cluster.to_wire(await call.services.clusters.nodes(cluster.cluster_id), with_spec=True)


async def edit(call: Call, cluster_id: ClusterId, spec: SpecFields) -> Json:
    """Put another spec in place of the whole spec; a running cluster restarts."""
    await call.services.definitions.edit(cluster_id, _read_spec(spec), user=call.user)
    return {}


async def update(
    call: Call,
    cluster_id: ClusterId,
    update_mask: Annotated[
        str, Arg("Which fields, with commas between them; `a.b` = one key of the map `a`; `*` = all there are.")
    ],
    cluster: Annotated[Json, Arg("New values. A field that is named and is not in here is reset.")] | None = None,
) -> Json:
    """Change some fields of the spec; a running cluster restarts."""
    if facts := {path.strip().partition(".")[0] for path in update_mask.split(",")} & ANSWER_ONLY:
        raise InvalidParameterValue(f"update_mask: {', '.join(sorted(facts))} cannot be changed.")
    fields = _without_facts(cluster or {})
    await call.services.definitions.update(cluster_id, update_mask, fields, user=call.user)
    return {}


async def start(call: Call, cluster_id: ClusterId) -> Json:
    """Start a terminated cluster."""
    await call.services.clusters.start(cluster_id, user=call.user)
    return {}


async def restart(
    call: Call, cluster_id: ClusterId, restart_user: Annotated[str, Arg("Who wants it, if not who asks.")] = ""
) -> Json:
    """Restart a running cluster."""
    await call.services.clusters.restart(cluster_id, user=restart_user or call.user)
    return {}


async def resize(
    call: Call,
    cluster_id: ClusterId,
    num_workers: Annotated[int, Arg("Workers. Instead of autoscale.")] | None = None,
    autoscale: Annotated[Autoscale, Arg("Least and most workers. Instead of num_workers.")] | None = None,
) -> Json:
    """Change the number of workers of a running cluster."""
    await call.services.clusters.resize(cluster_id, num_workers=num_workers, autoscale=autoscale, user=call.user)
    return {}


async def terminate(call: Call, cluster_id: ClusterId) -> Json:
    """End a cluster; its definition stays."""
    await call.services.clusters.terminate(cluster_id, user=call.user)
    return {}


async def permanent_delete(call: Call, cluster_id: ClusterId) -> Json:
    """End a cluster and forget it."""
    await call.services.clusters.delete(cluster_id, user=call.user)
    return {}


async def pin(call: Call, cluster_id: ClusterId) -> Json:
    """Keep a cluster's definition for ever, and list it first."""
    await call.services.definitions.pin(cluster_id, user=call.user)
    return {}


async def unpin(call: Call, cluster_id: ClusterId) -> Json:
    """Keep a cluster's definition no longer than others."""
    await call.services.definitions.unpin(cluster_id, user=call.user)
    return {}


async def change_owner(
    call: Call, cluster_id: ClusterId, owner_username: Annotated[str, Arg("Whom it belongs to from now on.")]
) -> Json:
    """Let a terminated cluster belong to somebody else."""
    await call.services.definitions.change_owner(cluster_id, owner_username)
    return {}


def _read_spec(fields: Json) -> ClusterSpec:
    return ClusterSpec.from_wire(_without_facts(fields))


def _without_facts(fields: Json) -> Json:
    return {name: value for name, value in fields.items() if name not in ANSWER_ONLY}


ROUTES: list[Route] = [
    *in_both("POST", "clusters/create", create),
    *in_both("GET", "clusters/get", get),
    *in_both("POST", "clusters/edit", edit),
    *in_both("POST", "clusters/update", update),
    *in_both("POST", "clusters/start", start),
    *in_both("POST", "clusters/restart", restart),
    *in_both("POST", "clusters/resize", resize),
    *in_both("POST", "clusters/delete", terminate),
    *in_both("POST", "clusters/permanent-delete", permanent_delete),
    *in_both("POST", "clusters/pin", pin),
    *in_both("POST", "clusters/unpin", unpin),
    *in_both("POST", "clusters/change-owner", change_owner),
]
