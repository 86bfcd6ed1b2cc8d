"""Daemon values: the driver daemon and Spark's own worker, as a backend has to run them."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.driver import PROTOCOL, cluster_secret, ui_key
from jupyter_dbx.model.node import Daemon, File, Node, NodeType
from jupyter_dbx.spark.conf import driver_properties, heap_of, split_memory, ui_filter
from jupyter_dbx.spark.java import Archives, executor_java, find_java, jvm_command, spark_home

DRIVER = "driver"
WORKER = "worker"

#: Spark's and log4j's own words; WARN keeps a quiet cluster's log small, `deploy` tells of workers that come and go.
_LOG4J = """rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = {dir}/log4j-active.log
appender.file.filePattern = {dir}/log4j-%i.log
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss} %p %c{1}: %m%n%ex
logger.deploy.name = org.apache.spark.deploy
logger.deploy.level = info
logger.hadoop.name = org.apache.hadoop.util.NativeCodeLoader
logger.hadoop.level = error
"""


@dataclass(frozen=True)
class DaemonFactory:
    """Makes the daemons of clusters.

    Parameters
    ----------
    workspace_key : what every secret is derived from
    archives : folder of class archives
    hung_after_s : how long a driver's JVM may neither answer nor use the CPU, s
    data_dir : the workspace's folder; tables and the JVM's working folder lie in it, outside of all nodes
    """

    workspace_key: bytes
    archives: Path
    data_dir: Path
    hung_after_s: float = 60.0

    def driver(self, cluster: Cluster, node: Node, driver: NodeType, worker: NodeType) -> Daemon:
        """Return the driver daemon of a cluster, for its driver node.

        Raises
        ------
        NodeFailure : there is no Java
        """
        java = find_java()
        conf = driver_properties(
            cluster.spec,
            cluster_id=cluster.cluster_id,
            driver=driver,
            worker=worker,
            python=sys.executable,
            scratch="{dir}/scratch",
            tables=self.data_dir / "tables" / cluster.cluster_id,
            dbfs=self.data_dir / "dbfs",
            hung_after_s=self.hung_after_s,
        )
        heap = heap_of(node.role, node.memory_mib, cluster.spec.spark_conf)
        options = (
            *Archives(self.archives, java).use_options(DRIVER),
            "-Dlog4j2.configurationFile={dir}/log4j2.properties",
            "-Djava.io.tmpdir={dir}/tmp",
            "-Dderby.stream.error.file={dir}/derby.log",
            *shlex.split(cluster.spec.spark_conf.get("spark.driver.extraJavaOptions", "")),
        )
        command = jvm_command(
            java, "org.apache.spark.deploy.SparkSubmit", "pyspark-shell", heap_mib=heap, options=options
        )
        config = {
            "protocol": PROTOCOL,
            "cluster_id": cluster.cluster_id,
            "cluster_name": cluster.spec.cluster_name,
            "generation": node.generation,
            "token": self.driver_token(cluster.cluster_id, node.generation),
            "spark_secret": self._spark_secret(cluster.cluster_id, node.generation),
            "ui_key": ui_key(self.workspace_key, cluster.cluster_id, node.generation),
            "jvm": command,
            "conf": conf,
            "with_master": not cluster.spec.single_node,
            "autotermination_minutes": cluster.spec.autotermination_minutes or 0,
            "hung_after_s": self.hung_after_s,
        }
        return Daemon(
            name=DRIVER,
            argv=(sys.executable, "-m", "jupyter_dbx.driver", "{dir}/driver.json"),
            env=cluster.spec.spark_env_vars | _environment(java.home),
            files={"driver.json": File(json.dumps(config)), "log4j2.properties": File(_LOG4J)},
            cwd=str(self.data_dir / "work"),
            logs=("log4j-*.log",),
            incarnation=str(node.generation),
        )

    def worker(self, cluster: Cluster, node: Node, *, master_url: str, incarnation: str) -> Daemon:
        """Return Spark's worker for a worker node.

        Parameters
        ----------
        master_url : `spark://…` of the cluster's master
        incarnation : the driver's; a worker of an earlier driver is replaced
        """
        java = find_java()
        archives = Archives(self.archives, java)
        address = str(node.backend_state.get("address", "127.0.0.1"))
        properties = {
            "spark.authenticate": "true",
            "spark.authenticate.secret": self._spark_secret(cluster.cluster_id, node.generation),
            # A worker that loses its master ends by itself within about three minutes, should nobody be left to stop it.
            "spark.worker.initialRegistrationRetries": "4",
            "spark.worker.maxRegistrationRetries": "6",
            "spark.worker.ui.retainedExecutors": "20",
            "spark.decommission.enabled": "true",
            **ui_filter(ui_key(self.workspace_key, cluster.cluster_id, node.generation)),
        }
        command = jvm_command(
            java,
            "org.apache.spark.deploy.worker.Worker",
            *("--host", address, "--webui-port", "0"),
            *("-c", str(node.cores), "-m", f"{node.memory_mib}m", "-d", "{dir}/work"),
            *("--properties-file", "{dir}/worker.conf", master_url),
            heap_mib=split_memory(node.role, node.memory_mib).daemon // 2,
            options=(*archives.use_options(WORKER), "-Dlog4j2.configurationFile={dir}/log4j2.properties"),
        )
        env = _environment(Path("{dir}/java-home")) | {
            "SPARK_LOCAL_IP": address,
            # The executor repeats this as its attribute DBX_NODE, which tells the driver where it runs.
            "SPARK_EXECUTOR_ATTRIBUTE_DBX_NODE": node.node_id,
            "SPARK_LOCAL_DIRS": "{dir}/scratch",
        }
        return Daemon(
            name=WORKER,
            argv=tuple(command),
            env=cluster.spec.spark_env_vars | env,
            files={
                "worker.conf": File("".join(f"{k} {v}\n" for k, v in properties.items())),
                "log4j2.properties": File(_LOG4J),
                "java-home/bin/java": File(executor_java(java, archives.use_options("executor")), executable=True),
            },
            cwd="{dir}",
            logs=("log4j-*.log", "work/*/*/std*"),
            incarnation=incarnation,
        )

    def driver_token(self, cluster_id: str, generation: int) -> str:
        """Return the token that the driver daemon of this generation asks for."""
        return cluster_secret(self.workspace_key, cluster_id, generation, "driver")

    def _spark_secret(self, cluster_id: str, generation: int) -> str:
        return cluster_secret(self.workspace_key, cluster_id, generation, "spark.authenticate")


def _environment(java_home: Path) -> dict[str, str]:
    return {
        "JAVA_HOME": str(java_home),
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
        # Without it a worker looks for Spark's build folders and every executor fails.
        "SPARK_SCALA_VERSION": "2.13",
    }
