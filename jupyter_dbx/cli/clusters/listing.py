"""`jupyter dbx clusters list` and `get`: what there is."""

from __future__ import annotations

import argparse

from jupyter_dbx.cli.clusters.options import (
    Verbs,
    add_name,
    add_verb,
    cluster_path,
    connect,
    describe,
    name_of,
)
from jupyter_dbx.cli.clusters.words import (
    STATE_COLOURS,
    ending_words,
    load_words,
    notebook_words,
    size_words,
    time_words,
)
from jupyter_dbx.cli.exits import Exit
from jupyter_dbx.cli.terminal import print_facts, print_json, print_table, say
from jupyter_dbx.kernel.event_words import event_words, reason_words
from jupyter_dbx.kernel.wording import UP, duration_words
from jupyter_dbx.model.cluster import ClusterState
from jupyter_dbx.model.wire import Json


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
        help=f"only those in this state; repeat for more: {', '.join(ClusterState)}",
    )
    list_.add_argument("--pinned", action="store_true", help="only those that are pinned")
    list_.set_defaults(run=run_list)
    get = add_verb(verbs, "get", "Tell all about a cluster")
    add_name(get)
    get.set_defaults(run=run_get)


def run_list(args: argparse.Namespace) -> int:
    """List the clusters that are asked for, in the order of the API."""
    answer = connect(args).dbx("GET", "clusters")
    chosen = [
        c
        for c in answer["clusters"]
        if (not args.state or c["state"] in args.state) and (not args.pinned or c["pinned"])
    ]
    if args.output == "json":
        print_json(answer | {"clusters": chosen})
    elif chosen:
        rows = [
            [c["state"], name_of(c), size_words(c), load_words(c), ending_words(c), c["cluster_id"]] for c in chosen
        ]
        colours = [STATE_COLOURS.get(c["state"], "") for c in chosen]
        print_table(["state", "name", "size", "load", "ends", "id"], rows, colours=colours)
    elif answer["clusters"]:
        say("No cluster is like that.")
    else:
        say("There are no clusters yet: `jupyter dbx clusters create NAME --workers 2` makes one.")
    return Exit.OK


def run_get(args: argparse.Namespace) -> int:
    """Tell all about a cluster, with the last thing that happened to it."""
    client = connect(args)
    cluster = describe(client, client.find_cluster(args.name)["cluster_id"])
    if args.output == "json":
        print_json(cluster)
        return Exit.OK
    events = client.dbx("POST", cluster_path(cluster["cluster_id"], "events"), limit=1)["events"]
    print_facts(_facts(cluster) + [("Last event", f"{time_words(e['timestamp'])}  {event_words(e)}") for e in events])
    return Exit.OK


def _facts(cluster: Json) -> list[tuple[str, str]]:
    live = cluster.get("live") or {}
    reason = cluster.get("termination_reason")
    minutes = cluster.get("autotermination_minutes")
    idle_s = live.get("idle_s") or 0
    return [
        ("Name", name_of(cluster) + (" (pinned)" if cluster["pinned"] else "")),
        ("Id", cluster["cluster_id"]),
        ("State", cluster["state"]),
        ("Message", cluster["state_message"]),
        ("Ended", f"{time_words(cluster.get('terminated_time', 0))}  {reason_words(reason)}" if reason else ""),
        ("Size", size_words(cluster)),
        ("Driver", cluster["driver_node_type_id"]),
        ("Load", load_words(cluster)),
        ("Idle for", duration_words(idle_s) if idle_s >= 1 else ""),
        (
            "Ends",
            ending_words(cluster) if cluster["state"] in UP else f"after {minutes} idle min" if minutes else "never",
        ),
        ("Notebooks", ", ".join(notebook_words(seat) for seat in live.get("notebooks", []))),
        ("Spark", cluster.get("effective_spark_version") or cluster.get("spark_version", "")),
        ("Spark UI", cluster.get("spark_ui_url", "")),
        ("Spark conf", _pairs(cluster.get("spark_conf"))),
        ("Environment", _pairs(cluster.get("spark_env_vars"))),
        ("Tags", _pairs(cluster.get("custom_tags"))),
        ("Created", f"{time_words(cluster['start_time'])} by {cluster['creator_user_name']}"),
    ]


def _pairs(values: Json | None) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted((values or {}).items()))
