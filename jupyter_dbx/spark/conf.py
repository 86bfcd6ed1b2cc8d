"""Converts a ClusterSpec to Spark properties, and divides a node's memory."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.node import NodeType, Role
from jupyter_dbx.model.spec import ClusterSpec
from jupyter_dbx.spark.java import spark_version
from jupyter_dbx.spark.properties import check_types

#: Reason for properties that spark-submit evaluates before the SparkContext starts; clusters do not use spark-submit.
WITHOUT_SUBMIT = (
    "it takes effect only through spark-submit. Put the jar on this machine and run `ADD JAR /its/path` in SQL"
)

#: Properties that users may not set → the reason or the alternative.
PROTECTED = {
    "spark.authenticate": "it is enabled on every cluster",
    "spark.authenticate.secret": "every cluster has its own secret",
    "spark.driver.bindAddress": "clusters listen on this machine only",
    "spark.driver.host": "clusters listen on this machine only",
    "spark.ui.filters": "the Spark UI is available through this server only",
    "spark.executor.cores": "choose node_type_id instead",
    "spark.cores.max": "choose num_workers instead",
    "spark.decommission.enabled": "decommissioned workers migrate their blocks",
    "spark.jars.packages": WITHOUT_SUBMIT,
    "spark.jars.repositories": WITHOUT_SUBMIT,
    "spark.driver.extraClassPath": WITHOUT_SUBMIT,
    "spark.driver.extraLibraryPath": WITHOUT_SUBMIT,
}

#: Field of a spec that sets the size of a node, by role.
_NODE_TYPE_FIELDS = {Role.DRIVER: "driver_node_type_id", Role.WORKER: "node_type_id"}

#: Hive's folders for temporary files; by default all users of the machine share them.
HIVE_FOLDERS = ("exec.scratchdir", "exec.local.scratchdir", "downloaded.resources.dir", "querylog.location")


#: Hadoop's local file system without checksum files.
RAW_FILE_SYSTEM = "org.apache.hadoop.fs.RawLocalFileSystem"


@dataclass(frozen=True)
class MemorySplit:
    """How the memory of a node is divided, MiB; the four parts add up to the node."""

    daemon: int
    heap: int
    #: JVM memory besides the heap: metaspace, code, network buffers
    overhead: int
    #: Python workers, or on a driver node all other processes
    python: int


def split_memory(role: Role, memory_mib: int) -> MemorySplit:
    """Return how the memory of a node is divided.

    A driver's daemon is a Python process of about 120 MiB, a worker's is a JVM of about 250 MiB (both measured on Spark
    4.3 with Java 25). Overhead is a tenth, but at least 256 MiB for an executor and 384 MiB for a driver, whose JVM also
    contains the master and the UI. Python workers get a fifth.

    Raises
    ------
    InvalidParameterValue : less than 512 MiB of heap would be left
    """
    daemon, min_overhead = (150, 384) if role is Role.DRIVER else (256, 256)
    overhead = max(min_overhead, memory_mib // 10)
    python = memory_mib // 5
    heap = memory_mib - daemon - overhead - python
    if heap < 512:
        raise InvalidParameterValue(
            f"A {role} node needs at least 1750 MiB of memory, not {memory_mib} MiB.", field=_NODE_TYPE_FIELDS[role]
        )
    return MemorySplit(daemon, heap, overhead, python)


def heap_of(role: Role, memory_mib: int, spark_conf: Mapping[str, str]) -> int:
    """Return the JVM heap of a node, MiB: the user's value (`spark.driver.memory`, `spark.executor.memory`) or the default.

    Raises
    ------
    InvalidParameterValue : the user's value is invalid, or does not fit the node
    """
    name = "spark.driver.memory" if role is Role.DRIVER else "spark.executor.memory"
    split = split_memory(role, memory_mib)
    if name not in spark_conf:
        return split.heap
    heap = read_memory_mib(name, spark_conf[name])
    max_heap = memory_mib - split.daemon - split.overhead
    if not 450 <= heap <= max_heap:
        raise InvalidParameterValue(
            f"{name} = {spark_conf[name]} does not fit: a {role} node of {memory_mib} MiB can have a heap of 450 to "
            f"{max_heap} MiB. Choose a larger node type or leave the property out.",
            field=f"spark_conf.{name}",
        )
    return heap


def read_memory_mib(name: str, text: str) -> int:
    """Return an amount of memory in Spark's notation ("2g", "512m", "1024" = MiB), MiB."""
    match = re.fullmatch(r"(\d{1,15})\s*([kmgt]?)b?", text.strip().lower())
    if not match:
        raise InvalidParameterValue(
            f"{name} must be an amount of memory such as 2g or 512m, not {text!r}", field=f"spark_conf.{name}"
        )
    number, unit = int(match[1]), match[2]
    return {"k": number // 1024, "": number, "m": number, "g": number * 1024, "t": number * 1024 * 1024}[unit]


def check_spark_conf(spec: ClusterSpec, driver: NodeType, worker: NodeType) -> None:
    """Raise InvalidParameterValue if the user's properties do not work on nodes of these types."""
    for name, why in PROTECTED.items():
        if name in spec.spark_conf:
            raise InvalidParameterValue(f"spark_conf may not set {name}: {why}.", field=f"spark_conf.{name}")
    try:
        shlex.split(spec.spark_conf.get("spark.driver.extraJavaOptions", ""))
    except ValueError as error:
        name = "spark.driver.extraJavaOptions"
        raise InvalidParameterValue(f"{name} is invalid: {error}.", field=f"spark_conf.{name}") from None
    master = spec.spark_conf.get("spark.master", "local[*]")
    if not master.startswith("local"):
        raise InvalidParameterValue(
            "spark_conf may not set spark.master: the cluster has its own master.", field="spark_conf.spark.master"
        )
    heap_of(Role.DRIVER, driver.memory_mib, spec.spark_conf)
    if not spec.single_node:
        heap_of(Role.WORKER, worker.memory_mib, spec.spark_conf)
    check_types(spec.spark_conf, spark_version())


def ui_filter(key: str) -> dict[str, str]:
    """Return the properties that restrict Spark's web pages to tokens signed with this key, base64url.

    Source: Apache Spark, "Security": `org.apache.spark.ui.JWSFilter`.
    """
    name = "org.apache.spark.ui.JWSFilter"
    return {"spark.ui.filters": name, f"spark.{name}.param.secretKey": key}


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
    scratch : folder for shuffle and spill files; deleted with the node
    hung_after_s : how long an executor may be silent before it counts as lost, s
    tables : folder of managed tables and their metastore; outlives the cluster
    dbfs : folder behind `dbfs:/`, including mounts
    """
    defaults = {
        "spark.app.name": spec.cluster_name or cluster_id,
        "spark.scheduler.mode": "FAIR",
        "spark.ui.port": "0",
        # The UI is read-only behind the proxy.
        "spark.ui.killEnabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": scratch,
        # An embedded metastore, opened at the first use of the catalog, keeps tables across restarts.
        "spark.sql.catalogImplementation": "hive",
        "spark.sql.warehouse.dir": (tables / "warehouse").as_uri(),
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={tables / 'metastore'};create=true",
        "spark.hadoop.datanucleus.schema.autoCreateAll": "true",
        "spark.hadoop.hive.metastore.schema.verification": "false",
        **{f"spark.hadoop.hive.{name}": f"{scratch}/hive" for name in HIVE_FOLDERS},
        # An edited file that a notebook adds again replaces the earlier one.
        "spark.files.overwrite": "true",
        **_raw_files(),
        **_dbfs(dbfs),
        "spark.pyspark.python": python,
        "spark.python.daemon.module": "jupyter_dbx.worker",
    }
    if not spec.single_node:
        defaults |= _executor_properties(spec, worker, hung_after_s)
    fixed = {
        "spark.driver.memory": f"{heap_of(Role.DRIVER, driver.memory_mib, spec.spark_conf)}m",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    users = {k: v for k, v in spec.spark_conf.items() if k not in ("spark.master", "spark.executor.memory")}
    if spec.single_node:
        fixed["spark.master"] = f"local[{driver.num_cores}]"
    return defaults | users | fixed


def _executor_properties(spec: ClusterSpec, worker: NodeType, hung_after_s: float) -> dict[str, str]:
    return {
        "spark.executor.memory": f"{heap_of(Role.WORKER, worker.memory_mib, spec.spark_conf)}m",
        "spark.executor.cores": str(worker.num_cores),
        # By default ten failed executors end the application, and with it every notebook's session.
        "spark.deploy.maxExecutorRetries": "-1",
        # A decommissioned worker migrates its blocks and shuffle files.
        "spark.decommission.enabled": "true",
        "spark.storage.decommission.enabled": "true",
        "spark.storage.decommission.rddBlocks.enabled": "true",
        "spark.storage.decommission.shuffleBlocks.enabled": "true",
        # How often an executor checks whether all blocks have migrated; 30 s by default.
        "spark.storage.decommission.replicationReattemptInterval": "2s",
        "spark.executor.logs.rolling.strategy": "size",
        "spark.executor.logs.rolling.maxSize": str(10 * 2**20),
        "spark.executor.logs.rolling.maxRetainedFiles": "3",
        "spark.executor.heartbeatInterval": "5s",
        "spark.network.timeout": "60s",
        # For executors that are connected but silent; checked every 60 s by default.
        "spark.storage.blockManagerHeartbeatTimeoutMs": f"{max(10, hung_after_s):.0f}s",
        "spark.network.timeoutInterval": "5s",
    }


def _raw_files() -> dict[str, str]:
    """Return the properties that leave out checksum files, which Python and shell scripts do not keep up to date."""
    return {
        "spark.hadoop.fs.file.impl": RAW_FILE_SYSTEM,
        "spark.hadoop.fs.AbstractFileSystem.file.impl": "org.apache.hadoop.fs.local.RawLocalFs",
    }


def _dbfs(folder: Path) -> dict[str, str]:
    """Return the properties that make `dbfs:/` a file system: a view of a folder, of its sibling `Volumes`, and of mounts.

    It is not cached, so that it always shows the current mounts. Source: Apache Hadoop, "View File System Overload
    Scheme Guide".
    """
    local, overload = RAW_FILE_SYSTEM, "fs.viewfs.overload.scheme.target"
    return {
        "spark.hadoop.fs.dbfs.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
        "spark.hadoop.fs.dbfs.impl.disable.cache": "true",
        f"spark.hadoop.{overload}.dbfs.impl": local,
        f"spark.hadoop.{overload}.file.impl": local,
        "spark.hadoop.fs.viewfs.mounttable.default.linkFallback": folder.as_uri(),
        "spark.hadoop.fs.viewfs.mounttable.default.link./Volumes": (folder.parent / "Volumes").as_uri(),
    }
