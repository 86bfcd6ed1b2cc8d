"""`jupyter dbx clusters list` and `get`: all clusters, and one in detail."""

from __future__ import annotations

import argparse

from jupyter_dbx.cli.clusters.options import (
    Verbs,
    add_name,
    add_verb,
    connect,
    name_of,
)
from jupyter_dbx.cli.clusters.words import (
    STATE_COLOURS,
    inactivity_words,
    load_words,
    notebook_words,
    termination_words,
)
from jupyter_dbx.cli.exits import Exit
from jupyter_dbx.cli.terminal import notify, print_facts, print_json, print_table
from jupyter_dbx.client.dialect import duration_words, time_words
from jupyter_dbx.client.event_words import event_words, reason_words
from jupyter_dbx.client.words import foreign_owner, size_words
from jupyter_dbx.model.answers.answer import Omittable
from jupyter_dbx.model.answers.clusters import ClusterView
from jupyter_dbx.model.cluster import ClusterState


def add_parsers(verbs: Verbs) -> None:
    """Declare the verbs."""
    list_ = add_verb(verbs, "list", "List the clusters")
    list_.add_argument(
        "--state",
        action="append",
        default=[],
        type=str.upper,
        choices=[state.value for state in ClusterState],
        metavar="STATE",
        help=f"only clusters in this state; may be repeated: {', '.join(ClusterState)}",
    )
    list_.add_argument("--pinned", action="store_true", help="only pinned clusters")
    list_.set_defaults(run=run_list)
    get = add_verb(verbs, "get", "Show a cluster in detail")
    add_name(get)
    get.set_defaults(run=run_get)


def run_list(args: argparse.Namespace) -> int:
    """List the selected clusters, in the order of the API."""
    client = connect(args)
    answer = client.list_clusters()
    chosen = [c for c in answer.clusters if _is_chosen(c, args)]
    if args.output == "json":
        received = zip(answer.received["clusters"], answer.clusters, strict=True)
        print_json(answer.received | {"clusters": [json for json, c in received if _is_chosen(c, args)]})
    elif chosen:
        user = client.get_workspace().user_name
        rows = [
            [c.state, _name(c, user), size_words(c, {}), load_words(c), termination_words(c), c.cluster_id]
            for c in chosen
        ]
        colours = [STATE_COLOURS.get(c.state, "") for c in chosen]
        print_table(["state", "name", "size", "load", "terminates", "id"], rows, colours=colours)
    elif answer.clusters:
        notify("No clusters match.")
    else:
        notify("No clusters yet. Create one with `jupyter dbx clusters create NAME --workers 2`.")
    return Exit.OK


def _name(cluster: ClusterView, user: str) -> str:
    owner = foreign_owner(cluster, user)
    return name_of(cluster) + (f" (owner: {owner})" if owner else "")


def _is_chosen(cluster: ClusterView, args: argparse.Namespace) -> bool:
    return (not args.state or cluster.state in args.state) and (not args.pinned or cluster.pinned)


def run_get(args: argparse.Namespace) -> int:
    """Print a cluster in detail, with its last event."""
    client = connect(args)
    cluster = client.get_cluster(client.find_cluster(args.name).cluster_id)
    if args.output == "json":
        print_json(cluster.received)
        return Exit.OK
    events = client.list_events(cluster.cluster_id, limit=1).events
    print_facts(_facts(cluster) + [("Last event", f"{time_words(e.timestamp)}  {event_words(e)}") for e in events])
    return Exit.OK


def _facts(cluster: ClusterView) -> list[tuple[str, str]]:
    reason = cluster.termination_reason
    idle_s = cluster.live.idle_s if cluster.live else 0
    return [
        ("Name", name_of(cluster) + (" (pinned)" if cluster.pinned else "")),
        ("ID", cluster.cluster_id),
        ("State", cluster.state),
        ("Message", cluster.state_message),
        ("Terminated", f"{time_words(cluster.terminated_time or 0)}  {reason_words(reason)}" if reason else ""),
        ("Size", size_words(cluster, {})),
        ("Driver", cluster.driver_node_type_id),
        ("Load", load_words(cluster)),
        ("Last activity", f"{duration_words(idle_s)} ago" if idle_s >= 1 else ""),
        ("Terminates", termination_words(cluster) or inactivity_words(cluster.autotermination_minutes)),
        ("Notebooks", ", ".join(notebook_words(seat) for seat in cluster.notebooks)),
        ("Spark", cluster.apache_spark_version or cluster.spark_version or ""),
        ("Spark UI", cluster.spark_ui_url),
        ("Spark config", _pairs(cluster.spark_conf)),
        ("Environment", _pairs(cluster.spark_env_vars)),
        ("Tags", _pairs(cluster.custom_tags)),
        ("Created", f"{time_words(cluster.start_time)} by {cluster.creator_user_name}"),
    ]


def _pairs(values: Omittable[dict[str, str]]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted((values or {}).items()))
