"""`jupyter dbx completion`: prints what makes a shell complete our verbs, clusters, node types and logs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from jupyter_dbx.cli.connection import choose_client, config_file, read_profiles
from jupyter_dbx.cli.exits import Exit
from jupyter_dbx.kernel.client import Client
from jupyter_dbx.model.errors import DbxError

#: How long somebody who presses the tab key waits for the server, s.
TIMEOUT_S = 2.0

#: What is completed. Jupyter completes its own words, and asks the command that follows for the rest.
COMMANDS = ["jupyter-dbx", "jupyter"]

HINTS = {
    "bash": 'eval "$(jupyter dbx completion bash)"   # in ~/.bashrc',
    "zsh": 'eval "$(jupyter dbx completion zsh)"   # in ~/.zshrc, after compinit',
    "fish": "jupyter dbx completion fish | source   # in ~/.config/fish/config.fish",
}

#: Asks a server for words; gets what was typed so far on the line.
Words = Callable[[Client, argparse.Namespace], Iterable[str]]


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    what = "Print what makes your shell complete verbs, clusters, node types and logs"
    parser = verbs.add_parser(
        "completion",
        help=what,
        description=f"{what}. Turn it on by a line in the shell's own file:",
        epilog="\n".join(f"  {hint}" for hint in HINTS.values()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shell", choices=list(HINTS))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the script of one shell."""
    from argcomplete.shell_integration import shellcode  # not at the top: no other verb needs it

    print(shellcode(COMMANDS, shell=args.shell))
    return Exit.OK


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer a shell that asks for words, and end; return if none asks."""
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete

        argcomplete.autocomplete(parser, always_complete_options=False)


def completed_by(action: argparse.Action, words: Words) -> None:
    """Let an argument's values be completed from the server; by nothing if none answers."""

    def completer(parsed_args: argparse.Namespace, **_: Any) -> list[str]:
        try:
            return list(words(choose_client(parsed_args.profile, timeout_s=TIMEOUT_S), parsed_args))
        except DbxError:
            return []

    action.completer = completer  # type: ignore[attr-defined]  # where argcomplete looks for it


def profile_names(**_: Any) -> list[str]:
    """Return the profiles that there are."""
    try:
        return [name for name in read_profiles(config_file()) if name != "__settings__"]
    except DbxError:
        return []


def cluster_names(client: Client, _: argparse.Namespace) -> list[str]:
    """Return the clusters' names, or the ids of those whose name is no use."""
    clusters = client.clusters("list")["clusters"]
    names = [c["cluster_name"] for c in clusters]
    return [c["cluster_name"] if names.count(c["cluster_name"]) == 1 else c["cluster_id"] for c in clusters]


def node_types(client: Client, _: argparse.Namespace) -> list[str]:
    """Return the sizes of node."""
    return [t["node_type_id"] for t in client.clusters("list-node-types")["node_types"]]


def log_paths(client: Client, args: argparse.Namespace) -> list[str]:
    """Return the logs of the cluster on the line."""
    cluster_id = client.find_cluster(args.name)["cluster_id"]
    return [log["path"] for log in client.dbx("GET", f"clusters/{quote(cluster_id, safe='')}/logs")["logs"]]


def log_nodes(client: Client, args: argparse.Namespace) -> list[str]:
    """Return the nodes that the cluster on the line has logs of."""
    return sorted({path.partition("/")[0] for path in log_paths(client, args)})
