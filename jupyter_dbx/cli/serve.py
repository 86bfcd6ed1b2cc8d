"""`jupyter dbx serve`: runs the control plane without notebooks, for a team, for programs and for headless machines.

A hub starts it as one of its services: the environment then says where to listen, and the hub who its users are.

Source: JupyterHub, Services: launching a hub-managed service.
"""

from __future__ import annotations

import argparse
import os
import signal
from collections.abc import Mapping
from importlib.util import find_spec
from urllib.parse import urlsplit

from jupyter_dbx.cli.doctor import default_data_dir
from jupyter_dbx.cli.exits import Exit
from jupyter_dbx.model.errors import DbxError


class CannotServe(DbxError):
    """The control plane cannot start."""


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    parser = verbs.add_parser(
        "serve",
        help="Run the control plane without notebooks",
        description="Run the control plane without notebooks: a Jupyter server with the API for clusters, and without "
        "kernels, files and terminals. It prints how clients connect. Ctrl-C stops it; clusters keep running.",
        epilog="The token is JUPYTER_TOKEN, else a new one for each start. All options of `jupyter server` are accepted, such as "
        "--ip=0.0.0.0, --allow-root, --debug or --DbxApp.store_url=URL; jupyter_server_config.py applies, too.",
    )
    parser.add_argument("--port", type=int, metavar="N", help="default: 8888, or the next free port")
    parser.add_argument(
        "--data-dir", metavar="DIR", help=f"as DbxApp.data_dir, the workspace (default: {default_data_dir()})"
    )
    parser.set_defaults(run=run, jupyter_options=[])


def run(args: argparse.Namespace) -> int:
    """Serve until a signal stops it."""
    # Imported here, because other verbs do not need a web server.
    from traitlets import TraitError

    from jupyter_dbx.cli.control_plane import ControlPlane

    options = [*hub_options(os.environ), *args.jupyter_options]
    if args.port is not None:
        options += [f"--ServerApp.port={args.port}", "--ServerApp.port_retries=0"]
    if args.data_dir is not None:
        options.append(f"--DbxApp.data_dir={args.data_dir}")
    server = ControlPlane.instance()
    try:
        server.initialize(options, find_extensions=False)
    except (TraitError, ValueError) as error:
        raise CannotServe(f"The control plane cannot start: {error}") from None
    server.start()
    # Users of Jupyter are used to pressing Ctrl-C twice; the second one must not interrupt the exit.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if server.failure:
        raise CannotServe(f"The control plane cannot start: {server.failure}")
    return Exit.OK


def hub_options(environ: Mapping[str, str]) -> list[str]:
    """Return the options of a service of JupyterHub, as its environment demands; none if it is no service.

    Raises
    ------
    CannotServe : JupyterHub is not installed here
    """
    if not environ.get("JUPYTERHUB_SERVICE_NAME"):
        return []
    if find_spec("jupyterhub") is None:
        raise CannotServe("A service of JupyterHub needs JupyterHub here, too: pip install 'jupyter_dbx[hub]'.")
    url = urlsplit(environ.get("JUPYTERHUB_SERVICE_URL", ""))
    # For whom programs of the service's own account act: no user of the hub has such a name (see `rest/framework/hub.py`).
    user = f"service:{environ['JUPYTERHUB_SERVICE_NAME']}"
    return [
        "--ServerApp.identity_provider_class=jupyter_dbx.rest.framework.hub.HubIdentityProvider",
        f"--DbxApp.user_name={user}",
        f"--ServerApp.base_url={environ.get('JUPYTERHUB_SERVICE_PREFIX') or '/'}",
        # The hub's proxy passes the name of the public host on.
        "--ServerApp.allow_remote_access=True",
        *([f"--ServerApp.ip={url.hostname}"] if url.hostname else []),
        *([f"--ServerApp.port={url.port}", "--ServerApp.port_retries=0"] if url.port else []),
    ]
