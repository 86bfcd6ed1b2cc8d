"""Common options of the verbs on clusters: server, cluster, output format."""

from __future__ import annotations

import argparse
from typing import TypeAlias

from jupyter_dbx.cli import completion
from jupyter_dbx.cli.connection import choose_client
from jupyter_dbx.cli.exits import EXIT_CODES
from jupyter_dbx.cli.terminal import on_one_line
from jupyter_dbx.client.client import Client
from jupyter_dbx.model.answers.clusters import ClusterView

#: What `add_subparsers` returns; argparse has no public name for it.
Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_verb(verbs: Verbs, name: str, what: str, *, more: str = "") -> argparse.ArgumentParser:
    """Return the parser of a new verb, with the common options.

    Parameters
    ----------
    what : summary in the list of verbs
    more : further sentences in the verb's own help
    """
    parser = verbs.add_parser(name, help=what, description=f"{what}. {more}".strip(), epilog=EXIT_CODES)
    group = parser.add_argument_group("server and output")
    profile = group.add_argument(
        "--profile", default="", help="connect to the server of this profile in ~/.databrickscfg"
    )
    profile.completer = completion.profile_names  # type: ignore[attr-defined]  # argcomplete reads this attribute
    group.add_argument(
        "-o", "--output", choices=["table", "json"], default="table", help="json = the API's answer (default: table)"
    )
    return parser


def add_name(parser: argparse.ArgumentParser) -> None:
    """Add the argument for one cluster."""
    action = parser.add_argument("name", metavar="NAME", help="name or ID of the cluster")
    completion.completed_by(action, completion.cluster_names)


def add_names(parser: argparse.ArgumentParser) -> None:
    """Add the argument for one or more clusters."""
    action = parser.add_argument("names", nargs="+", metavar="NAME", help="name or ID of a cluster")
    completion.completed_by(action, completion.cluster_names)


def connect(args: argparse.Namespace) -> Client:
    """Return the client of the server that the command line selects."""
    return choose_client(args.profile)


def name_of(cluster: ClusterView) -> str:
    """Return the display name of a cluster."""
    return on_one_line(cluster.name)
