"""`jupyter dbx clusters start`, `restart`, `resize`, `terminate`, `delete`, `extend`, `pin`, `unpin` and `ui`."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from collections.abc import Sequence
from urllib.parse import quote

from jupyter_dbx.cli.clusters.options import (
    Verbs,
    add_name,
    add_names,
    add_verb,
    connect,
    name_of,
)
from jupyter_dbx.cli.clusters.spec import add_workers, chosen_size
from jupyter_dbx.cli.clusters.waiting import add_waiting, wait_for
from jupyter_dbx.cli.exits import Exit, UsageFault, WrongState
from jupyter_dbx.cli.terminal import notify, print_json
from jupyter_dbx.client.client import Client
from jupyter_dbx.client.dialect import read_workers
from jupyter_dbx.client.words import UP, inactivity_words, size_words
from jupyter_dbx.model.answers.answer import Answer, to_json
from jupyter_dbx.model.answers.clusters import ClusterView

#: Verb → (the client's method, the target state, its help).
_SLOW = {
    "start": (Client.start_cluster, "RUNNING", "Start terminated clusters"),
    "restart": (Client.restart_cluster, "RUNNING", "Restart running clusters: replace their driver and workers"),
    "terminate": (Client.terminate_cluster, "TERMINATED", "Terminate clusters; their definitions are kept"),
}

#: Verb → (the client's method, the cluster's condition afterwards, its help).
_PINS = {
    "pin": (Client.pin_cluster, "is pinned", "Pin clusters: keep their definitions indefinitely"),
    "unpin": (Client.unpin_cluster, "is no longer pinned", "Unpin clusters: let their definitions expire as usual"),
}


def add_parsers(verbs: Verbs) -> None:
    """Declare the verbs."""
    for verb, (act, state, what) in _SLOW.items():
        parser = add_verb(verbs, verb, what)
        add_names(parser)
        add_waiting(parser)
        parser.set_defaults(run=run_slow, act=act, target=state)
    resize = add_verb(verbs, "resize", "Change the number of workers of a running cluster")
    add_name(resize)
    resize.add_argument(
        "size",
        nargs="?",
        type=read_workers,
        metavar="SIZE",
        help="number of workers, such as 4, or a range such as 2-8 for autoscaling",
    )
    add_workers(resize)
    add_waiting(resize)
    resize.set_defaults(run=run_resize)
    delete = add_verb(verbs, "delete", "Delete clusters permanently; running ones are terminated")
    add_names(delete)
    delete.add_argument("-y", "--yes", action="store_true", help="do not ask for confirmation")
    delete.set_defaults(run=run_delete)
    extend = add_verb(verbs, "extend", "Extend the time to termination of running clusters: reset their idle time")
    add_names(extend)
    extend.set_defaults(run=run_extend)
    for verb, (act, done, what) in _PINS.items():
        parser = add_verb(verbs, verb, what)
        add_names(parser)
        parser.set_defaults(run=run_pin, act=act, done=done)
    ui = add_verb(verbs, "ui", "Open the Spark UI of a running cluster in a browser")
    add_name(ui)
    ui.add_argument("--print", action="store_true", dest="only_print", help="only print its URL")
    ui.set_defaults(run=run_ui)


def run_slow(args: argparse.Namespace) -> int:
    """Start, restart or terminate clusters at the same time, then wait for each."""
    client = connect(args)
    clusters = _named(client, args.names)
    for cluster in clusters:
        args.act(client, cluster.cluster_id)
    for cluster in clusters:
        finished = finish(client, cluster, args, target=args.target)
        print_result(args, finished, state_sentence(finished))
    return Exit.OK


def run_resize(args: argparse.Namespace) -> int:
    """Resize a cluster."""
    client = connect(args)
    cluster = client.find_cluster(args.name)
    size = chosen_size(args, to_json(cluster))
    if size is None:
        raise UsageFault("Specify the number of workers: `resize NAME 4`, or `resize NAME 2-8` for autoscaling.")
    client.resize_cluster(cluster.cluster_id, size)
    finished = finish(client, cluster, args, target="RUNNING")
    print_result(args, finished, state_sentence(finished))
    return Exit.OK


def run_delete(args: argparse.Namespace) -> int:
    """Delete clusters permanently, after a confirmation."""
    client = connect(args)
    clusters = _named(client, args.names)
    described = ", ".join(f"{name_of(c)} ({c.state})" for c in clusters)
    if not args.yes and not _confirm(f"Permanently delete {described}?"):
        notify("Nothing was deleted.")
        return Exit.FAILED
    for cluster in clusters:
        client.delete_cluster(cluster.cluster_id)
        print_result(args, None, f"{name_of(cluster)} was deleted.")
    return Exit.OK


def run_extend(args: argparse.Namespace) -> int:
    """Reset the idle time of clusters."""
    client = connect(args)
    for cluster in _named(client, args.names):
        client.extend_cluster(cluster.cluster_id)
        minutes = cluster.autotermination_minutes
        sentence = f"Idle time of {name_of(cluster)} is reset. {inactivity_words(minutes)}."
        print_result(args, client.get_cluster(cluster.cluster_id), sentence)
    return Exit.OK


def run_pin(args: argparse.Namespace) -> int:
    """Pin or unpin clusters."""
    client = connect(args)
    for cluster in _named(client, args.names):
        args.act(client, cluster.cluster_id)
        print_result(args, client.get_cluster(cluster.cluster_id), f"{name_of(cluster)} {args.done}.")
    return Exit.OK


def run_ui(args: argparse.Namespace) -> int:
    """Open or print the URL of a cluster's Spark UI."""
    client = connect(args)
    cluster = client.get_cluster(client.find_cluster(args.name).cluster_id)
    url = cluster.spark_ui_url
    if not url:
        why = (
            "spark.ui.enabled is false" if cluster.state in UP else "it is available only while the cluster is running"
        )
        raise WrongState(f"{name_of(cluster)} is {cluster.state} and has no Spark UI: {why}.")
    if args.output == "json":
        print_json({"spark_ui_url": url})
        return Exit.OK
    # The token in the URL logs a new browser in, as with `jupyter server list`.
    url = f"{url}?token={quote(client.token)}" if client.token else url
    print(url)
    if not args.only_print and not webbrowser.open(url):
        notify("No browser was found. Open this URL in one.")
    return Exit.OK


def finish(client: Client, cluster: ClusterView, args: argparse.Namespace, *, target: str) -> ClusterView:
    """Return the cluster; with `--wait`, once it is in the target state."""
    if args.wait:
        return wait_for(client, cluster, target, args.timeout)
    return client.get_cluster(cluster.cluster_id)


def print_result(args: argparse.Namespace, answer: Answer | None, sentence: str) -> None:
    """Print the result of a verb: the API's answer for scripts, else a sentence."""
    if args.output == "json":
        print_json(answer.received if answer else {})
    else:
        print(sentence)


def state_sentence(cluster: ClusterView) -> str:
    """Return a sentence with the state and the size of a cluster."""
    size = f", {size_words(cluster, {})}" if cluster.state in UP else ""
    return f"{name_of(cluster)} is {cluster.state}{size}."


def _named(client: Client, names: Sequence[str]) -> list[ClusterView]:
    """Return the clusters; raises for an unknown one before any is changed."""
    return [client.find_cluster(name) for name in names]


def _confirm(question: str) -> bool:
    """Return whether the user answers yes.

    Raises
    ------
    UsageFault : there is no terminal
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageFault("Deleting cannot be undone: confirm with --yes if there is no terminal.")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
