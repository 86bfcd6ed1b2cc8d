"""Which server a command connects to: selected as in Databricks' clients, else one that runs on this machine.

Source: databricks-sdk, unified authentication (`~/.databrickscfg`, `DATABRICKS_…`).
"""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from jupyter_dbx.cli.exits import UsageFault
from jupyter_dbx.client.client import Client
from jupyter_dbx.client.finding import client_for, running_servers
from jupyter_dbx.client.transport import TIMEOUT_S, ServerUnreachable

#: The profile that is used if none is named.
DEFAULT = "DEFAULT"

#: Matches hosts of the Databricks cloud, which are never Jupyter servers.
_CLOUD = re.compile(r"\.(azure)?databricks\.")


def choose_client(
    profile: str = "", environ: Mapping[str, str] = os.environ, *, timeout_s: float = TIMEOUT_S
) -> Client:
    """Return the client of a server with jupyter_dbx that responds.

    The server is that of `profile`, else DATABRICKS_HOST, else that of the profile DATABRICKS_CONFIG_PROFILE, else that of the
    default profile, else the newest one on this machine. If an explicitly selected server does not respond, no other one is
    tried, because it has other clusters. A default profile for the Databricks cloud is ignored.

    Parameters
    ----------
    timeout_s : time limit of a response, s

    Raises
    ------
    ServerUnreachable : no server was found, or the selected one cannot be used
    UsageFault : the profile does not exist
    """
    host = environ.get("DATABRICKS_HOST", "")
    if host and not profile:
        client = client_for(host, environ.get("DATABRICKS_TOKEN", ""))
        return _checked(client, timeout_s, "Correct or unset DATABRICKS_HOST and DATABRICKS_TOKEN.")
    file = config_file(environ)
    profiles = read_profiles(file)
    name = profile or environ.get("DATABRICKS_CONFIG_PROFILE", "")
    default = profiles.get("__settings__", {}).get("default_profile") or DEFAULT
    if not name and default in profiles and not _CLOUD.search(profiles[default].get("host", "")):
        name = default
    if name:
        client = _client_of(profiles, name, file)
        return _checked(client, timeout_s, f"Correct the profile {name} in {file}.")
    for client in running_servers():
        client = replace(client, timeout_s=timeout_s)
        if client.is_ours():
            return client
    raise ServerUnreachable


def config_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the path of the profiles' file, which may not exist."""
    return Path(environ.get("DATABRICKS_CONFIG_FILE") or "~/.databrickscfg").expanduser()


def read_profiles(file: Path) -> dict[str, dict[str, str]]:
    """Return the profiles in a file by name; empty if the file does not exist.

    Raises
    ------
    UsageFault : the file cannot be read
    """
    # As in the SDK, [DEFAULT] is an ordinary profile, and "%" has no special meaning.
    parser = configparser.ConfigParser(default_section="\0", interpolation=None)
    try:
        parser.read(file, encoding="utf-8")
    except (configparser.Error, ValueError) as error:
        raise UsageFault(f"{file} cannot be read: {' '.join(str(error).split())}") from None
    return {name: dict(parser[name]) for name in parser.sections()}


def _client_of(profiles: Mapping[str, Mapping[str, str]], name: str, file: Path) -> Client:
    if name not in profiles:
        known = ", ".join(n for n in profiles if n != "__settings__") or "none"
        raise UsageFault(f"{file} has no profile {name!r}. Existing profiles: {known}.")
    host = profiles[name].get("host", "")
    if not host:
        raise UsageFault(f"The profile {name} in {file} has no host.")
    return client_for(host, profiles[name].get("token", ""))


def _checked(client: Client, timeout_s: float, fix: str) -> Client:
    client = replace(client, timeout_s=timeout_s)
    try:
        client.check()
    except ServerUnreachable as error:
        raise ServerUnreachable(f"{error.message} {fix}") from None
    return client
