"""DefinitionManager: edits, updates, pins, owners; errors explain the reason and change nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.managers.definitions import MAX_PINNED, DefinitionManager
from jupyter_dbx.model.access import Grant
from jupyter_dbx.model.cluster import Cluster, ClusterState, Target
from jupyter_dbx.model.errors import ClusterDoesNotExist, DbxError, InvalidParameterValue, InvalidState, QuotaExceeded
from jupyter_dbx.model.spec import Autoscale, ClusterSpec
from jupyter_dbx.model.subject import Subject
from jupyter_dbx.spark.conf import check_spark_conf
from jupyter_dbx.store import Store

S = ClusterState

SPEC = ClusterSpec(cluster_name="demo", node_type_id="memory-2c", num_workers=2, spark_conf={"spark.a": "1"})
NEW = ClusterSpec(cluster_name="other", node_type_id="memory-1c", autoscale=Autoscale(3, 5))

Verb = Callable[[DefinitionManager, str], Awaitable[Any]]

VERBS: dict[str, Verb] = {
    "edit": lambda d, c: d.edit(c, NEW, user="bob"),
    "update": lambda d, c: d.update(c, "cluster_name", {"cluster_name": "other"}, user="bob"),
    "change_owner": lambda d, c: d.change_owner(c, "bob"),
    "pin": lambda d, c: d.pin(c, user="bob"),
    "unpin": lambda d, c: d.unpin(c, user="bob"),
    "grant": lambda d, c: d.grant(c, [Grant("user_name", "eve", "CAN_RESTART")], keep=True),
}

STATES: dict[str, dict[str, Any]] = {
    "PENDING": {"state": S.PENDING},
    "RUNNING": {"state": S.RUNNING},
    "RESIZING": {"state": S.RESIZING},
    "RESTARTING": {"state": S.RUNNING, "generation": 2},
    "TERMINATING": {"state": S.RUNNING, "target": Target.TERMINATED},
    "TERMINATED": {"state": S.TERMINATED, "target": Target.TERMINATED},
    "ERROR": {"state": S.ERROR, "target": Target.TERMINATED},
}


@pytest.fixture
def clusters(store: Store) -> ClusterManager:
    return ClusterManager(store, MemoryBackend(), check_spark_conf)


@pytest.fixture
def definitions(store: Store, clusters: ClusterManager) -> DefinitionManager:
    return DefinitionManager(store, clusters)


async def made(clusters: ClusterManager, store: Store, state: str = "RUNNING", **facts: Any) -> Cluster:
    """Create a cluster, save facts like a controller would, and return it."""
    cluster = await clusters.create(SPEC, user="ada")
    return await store.clusters.save(replace(cluster, settled_workers=2, **(STATES[state] | facts)))


async def row(store: Store, cluster: Cluster) -> Cluster:
    found = await store.clusters.get(cluster.cluster_id)
    assert found is not None
    return found


async def logged(store: Store, cluster: Cluster) -> list[tuple[str, dict[str, Any]]]:
    """Return the events of a cluster since its creation."""
    events, _ = await store.events(Subject.cluster(cluster.cluster_id), newest_first=False)
    return [(event.type.value, event.details) for event in events[1:]]


async def test_edit_of_a_running_cluster_restarts_it_with_the_new_spec(
    definitions: DefinitionManager, clusters: ClusterManager, store: Store, clock: Any
) -> None:
    cluster = await made(clusters, store)
    clock.advance(60)

    await definitions.edit(cluster.cluster_id, NEW, user="bob")

    changed = await row(store, cluster)
    assert (changed.spec, changed.num_workers, changed.generation) == (NEW, 3, 2)
    assert (changed.requested_by, changed.touched_ms, changed.shown_state) == ("bob", store.now_ms(), S.RESTARTING)


async def test_edit_that_changes_nothing_leaves_the_cluster_and_its_history_alone(
    definitions: DefinitionManager, clusters: ClusterManager, store: Store, clock: Any
) -> None:
    cluster = await made(clusters, store)
    clock.advance(60)

    await definitions.edit(cluster.cluster_id, SPEC, user="bob")
    await definitions.update(cluster.cluster_id, "num_workers", {"num_workers": SPEC.num_workers}, user="bob")

    assert await row(store, cluster) == cluster
    assert await logged(store, cluster) == []


async def test_edit_of_a_terminated_cluster_changes_only_the_spec(
    definitions: DefinitionManager, clusters: ClusterManager, store: Store
) -> None:
    cluster = await made(clusters, store, "TERMINATED")

    await definitions.edit(cluster.cluster_id, NEW, user="bob")

    changed = await row(store, cluster)
    assert changed == replace(cluster, spec=NEW, num_workers=3, version=cluster.version + 1)
    assert changed.shown_state is S.TERMINATED


async def test_edit_records_the_user_and_the_previous_spec(
    definitions: DefinitionManager, clusters: ClusterManager, store: Store
) -> None:
    cluster = await made(clusters, store)

    await definitions.edit(cluster.cluster_id, NEW, user="bob")

    assert await logged(store, cluster) == [
        (
            "EDITED",
            {
                "user": "bob",
                "attributes": NEW.to_wire(),
                "previous_attributes": SPEC.to_wire(),
                "cluster_size": {"autoscale": {"min_workers": 3, "max_workers": 5}},
                "previous_cluster_size": {"num_workers": 2},
            },
        )
    ]


async def test_update_changes_the_fields_in_the_mask(
    definitions: DefinitionManager, clusters: ClusterManager, store: Store
) -> None:
    cluster = await made(clusters, store)

    fields = {"autoscale": {"min_workers": 1, "max_workers": 3}, "cluster_name": "not named"}
    await definitions.update(cluster.cluster_id, "autoscale,spark_conf.spark.a", fields, user="bob")

    changed = await row(store, cluster)
    assert changed.spec == replace(SPEC, num_workers=None, autoscale=Autoscale(1, 3), spark_conf={})
    assert (changed.num_workers, changed.generation) == (1, 2)
    assert [kind for kind, _ in await logged(store, cluster)] == ["EDITED"]


REFUSED: list[tuple[dict[str, Any], type[DbxError], str]] = [
    ({"node_type_id": "x"}, InvalidParameterValue, "node_type_id 'x' is not available here"),
    ({"spark_conf": {"spark.driver.host": "h"}}, InvalidParameterValue, r"may not set spark\.driver\.host"),
    ({"spark_env_vars": {"A=B": ""}}, InvalidParameterValue, "cannot be set as an environment variable"),
    ({"autotermination_minutes": 9}, InvalidParameterValue, "between 10 and 10000, not 9"),
]


@pytest.mark.parametrize("state", ["RUNNING", "TERMINATED"])
@pytest.mark.parametrize(("changes", "error", "message"), REFUSED)
async def test_unsupported_spec_changes_nothing(
    definitions: DefinitionManager,
    clusters: ClusterManager,
    store: Store,
    state: str,
    changes: dict[str, Any],
    error: type[DbxError],
    message: str,
) -> None:
    cluster = await made(clusters, store, state)

    with pytest.raises(error, match=message):
        await definitions.edit(cluster.cluster_id, replace(SPEC, **changes), user="bob")
    with pytest.raises(error, match=message):
        await definitions.update(cluster.cluster_id, ",".join(changes), changes, user="bob")

    assert await row(store, cluster) == cluster
    assert await logged(store, cluster) == []


async def test_capacity_is_checked_only_for_a_running_cluster(
    definitions: DefinitionManager, clusters: ClusterManager, store: Store
) -> None:
    running, asleep = await made(clusters, store), await made(clusters, store, "TERMINATED")
    large = replace(SPEC, num_workers=100)

    with pytest.raises(QuotaExceeded, match="100 workers"):
        await definitions.edit(running.cluster_id, large, user="bob")
    await definitions.edit(asleep.cluster_id, large, user="bob")

    assert await row(store, running) == running
    with pytest.raises(QuotaExceeded, match="100 workers"):
        await clusters.start(asleep.cluster_id, user="bob")


async def test_edit_counts_the_clusters_own_nodes_once(
    definitions: DefinitionManager, clusters: ClusterManager, store: Store
) -> None:
    cluster = await made(clusters, store)

    await definitions.edit(cluster.cluster_id, replace(SPEC, num_workers=15), user="bob")

    assert (await row(store, cluster)).num_workers == 15


async def test_cluster_can_become_single_node_by_an_edit(
    definitions: DefinitionManager, clusters: ClusterManager, store: Store
) -> None:
    cluster = await made(clusters, store)

    await definitions.edit(cluster.cluster_id, replace(SPEC, num_workers=None, is_single_node=True), user="bob")

    changed = await row(store, cluster)
    assert (changed.num_workers, changed.spec.single_node) == (0, True)


@pytest.mark.parametrize(
    ("verb", "allowed"),
    [
        ("edit", {"RUNNING", "TERMINATED"}),
        ("update", {"RUNNING", "TERMINATED"}),
        ("change_owner", {"TERMINATED"}),
        ("pin", set(STATES)),
        ("unpin", set(STATES)),
        ("grant", set(STATES)),
    ],
)
@pytest.mark.parametrize("state", STATES)
async def test_operation_is_allowed_only_in_its_states_and_otherwise_changes_nothing(
    definitions: DefinitionManager, clusters: ClusterManager, store: Store, state: str, verb: str, allowed: set[str]
) -> None:
    cluster = await made(clusters, store, state)
    assert cluster.shown_state == state

    try:
        await VERBS[verb](definitions, cluster.cluster_id)
        failed = False
    except InvalidState:
        failed = True

    assert failed is (state not in allowed)
    assert not failed or await row(store, cluster) == cluster


@pytest.mark.parametrize(
    ("state", "verb", "sentence"),
    [
        ("PENDING", "edit", "Cannot edit cluster ID: it is PENDING. Wait until it is RUNNING."),
        ("RESIZING", "update", "Cannot update cluster ID: it is RESIZING. Wait until it is RUNNING."),
        ("TERMINATING", "edit", "Cannot edit cluster ID: it is TERMINATING. Wait until it is TERMINATED."),
        ("RUNNING", "change_owner", "Cannot change the owner of cluster ID: it is RUNNING. Terminate it first."),
        ("RESIZING", "change_owner", "Cannot change the owner of cluster ID: it is RESIZING. Terminate it first."),
        (
            "TERMINATING",
            "change_owner",
            "Cannot change the owner of cluster ID: it is TERMINATING. Wait until it is TERMINATED.",
        ),
        (
            "ERROR",
            "change_owner",
            "Cannot change the owner of cluster ID: it is ERROR. "
            "Its nodes could not be released; this is retried automatically.",
        ),
    ],
)
async def test_error_contains_the_state_and_what_to_do(
    definitions: DefinitionManager, clusters: ClusterManager, store: Store, state: str, verb: str, sentence: str
) -> None:
    cluster = await made(clusters, store, state)

    with pytest.raises(InvalidState) as error:
        await VERBS[verb](definitions, cluster.cluster_id)

    assert str(error.value) == sentence.replace("ID", cluster.cluster_id)


@pytest.mark.parametrize("verb", VERBS)
async def test_unknown_cluster_is_refused(definitions: DefinitionManager, verb: str) -> None:
    with pytest.raises(ClusterDoesNotExist, match=r"^Cluster 1234-567890-none does not exist$"):
        await VERBS[verb](definitions, "1234-567890-none")


async def test_pin_and_unpin_are_idempotent_and_logged_once(
    definitions: DefinitionManager, clusters: ClusterManager, store: Store, clock: Any
) -> None:
    cluster = await made(clusters, store)

    await definitions.unpin(cluster.cluster_id, user="bob")
    unpinned = await row(store, cluster)
    await definitions.pin(cluster.cluster_id, user="bob")
    pinned = await row(store, cluster)
    clock.advance(5)
    await definitions.pin(cluster.cluster_id, user="carl")
    again = await row(store, cluster)
    for _ in range(2):
        await definitions.unpin(cluster.cluster_id, user="carl")

    assert unpinned == cluster
    assert again == pinned == replace(cluster, pinned_ms=store.now_ms() - 5000, version=cluster.version + 1)
    assert (await row(store, cluster)).pinned_ms == 0
    assert await logged(store, cluster) == [("PINNED", {"user": "bob"}), ("UNPINNED", {"user": "carl"})]


async def test_at_most_100_clusters_can_be_pinned(
    definitions: DefinitionManager, clusters: ClusterManager, store: Store
) -> None:
    many = [await made(clusters, store, "TERMINATED", pinned_ms=1) for _ in range(MAX_PINNED)]
    one_more = await made(clusters, store, "TERMINATED")

    with pytest.raises(QuotaExceeded, match=r"At most 100 clusters can be pinned\. Unpin another one first"):
        await definitions.pin(one_more.cluster_id, user="bob")
    await definitions.pin(many[0].cluster_id, user="bob")
    await definitions.unpin(many[0].cluster_id, user="bob")
    await definitions.pin(one_more.cluster_id, user="bob")

    assert (await row(store, one_more)).pinned_ms


async def test_owner_is_changed_and_is_required(
    definitions: DefinitionManager, clusters: ClusterManager, store: Store
) -> None:
    cluster = await made(clusters, store, "TERMINATED")

    await definitions.change_owner(cluster.cluster_id, "bob")
    with pytest.raises(InvalidParameterValue, match="owner_username is missing"):
        await definitions.change_owner(cluster.cluster_id, "")

    assert (await row(store, cluster)).creator_user_name == "bob"


async def test_unchanged_grants_are_not_written(
    definitions: DefinitionManager, clusters: ClusterManager, store: Store
) -> None:
    cluster = await made(clusters, store)
    grants = [Grant("user_name", "eve", "CAN_RESTART")]

    first = await definitions.grant(cluster.cluster_id, grants, keep=False)
    revision = await store.revision()
    again = await definitions.grant(cluster.cluster_id, grants, keep=False)
    kept = await definitions.grant(cluster.cluster_id, [], keep=True)

    assert first == again == kept
    assert await store.revision() == revision
