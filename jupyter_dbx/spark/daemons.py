"""Defines the driver daemon and Spark's worker as `Daemon` values that a backend runs."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from jupyter_dbx.model.cluster import Cluster
from jupyter_dbx.model.codec import encode
from jupyter_dbx.model.derived_secrets import cluster_secret, org_id, ui_key
from jupyter_dbx.model.node import Daemon, File, Node, NodeType
from jupyter_dbx.model.protocol import NODE_ATTRIBUTE, PROTOCOL, DriverConfig
from jupyter_dbx.spark.conf import driver_properties, heap_of, split_memory, ui_filter
from jupyter_dbx.spark.java import Archives, Java, executor_java, find_java, jvm_command, spark_home
from jupyter_dbx.spark.usage_tags import usage_tags

DRIVER = "driver"
WORKER = "worker"

#: Log4j configuration; WARN keeps the log of an idle cluster small, and `deploy` logs workers that join and leave.
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
    """Creates the daemons of clusters.

    Parameters
    ----------
    workspace_key : key from which all secrets are derived
    archives : folder of class archives
    hung_after_s : how long a driver's JVM may neither respond nor use the CPU, s
    data_dir : the workspace's folder; contains tables and the JVM's working folder, outside of all nodes
    """

    workspace_key: bytes
    archives: Path
    data_dir: Path
    hung_after_s: float = 60.0

    def driver(self, cluster: Cluster, node: Node, driver: NodeType, worker: NodeType) -> Daemon:
        """Return the driver daemon of a cluster, for its driver node.

        Raises
        ------
        NodeFailure : Java was not found
        """
        java = find_java()
        config = self._driver_config(cluster, node, driver, worker, self._driver_command(java, cluster, node))
        return Daemon(
            name=DRIVER,
            argv=(sys.executable, "-m", "jupyter_dbx.driver", f"{{dir}}/{DriverConfig.FILE}"),
            env=cluster.spec.spark_env_vars | _environment(java.home),
            files={DriverConfig.FILE: File(encode(config)), "log4j2.properties": File(_LOG4J)},
            cwd=str(self.data_dir / "work"),
            logs=("log4j-*.log",),
            incarnation=str(node.generation),
        )

    def worker(self, cluster: Cluster, node: Node, *, master_url: str, incarnation: str) -> Daemon:
        """Return Spark's worker for a worker node.

        Parameters
        ----------
        master_url : `spark://…` of the cluster's master
        incarnation : the driver's incarnation; a worker of an earlier one is replaced
        """
        java = find_java()
        archives = Archives(self.archives, java)
        address = str(node.backend_state.get("address", "127.0.0.1"))
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
            # The executor reports this as an attribute, which maps it to its node.
            f"SPARK_EXECUTOR_ATTRIBUTE_{NODE_ATTRIBUTE}": node.node_id,
            "SPARK_LOCAL_DIRS": "{dir}/scratch",
        }
        return Daemon(
            name=WORKER,
            argv=tuple(command),
            env=cluster.spec.spark_env_vars | env,
            files={
                "worker.conf": File(self._worker_properties(cluster, node)),
                "log4j2.properties": File(_LOG4J),
                "java-home/bin/java": File(executor_java(java, archives.use_options("executor")), executable=True),
            },
            cwd="{dir}",
            logs=("log4j-*.log", "work/*/*/std*"),
            incarnation=incarnation,
        )

    def driver_token(self, cluster_id: str, generation: int) -> str:
        """Return the token that the driver daemon of this generation requires."""
        return cluster_secret(self.workspace_key, cluster_id, generation, "driver")

    def _driver_command(self, java: Java, cluster: Cluster, node: Node) -> list[str]:
        """Return the command line of the driver's JVM."""
        heap = heap_of(node.role, node.memory_mib, cluster.spec.spark_conf)
        options = (
            *Archives(self.archives, java).use_options(DRIVER),
            "-Dlog4j2.configurationFile={dir}/log4j2.properties",
            "-Djava.io.tmpdir={dir}/tmp",
            "-Dderby.stream.error.file={dir}/derby.log",
            *shlex.split(cluster.spec.spark_conf.get("spark.driver.extraJavaOptions", "")),
        )
        return jvm_command(java, "org.apache.spark.deploy.SparkSubmit", "pyspark-shell", heap_mib=heap, options=options)

    def _driver_config(
        self, cluster: Cluster, node: Node, driver: NodeType, worker: NodeType, jvm: list[str]
    ) -> DriverConfig:
        return DriverConfig(
            protocol=PROTOCOL,
            cluster_id=cluster.cluster_id,
            cluster_name=cluster.spec.cluster_name,
            generation=node.generation,
            token=self.driver_token(cluster.cluster_id, node.generation),
            spark_secret=self._spark_secret(cluster.cluster_id, node.generation),
            ui_key=ui_key(self.workspace_key, cluster.cluster_id, node.generation),
            jvm=jvm,
            conf=usage_tags(cluster, org_id=org_id(self.workspace_key), driver=driver, worker=worker)
            | driver_properties(
                cluster.spec,
                cluster_id=cluster.cluster_id,
                driver=driver,
                worker=worker,
                python=sys.executable,
                scratch="{dir}/scratch",
                tables=self.data_dir / "tables" / cluster.cluster_id,
                dbfs=self.data_dir / "dbfs",
                hung_after_s=self.hung_after_s,
            ),
            with_master=not cluster.spec.single_node,
            autotermination_minutes=cluster.spec.autotermination_minutes or 0,
            hung_after_s=self.hung_after_s,
        )

    def _worker_properties(self, cluster: Cluster, node: Node) -> str:
        properties = {
            "spark.authenticate": "true",
            "spark.authenticate.secret": self._spark_secret(cluster.cluster_id, node.generation),
            # A worker without a master exits by itself within about three minutes, in case no server is left to stop it.
            "spark.worker.initialRegistrationRetries": "4",
            "spark.worker.maxRegistrationRetries": "6",
            "spark.worker.ui.retainedExecutors": "20",
            "spark.decommission.enabled": "true",
            **ui_filter(ui_key(self.workspace_key, cluster.cluster_id, node.generation)),
        }
        return "".join(f"{name} {value}\n" for name, value in properties.items())

    def _spark_secret(self, cluster_id: str, generation: int) -> str:
        return cluster_secret(self.workspace_key, cluster_id, generation, "spark.authenticate")


def _environment(java_home: Path) -> dict[str, str]:
    return {
        "JAVA_HOME": str(java_home),
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
        # Without this, a worker searches Spark's build folders and every executor fails.
        "SPARK_SCALA_VERSION": "2.13",
    }
