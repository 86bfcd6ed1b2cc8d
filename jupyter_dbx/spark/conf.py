"""ClusterSpec → Spark properties, and how a node's memory is divided."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.node import NodeType, Role
from jupyter_dbx.model.spec import ClusterSpec

#: Properties that spark-submit acts upon before there is a SparkContext; here there is no spark-submit.
WITHOUT_SUBMIT = "it acts only through spark-submit. Put the jar on this machine and run `ADD JAR /its/path` in SQL"

#: Properties that hold the cluster together, and what a user who sets one gets told to do instead.
PROTECTED = {
    "spark.authenticate": "every cluster has it on",
    "spark.authenticate.secret": "every cluster has its own",
    "spark.driver.bindAddress": "clusters stay on this machine",
    "spark.driver.host": "clusters stay on this machine",
    "spark.ui.filters": "its pages are read through this server",
    "spark.executor.cores": "choose node_type_id instead",
    "spark.cores.max": "choose num_workers instead",
    "spark.decommission.enabled": "workers that leave hand on what they hold",
    "spark.jars.packages": WITHOUT_SUBMIT,
    "spark.jars.repositories": WITHOUT_SUBMIT,
    "spark.driver.extraClassPath": WITHOUT_SUBMIT,
    "spark.driver.extraLibraryPath": WITHOUT_SUBMIT,
}


#: Hive's folders for temporary files, which would otherwise be shared by all users of the machine.
HIVE_FOLDERS = ("exec.scratchdir", "exec.local.scratchdir", "downloaded.resources.dir", "querylog.location")


@dataclass(frozen=True)
class MemorySplit:
    """How one node's memory is meant to be used, MiB; the four add up to the node."""

    daemon: int
    heap: int
    #: of the JVM beside its heap: metaspace, code, network buffers
    overhead: int
    #: Python workers, or on a driver node whatever else runs there
    python: int


def split_memory(role: Role, memory_mib: int) -> MemorySplit:
    """Return how the memory of a node is divided.

    A driver's daemon is a Python process of about 120 MiB, a worker's is a JVM of about 250 MiB (both measured on Spark
    4.3 with Java 25). Overhead is a tenth, at least 256 MiB for an executor and 384 MiB for a driver, whose JVM holds the
    master and the UI too. Python workers get a fifth.

    Raises
    ------
    InvalidParameterValue : less than 512 MiB of heap would be left
    """
    daemon, least = (150, 384) if role is Role.DRIVER else (256, 256)
    overhead = max(least, memory_mib // 10)
    python = memory_mib // 5
    heap = memory_mib - daemon - overhead - python
    if heap < 512:
        raise InvalidParameterValue(f"A {role} node needs at least 1750 MiB of memory, not {memory_mib} MiB.")
    return MemorySplit(daemon, heap, overhead, python)


def heap_of(role: Role, memory_mib: int, spark_conf: Mapping[str, str]) -> int:
    """Return the JVM heap of a node, MiB: what the user set (`spark.driver.memory`, `spark.executor.memory`), else ours.

    Raises
    ------
    InvalidParameterValue : the user's value cannot be read, or does not fit the node
    """
    name = "spark.driver.memory" if role is Role.DRIVER else "spark.executor.memory"
    split = split_memory(role, memory_mib)
    if name not in spark_conf:
        return split.heap
    heap = read_memory_mib(name, spark_conf[name])
    room = memory_mib - split.daemon - split.overhead
    if not 450 <= heap <= room:
        raise InvalidParameterValue(
            f"{name} = {spark_conf[name]} does not fit: a {role} node of {memory_mib} MiB can have a heap of 450 to {room} MiB. "
            "Choose a larger node type or leave the property out."
        )
    return heap


def read_memory_mib(name: str, text: str) -> int:
    """Return an amount of memory as Spark writes it ("2g", "512m", "1024" MiB) in MiB."""
    match = re.fullmatch(r"(\d{1,15})\s*([kmgt]?)b?", text.strip().lower())
    if not match:
        raise InvalidParameterValue(f"{name} must be an amount of memory such as 2g or 512m, not {text!r}")
    number, unit = int(match[1]), match[2]
    return {"k": number // 1024, "": number, "m": number, "g": number * 1024, "t": number * 1024 * 1024}[unit]


def check_spark_conf(spec: ClusterSpec, driver: NodeType, worker: NodeType) -> None:
    """Raise InvalidParameterValue if the user's properties cannot be honoured on nodes of these types."""
    for name, why in PROTECTED.items():
        if name in spec.spark_conf:
            raise InvalidParameterValue(f"spark_conf may not set {name}: {why}.")
    try:
        shlex.split(spec.spark_conf.get("spark.driver.extraJavaOptions", ""))
    except ValueError as error:
        raise InvalidParameterValue(f"spark.driver.extraJavaOptions cannot be read: {error}.") from None
    master = spec.spark_conf.get("spark.master", "local[*]")
    if not master.startswith("local"):
        raise InvalidParameterValue("spark_conf may not set spark.master: the cluster has a master of its own.")
    heap_of(Role.DRIVER, driver.memory_mib, spec.spark_conf)
    if not spec.single_node:
        heap_of(Role.WORKER, worker.memory_mib, spec.spark_conf)


def ui_filter(key: str) -> dict[str, str]:
    """Return the properties that close Spark's web pages to all who have no token made with this key, base64url.

    Source: Apache Spark, "Security": `org.apache.spark.ui.JWSFilter`.
    """
    name = "org.apache.spark.ui.JWSFilter"
    return {"spark.ui.filters": name, f"spark.{name}.param.secretKey": key}


def _dbfs(folder: Path) -> dict[str, str]:
    """Return the properties that make `dbfs:/` a file system: a view of a folder, of the `Volumes` beside it, and of mounts.

    It is made anew for each use, so that it shows the mounts of that moment. Source: Apache Hadoop, "View File System Overload
    Scheme Guide".
    """
    local, overload = "org.apache.hadoop.fs.LocalFileSystem", "fs.viewfs.overload.scheme.target"
    return {
        "spark.hadoop.fs.dbfs.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
        "spark.hadoop.fs.dbfs.impl.disable.cache": "true",
        f"spark.hadoop.{overload}.dbfs.impl": local,
        f"spark.hadoop.{overload}.file.impl": local,
        "spark.hadoop.fs.viewfs.mounttable.default.linkFallback": folder.as_uri(),
        "spark.hadoop.fs.viewfs.mounttable.default.link./Volumes": (folder.parent / "Volumes").as_uri(),
    }


def driver_properties(
    spec: ClusterSpec,
    *,
    cluster_id: str,
    driver: NodeType,
    worker: NodeType,
    python: str,
    scratch: str,
    tables: Path,
    dbfs: Path,
    hung_after_s: float = 60.0,
) -> dict[str, str]:
    """Return the properties of a cluster's SparkContext, without secrets and without the master's URL.

    Parameters
    ----------
    python : interpreter of Python workers
    scratch : folder for shuffle and spill files, dies with the node
    hung_after_s : how long an executor may be silent before it is given up, s
    tables : folder of managed tables and of the metastore that knows them; outlives the cluster
    dbfs : folder that `dbfs:/` shows, with mounts in it
    """
    ours = {
        "spark.app.name": spec.cluster_name or cluster_id,
        "spark.scheduler.mode": "FAIR",
        "spark.ui.port": "0",
        # Its pages are only read, by our proxy.
        "spark.ui.killEnabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": scratch,
        # An embedded metastore, opened at the first look at the catalog: tables are still known after a restart.
        "spark.sql.catalogImplementation": "hive",
        "spark.sql.warehouse.dir": (tables / "warehouse").as_uri(),
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={tables / 'metastore'};create=true",
        "spark.hadoop.datanucleus.schema.autoCreateAll": "true",
        "spark.hadoop.hive.metastore.schema.verification": "false",
        **{f"spark.hadoop.hive.{name}": f"{scratch}/hive" for name in HIVE_FOLDERS},
        **_dbfs(dbfs),
        "spark.pyspark.python": python,
        "spark.databricks.clusterUsageTags.clusterId": cluster_id,
        "spark.databricks.clusterUsageTags.clusterName": spec.cluster_name,
        "spark.databricks.clusterUsageTags.sparkVersion": spec.spark_version,
        "spark.databricks.clusterUsageTags.clusterNodeType": worker.node_type_id,
    }
    if not spec.single_node:
        ours |= {
            "spark.executor.memory": f"{heap_of(Role.WORKER, worker.memory_mib, spec.spark_conf)}m",
            "spark.executor.cores": str(worker.num_cores),
            # Ten failed executors would otherwise end the application, and with it every notebook's session.
            "spark.deploy.maxExecutorRetries": "-1",
            # A worker that leaves hands its blocks and shuffle files on.
            "spark.decommission.enabled": "true",
            "spark.storage.decommission.enabled": "true",
            "spark.storage.decommission.rddBlocks.enabled": "true",
            "spark.storage.decommission.shuffleBlocks.enabled": "true",
            # How long an executor waits before it looks whether all blocks are elsewhere; 30 s by default.
            "spark.storage.decommission.replicationReattemptInterval": "2s",
            "spark.executor.logs.rolling.strategy": "size",
            "spark.executor.logs.rolling.maxSize": str(10 * 2**20),
            "spark.executor.logs.rolling.maxRetainedFiles": "3",
            "spark.executor.heartbeatInterval": "5s",
            "spark.network.timeout": "60s",
            # Of executors that are there and silent; looked at every 60 s by default.
            "spark.storage.blockManagerHeartbeatTimeoutMs": f"{max(10, hung_after_s):.0f}s",
            "spark.network.timeoutInterval": "5s",
        }
    fixed = {
        "spark.driver.memory": f"{heap_of(Role.DRIVER, driver.memory_mib, spec.spark_conf)}m",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    users = {k: v for k, v in spec.spark_conf.items() if k not in ("spark.master", "spark.executor.memory")}
    if spec.single_node:
        fixed["spark.master"] = f"local[{driver.num_cores}]"
    return ours | users | fixed
