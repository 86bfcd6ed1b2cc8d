"""Checks of what surrounds the installation: environment variables, and folders under Databricks' names."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from jupyter_dbx.cli.finding import Finding, Level

#: Variables whose options every JVM reads; those of the first two take precedence over the options of a cluster.
JAVA_VARIABLES = ("_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS")

#: Workspace folder → its name on the machine.
FOLDERS = {"Volumes": "/Volumes", "dbfs": "/dbfs"}


def check_java_options(environ: Mapping[str, str] = os.environ) -> Finding:
    """Check whether variables change the memory of every JVM, which a cluster sets by the size of its nodes."""
    given = [name for name in JAVA_VARIABLES if environ.get(name)]
    for name in given:
        if found := re.search(r"-Xm[sx]\S+|-XX:\S*(?:Heap|RAM)\S*", environ[name]):
            fix = (
                f"Remove {found[0]} from {name} before you start Jupyter; `spark.driver.memory` sets a cluster's heap."
            )
            return Finding(Level.WARN, "Java options", f"{name} changes the memory of every cluster: {found[0]}", fix)
    return Finding(Level.OK, "Java options", f"every JVM has those of {', '.join(given)}" if given else "none")


def check_proxy(environ: Mapping[str, str] = os.environ) -> Finding:
    """Check whether programs would send requests for this machine to a proxy. Kernels and the command line never do."""
    proxies = [name for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY") if environ.get(name)]
    exceptions = ",".join(environ.get(name, "") for name in ("no_proxy", "NO_PROXY"))
    if proxies and not re.search(r"(?:^|,)\s*(?:\*|127\.0\.0\.1|127\.0\.0\.0/8)\s*(?:,|$)", exceptions):
        message = (
            f"{proxies[0]} applies to this machine, too; kernels and `jupyter dbx` ignore it, other programs do not"
        )
        return Finding(Level.WARN, "Proxy", message, "export NO_PROXY=localhost,127.0.0.1")
    return Finding(Level.OK, "Proxy", "requests to this machine use none")


def check_folders(data_dir: Path, root: Path = Path("/")) -> Finding:
    """Check whether `/Volumes` and `/dbfs` exist for programs that open files themselves.

    Parameters
    ----------
    root : the machine's root folder
    """
    names = {name: root / name for name in FOLDERS}
    missing = [name for name, link in names.items() if not os.path.lexists(link)]
    others = [
        name for name, link in names.items() if name not in missing and link.resolve() != (data_dir / name).resolve()
    ]
    if others:
        message = (
            f"{' and '.join(FOLDERS[n] for n in others)} of this machine take precedence over those of the workspace"
        )
        return Finding(Level.OK, "Folders", message)
    if missing:
        commands = "; ".join(f"sudo ln -s '{data_dir / name}' {FOLDERS[name]}" for name in missing)
        message = f"{' and '.join(FOLDERS[n] for n in missing)} exist for Spark, Python and shells only"
        fix = f"For libraries that open files themselves: {commands}; then restart the kernels."
        return Finding(Level.OK, "Folders", message, fix)
    return Finding(Level.OK, "Folders", "/Volumes and /dbfs exist on this machine")
