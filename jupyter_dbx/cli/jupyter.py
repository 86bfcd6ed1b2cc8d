"""Checks of the installation in Jupyter: kernel, server extension, running server."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from jupyter_core.paths import jupyter_config_path, jupyter_path

from jupyter_dbx.cli.finding import Finding, Level
from jupyter_dbx.client.finding import find_client, running_servers
from jupyter_dbx.client.transport import ServerUnreachable
from jupyter_dbx.model.wire import Json


def check_kernelspec() -> Finding:
    """Check whether Jupyter finds the kernel “Spark (jupyter-dbx)”."""
    return judge_kernelspec([Path(path) / "jupyter-dbx" / "kernel.json" for path in jupyter_path("kernels")])


def judge_kernelspec(candidates: Iterable[Path]) -> Finding:
    """Return whether the first of these files that exists starts the kernel of jupyter_dbx."""
    fix = "Run `pip install --force-reinstall --no-deps jupyter_dbx` in the environment that Jupyter runs in."
    file = next((path for path in candidates if path.exists()), None)
    if file is None:
        return Finding(Level.FAIL, "Kernel", "the kernel jupyter-dbx is not installed", fix)
    argv = (_read_json(file) or {}).get("argv", [])
    if "jupyter_dbx.kernel" not in argv:
        return Finding(Level.FAIL, "Kernel", f"{file} does not start this kernel", f"Remove that folder. {fix}")
    python = argv[0]
    if os.path.isabs(python) and not os.path.exists(python):
        return Finding(
            Level.FAIL, "Kernel", f"{file} refers to {python}, which does not exist", f"Remove that folder. {fix}"
        )
    return Finding(Level.OK, "Kernel", f"jupyter-dbx in {file.parent}")


def check_extension() -> Finding:
    """Check whether Jupyter servers of this environment load the server extension."""
    found: list[tuple[Path, Json]] = []
    for folder in map(Path, jupyter_config_path()):  # in order of precedence
        files = [folder / "jupyter_server_config.json"]
        files += sorted((folder / "jupyter_server_config.d").glob("*.json"), reverse=True)
        found += [(file, config) for file in files if (config := _read_json(file)) is not None]
    return judge_extension(found)


def judge_extension(configs: Iterable[tuple[Path, Json]]) -> Finding:
    """Return whether the server extension is enabled, given config files in order of precedence."""
    fix = "Run `jupyter server extension enable --sys-prefix jupyter_dbx`, then restart Jupyter."
    for file, config in configs:
        is_enabled = config.get("ServerApp", {}).get("jpserver_extensions", {}).get("jupyter_dbx")
        if is_enabled is not None:
            level, word = (Level.OK, "enabled") if is_enabled else (Level.FAIL, "disabled")
            return Finding(level, "Server extension", f"{word} by {file}", "" if is_enabled else fix)
    return Finding(Level.FAIL, "Server extension", "no config file enables it", fix)


def _read_json(path: Path) -> Json | None:
    try:
        value: Json = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def check_server(environ: Mapping[str, str] = os.environ) -> Finding:
    """Check whether a server responds, as seen by a kernel outside of Jupyter. A server is not required."""
    try:
        message = f"{find_client().url} responds"
    except ServerUnreachable:
        message = "none is running; `jupyter lab` starts one"
        if closed := [server for server in running_servers() if server.is_listening()]:
            fix = "Restart it with this version of jupyter_dbx; `jupyter server extension list` shows whether it is enabled."
            return Finding(Level.WARN, "Server", f"{closed[0].url} runs, but does not serve jupyter_dbx", fix)
    host = environ.get("DATABRICKS_HOST")
    if host and host.rstrip("/") not in message:
        fix = "Correct DATABRICKS_HOST and DATABRICKS_TOKEN, or unset them."
        return Finding(Level.WARN, "Server", f"{message}; DATABRICKS_HOST {host} does not accept the token", fix)
    return Finding(Level.OK, "Server", message)
