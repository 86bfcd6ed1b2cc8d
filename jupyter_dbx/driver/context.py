"""The driver's JVM with its Spark master and SparkContext.

All methods block and are called on worker threads.
"""

from __future__ import annotations

import os
import re
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

from jupyter_dbx.driver.janino import new_instance
from jupyter_dbx.driver.scala import load_cell_classes
from jupyter_dbx.model.driver import Executor, Load
from jupyter_dbx.model.protocol import FOLDER_PROPERTY, NODE_ATTRIBUTE, DriverConfig, ExecutorLoad
from jupyter_dbx.spark.conf import ui_filter

#: How long the JVM may take to open its gateway, s. Slow machines need about 15 s.
GATEWAY_TIMEOUT_S = 120.0

#: Spark's description of the jobs that warm a new cluster up; nobody waits for them, so they call for no workers.
WARM_UP = "Warm-up of the cluster"

#: How Spark's description of the jobs of DStreams begins.
DSTREAM_JOB = "Streaming job from <a "

#: How long a worker may be silent before the master drops its executors, s.
WORKER_TIMEOUT_S = 30


class StartFailed(Exception):
    """The JVM or its SparkContext did not start; the message is the reason."""


@dataclass(frozen=True)
class Snapshot:
    """The state of Spark at one moment."""

    executors: tuple[Executor, ...] = ()
    #: their tasks, in the same order
    tasks: tuple[ExecutorLoad, ...] = ()
    load: Load = field(default_factory=Load)
    #: all jobs started so far, active jobs, and active streaming queries; count
    total_jobs: int = 0
    active_jobs: int = 0
    active_streams: int = 0
    #: True once the SparkContext has been stopped, for all notebooks
    stopped: bool = False


class DriverContext:
    """Owns the driver's JVM.

    Attributes
    ----------
    jvm : py4j's view of the JVM (dynamic, hence Any)
    jsc : JavaSparkContext
    root : the classic SparkSession that is the JVM's default
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
        """Start the JVM without waiting for it."""
        for name in ("tmp", "scratch", "cells"):
            (self._folder / name).mkdir(exist_ok=True)
        self._connection_file.unlink(missing_ok=True)
        env = dict(os.environ) | {"_PYSPARK_DRIVER_CONN_INFO_PATH": str(self._connection_file)}
        # The JVM exits when its stdin closes, so it cannot outlive this process.
        self._process = subprocess.Popen(self._config.jvm, stdin=subprocess.PIPE, env=env)

    def connect(self) -> None:
        """Wait for the JVM's gateway and connect to it.

        Raises
        ------
        StartFailed : the JVM exited or took too long
        """
        assert self._process is not None
        deadline = time.monotonic() + GATEWAY_TIMEOUT_S
        while not self._connection_file.exists():
            code = self._process.poll()
            if code is not None:
                raise StartFailed(f"The driver's Java process exited during startup with exit code {code}.")
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"The driver's Java process did not open its gateway within {GATEWAY_TIMEOUT_S:.0f} s."
                )
            time.sleep(0.02)
        port, secret = _read_connection(self._connection_file)
        self._connection_file.unlink()
        self._gateway = ClientServer(
            java_parameters=JavaParameters(port=port, auth_token=secret, auto_convert=True),
            python_parameters=PythonParameters(port=0, eager_load=False),
        )
        self.jvm = self._gateway.jvm

    def start_master(self) -> None:
        """Start the Spark master in the JVM, on a port assigned by the system."""
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
        StartFailed : Spark failed to start, e.g. because of an invalid property
        """
        cells = self._folder / "cells"
        properties = self._config.conf | ui_filter(self._config.ui_key) | {"spark.repl.class.outputDir": str(cells)}
        if self.master_url:
            properties["spark.master"] = self.master_url
        self.cell_classes = load_cell_classes(self.jvm, cells)
        # Before the SparkContext exists, because its threads inherit the class loader.
        self.use_cell_classes()
        files = new_instance(self.jvm, "NotebookFileSystem").install()
        try:
            self.jsc = self.jvm.org.apache.spark.api.java.JavaSparkContext(self._spark_conf(properties))
            builder = self.jvm.org.apache.spark.sql.classic.SparkSession.builder()
            self.root = builder.sparkContext(self.jsc.sc()).getOrCreate()
            # Spark checks the properties of sessions only when it makes one's state, and many others only when it needs them.
            self.root.newSession().sessionState()
            self._check_properties()
        except Py4JError as error:
            raise StartFailed(f"Spark did not start: {java_message(error)}") from None
        files.follow(self.jsc.sc(), FOLDER_PROPERTY)
        ui = self.jsc.sc().uiWebUrl()
        self.application_id = str(self.jsc.sc().applicationId())
        self.ui_url = str(ui.get()) if ui.isDefined() else ""

    def _check_properties(self) -> None:
        """Let Spark read every property that it knows the type of; a wrong value raises Spark's error."""
        entries = getattr(getattr(self.jvm.org.apache.spark.internal.config, "ConfigEntry$"), "MODULE$")
        for name, value in self._config.conf.items():
            entry = entries.findEntry(name) if "${" not in value else None
            if entry is not None:
                entry.valueConverter().apply(value)

    def use_cell_classes(self) -> None:
        """Make the classes of Scala cells visible to this thread and to the threads it starts in the JVM."""
        self.jvm.java.lang.Thread.currentThread().setContextClassLoader(self.cell_classes)

    def protect_context(self) -> None:
        """Let calls of `stop` on the SparkContext fail in this thread and in the threads it starts in the JVM.

        Spark refuses to stop from the threads of its listeners, because it would wait for itself.
        """
        flag = self.jvm.org.apache.spark.scheduler.LiveListenerBus.withinListenerThread()
        getattr(flag, "value_$eq")(True)

    def keep_root_default(self) -> None:
        """Make the root session the JVM's default again, after a kernel has replaced it."""
        self.jvm.org.apache.spark.sql.classic.SparkSession.setDefaultSession(self.root)

    @property
    def jvm_pid(self) -> int:
        """Return the JVM's process id."""
        return self._process.pid if self._process else 0

    def exit_code(self) -> int | None:
        """Return the JVM's exit code, or None while it runs."""
        return self._process.poll() if self._process else None

    def stop(self, timeout_s: float) -> None:
        """Stop the JVM: close its stdin, then kill it after `timeout_s`."""
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
        """Return the CPU time that the JVM has used so far, s."""
        try:
            times = psutil.Process(self.jvm_pid).cpu_times()
        except psutil.NoSuchProcess:
            return 0.0
        return float(times.user + times.system)

    def kill(self) -> None:
        """Kill the JVM."""
        if self._process is not None:
            self._process.kill()

    def snapshot(self) -> Snapshot:
        """Return the current state. Blocks until the JVM responds."""
        sc = self.jsc.sc()
        if sc.isStopped():
            return Snapshot(stopped=True)
        executors, tasks, running = self._executors()
        return Snapshot(
            executors=executors,
            tasks=tasks,
            load=self._load(executors, running),
            total_jobs=int(sc.dagScheduler().numTotalJobs()),
            active_jobs=len(self.jsc.statusTracker().getActiveJobIds()),
            active_streams=int(self.root.sharedState().activeStreamingQueries().size()),
        )

    def active_jobs(self, tag: str) -> set[int]:
        """Return the ids of the active jobs with this tag, without those of streams, which run until `stop()`."""
        sc = self.jsc.sc()
        tracker = sc.statusTracker()
        jobs = self.ints(tracker.getActiveJobIds()) & self.ints(tracker.getJobIdsForTag(tag))
        if not jobs:
            return jobs
        queries = {str(query.runId()) for query in self.root.sharedState().activeStreamingQueries().values()}
        return {job for job in jobs if not _is_of_stream(sc.statusStore(), job, queries)}

    def tags_of(self, job_id: int) -> list[str]:
        """Return the tags of a job; none if Spark has already dropped it."""
        try:
            tags = self.jsc.sc().statusStore().job(job_id).jobTags()
        except Py4JError:
            return []
        return list(filter(None, str(tags.mkString("\n")).split("\n")))

    def ints(self, array: Any) -> set[int]:
        """Return a Java array's integers in one call, not in one each."""
        return {int(n) for n in re.findall(r"\d+", str(self.jvm.java.util.Arrays.toString(array)))}

    def decommission(self, node_ids: Collection[str]) -> None:
        """Decommission the workers on these nodes: they accept no more tasks, and migrate their blocks and shuffle files.

        The master receives the same message as from its web UI, and starts no new executors on these workers.
        """
        leaving = {e.executor_id for e in self._executors()[0] if e.node_id in node_ids}
        deploy = self.jvm.org.apache.spark.deploy
        request = getattr(getattr(deploy, "DeployMessages$RequestMasterState$"), "MODULE$")
        anything = self.jvm.scala.reflect.ClassTag.apply(self.jvm.java.lang.Class.forName("java.lang.Object"))
        workers = self._master.askSync(request, anything).workers()
        found = [
            w.id() for w in workers if any(str(e.id()) in leaving for e in scala_items(w.executors().values().toSeq()))
        ]
        if found:
            ids = self.jvm.org.apache.spark.api.python.PythonUtils.toSeq(found)
            self._master.send(getattr(deploy, "DeployMessages$DecommissionWorkers")(ids))

    def _executors(self) -> tuple[tuple[Executor, ...], tuple[ExecutorLoad, ...], int]:
        """Return the registered executors, the tasks of each, and the number of tasks that run."""
        found, tasks, running = [], [], 0
        for summary in scala_items(self.jsc.sc().statusStore().executorList(True)):
            active = summary.activeTasks()
            running += active
            if summary.id() == "driver" and self._config.with_master:
                continue
            node = summary.attributes().get(NODE_ATTRIBUTE)
            executor = Executor(
                executor_id=summary.id(),
                node_id=node.get() if node.isDefined() else "",
                cores=summary.totalCores(),
                memory_mib=summary.maxMemory() // 2**20,
                added_ms=summary.addTime().getTime(),
            )
            found.append(executor)
            tasks.append(
                ExecutorLoad(
                    executor_id=executor.executor_id,
                    node_id=executor.node_id,
                    cores=executor.cores,
                    # Spark reports the next task of a core before the end of the previous one.
                    running=min(active, executor.cores),
                    done=summary.completedTasks(),
                    failed=summary.failedTasks(),
                )
            )
        return tuple(found), tuple(tasks), running

    def _load(self, executors: tuple[Executor, ...], running: int) -> Load:
        """Return the load of the cluster. Spark's status store does not count pending tasks, so this derives their number."""
        stages = scala_items(self.jsc.sc().statusStore().activeStages())
        awaited = [s for s in stages if not s.description().contains(WARM_UP)]
        pending = sum(s.numTasks() - s.numActiveTasks() - s.numCompleteTasks() for s in awaited)
        total = sum(e.cores for e in executors)
        return Load(running, max(0, pending), min(running, total), total)

    def _spark_conf(self, properties: dict[str, str]) -> JavaObject:
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
    """Return the message of the Java exception behind `error`, without its stack trace."""
    java = getattr(error, "java_exception", None)
    if java is None:
        return str(error)
    while java.getCause() is not None:
        java = java.getCause()
    return f"{java.getClass().getSimpleName()}: {java.getMessage()}"


def _is_of_stream(store: Any, job_id: int, queries: Collection[str]) -> bool:
    """Return whether a job is one of a streaming query, whose run is the job's group, or of a DStream."""
    try:
        job = store.job(job_id)
    except Py4JError:  # Spark has already dropped it
        return False
    group, description = job.jobGroup(), job.description()
    return (group.isDefined() and group.get() in queries) or (
        description.isDefined() and str(description.get()).startswith(DSTREAM_JOB)
    )


def _read_connection(path: Path) -> tuple[int, str]:
    """Return port and secret; the file contains an int32 (big-endian), then a length-prefixed UTF-8 string."""
    data = path.read_bytes()
    return int.from_bytes(data[:4], "big"), data[8:].decode()
