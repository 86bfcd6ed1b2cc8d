"""Scala in the driver's JVM: Spark's own interpreter, one for each seat, over the notebook's gateway.

It runs on the JVM's thread of the kernel's main thread, so that its Spark jobs have the cell's tag and title. The interpreter
is of the seat: whoever gets a new seat gets a new one, and what the old one held is freed with the old seat.
"""

from __future__ import annotations

import codecs
import os
import re
import select
import sys
import tempfile
import threading
from typing import Any

from pyspark.sql import DataFrame

from jupyter_dbx.kernel.display import display
from jupyter_dbx.kernel.errors import ScalaFailed

#: What a cell is called in messages of the compiler and in stack traces.
LABEL = "<cell>"

#: How long an interrupted cell may take to end, s, before the kernel no longer waits for it.
STOP_TIMEOUT_S = 5

#: Classes need the instance of the request that they are defined in, which executors make anew when they need one of its
#: classes: so requests with classes have nothing else in them.
_CLASSES = ("ClassDef", "ModuleDef")

_ARGUMENTS = [
    "-usejavacp",
    # Values are fields of instances that closures take along, instead of singletons that executors would make anew.
    "-Yrepl-class-based",
    # The compiler would tell how to learn more, in words of its own shell.
    "-Wconf:cat=deprecation:s,cat=feature:s",
]

#: What every notebook has, as in Databricks; all but `display` is in Spark's own shell too.
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
    kernel_id : whose seat it is
    """

    def __init__(self, spark: Any, kernel_id: str) -> None:
        self.spark = spark
        self._jvm: Any = spark._jvm  # py4j objects answer any name
        conf = spark._jsc.sc().conf()
        if not conf.contains("spark.repl.class.outputDir"):
            raise ScalaFailed("This cluster was started by an older version, without Scala. Restart it.")
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
        # All notebooks' classes are in one folder and have to have names of their own.
        getattr(self._scala.naming(), "scala$tools$nsc$interpreter$Naming$$_freshLineId_$eq")(line)
        self._field("scala.tools.nsc.interpreter.IMain", "scala$tools$nsc$interpreter$IMain$$label").set(
            self._scala, LABEL
        )
        self._give_names()

    def run(self, code: str) -> None:
        """Run a cell; what it prints is shown while it runs, what it defines is told after it.

        Raises
        ------
        ScalaFailed : it does not compile, or throws
        """
        self._text.getBuffer().setLength(0)
        self._output.take_console()
        context = self.spark._jsc.sc()
        # Tasks in Scala run on a thread of their executor, which has to be interrupted if it waits.
        context.setInterruptOnCancel(True)
        try:
            for part in self._parts(code):
                result = self._interpret(part)
                self._display()
                if result != "Success":
                    raise ScalaFailed(_readable(self._told()))
                print(self._told(), end="")
        finally:
            context.setInterruptOnCancel(False)

    def _interpret(self, code: str) -> str:
        """Return "Success" or "Error"."""
        thread = self._jvm.java.lang.Thread.currentThread()
        try:
            return str(self._scala.interpret(code).toString())
        except KeyboardInterrupt:
            # Py4J's thread ends with the connection, which was closed because its answer will come too late.
            thread.interrupt()
            thread.join(STOP_TIMEOUT_S * 1000)
            if thread.isAlive():
                print(
                    "The cell goes on in the driver: it is in code of a library that hears no interrupt. "
                    "It ends by itself, or when the cluster is restarted.",
                    file=sys.stderr,
                )
            raise
        finally:
            self._output.show()

    def _parts(self, code: str) -> list[str]:
        """Return the cell's statements in as few requests as possible, each with its place in the cell kept."""
        parsed = self._scala.parse(code)
        if parsed.isLeft():
            told = self._told()
            raise ScalaFailed(_readable(told) or "The cell ends too early: something that it opens is not closed.")
        parts: list[tuple[bool, int, int]] = []
        begin = 0
        trees = parsed.toOption().get()._1()
        for index in range(trees.size()):
            tree = trees.apply(index)
            is_class, end = tree.productPrefix() in _CLASSES, tree.pos().end()
            if parts and parts[-1][0] == is_class:
                begin = parts.pop()[1]
            parts.append((is_class, begin, end))
            begin = end
        return [re.sub(r"[^\n]", " ", code[:begin]) + code[begin:end] for _, begin, end in parts]

    def _give_names(self) -> None:
        transient = self._list("@transient")
        show_results = getattr(self._reporter, "printResults_$eq")
        show_results(False)
        self._scala.bind("spark", "org.apache.spark.sql.SparkSession", self.spark._jsparkSession, transient)
        data = "java.util.Queue[org.apache.spark.sql.DataFrame]"
        self._scala.bind("_displayed", data, self._displayed, transient)
        self._scala.interpret(_NAMES)
        show_results(True)

    def _display(self) -> None:
        """Show what Scala's `display` was given, as Python's shows it."""
        while (data := self._displayed.poll()) is not None:
            display(DataFrame(data, self.spark))

    def _told(self) -> str:
        """Return what the interpreter has said since this was last asked."""
        text = str(self._text.toString())
        self._text.getBuffer().setLength(0)
        return text

    def _list(self, *items: str) -> Any:
        return self._jvm.org.apache.spark.api.python.PythonUtils.toSeq(list(items)).toList()

    def _field(self, owner: str, name: str) -> Any:
        field = self._jvm.java.lang.Class.forName(owner).getDeclaredField(name)
        field.setAccessible(True)
        return field


class _Output:
    """What Scala prints: a pipe from the driver's JVM, which is on this machine too."""

    def __init__(self, jvm: Any) -> None:
        self._lock = threading.Lock()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "output")
            os.mkfifo(path, 0o600)
            self._pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            self._stream = jvm.java.io.PrintStream(jvm.java.io.FileOutputStream(path), True, "UTF-8")
        self._jvm = jvm
        threading.Thread(target=self._watch, name="dbx-scala-output", daemon=True).start()

    def take_console(self) -> None:
        """Let what this thread of the JVM prints, and those that it starts, come here."""
        for name in ("outVar", "errVar"):
            field = self._jvm.java.lang.Class.forName("scala.Console$").getDeclaredField(name)
            field.setAccessible(True)
            getattr(field.get(None), "value_$eq")(self._stream)

    def show(self) -> bool:
        """Show what was printed so far; return whether there can be more."""
        with self._lock:
            try:
                while data := os.read(self._pipe, 65536):
                    sys.stdout.write(self._decoder.decode(data))
            except BlockingIOError:
                return True
        return False

    def _watch(self) -> None:
        """Show what is printed as it comes, until the JVM closes its end."""
        select.select([self._pipe], [], [])
        while self.show():
            select.select([self._pipe], [], [])
        os.close(self._pipe)


def _readable(text: str) -> str:
    """Return what the interpreter says of an error, without Java's stack but with the line of the cell."""
    if f"{LABEL}:" in text and ": error: " in text:
        return f"The cell does not compile.\n{text.strip(chr(10))}"
    message = "\n".join(line for line in text.splitlines() if not _TRACE.match(line)).strip()
    line = re.search(rf"{LABEL}:(\d+)\)", text)
    return f"{message}\nin line {line[1]} of the cell" if line else message
