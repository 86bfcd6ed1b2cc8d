"""Checks of what Jupyter knows of us: kernel, server extension, a server that runs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from jupyter_core.paths import jupyter_config_path, jupyter_path

from jupyter_dbx.cli.finding import Finding, Level
from jupyter_dbx.kernel.client import ServerUnreachable, find_client
from jupyter_dbx.model.wire import Json


def check_kernelspec() -> Finding:
    """Look whether Jupyter finds the kernel «Spark (jupyter-dbx)»."""
    return judge_kernelspec([Path(path) / "jupyter-dbx" / "kernel.json" for path in jupyter_path("kernels")])


def judge_kernelspec(places: Iterable[Path]) -> Finding:
    """Return whether the first of these files that exists starts our kernel."""
    mend = "Run `pip install --force-reinstall --no-deps jupyter_dbx` in the environment that Jupyter runs in."
    file = next((path for path in places if path.exists()), None)
    if file is None:
        return Finding(Level.FAIL, "Kernel", "the kernel jupyter-dbx is not installed", mend)
    argv = (_read_json(file) or {}).get("argv", [])
    if "jupyter_dbx.kernel" not in argv:
        return Finding(Level.FAIL, "Kernel", f"{file} does not start our kernel", f"Remove that folder. {mend}")
    python = argv[0]
    if os.path.isabs(python) and not os.path.exists(python):
        return Finding(Level.FAIL, "Kernel", f"{file} names {python}, which is gone", f"Remove that folder. {mend}")
    return Finding(Level.OK, "Kernel", f"jupyter-dbx in {file.parent}")


def check_extension() -> Finding:
    """Look whether Jupyter servers of this environment load us."""
    found: list[tuple[Path, Json]] = []
    for folder in map(Path, jupyter_config_path()):  # the first wins
        files = [folder / "jupyter_server_config.json"]
        files += sorted((folder / "jupyter_server_config.d").glob("*.json"), reverse=True)
        found += [(file, config) for file in files if (config := _read_json(file)) is not None]
    return judge_extension(found)


def judge_extension(configs: Iterable[tuple[Path, Json]]) -> Finding:
    """Return whether the server extension is on, by config files in the order in which they win."""
    mend = "Run `jupyter server extension enable --sys-prefix jupyter_dbx`, then restart Jupyter."
    for file, config in configs:
        is_on = config.get("ServerApp", {}).get("jpserver_extensions", {}).get("jupyter_dbx")
        if is_on is not None:
            level, word = (Level.OK, "on") if is_on else (Level.FAIL, "off")
            return Finding(level, "Server extension", f"{word} by {file}", "" if is_on else mend)
    return Finding(Level.FAIL, "Server extension", "no config file turns it on", mend)


def _read_json(path: Path) -> Json | None:
    try:
        value: Json = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def check_server(environ: Mapping[str, str] = os.environ) -> Finding:
    """Look whether a server answers, as a kernel outside of Jupyter would; none has to."""
    try:
        says = f"{find_client().url} answers"
    except ServerUnreachable:
        says = "none runs now; `jupyter lab` starts one"
    host = environ.get("DATABRICKS_HOST")
    if host and host.rstrip("/") not in says:
        mend = "Correct DATABRICKS_HOST and DATABRICKS_TOKEN, or unset them."
        return Finding(
            Level.WARN, "Server", f"{says}; {host}, which DATABRICKS_HOST names, does not take our token", mend
        )
    return Finding(Level.OK, "Server", says)
