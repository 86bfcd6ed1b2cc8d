"""The memory split of a node, and the Spark properties that users may set."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.node import NodeType, Role
from jupyter_dbx.model.spec import SINGLE_NODE_CONF, ClusterSpec
from jupyter_dbx.spark.conf import (
    PROTECTED,
    check_spark_conf,
    driver_properties,
    heap_of,
    read_memory_mib,
    split_memory,
)

TYPE = NodeType("local-2c-4g", 2, 4096)
SMALL = NodeType("local-1c-1g", 1, 1024)


def spec(workers: int = 2, **spark_conf: str) -> ClusterSpec:
    return ClusterSpec(cluster_name="demo", node_type_id=TYPE.node_type_id, num_workers=workers, spark_conf=spark_conf)


def properties(wanted: ClusterSpec, **limits: float) -> dict[str, str]:
    return driver_properties(
        wanted,
        cluster_id="c1",
        driver=TYPE,
        worker=TYPE,
        python="/usr/bin/python3",
        scratch="/scratch",
        tables=Path("/data/tables/c"),
        dbfs=Path("/data/dbfs"),
        **limits,
    )


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("memory_mib", [1750, 2048, 4096, 10_000, 131_072])
def test_memory_split_adds_up_to_the_node(role: Role, memory_mib: int) -> None:
    split = split_memory(role, memory_mib)

    assert split.daemon + split.heap + split.overhead + split.python == memory_mib
    assert split.heap >= 512
    assert split.overhead >= (384 if role is Role.DRIVER else 256)


@pytest.mark.parametrize("role", Role)
def test_node_too_small_for_a_heap_fails(role: Role) -> None:
    with pytest.raises(InvalidParameterValue, match=f"A {role.value} node needs at least 1750 MiB.*not 1024 MiB"):
        split_memory(role, 1024)


@pytest.mark.parametrize(
    ("text", "mib"),
    [
        ("512", 512),
        ("512m", 512),
        ("2g", 2048),
        ("2GB", 2048),
        ("1 g", 1024),
        ("2048k", 2),
        ("1t", 1_048_576),
    ],
)
def test_memory_is_parsed_in_sparks_notation(text: str, mib: int) -> None:
    assert read_memory_mib("spark.driver.memory", text) == mib


@pytest.mark.parametrize("text", ["", "lots", "-1g", "1.5g", "2x", "g"])
def test_invalid_memory_fails_with_the_property(text: str) -> None:
    with pytest.raises(InvalidParameterValue, match=r"spark\.driver\.memory"):
        read_memory_mib("spark.driver.memory", text)


_ROOM = {
    Role.DRIVER: 4096 - split_memory(Role.DRIVER, 4096).daemon - split_memory(Role.DRIVER, 4096).overhead,
    Role.WORKER: 4096 - split_memory(Role.WORKER, 4096).daemon - split_memory(Role.WORKER, 4096).overhead,
}
_NAME = {Role.DRIVER: "spark.driver.memory", Role.WORKER: "spark.executor.memory"}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("heap", [450, 1024, "most"])
def test_heap_of_the_user_is_used_if_it_fits(role: Role, heap: int | str) -> None:
    wanted = _ROOM[role] if heap == "most" else heap

    assert heap_of(role, 4096, {_NAME[role]: f"{wanted}m"}) == wanted


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("beyond", ["below", "above"])
def test_heap_that_does_not_fit_fails_with_the_limits(role: Role, beyond: str) -> None:
    heap = 449 if beyond == "below" else _ROOM[role] + 1

    with pytest.raises(InvalidParameterValue, match=f"heap of 450 to {_ROOM[role]} MiB"):
        heap_of(role, 4096, {_NAME[role]: f"{heap}m"})


def test_heap_has_a_default() -> None:
    assert heap_of(Role.WORKER, 4096, {"spark.driver.memory": "600m"}) == split_memory(Role.WORKER, 4096).heap


@pytest.mark.parametrize("name", PROTECTED)
def test_protected_property_fails_with_the_reason(name: str) -> None:
    with pytest.raises(InvalidParameterValue, match=f"may not set {name}: {PROTECTED[name]}"):
        check_spark_conf(spec(**{name: "x"}), TYPE, TYPE)


@pytest.mark.parametrize("master", ["spark://elsewhere:7077", "yarn", "k8s://x"])
def test_master_of_the_user_fails(master: str) -> None:
    with pytest.raises(InvalidParameterValue, match="its own master"):
        check_spark_conf(spec(**{"spark.master": master}), TYPE, TYPE)


@pytest.mark.parametrize(
    "wanted",
    [
        spec(),
        spec(**{"spark.sql.shuffle.partitions": "8", "spark.executor.memory": "1g"}),
        spec(0, **SINGLE_NODE_CONF),
        spec(0, **{"spark.master": "local[4]"}),
    ],
)
def test_usual_properties_are_accepted(wanted: ClusterSpec) -> None:
    check_spark_conf(wanted, TYPE, TYPE)


@pytest.mark.parametrize(
    ("wanted", "driver", "worker"),
    [
        (spec(**{"spark.driver.memory": "4g"}), TYPE, TYPE),
        (spec(**{"spark.executor.memory": "4g"}), TYPE, TYPE),
        (spec(), SMALL, TYPE),
        (spec(), TYPE, SMALL),
    ],
)
def test_nodes_too_small_for_their_heaps_fail(wanted: ClusterSpec, driver: NodeType, worker: NodeType) -> None:
    with pytest.raises(InvalidParameterValue, match="MiB"):
        check_spark_conf(wanted, driver, worker)


def test_worker_type_is_ignored_for_a_single_node_cluster() -> None:
    check_spark_conf(spec(0), TYPE, SMALL)


def test_user_overrides_what_is_not_fixed() -> None:
    conf = properties(spec(**{"spark.scheduler.mode": "FIFO", "spark.executor.memory": "1g", "my.own": "x"}))

    assert conf["spark.scheduler.mode"] == "FIFO"
    assert conf["spark.executor.memory"] == "1024m"
    assert conf["my.own"] == "x"


def test_single_node_cluster_runs_on_the_cores_of_its_driver() -> None:
    conf = properties(spec(0, **SINGLE_NODE_CONF))

    assert conf["spark.master"] == "local[2]"
    assert "spark.executor.memory" not in conf


def test_cluster_with_workers_leaves_the_master_to_the_driver() -> None:
    conf = properties(spec())

    assert "spark.master" not in conf
    assert conf["spark.executor.cores"] == "2"
    assert conf["spark.executor.memory"] == f"{split_memory(Role.WORKER, 4096).heap}m"


def test_decommissioned_workers_migrate_their_blocks() -> None:
    decommission = {name: value for name, value in properties(spec()).items() if "decommission" in name}

    assert decommission.pop("spark.storage.decommission.replicationReattemptInterval") == "2s"
    assert decommission == {
        "spark.decommission.enabled": "true",
        "spark.storage.decommission.enabled": "true",
        "spark.storage.decommission.rddBlocks.enabled": "true",
        "spark.storage.decommission.shuffleBlocks.enabled": "true",
    }


def test_cluster_without_workers_has_no_worker_properties() -> None:
    assert not [name for name in properties(spec(0)) if "decommission" in name or name.startswith("spark.executor")]


@pytest.mark.parametrize(("hung_after_s", "timeout"), [(60.0, "60s"), (15.0, "15s"), (0.5, "10s")])
def test_silent_executors_time_out_like_silent_daemons(hung_after_s: float, timeout: str) -> None:
    conf = properties(spec(), hung_after_s=hung_after_s)

    assert conf["spark.storage.blockManagerHeartbeatTimeoutMs"] == timeout
    assert conf["spark.executor.heartbeatInterval"] == "5s", "shorter than any such time"


def test_logs_of_executors_are_bounded() -> None:
    conf = properties(spec())

    assert conf["spark.executor.logs.rolling.strategy"] == "size"
    assert (
        int(conf["spark.executor.logs.rolling.maxSize"]) * int(conf["spark.executor.logs.rolling.maxRetainedFiles"])
        <= 32 * 2**20
    )


def test_properties_contain_no_secret() -> None:
    assert not [name for name in properties(spec()) if "secret" in name or "token" in name]
