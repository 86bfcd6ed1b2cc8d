"""DaemonFactory: command lines, files and secrets of the daemons. No JVM is started."""

from __future__ import annotations

import json
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from samples import CLUSTER_ID, sample_cluster, sample_node

from jupyter_dbx.model.derived_secrets import org_id
from jupyter_dbx.model.node import Daemon, NodeType
from jupyter_dbx.model.spec import Autoscale, ClusterSpec
from jupyter_dbx.spark.conf import split_memory
from jupyter_dbx.spark.daemons import DaemonFactory

TYPE = NodeType("memory-2c", 2, 4096)


@pytest.fixture
def factory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DaemonFactory:
    """A factory on a machine whose Java is a fake."""
    java = tmp_path / "java"
    (java / "bin").mkdir(parents=True)
    (java / "bin" / "java").write_text("#!/bin/sh\n")
    (java / "bin" / "java").chmod(0o755)
    (java / "release").write_text('JAVA_VERSION="25.0.2"\n')
    monkeypatch.setenv("JAVA_HOME", str(java))
    return DaemonFactory(b"workspace key", archives=tmp_path / "archives", data_dir=tmp_path / "data")


def driver(factory: DaemonFactory, generation: int = 1, **spec: Any) -> Daemon:
    wanted = ClusterSpec("demo", node_type_id="memory-2c", **({"num_workers": 2} | spec))
    node = sample_node("driver", generation=generation)
    return factory.driver(sample_cluster(spec=wanted, generation=generation), node, TYPE, TYPE)


def worker(factory: DaemonFactory, generation: int = 1, **spec: Any) -> Daemon:
    wanted = ClusterSpec("demo", node_type_id="memory-2c", **({"num_workers": 2} | spec))
    node = sample_node("worker-1", generation=generation)
    cluster = sample_cluster(spec=wanted, generation=generation)
    return factory.worker(cluster, node, master_url="spark://127.0.0.1:7077", incarnation="life-1")


def command_of(daemon: Daemon) -> list[str]:
    """Return the command line of the JVM in a daemon."""
    return config(daemon)["jvm"] if daemon.name == "driver" else list(daemon.argv)


def config(daemon: Daemon) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(daemon.files["driver.json"].content)
    return read


def test_driver_config_is_in_a_file(factory: DaemonFactory) -> None:
    daemon = driver(factory, generation=3, autotermination_minutes=30)

    assert daemon.argv[1:] == ("-m", "jupyter_dbx.driver", "{dir}/driver.json")
    assert daemon.incarnation == "3"
    settings = config(daemon)
    assert (settings["cluster_id"], settings["generation"], settings["autotermination_minutes"]) == (CLUSTER_ID, 3, 30)
    assert settings["token"] == factory.driver_token(CLUSTER_ID, 3)


@pytest.mark.parametrize(("workers", "with_master"), [(2, True), (0, False)])
def test_driver_has_a_master_only_if_there_are_workers(factory: DaemonFactory, workers: int, with_master: bool) -> None:
    assert config(driver(factory, num_workers=workers))["with_master"] is with_master


def test_drivers_heap_leaves_memory_on_its_node(factory: DaemonFactory) -> None:
    node = sample_node("driver")

    command = config(driver(factory))["jvm"]

    assert f"-Xmx{split_memory(node.role, node.memory_mib).heap}m" in command


def test_users_java_options_reach_the_driver(factory: DaemonFactory) -> None:
    conf = {"spark.driver.extraJavaOptions": "-Da=b  -XX:+UseZGC"}

    command = config(driver(factory, spark_conf=conf))["jvm"]

    assert {"-Da=b", "-XX:+UseZGC"} <= set(command)


def test_worker_offers_its_whole_node_to_the_master(factory: DaemonFactory) -> None:
    daemon = worker(factory)

    assert daemon.argv[-1] == "spark://127.0.0.1:7077"
    after = dict(zip(daemon.argv, daemon.argv[1:], strict=False))
    assert (after["-c"], after["-m"], after["--host"]) == ("2", "4096m", "127.0.0.1")
    assert daemon.incarnation == "life-1"


def test_worker_listens_on_the_address_of_its_node(factory: DaemonFactory) -> None:
    node = sample_node("worker-1", backend_state={"address": "127.0.0.7"})

    daemon = factory.worker(sample_cluster(), node, master_url="spark://127.0.0.1:7077", incarnation="life-1")

    after = dict(zip(daemon.argv, daemon.argv[1:], strict=False))
    assert (after["--host"], daemon.env["SPARK_LOCAL_IP"]) == ("127.0.0.7", "127.0.0.7")


def test_worker_can_be_decommissioned(factory: DaemonFactory) -> None:
    assert "spark.decommission.enabled true\n" in worker(factory).files["worker.conf"].content


@pytest.mark.parametrize(("hung_after_s", "executor_s"), [(60.0, "60s"), (25.0, "25s"), (1.0, "10s")])
def test_driver_config_contains_the_hung_timeout(factory: DaemonFactory, hung_after_s: float, executor_s: str) -> None:
    settings = config(driver(replace(factory, hung_after_s=hung_after_s)))

    assert settings["hung_after_s"] == hung_after_s
    assert settings["conf"]["spark.storage.blockManagerHeartbeatTimeoutMs"] == executor_s


@pytest.mark.parametrize("minutes", [None, 0, 25])
def test_driver_config_contains_autotermination(factory: DaemonFactory, minutes: int | None) -> None:
    assert config(driver(factory, autotermination_minutes=minutes))["autotermination_minutes"] == (minutes or 0)


@pytest.mark.parametrize("make", [driver, worker])
def test_logs_are_bounded_and_named(factory: DaemonFactory, make: Any) -> None:
    daemon = make(factory)
    settings = dict(line.split(" = ", 1) for line in daemon.files["log4j2.properties"].content.splitlines())

    assert any("-Dlog4j2.configurationFile={dir}/log4j2.properties" in part for part in command_of(daemon))
    assert settings["appender.file.policies.size.size"] == "10MB"
    assert settings["appender.file.strategy.max"] == "3"
    for name in ("log4j-active.log", "log4j-1.log"):
        assert any(fnmatch(name, pattern) for pattern in daemon.logs)
    assert settings["appender.file.fileName"] == "{dir}/log4j-active.log"


def test_output_of_executors_is_among_the_logs(factory: DaemonFactory) -> None:
    assert any(fnmatch("work/app-1/0/stderr", pattern) for pattern in worker(factory).logs)


def test_executors_report_their_node(factory: DaemonFactory) -> None:
    assert worker(factory).env["SPARK_EXECUTOR_ATTRIBUTE_DBX_NODE"] == "worker-1"


@pytest.mark.parametrize("make", [driver, worker])
def test_users_variables_reach_the_daemons(factory: DaemonFactory, make: Any) -> None:
    assert make(factory, spark_env_vars={"MY_VARIABLE": "x"}).env["MY_VARIABLE"] == "x"


@pytest.mark.parametrize("make", [driver, worker])
def test_secrets_are_in_files_only(factory: DaemonFactory, make: Any) -> None:
    daemon = make(factory)
    secrets = {config(driver(factory))[name] for name in ("token", "spark_secret")}

    visible = " ".join([*daemon.argv, *daemon.env.values()])

    assert not [secret for secret in secrets if secret in visible]


def test_driver_and_workers_of_a_generation_share_a_secret(factory: DaemonFactory) -> None:
    of_driver = [config(driver(factory, generation))["spark_secret"] for generation in (1, 2)]
    of_worker = [worker(factory, generation).files["worker.conf"].content for generation in (1, 2)]

    assert of_driver[0] != of_driver[1]
    assert f"spark.authenticate.secret {of_driver[0]}\n" in of_worker[0]
    assert f"spark.authenticate.secret {of_driver[1]}\n" in of_worker[1]


def test_every_secret_differs_by_purpose(factory: DaemonFactory) -> None:
    settings = config(driver(factory))

    assert settings["token"] != settings["spark_secret"]
    assert "workspace key" not in json.dumps(settings)


def test_driver_config_contains_the_tags_of_the_cluster(factory: DaemonFactory) -> None:
    plain = config(driver(factory, custom_tags={"team": "a"}, autotermination_minutes=30))["conf"]
    own = config(
        driver(factory, spark_conf={"spark.databricks.passthrough.enabled": "true"}, autoscale=Autoscale(1, 4))
    )

    prefix = "spark.databricks.clusterUsageTags."
    tags = {tag["key"]: tag["value"] for tag in json.loads(plain[f"{prefix}clusterAllTags"])}
    assert (tags["ClusterName"], tags["team"]) == ("demo", "a")
    assert tags["ClusterId"] == plain[f"{prefix}clusterId"]
    assert plain[f"{prefix}clusterOwnerOrgId"] == str(org_id(factory.workspace_key))
    assert (plain[f"{prefix}clusterScalingType"], plain[f"{prefix}autoTerminationMinutes"]) == ("fixed_size", "30")
    assert plain["spark.databricks.passthrough.enabled"] == "false"
    assert own["conf"]["spark.databricks.passthrough.enabled"] == "true"
    assert own["conf"][f"{prefix}clusterScalingType"] == "autoscaling"
