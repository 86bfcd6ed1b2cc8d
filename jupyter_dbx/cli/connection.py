"""Which server a command talks to: chosen as Databricks' clients choose theirs, else the one that runs here.

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
from jupyter_dbx.kernel.client import TIMEOUT_S, Client, ServerUnreachable, client_for, running_servers

#: The profile of those who name none.
DEFAULT = "DEFAULT"

#: Hosts of Databricks' own cloud, where nobody runs Jupyter.
_CLOUD = re.compile(r"\.(azure)?databricks\.")


def choose_client(
    profile: str = "", environ: Mapping[str, str] = os.environ, *, timeout_s: float = TIMEOUT_S
) -> Client:
    """Return a server with jupyter_dbx that answers.

    It is the one of `profile`, else of DATABRICKS_HOST, else of the profile that DATABRICKS_CONFIG_PROFILE names, else
    of the default profile, else the newest that runs here. One that was named must answer: another one has other
    clusters. A default profile for Databricks' cloud is not meant for us.

    Parameters
    ----------
    timeout_s : how long a server may take for an answer, s

    Raises
    ------
    ServerUnreachable : there is none, or the named one cannot be used
    UsageFault : there is no such profile
    """
    host = environ.get("DATABRICKS_HOST", "")
    if host and not profile:
        client = client_for(host, environ.get("DATABRICKS_TOKEN", ""))
        return _checked(client, timeout_s, "DATABRICKS_HOST names it: correct it, or unset it.")
    file = config_file(environ)
    profiles = read_profiles(file)
    name = profile or environ.get("DATABRICKS_CONFIG_PROFILE", "")
    default = profiles.get("__settings__", {}).get("default_profile") or DEFAULT
    if not name and default in profiles and not _CLOUD.search(profiles[default].get("host", "")):
        name = default
    if name:
        client = _client_of(profiles, name, file)
        return _checked(client, timeout_s, f"The profile {name} of {file} names it: correct it.")
    for client in running_servers():
        client = replace(client, timeout_s=timeout_s)
        if client.is_ours():
            return client
    raise ServerUnreachable


def config_file(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the file of the profiles, which may be missing."""
    return Path(environ.get("DATABRICKS_CONFIG_FILE") or "~/.databrickscfg").expanduser()


def read_profiles(file: Path) -> dict[str, dict[str, str]]:
    """Return the profiles in a file by name; none if there is no such file.

    Raises
    ------
    UsageFault : it cannot be read
    """
    # As the SDK has it: [DEFAULT] is a profile like any other, and a % in a token is a %.
    parser = configparser.ConfigParser(default_section="\0", interpolation=None)
    try:
        parser.read(file, encoding="utf-8")
    except (configparser.Error, ValueError) as error:
        raise UsageFault(f"{file} cannot be read: {' '.join(str(error).split())}") from None
    return {name: dict(parser[name]) for name in parser.sections()}


def _client_of(profiles: Mapping[str, Mapping[str, str]], name: str, file: Path) -> Client:
    if name not in profiles:
        known = ", ".join(n for n in profiles if n != "__settings__") or "none"
        raise UsageFault(f"There is no profile {name!r} in {file}. There are: {known}.")
    host = profiles[name].get("host", "")
    if not host:
        raise UsageFault(f"The profile {name} of {file} names no host.")
    return client_for(host, profiles[name].get("token", ""))


def _checked(client: Client, timeout_s: float, mend: str) -> Client:
    client = replace(client, timeout_s=timeout_s)
    try:
        client.check()
    except ServerUnreachable as error:
        raise ServerUnreachable(f"{error.message} {mend}") from None
    return client
