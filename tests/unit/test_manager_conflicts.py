"""Operations that conflict with a concurrent write are retried."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from jupyter_dbx.backends.memory import MemoryBackend
from jupyter_dbx.managers.clusters import ClusterManager
from jupyter_dbx.managers.conflicts import ATTEMPTS
from jupyter_dbx.model.cluster import Cluster, ClusterState, Target
from jupyter_dbx.model.errors import Conflict, InvalidParameterValue, InvalidState
from jupyter_dbx.model.spec import ClusterSpec
from jupyter_dbx.store import Collection, Store

SPEC = ClusterSpec(cluster_name="demo", node_type_id="memory-1c", num_workers=2)

Verb = Callable[[ClusterManager, str], Awaitable[Any]]

VERBS: dict[str, Verb] = {
    "restart": lambda m, c: m.restart(c, user="bob"),
    "resize": lambda m, c: m.resize(c, num_workers=3, autoscale=None, user="bob"),
    "terminate": lambda m, c: m.terminate(c, user="bob"),
    "delete": lambda m, c: m.delete(c, user="bob"),
}


class BusyCollection(Collection[Cluster]):
    """Clusters that are changed by another writer just after a read, a number of times."""

    def __init__(self, store: Store, times: int, **changes: Any) -> None:
        super().__init__(store.run, Cluster, key="cluster_id")
        self.left, self._changes = times, changes

    async def get(self, key: str) -> Cluster | None:
        found = await super().get(key)
        if found is not None and self.left:
            self.left -= 1
            await super().save(replace(found, **self._changes))
        return found


def manager_of(store: Store) -> ClusterManager:
    return ClusterManager(store, MemoryBackend(), lambda *_: None)


async def running(store: Store) -> Cluster:
    cluster = await manager_of(store).create(SPEC, user="ada")
    return await store.clusters.save(replace(cluster, state=ClusterState.RUNNING, settled_workers=2))


@pytest.mark.parametrize("verb", VERBS)
async def test_operation_is_retried_after_a_concurrent_write(store: Store, verb: str) -> None:
    cluster = await running(store)
    store.clusters = BusyCollection(store, ATTEMPTS - 1, state_message="news")

    await VERBS[verb](manager_of(store), cluster.cluster_id)

    row = await store.clusters.get(cluster.cluster_id)
    assert row is not None
    assert (row.requested_by, row.state_message) == ("bob", "news")


async def test_retried_operation_checks_the_state_again(store: Store) -> None:
    cluster = await running(store)
    store.clusters = BusyCollection(store, 1, target=Target.TERMINATED)

    with pytest.raises(InvalidState, match="it is TERMINATING"):
        await VERBS["restart"](manager_of(store), cluster.cluster_id)


async def test_operation_gives_up_after_repeated_conflicts(store: Store) -> None:
    cluster = await running(store)
    store.clusters = BusyCollection(store, 1000)

    with pytest.raises(Conflict):
        await VERBS["terminate"](manager_of(store), cluster.cluster_id)


@pytest.mark.parametrize("variables", [{"": "a"}, {"A=B": "c"}])
async def test_invalid_environment_variables_fail(store: Store, variables: dict[str, str]) -> None:
    with pytest.raises(InvalidParameterValue, match=r"spark_env_vars: .* cannot be set as an environment variable"):
        await manager_of(store).create(replace(SPEC, spark_env_vars=variables), user="ada")

    assert await store.clusters.list() == []
