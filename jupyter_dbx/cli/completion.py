"""`jupyter dbx completion`: prints a shell script that completes verbs, clusters, node types and logs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from typing import Any

from jupyter_dbx.cli.connection import choose_client, config_file, read_profiles
from jupyter_dbx.cli.exits import Exit
from jupyter_dbx.client.client import Client
from jupyter_dbx.model.errors import DbxError

#: Maximum delay of a completion, s.
TIMEOUT_S = 2.0

#: Commands that the script completes. `jupyter` delegates to its subcommand.
COMMANDS = ["jupyter-dbx", "jupyter"]

HINTS = {
    "bash": 'eval "$(jupyter dbx completion bash)"   # in ~/.bashrc',
    "zsh": 'eval "$(jupyter dbx completion zsh)"   # in ~/.zshrc, after compinit',
    "fish": "jupyter dbx completion fish | source   # in ~/.config/fish/config.fish",
}

#: Returns the candidates from a server; receives the arguments typed so far.
Candidates = Callable[[Client, argparse.Namespace], Iterable[str]]


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    what = "Print a shell script that completes verbs, clusters, node types and logs"
    parser = verbs.add_parser(
        "completion",
        help=what,
        description=f"{what}. To enable it, add one line to your shell's configuration:",
        epilog="\n".join(f"  {hint}" for hint in HINTS.values()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("shell", choices=list(HINTS))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the script for one shell."""
    from argcomplete.shell_integration import shellcode  # imported here, because no other verb needs it

    print(shellcode(COMMANDS, shell=args.shell))
    return Exit.OK


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer a shell's completion request and exit; return if there is none."""
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete

        argcomplete.autocomplete(parser, always_complete_options=False)


def completed_by(action: argparse.Action, candidates: Candidates) -> None:
    """Complete an argument's values with candidates from the server; there are none if it does not respond."""

    def completer(parsed_args: argparse.Namespace, **_: Any) -> list[str]:
        try:
            return list(candidates(choose_client(parsed_args.profile, timeout_s=TIMEOUT_S), parsed_args))
        except DbxError:
            return []

    action.completer = completer  # type: ignore[attr-defined]  # argcomplete reads this attribute


def profile_names(**_: Any) -> list[str]:
    """Return the names of the profiles."""
    try:
        return [name for name in read_profiles(config_file()) if name != "__settings__"]
    except DbxError:
        return []


def cluster_names(client: Client, _: argparse.Namespace) -> list[str]:
    """Return the clusters' names, or their IDs where the name is ambiguous."""
    clusters = client.list_clusters().clusters
    names = [c.cluster_name for c in clusters]
    return [c.cluster_name if names.count(c.cluster_name) == 1 else c.cluster_id for c in clusters]


def node_types(client: Client, _: argparse.Namespace) -> list[str]:
    """Return the IDs of the node types."""
    return [t.node_type_id for t in client.list_node_types().node_types]


def log_paths(client: Client, args: argparse.Namespace) -> list[str]:
    """Return the paths of the logs of the cluster on the command line."""
    return [log.path for log in client.list_logs(client.find_cluster(args.name).cluster_id).logs]


def log_nodes(client: Client, args: argparse.Namespace) -> list[str]:
    """Return the nodes of the cluster on the command line that have logs."""
    return sorted({path.partition("/")[0] for path in log_paths(client, args)})
