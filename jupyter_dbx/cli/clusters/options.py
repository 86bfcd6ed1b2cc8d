"""What the verbs on clusters have in common: which server, which cluster, which form of answer."""

from __future__ import annotations

import argparse
from typing import TypeAlias
from urllib.parse import quote

from jupyter_dbx.cli import completion
from jupyter_dbx.cli.connection import choose_client
from jupyter_dbx.cli.exits import EXIT_CODES
from jupyter_dbx.cli.terminal import on_one_line
from jupyter_dbx.kernel.client import Client
from jupyter_dbx.model.wire import Json

#: What `add_subparsers` gives; argparse has no public name for it.
Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_verb(verbs: Verbs, name: str, what: str, *, more: str = "") -> argparse.ArgumentParser:
    """Return the parser of a new verb, with the options that all have.

    Parameters
    ----------
    what : for the list of verbs
    more : for this verb's own help
    """
    parser = verbs.add_parser(name, help=what, description=f"{what}. {more}".strip(), epilog=EXIT_CODES)
    group = parser.add_argument_group("server and answer")
    profile = group.add_argument("--profile", default="", help="the server of this section of ~/.databrickscfg")
    profile.completer = completion.profile_names  # type: ignore[attr-defined]  # where argcomplete looks for it
    group.add_argument(
        "-o", "--output", choices=["table", "json"], default="table", help="json = as the API answers (default: table)"
    )
    return parser


def add_name(parser: argparse.ArgumentParser) -> None:
    """Let a verb take a cluster."""
    action = parser.add_argument("name", metavar="NAME", help="name or id of the cluster")
    completion.completed_by(action, completion.cluster_names)


def add_names(parser: argparse.ArgumentParser) -> None:
    """Let a verb take one cluster or several."""
    action = parser.add_argument("names", nargs="+", metavar="NAME", help="name or id; several for more")
    completion.completed_by(action, completion.cluster_names)


def number(text: str) -> int:
    """Return a count, 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return int(text)


def connect(args: argparse.Namespace) -> Client:
    """Return the server that the command line chooses."""
    return choose_client(args.profile)


def describe(client: Client, cluster_id: str) -> Json:
    """Return all that is known of a cluster."""
    return client.dbx("GET", cluster_path(cluster_id))


def cluster_path(cluster_id: str, what: str = "") -> str:
    """Return where a cluster, or something of it, is below `/api/dbx`."""
    return f"clusters/{quote(cluster_id, safe='')}" + (f"/{what}" if what else "")


def name_of(cluster: Json) -> str:
    """Return what people call the cluster."""
    return on_one_line(cluster["cluster_name"] or cluster["cluster_id"])
