"""NotebookSession: from an attachment to `spark`, and back; bind, rebind, release."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jupyter_dbx.kernel.arguments import Arguments
from jupyter_dbx.kernel.cell import Cell, title_of
from jupyter_dbx.kernel.client import Client, RequestFailed, ServerUnreachable, find_client
from jupyter_dbx.kernel.contact import Contact
from jupyter_dbx.kernel.environment import Environment
from jupyter_dbx.kernel.errors import ClusterFailed, NoCluster
from jupyter_dbx.kernel.folders import Folders
from jupyter_dbx.kernel.mounts import MountTable
from jupyter_dbx.kernel.notebook import read_cluster_id
from jupyter_dbx.kernel.redaction import Redaction
from jupyter_dbx.kernel.wording import waiting_words
from jupyter_dbx.model.driver import KERNEL_CONF
from jupyter_dbx.model.wire import Json

if TYPE_CHECKING:
    from jupyter_dbx.kernel.gateway import Gateway
    from jupyter_dbx.kernel.seat import Seat

#: How often a cluster that is not up is asked about, s, and how long a driver that is said to be up may not answer, s.
ASK_EVERY_S = 0.3
PATIENCE_S = 60.0

#: Loggers of PySpark that print each query that is refused, with Java's stack, beside the exception that says the same.
QUERY_LOGGERS = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")

#: What a NameError says when nobody has chosen a cluster.
HINT = "No cluster is attached: `%cluster attach NAME`, or `%cluster create NAME --workers 2`; `%cluster` lists them."


class NotebookSession:
    """One notebook's way to Spark.

    Parameters
    ----------
    contact : who this kernel is, and the server that started it
    namespace : the notebook's variables
    say : shows a line that replaces the one before; "" clears it
    default_cluster : id or name, for notebooks that chose none
    """

    def __init__(
        self, contact: Contact, namespace: dict[str, Any], say: Callable[[str], None], default_cluster: str = ""
    ) -> None:
        self._contact, self._namespace, self._say = contact, namespace, say
        self._default_cluster = default_cluster
        self._lock = threading.RLock()
        self._client: Client | None = None
        self._seat: Seat | None = None
        self._gateway: Gateway | None = None
        #: what binding has put into the namespace
        self._given: dict[str, Any] = {}
        self._cell = Cell()
        self._cells = 0
        self._leaves_after_cell = False
        self.is_binding = False
        #: what the notebook can be told, and what it installed
        self.arguments, self.environment = Arguments(contact.arguments), Environment()
        #: what no output may show
        self.redaction = Redaction()
        #: is told how far the jobs of cells are, on another thread
        self.on_progress: Callable[[Json], None] = lambda message: None
        #: why the last silent check found no cluster
        self.hint = HINT

    # -- cells ---------------------------------------------------------------------------------------------------------

    def begin_cell(self, code: str) -> int:
        """Note that a cell runs; return its number."""
        self._cells += 1
        self._cell = Cell(self._cells, title_of(code))
        self._tell_cell()
        return self._cells

    def end_cell(self) -> None:
        """Note that no cell runs."""
        ended, self._cell = self._cell, Cell()
        self._tell_cell()
        if not self.is_bound:  # nobody is there to tell how its jobs ended
            self.on_progress({"cell": ended.number, "jobs": None, "over": True})
        if self._leaves_after_cell:
            self.release()

    def _tell_cell(self) -> None:
        self.tell("cell", cell=self._cell.number, title=self._cell.title)

    def _hear_progress(self, message: Json) -> None:
        self.on_progress(message)

    def cancel_jobs(self) -> None:
        """Cancel the running cell's jobs; the cell itself goes on, and is told by the error of the job."""
        if self._cell.number:
            self.tell("interrupt")

    def interrupt_cell(self) -> None:
        """Cancel the running cell's jobs, and those only. Called from the signal handler."""
        if self._cell.number and self._gateway is not None:
            self._gateway.interrupt()
            self.tell("interrupt")

    def tell(self, op: str, **facts: object) -> None:
        """Send word to the driver, if there is one."""
        if self._seat is not None:
            self._seat.tell(op, **facts)

    # -- binding -------------------------------------------------------------------------------------------------------

    @property
    def client(self) -> Client:
        """Return the server to talk to.

        Raises
        ------
        ServerUnreachable : there is none
        """
        if self._client is None:
            contact = self._contact
            self._client = Client(contact.url, contact.token) if contact.url else find_client()
        return self._client

    @property
    def kernel_id(self) -> str:
        """Return this kernel's id."""
        return self._contact.kernel_id

    @property
    def notebook(self) -> str:
        """Return the path of this kernel's notebook as far as it is known, or ""."""
        return self._contact.notebook

    @property
    def folders(self) -> Folders:
        """Return where the workspace's folders are."""
        return self._contact.folders

    @property
    def cluster_id(self) -> str:
        """Return the id of the cluster; binds if need be."""
        self.bind()
        assert self._gateway is not None
        return self._gateway.cluster_id

    @property
    def spark(self) -> Any:
        """Return the SparkSession, whatever the notebook calls `spark`; binds if need be."""
        self.bind()
        return self._given["spark"]

    @property
    def is_bound(self) -> bool:
        """Return whether there is a session, on a driver that lives."""
        return self._gateway is not None and not self._gateway.is_ended

    def owns(self, context: Any) -> bool:
        """Return whether this SparkContext is the one that binding made."""
        return "sc" in self._given and self._given["sc"] is context

    def bind_names(self, *names: str) -> None:
        """Bind if one of these names is missing or outlived its driver; silently do nothing if no cluster is chosen.

        This is what a cell calls before its first statement that loads such a name.
        """
        missing = [n for n in names if n not in self._namespace]
        outlived = [n for n in names if n in self._given and self._namespace.get(n) is self._given[n]]
        if not missing and not (outlived and not self.is_bound):
            return
        try:
            self.bind()
            # After `del spark` there is a session still; only its name is gone.
            self._namespace.update({n: self._given[n] for n in missing if n not in self._namespace})
        except NoCluster as error:
            self.hint = str(error)
            if outlived:
                raise

    def bind(self, *, context: Any = None) -> None:
        """Take a seat on the notebook's cluster unless there is one; waits for the cluster and starts it if need be.

        Parameters
        ----------
        context : a SparkContext that is being made, to be bound instead of a new one

        Raises
        ------
        NoCluster : none is chosen, or no server is found
        ClusterFailed : it did not start, or the driver refuses this kernel
        """
        with self._lock:
            if self.is_bound:
                return
            if self.is_binding:
                return  # PySpark asks for the active context while it makes it
            self.is_binding = True
            try:
                self._forget()
                self._bind(context)
            finally:
                self.is_binding = False

    def _bind(self, context: Any) -> None:
        # Not at the top: a kernel that never needs Spark should not come up later because of it (see importing.py).
        from jupyter_dbx.kernel.gateway import Gateway
        from jupyter_dbx.kernel.seat import DriverUnreachable, Seat

        deadline = time.monotonic() + PATIENCE_S
        while True:
            offer = self._wait_for_driver()
            seat = Seat(offer["url"], offer["ticket"], self.kernel_id, self.notebook, self._hear_progress)
            try:
                grant = seat.take()
                break
            except DriverUnreachable as error:
                # The server has not noticed yet that this driver is gone.
                if time.monotonic() > deadline:
                    raise ClusterFailed(
                        f"The driver of cluster {offer['cluster_name']!r} does not answer: {error}"
                    ) from None
                time.sleep(ASK_EVERY_S)
        self._seat = seat
        try:
            self._gateway = Gateway(grant, seat, lambda: self._cell)
            self._make_session(self._gateway, context)
        except BaseException:
            self._forget()
            raise
        if self._cell.number:
            self._tell_cell()

    def _make_session(self, gateway: Gateway, context: Any) -> None:
        from pyspark import SparkConf, SparkContext
        from pyspark.logger import PySparkLogger
        from pyspark.sql import SparkSession, SQLContext

        for name in QUERY_LOGGERS:
            PySparkLogger.getLogger(name).setLevel(logging.CRITICAL + 1)
        SparkContext._gateway = SparkContext._jvm = None
        jvm = gateway.py4j.jvm
        jsession = jvm.org.apache.spark.sql.classic.SparkSession.getActiveSession().get()
        jsc = jvm.org.apache.spark.api.java.JavaSparkContext(jsession.sparkContext())
        conf = SparkConf(_jvm=jvm, _jconf=jsc.getConf())
        sc = SparkContext.__new__(SparkContext) if context is None else context
        SparkContext.__init__(sc, gateway=gateway.py4j, jsc=jsc, conf=conf)
        with SparkContext._lock:
            SparkContext._active_spark_context = sc
        self._prepare_workers(sc)
        MountTable(self.folders.mounts_file).tell(jsc.hadoopConfiguration())
        spark = SparkSession(sc, jsession)
        gateway.tag_jobs(jsc.sc())
        self.tell("bound", temp_dir=sc._temp_dir)
        sql_context = SQLContext._get_or_create(sc)
        given = {"spark": spark, "sc": sc, "sqlContext": sql_context}
        for name, value in given.items():
            # What the notebook itself calls so stays: `sc` may be its StandardScaler.
            if name not in self._namespace or self._namespace[name] is self._given.get(name):
                self._namespace[name] = value
        self._given = given
        # It prints a traceback when the driver's end breaks its connection, which the guard tells in one sentence.
        sc._accumulatorServer.handle_error = lambda *_: None

    def _prepare_workers(self, sc: Any) -> None:
        """Give this notebook Python workers of its own, that see the modules beside it."""
        sc.pythonExec = sys.executable
        sc.environment["DBX_SEAT"] = self.kernel_id
        # Spark hands the cluster's secret to executors in this variable, and executors hand theirs on to Python workers.
        sc.environment["_SPARK_AUTH_SECRET"] = ""
        self._tell_modules(sc)

    def tell_packages(self) -> None:
        """Let Python workers that begin from now on see what the notebook has installed."""
        if self.is_bound:
            self._tell_modules(self._given["sc"])

    def _tell_modules(self, sc: Any) -> None:
        packages, known = self.environment.packages, os.environ.get("PYTHONPATH")
        folders = [str(packages) if packages else "", os.getcwd(), known]
        sc.environment["PYTHONPATH"] = os.pathsep.join(filter(None, folders))

    def _wait_for_driver(self) -> Json:
        """Return the offer of a driver that is up; start its cluster if it is TERMINATED."""
        began, came_up = time.monotonic(), False
        # A notebook that another one runs is on that one's cluster, whatever it wants when it is opened by itself.
        runner = self._contact.cluster_id
        path = None if runner else self.notebook
        candidates = [runner] if runner else [read_cluster_id(self.notebook), self._default_cluster]
        try:
            while True:
                offer = self._ask_for_seat(path, candidates)
                name, state = offer["cluster_name"] or offer["cluster_id"], offer["state"]
                if offer["url"]:
                    return offer
                if (state == "TERMINATED" and came_up) or state == "ERROR":
                    raise ClusterFailed(f"Cluster {name!r} is {state}. {offer['state_message']}")
                if state == "TERMINATED":
                    self._start(offer["cluster_id"])
                came_up = came_up or state in ("TERMINATED", "PENDING", "RESTARTING")
                if (waited_s := time.monotonic() - began) > 1:
                    self._say(waiting_words(self.client.dbx("GET", f"clusters/{offer['cluster_id']}"), waited_s))
                time.sleep(ASK_EVERY_S)
        finally:
            self._say("")

    def _ask_for_seat(self, path: str | None, candidates: list[str]) -> Json:
        try:
            return self.client.kernel("POST", self.kernel_id, "seat", path=path, candidates=candidates)
        except RequestFailed as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST" and "attached to no cluster" in error.message:
                raise NoCluster(HINT) from None
            raise NoCluster(error.message) from None
        except ServerUnreachable as error:
            self._client = None
            raise NoCluster(error.message) from None

    def _start(self, cluster_id: str) -> None:
        try:
            self.client.clusters("start", cluster_id=cluster_id)
        except RequestFailed as error:
            if error.error_code != "INVALID_STATE":  # somebody else was faster
                raise ClusterFailed(error.message) from None

    # -- the end -------------------------------------------------------------------------------------------------------

    def release(self, *, keeps_packages: bool = False) -> None:
        """Give the seat back; the next use of Spark gets a fresh one on the same cluster.

        Parameters
        ----------
        keeps_packages : False = what `%pip` installed goes, too
        """
        if not keeps_packages:
            self.environment.discard()
        with self._lock:
            self._leaves_after_cell = False
            self.leave()
            self._forget()

    def release_soon(self) -> None:
        """Give the seat back as soon as no cell runs. May be called from any thread."""
        self._leaves_after_cell = True
        if not self._cell.number:
            self.release()

    def leave(self) -> None:
        """Let the driver free the seat, without waiting for a cell that may be binding."""
        if self._seat is not None:
            self._seat.leave()

    def _forget(self) -> None:
        """Take back what binding gave, so that PySpark can be bound anew; other variables stay."""
        if self._gateway is None:
            return
        from pyspark import SparkContext
        from pyspark.sql import SparkSession, SQLContext

        self._gateway.shut()
        for sc in (self._given.get("sc"), SparkContext._active_spark_context):
            if sc is not None:
                self.disown(sc)
        SparkContext._gateway = SparkContext._jvm = None
        SparkSession._instantiatedSession = SparkSession._activeSession = None
        SQLContext._instantiatedContext = None
        self._gateway = self._seat = None

    def disown(self, context: Any) -> None:
        """Let go of a Python SparkContext without touching the JVM behind it."""
        context._jsc = None
        if getattr(context, "_accumulatorServer", None) is not None:
            context._accumulatorServer.shutdown()
            context._accumulatorServer = None
        if type(context)._active_spark_context is context:
            type(context)._active_spark_context = None

    def mark(self, jsession: Any) -> None:
        """Note in a session made from this notebook's that it is this kernel's too, so that its end is one with it."""
        jsession.conf().set(KERNEL_CONF, self.kernel_id)

    def tell_ignored(self, asked: dict[str, Any]) -> None:
        """Say in one line which of the options that a builder asked for cannot be applied to a shared driver."""
        conf = self._given["spark"].conf
        ignored = sorted(name for name in asked if name.startswith("spark.") and not conf.isModifiable(name))
        if ignored:
            print(f"Without effect on a running cluster: {', '.join(ignored)}. Set them in the cluster's Spark conf.")
