"""The driver's JVM, the Spark master in it, and its SparkContext.

Everything here blocks and is called on threads of its own.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from py4j.clientserver import ClientServer, JavaParameters, PythonParameters
from py4j.java_gateway import JavaObject
from py4j.protocol import Py4JError

from jupyter_dbx.driver.scala import load_cell_classes
from jupyter_dbx.model.driver import Executor, Load
from jupyter_dbx.model.wire import Json
from jupyter_dbx.spark.conf import ui_filter

#: How long the JVM may take to open its gateway, s. Slow machines need about 15.
GATEWAY_TIMEOUT_S = 120.0


#: After how long without a word from a worker the master gives its executors up, s.
WORKER_TIMEOUT_S = 30


class StartFailed(Exception):
    """The JVM or its SparkContext did not start; the message says why."""


@dataclass(frozen=True)
class DriverConfig:
    """What the daemon is told in its configuration file (mode 0600)."""

    protocol: int
    cluster_id: str
    cluster_name: str
    generation: int
    #: asked for by the daemon's own server
    token: str
    #: of `spark.authenticate`
    spark_secret: str
    #: opens Spark's web pages, base64url
    ui_key: str
    #: command line of the JVM
    jvm: list[str]
    #: properties of the SparkContext
    conf: dict[str, str]
    #: False for a single-node cluster
    with_master: bool
    #: 0 = never
    autotermination_minutes: int
    #: how long the JVM may neither answer nor use the CPU before it counts as hung, s
    hung_after_s: float = 60.0


@dataclass(frozen=True)
class Snapshot:
    """What is to be seen of Spark at one instant."""

    executors: tuple[Executor, ...] = ()
    load: Load = field(default_factory=Load)
    #: jobs that were ever started, jobs and streaming queries that run; count
    jobs_ever: int = 0
    jobs_now: int = 0
    streams_now: int = 0


class DriverContext:
    """Owns the JVM.

    Attributes
    ----------
    jvm : py4j's view of the JVM (dynamic, hence Any)
    jsc : JavaSparkContext
    root : the classic SparkSession that stays the JVM's default
    cell_classes : finds the classes of Scala cells (CellClasses.java)
    """

    def __init__(self, config: DriverConfig, folder: Path) -> None:
        self._config, self._folder = config, folder
        self._process: subprocess.Popen[bytes] | None = None
        self._gateway: ClientServer | None = None
        self.jvm: Any = None  # py4j objects answer any name
        self.jsc: Any = None
        self.root: Any = None
        self.cell_classes: Any = None
        self.master_url = self.master_ui_url = self.application_id = self.ui_url = ""
        self._master: Any = None

    def launch(self) -> None:
        """Start the JVM; return at once."""
        for name in ("tmp", "scratch", "cells"):
            (self._folder / name).mkdir(exist_ok=True)
        self._connection_file.unlink(missing_ok=True)
        env = dict(os.environ) | {"_PYSPARK_DRIVER_CONN_INFO_PATH": str(self._connection_file)}
        # The JVM ends when its stdin does, so it cannot outlive this process.
        self._process = subprocess.Popen(self._config.jvm, stdin=subprocess.PIPE, env=env)

    def connect(self) -> None:
        """Wait for the JVM's gateway and connect to it.

        Raises
        ------
        StartFailed : the JVM ended or took too long
        """
        assert self._process is not None
        deadline = time.monotonic() + GATEWAY_TIMEOUT_S
        while not self._connection_file.exists():
            code = self._process.poll()
            if code is not None:
                raise StartFailed(f"The driver's Java process ended at start with exit code {code}.")
            if time.monotonic() > deadline:
                raise StartFailed(f"The driver's Java process opened no gateway within {GATEWAY_TIMEOUT_S:.0f} s.")
            time.sleep(0.02)
        port, secret = _read_connection(self._connection_file)
        self._connection_file.unlink()
        self._gateway = ClientServer(
            java_parameters=JavaParameters(port=port, auth_token=secret, auto_convert=True),
            python_parameters=PythonParameters(port=0, eager_load=False),
        )
        self.jvm = self._gateway.jvm

    def start_master(self) -> None:
        """Start the Spark master in the JVM, on a port that the system chooses."""
        if not self._config.with_master:
            return
        conf = self._spark_conf(
            {
                "spark.master.rest.enabled": "false",
                "spark.ui.killEnabled": "false",
                **ui_filter(self._config.ui_key),
                "spark.worker.timeout": str(WORKER_TIMEOUT_S),
            }
        )
        started = self.jvm.org.apache.spark.deploy.master.Master.startRpcEnvAndEndpoint("127.0.0.1", 0, 0, conf)
        rpc = started._1()
        self._master = rpc.setupEndpointRef(rpc.address(), "Master")
        self.master_url = f"spark://127.0.0.1:{rpc.address().port()}"
        self.master_ui_url = f"http://127.0.0.1:{started._2()}"

    def start_spark(self) -> None:
        """Start the SparkContext and the root session.

        Raises
        ------
        StartFailed : Spark refused, e.g. because of a property it cannot use
        """
        cells = self._folder / "cells"
        properties = self._config.conf | ui_filter(self._config.ui_key) | {"spark.repl.class.outputDir": str(cells)}
        if self.master_url:
            properties["spark.master"] = self.master_url
        self.cell_classes = load_cell_classes(self.jvm, cells)
        # Before there is a SparkContext, because its threads inherit it.
        self.use_cell_classes()
        try:
            self.jsc = self.jvm.org.apache.spark.api.java.JavaSparkContext(self._spark_conf(properties))
            builder = self.jvm.org.apache.spark.sql.classic.SparkSession.builder()
            self.root = builder.sparkContext(self.jsc.sc()).getOrCreate()
        except Py4JError as error:
            raise StartFailed(f"Spark did not start: {java_message(error)}") from None
        ui = self.jsc.sc().uiWebUrl()
        self.application_id = str(self.jsc.sc().applicationId())
        self.ui_url = str(ui.get()) if ui.isDefined() else ""

    def use_cell_classes(self) -> None:
        """Let this thread, and all that it starts in the JVM, find the classes of Scala cells."""
        self.jvm.java.lang.Thread.currentThread().setContextClassLoader(self.cell_classes)

    def keep_root_default(self) -> None:
        """Make the root session the JVM's default again; a kernel's binding replaces it."""
        self.jvm.org.apache.spark.sql.classic.SparkSession.setDefaultSession(self.root)

    @property
    def jvm_pid(self) -> int:
        """Return the JVM's process id."""
        return self._process.pid if self._process else 0

    def exit_code(self) -> int | None:
        """Return the JVM's exit code, or None while it runs."""
        return self._process.poll() if self._process else None

    def stop(self, timeout_s: float) -> None:
        """End the JVM: politely through its stdin, then by force."""
        if self._process is None:
            return
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def cpu_s(self) -> float:
        """Return how much CPU time the JVM has used so far, s."""
        try:
            times = psutil.Process(self.jvm_pid).cpu_times()
        except psutil.NoSuchProcess:
            return 0.0
        return float(times.user + times.system)

    def kill(self) -> None:
        """End the JVM by force."""
        if self._process is not None:
            self._process.kill()

    def look(self) -> Snapshot:
        """Return what is to be seen now. Blocks for as long as the JVM takes to answer."""
        sc = self.jsc.sc()
        executors, running = self._executors()
        return Snapshot(
            executors=executors,
            load=self._load(executors, running),
            jobs_ever=int(sc.dagScheduler().numTotalJobs()),
            jobs_now=len(self.jsc.statusTracker().getActiveJobIds()),
            streams_now=int(self.root.sharedState().activeStreamingQueries().size()),
        )

    def decommission(self, node_ids: Collection[str]) -> None:
        """Let the workers on these nodes take no more tasks, move their blocks and shuffle files, and let their executors end.

        The master is told, as its own page would: it then gives no new executor to these workers.
        """
        leaving = {e.executor_id for e in self._executors()[0] if e.node_id in node_ids}
        deploy = self.jvm.org.apache.spark.deploy
        question = getattr(getattr(deploy, "DeployMessages$RequestMasterState$"), "MODULE$")
        anything = self.jvm.scala.reflect.ClassTag.apply(self.jvm.java.lang.Class.forName("java.lang.Object"))
        workers = self._master.askSync(question, anything).workers()
        found = [
            w.id() for w in workers if any(str(e.id()) in leaving for e in scala_items(w.executors().values().toSeq()))
        ]
        if found:
            ids = self.jvm.org.apache.spark.api.python.PythonUtils.toSeq(found)
            self._master.send(getattr(deploy, "DeployMessages$DecommissionWorkers")(ids))

    def _executors(self) -> tuple[tuple[Executor, ...], int]:
        """Return the executors that are registered now, and how many tasks they run."""
        found, running = [], 0
        for summary in scala_items(self.jsc.sc().statusStore().executorList(True)):
            running += summary.activeTasks()
            if summary.id() == "driver" and self._config.with_master:
                continue
            node = summary.attributes().get("DBX_NODE")
            found.append(
                Executor(
                    executor_id=summary.id(),
                    node_id=node.get() if node.isDefined() else "",
                    cores=summary.totalCores(),
                    memory_mib=summary.maxMemory() // 2**20,
                    added_ms=summary.addTime().getTime(),
                )
            )
        return tuple(found), running

    def _load(self, executors: tuple[Executor, ...], running: int) -> Load:
        """Return how busy the cluster is. Spark's own status says nothing of tasks that wait, so it is reckoned."""
        stages = scala_items(self.jsc.sc().statusStore().activeStages())
        pending = sum(s.numTasks() - s.numActiveTasks() - s.numCompleteTasks() for s in stages)
        total = sum(e.cores for e in executors)
        return Load(running, max(0, pending), min(running, total), total)

    def _spark_conf(self, properties: Json) -> JavaObject:
        conf = self.jvm.org.apache.spark.SparkConf(False)
        for key, value in properties.items():
            conf.set(key, value)
        return conf.set("spark.authenticate", "true").set("spark.authenticate.secret", self._config.spark_secret)

    @property
    def _connection_file(self) -> Path:
        return self._folder / "gateway"


def scala_items(seq: Any) -> list[Any]:
    """Return the items of a Scala Seq as a Python list."""
    return [seq.apply(i) for i in range(seq.size())]


def java_message(error: Py4JError) -> str:
    """Return what the Java exception behind `error` says, without its stack trace."""
    java = getattr(error, "java_exception", None)
    if java is None:
        return str(error)
    while java.getCause() is not None:
        java = java.getCause()
    return f"{java.getClass().getSimpleName()}: {java.getMessage()}"


def _read_connection(path: Path) -> tuple[int, str]:
    """Return port and secret; the file holds an int32 (big-endian), then a length-prefixed UTF-8 string."""
    data = path.read_bytes()
    return int.from_bytes(data[:4], "big"), data[8:].decode()
