"""Admission: whether a spec is supported here, and whether there is capacity for it next to all other clusters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from jupyter_dbx.backends.base import Backend
from jupyter_dbx.model.cluster import Cluster, ClusterState
from jupyter_dbx.model.errors import InvalidParameterValue, QuotaExceeded
from jupyter_dbx.model.node import NodeType, NodeTypes
from jupyter_dbx.model.spec import AUTOTERMINATION_BOUNDS, ClusterSpec
from jupyter_dbx.store import Store

#: Raises InvalidParameterValue if a spec's Spark properties are not supported on nodes of these types (driver, worker).
CheckConf = Callable[[ClusterSpec, NodeType, NodeType], None]


class Admission:
    """Checks of a spec that depend on this server: its node types, settings and free capacity.

    Parameters
    ----------
    check_conf : the check of Spark properties, which belongs to the package `spark`
    min_minutes : the minimum `autotermination_minutes`, minutes
    """

    def __init__(self, store: Store, backend: Backend, check_conf: CheckConf, min_minutes: int) -> None:
        self._store, self._backend, self._check_conf = store, backend, check_conf
        self._min_minutes = min_minutes

    @property
    def idle_minutes(self) -> tuple[int, int]:
        """The minimum and maximum `autotermination_minutes`, minutes; 0 (never) is allowed, too."""
        return self._min_minutes, AUTOTERMINATION_BOUNDS[1]

    async def accept(self, spec: ClusterSpec) -> ClusterSpec:
        """Return a spec from a user's request with defaults filled in.

        Raises
        ------
        InvalidParameterValue : the spec is not supported; the message explains why
        """
        minutes, (minimum, maximum) = spec.autotermination_minutes, self.idle_minutes
        if minutes and minutes < minimum:
            raise InvalidParameterValue(
                f"autotermination_minutes must be 0 (never) or between {minimum} and {maximum}, not {minutes}",
                field="autotermination_minutes",
            )
        return await self.check(spec)

    async def check(self, spec: ClusterSpec) -> ClusterSpec:
        """Return a stored spec with defaults filled in.

        Raises
        ------
        InvalidParameterValue : its node types or properties are not supported; the message explains why
        """
        types = await self._backend.node_types()
        if not spec.node_type_id:
            spec = replace(spec, node_type_id=types.types[0].node_type_id)
        worker = _offered(types, "node_type_id", spec.node_type_id)
        driver = _offered(types, "driver_node_type_id", spec.driver_node_type_id or spec.node_type_id)
        self._check_conf(spec, driver, worker)
        _check_environment(spec.spark_env_vars)
        return spec

    async def check_room(self, spec: ClusterSpec, workers: int, *, instead_of: Cluster | None = None) -> None:
        """Raise QuotaExceeded unless there is capacity for this cluster next to all others, except the one it replaces."""
        types = await self._backend.node_types()
        if types.capacity is None:
            return
        memory, cores = await self.taken(types, without=instead_of)
        capacity, (want_memory, want_cores) = types.capacity, _demand(spec, workers, types)
        if memory + want_memory <= capacity.memory_mib and cores + want_cores <= capacity.cores:
            return
        nodes = "A driver and 1 worker" if workers == 1 else f"A driver and {workers} workers"
        need = f"{nodes} of this size need" if workers else "A single node of this size needs"
        raise QuotaExceeded(
            f"{need} {want_memory} MiB of memory and {want_cores} {'core' if want_cores == 1 else 'cores'}. "
            f"Available: {capacity.memory_mib - memory} of {capacity.memory_mib} MiB and {capacity.cores - cores} of "
            f"{capacity.cores} cores (the machine has {capacity.machine_memory_mib} MiB and {capacity.machine_cores} cores). "
            "Choose fewer or smaller nodes, or terminate another cluster.",
            field="autoscale" if spec.autoscale else "num_workers",
        )

    async def taken(self, types: NodeTypes, *, without: Cluster | None = None) -> tuple[int, int]:
        """Return the memory (MiB) and the cores reserved by all clusters on this server's machines, except `without`."""
        demands = [
            _demand(c.spec, c.num_workers, types)
            for c in await self._store.clusters.list()
            if c.place in ("", self._backend.place)
            and (without is None or c.cluster_id != without.cluster_id)
            and c.shown_state not in (ClusterState.TERMINATED, ClusterState.TERMINATING)
        ]
        return sum(memory for memory, _ in demands), sum(cores for _, cores in demands)


def _offered(types: NodeTypes, field: str, node_type_id: str) -> NodeType:
    found = types.get(node_type_id)
    if found is None:
        offered = ", ".join(t.node_type_id for t in types.types)
        raise InvalidParameterValue(
            f"{field} {node_type_id!r} is not available here. Choose one of: {offered}.", field=field
        )
    return found


def _check_environment(variables: Mapping[str, str]) -> None:
    """Raise InvalidParameterValue unless a process can be started with these variables."""
    for name, value in variables.items():
        if not name or "=" in name:
            raise InvalidParameterValue(
                f"spark_env_vars: {name}={value!r} cannot be set as an environment variable.",
                field=f"spark_env_vars.{name}",
            )


def _demand(spec: ClusterSpec, workers: int, types: NodeTypes) -> tuple[int, int]:
    """Return the memory (MiB) and the cores that a cluster needs."""
    driver, worker = types.get(spec.driver_node_type_id or spec.node_type_id), types.get(spec.node_type_id)
    memory = (driver.memory_mib if driver else 0) + workers * (worker.memory_mib if worker else 0)
    return memory, (driver.num_cores if driver else 0) + workers * (worker.num_cores if worker else 0)
