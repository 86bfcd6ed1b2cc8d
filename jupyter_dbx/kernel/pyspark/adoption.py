"""AdoptedSpark: PySpark's real objects on an existing driver, which can be discarded and created again.

PySpark assumes one driver per process and keeps it in class attributes, which are set only here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pyspark import SparkConf, SparkContext, SparkFiles
from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession, SQLContext

from jupyter_dbx.kernel.pyspark.driver_files import DriverFiles
from jupyter_dbx.kernel.pyspark.files import SessionFiles
from jupyter_dbx.kernel.pyspark.gateway import Gateway
from jupyter_dbx.kernel.pyspark.workers import PythonWorkers
from jupyter_dbx.kernel.workspace.mounts import DBFS_FOLDER, MountTable
from jupyter_dbx.model.protocol import KERNEL_CONF

#: PySpark loggers that print each failed query with Java's stack trace, in addition to the exception.
QUERY_LOGGERS = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")

#: Prefix of the properties that set environment variables of executors.
EXECUTOR_VARIABLES = "spark.executorEnv."


class AdoptedSpark:
    """`spark`, `sc` and `sqlContext` of one seat.

    Parameters
    ----------
    context : a SparkContext under construction, to be used instead of a new one
    """

    def __init__(self, gateway: Gateway, kernel_id: str, context: SparkContext | None = None) -> None:
        for name in QUERY_LOGGERS:
            PySparkLogger.getLogger(name).setLevel(logging.CRITICAL + 1)
        SparkContext._gateway = SparkContext._jvm = None
        jvm = gateway.py4j.jvm
        jsession = jvm.org.apache.spark.sql.classic.SparkSession.getActiveSession().get()
        jsc = jvm.org.apache.spark.api.java.JavaSparkContext(jsession.sparkContext())
        root = str(jvm.org.apache.spark.SparkFiles.getRootDirectory())
        self.driver_files = DriverFiles(jvm, root)
        self.files = SessionFiles(self.driver_files, Path(root), jsc.sc(), jsession)
        SparkFiles.getRootDirectory = classmethod(lambda cls: self.files.root)
        self.job_tag = gateway.job_tag
        is_set = jsc.getConf().contains("spark.checkpoint.dir")
        self.checkpoint_folder: Any = None if is_set else jvm.scala.Option.empty()
        self.sc: Any = SparkContext.__new__(SparkContext) if context is None else context
        SparkContext.__init__(self.sc, gateway=gateway.py4j, jsc=jsc, conf=_conf_to_read(jvm, jsc))
        with SparkContext._lock:
            SparkContext._active_spark_context = self.sc
        # PySpark then passes data through sockets instead of files.
        self.sc._encryption_enabled = self.sc._encryption_enabled or bool(self.driver_files.user)
        self.workers = PythonWorkers(self.sc, kernel_id, self.driver_files, self.files.folder)
        self.spark: Any = SparkSession(self.sc, jsession)
        gateway.adopt(jsc.sc(), jsession)
        self.sql_context: Any = SQLContext._get_or_create(self.sc)
        # It prints a traceback when the driver's end breaks its connection; the gateway's guard already reports that.
        self.sc._accumulatorServer.handle_error = lambda *_: None

    @property
    def names(self) -> Mapping[str, Any]:
        """Return these objects by their names in a notebook."""
        return {"spark": self.spark, "sc": self.sc, "sqlContext": self.sql_context}

    @property
    def temp_dir(self) -> str:
        """Return the folder through which PySpark passes data to the driver."""
        return str(self.sc._temp_dir)

    def apply_mounts(self, mounts: MountTable) -> None:
        """Apply the workspace's mounts to the driver, which reads their file for a kernel that may not."""
        configuration = self.sc._jsc.hadoopConfiguration()
        if self.driver_files.user:
            dbfs = Path(unquote(urlsplit(configuration.get(DBFS_FOLDER)).path))
            mounts.reported = self.driver_files.read_text(dbfs.with_name("mounts.json"))
        else:
            mounts.reported = None
        mounts.apply_to(configuration)

    def link_ui(self, path: str) -> None:
        """Let the HTML of `spark` and `sc` link Spark's UI on the Jupyter server: browsers do not reach the driver.

        Parameters
        ----------
        path : of the UI on the server
        """

        def show() -> str:
            link = f'href="{path}" target="_blank" rel="noopener"'
            return re.sub('href="[^"]*"', link, SparkContext._repr_html_(self.sc))

        self.sc._repr_html_ = show

    def print_ignored(self, options: Mapping[str, Any]) -> None:
        """Print which of a builder's options cannot be applied to a shared driver, on one line."""
        conf = self.spark.conf
        # Properties of Databricks are unknown to Spark, and never need more than the session.
        sparks = [name for name in options if name.startswith("spark.") and not name.startswith("spark.databricks.")]
        # A SparkConf also has the properties of the driver's process, which the notebook has not set.
        process = self.sc._jvm.java.lang.System
        ignored = sorted(
            name for name in sparks if not conf.isModifiable(name) and process.getProperty(name) != options[name]
        )
        if ignored:
            print(f"Ignored on a running cluster: {', '.join(ignored)}. Set them in the cluster's Spark config.")


def _conf_to_read(jvm: Any, jsc: Any) -> SparkConf:
    """Return what the constructor of PySpark's SparkContext reads; it then takes the driver's whole conf by itself.

    Each property costs it several calls, hence not the whole conf here.
    """
    conf = SparkConf(loadDefaults=False, _jvm=jvm)
    conf.setMaster(jsc.master()).setAppName(jsc.appName())
    for pair in jsc.getConf().getAllWithPrefix(EXECUTOR_VARIABLES):
        conf.set(EXECUTOR_VARIABLES + pair._1(), pair._2())
    return conf


def disown(context: Any) -> None:
    """Detach a Python SparkContext from the JVM without stopping anything there."""
    context._jsc = None
    if getattr(context, "_accumulatorServer", None) is not None:
        context._accumulatorServer.shutdown()
        context._accumulatorServer = None
    if type(context)._active_spark_context is context:
        type(context)._active_spark_context = None


def abandon(adopted: AdoptedSpark | None) -> None:
    """Make PySpark forget these objects, or partly constructed ones, so that new ones can replace them."""
    for sc in (adopted and adopted.sc, SparkContext._active_spark_context):
        if sc is not None:
            disown(sc)
    SparkContext._gateway = SparkContext._jvm = None
    SparkSession._instantiatedSession = SparkSession._activeSession = None
    SQLContext._instantiatedContext = None


def mark_session(jsession: Any, kernel_id: str) -> None:
    """Mark a session created from the notebook's as this kernel's, so that both end together."""
    jsession.conf().set(KERNEL_CONF, kernel_id)
