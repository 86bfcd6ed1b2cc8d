"""Scala in the driver's JVM: Spark's own interpreter, one per seat, used through the notebook's gateway.

It runs on the JVM thread that serves the kernel's main thread, so its Spark jobs have the cell's tag and title. The interpreter
belongs to the seat: a new seat gets a new interpreter, and the old one's objects are freed with the old seat.
"""

from __future__ import annotations

import codecs
import contextlib
import re
import select
import socket
import sys
import threading
from typing import Any

from py4j.protocol import Py4JError
from pyspark.sql import DataFrame

from jupyter_dbx.kernel.display import display
from jupyter_dbx.kernel.errors import NotebookError, ScalaFailed

#: Name of a cell in compiler messages and stack traces.
LABEL = "<cell>"

#: How long the kernel waits for an interrupted cell to end, s.
STOP_TIMEOUT_S = 5

#: How long the driver's connection for output may take, and the wait for bytes that it has sent, s.
CONNECT_TIMEOUT_S, ARRIVAL_S = 10.0, 0.1

#: A class needs the instance of the request that defines it, and executors create that instance again. A request with classes
#: therefore contains nothing else.
_CLASSES = ("ClassDef", "ModuleDef")

_ARGUMENTS = [
    "-usejavacp",
    # Values are fields of instances, which closures capture, instead of singletons, which executors would create again.
    "-Yrepl-class-based",
    # Suppresses hints that refer to commands of the compiler's shell.
    "-Wconf:cat=deprecation:s,cat=feature:s",
]

#: Names defined in every notebook, as in Databricks; Spark's own shell has all but `display`.
_NAMES = """@transient val sc: org.apache.spark.SparkContext = spark.sparkContext
import spark.implicits._
import spark.sql
import org.apache.spark.sql.functions._
def display(data: org.apache.spark.sql.Dataset[_]): Unit = _displayed.add(data.toDF())
"""

#: Lines of a stack trace.
_TRACE = re.compile(r"\s+at |\s+\.\.\. \d+ (more|elided)$|Driver stacktrace:$")


class ScalaInterpreter:
    """Runs the Scala cells of one seat.

    Parameters
    ----------
    spark : the seat's SparkSession
    kernel_id : the kernel that has the seat
    """

    def __init__(self, spark: Any, kernel_id: str) -> None:
        self.spark = spark
        self._jvm: Any = spark._jvm  # py4j objects have any attribute
        conf = spark._jsc.sc().conf()
        if not conf.contains("spark.repl.class.outputDir"):
            raise ScalaFailed("This cluster was started by an older version without Scala. Restart the cluster.")
        self._output = _Output(self._jvm)
        self._text = self._jvm.java.io.StringWriter()
        self._displayed = self._jvm.java.util.concurrent.ConcurrentLinkedQueue()
        settings = self._jvm.scala.tools.nsc.Settings()
        folder = conf.get("spark.repl.class.outputDir")
        settings.processArguments(self._list(*_ARGUMENTS, "-Yrepl-outdir", folder), True)
        shell = self._jvm.scala.tools.nsc.interpreter.shell
        self._reporter = shell.ReplReporterImpl(settings, self._jvm.java.io.PrintWriter(self._text))
        classes = self._jvm.java.lang.Thread.currentThread().getContextClassLoader()
        line = classes.open(kernel_id)
        loader = self._jvm.scala.Some(classes.loader(line))
        self._scala = self._jvm.scala.tools.nsc.interpreter.IMain(settings, loader, settings, self._reporter)
        self._scala.initializeCompiler()
        # The classes of all notebooks share one folder, so their names must be unique.
        getattr(self._scala.naming(), "scala$tools$nsc$interpreter$Naming$$_freshLineId_$eq")(line)
        self._java_field("scala.tools.nsc.interpreter.IMain", "scala$tools$nsc$interpreter$IMain$$label").set(
            self._scala, LABEL
        )
        self._bind_names()

    def run(self, code: str) -> None:
        """Run a cell; its output is shown while it runs, its definitions are listed at the end.

        Raises
        ------
        ScalaFailed : the code does not compile, or throws an exception
        """
        self._text.getBuffer().setLength(0)
        self._output.take_console()
        context = self.spark._jsc.sc()
        # Scala tasks run on a thread of the executor; only an interrupt ends one that waits.
        context.setInterruptOnCancel(True)
        try:
            for part in self._parts(code):
                result = self._interpret(part)
                self._display()
                if result != "Success":
                    raise ScalaFailed(_readable(self._take_messages()))
                print(self._take_messages(), end="")
        finally:
            context.setInterruptOnCancel(False)

    def _interpret(self, code: str) -> str:
        """Return "Success" or "Error"."""
        thread = self._jvm.java.lang.Thread.currentThread()
        try:
            return str(self._scala.interpret(code).toString())
        except KeyboardInterrupt:
            # The interrupted call's connection is closed, and Py4J's thread ends with it.
            thread.interrupt()
            thread.join(STOP_TIMEOUT_S * 1000)
            if thread.isAlive():
                print(
                    "The cell is still running in the driver, in library code that ignores interrupts. "
                    "It ends on its own, or when the cluster restarts.",
                    file=sys.stderr,
                )
            raise
        finally:
            self._output.show_rest()

    def _parts(self, code: str) -> list[str]:
        """Return the cell's statements in as few requests as possible, each at its original line and column."""
        parsed = self._scala.parse(code)
        if parsed.isLeft():
            messages = self._take_messages()
            raise ScalaFailed(_readable(messages) or "The cell is incomplete: a bracket or string is not closed.")
        parts: list[tuple[bool, int, int]] = []
        start = 0
        trees = parsed.toOption().get()._1()
        for index in range(trees.size()):
            tree = trees.apply(index)
            is_class, end = tree.productPrefix() in _CLASSES, tree.pos().end()
            if parts and parts[-1][0] == is_class:
                start = parts.pop()[1]
            parts.append((is_class, start, end))
            start = end
        return [re.sub(r"[^\n]", " ", code[:start]) + code[start:end] for _, start, end in parts]

    def _bind_names(self) -> None:
        transient = self._list("@transient")
        show_results = getattr(self._reporter, "printResults_$eq")
        show_results(False)
        self._scala.bind("spark", "org.apache.spark.sql.SparkSession", self.spark._jsparkSession, transient)
        data = "java.util.Queue[org.apache.spark.sql.DataFrame]"
        self._scala.bind("_displayed", data, self._displayed, transient)
        self._scala.interpret(_NAMES)
        show_results(True)

    def _display(self) -> None:
        """Show the DataFrames passed to Scala's `display`, as Python's `display` does."""
        while (data := self._displayed.poll()) is not None:
            display(DataFrame(data, self.spark))

    def _take_messages(self) -> str:
        """Return the interpreter's messages since the last call."""
        text = str(self._text.toString())
        self._text.getBuffer().setLength(0)
        return text

    def _list(self, *items: str) -> Any:
        return self._jvm.org.apache.spark.api.python.PythonUtils.toSeq(list(items)).toList()

    def _java_field(self, owner: str, name: str) -> Any:
        field = self._jvm.java.lang.Class.forName(owner).getDeclaredField(name)
        field.setAccessible(True)
        return field


class _Output:
    """Scala's output: a connection from the driver's JVM, which may run as another OS user."""

    def __init__(self, jvm: Any) -> None:
        self._lock = threading.Lock()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._received = 0
        with socket.create_server(("127.0.0.1", 0)) as server:
            driver = jvm.java.net.Socket(*server.getsockname())
            self._connection = _accept(server, driver.getLocalPort())
        self._counter = jvm.org.apache.commons.io.output.CountingOutputStream(driver.getOutputStream())
        self._stream = jvm.java.io.PrintStream(self._counter, True, "UTF-8")
        self._jvm = jvm
        threading.Thread(target=self._watch, name="dbx-scala-output", daemon=True).start()

    def take_console(self) -> None:
        """Redirect the output of this JVM thread, and of the threads it starts, to the connection."""
        for name in ("outVar", "errVar"):
            field = self._jvm.java.lang.Class.forName("scala.Console$").getDeclaredField(name)
            field.setAccessible(True)
            getattr(field.get(None), "value_$eq")(self._stream)

    def show_rest(self) -> None:
        """Show all that was printed before this call."""
        with contextlib.suppress(NotebookError, Py4JError):  # the driver has ended
            printed = self._counter.getByteCount()
            while self._received < printed and self._show():
                select.select([self._connection], [], [], ARRIVAL_S)

    def _show(self) -> bool:
        """Show the output that has arrived; return whether more can follow."""
        with self._lock:
            try:
                while data := self._connection.recv(65536):
                    sys.stdout.write(self._decoder.decode(data))
                    self._received += len(data)
            except BlockingIOError:
                return True
            except OSError:
                return False
        return False

    def _watch(self) -> None:
        """Show output as it arrives, until the JVM closes the connection."""
        select.select([self._connection], [], [])
        while self._show():
            select.select([self._connection], [], [])
        self._connection.close()


def _accept(server: socket.socket, port: int) -> socket.socket:
    """Return the connection that comes from this port of the server's address; any process of the machine can connect."""
    server.settimeout(CONNECT_TIMEOUT_S)
    while True:
        connection, sender = server.accept()
        if sender == (server.getsockname()[0], port):
            connection.setblocking(False)
            return connection
        connection.close()


def _readable(text: str) -> str:
    """Return the interpreter's error message, with the cell's line instead of Java's stack trace."""
    if f"{LABEL}:" in text and ": error: " in text:
        return f"The cell does not compile.\n{text.strip(chr(10))}"
    message = "\n".join(line for line in text.splitlines() if not _TRACE.match(line)).strip()
    line = re.search(rf"{LABEL}:(\d+)\)", text)
    return f"{message}\nat line {line[1]} of the cell" if line else message
