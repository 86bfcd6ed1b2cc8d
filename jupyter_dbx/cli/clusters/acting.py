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
    cluster_path,
    connect,
    describe,
    name_of,
)
from jupyter_dbx.cli.clusters.spec import add_workers, chosen_size, workers
from jupyter_dbx.cli.clusters.waiting import add_waiting, wait_for
from jupyter_dbx.cli.clusters.words import size_words
from jupyter_dbx.cli.exits import Exit, UsageFault, WrongState
from jupyter_dbx.cli.terminal import print_json, say
from jupyter_dbx.kernel.client import Client
from jupyter_dbx.kernel.wording import UP
from jupyter_dbx.model.wire import Json

#: Verb → (word of the API, the state it ends in, what it does).
_SLOW = {
    "start": ("start", "RUNNING", "Start terminated clusters"),
    "restart": ("restart", "RUNNING", "Give running clusters a new driver and new workers"),
    "terminate": ("delete", "TERMINATED", "End clusters; their definitions stay"),
}

#: Verb → what it does.
_PINS = {
    "pin": "Keep clusters, also those that ended long ago",
    "unpin": "Let clusters that ended long ago be forgotten again",
}


def add_parsers(verbs: Verbs) -> None:
    """Declare the verbs."""
    for verb, (word, state, what) in _SLOW.items():
        parser = add_verb(verbs, verb, what)
        add_names(parser)
        add_waiting(parser)
        parser.set_defaults(run=run_slow, word=word, wanted=state)
    resize = add_verb(verbs, "resize", "Change how many workers a running cluster has")
    add_name(resize)
    resize.add_argument("size", nargs="?", type=workers, metavar="SIZE", help="4 workers, or 2-8 as the load needs")
    add_workers(resize)
    add_waiting(resize)
    resize.set_defaults(run=run_resize)
    delete = add_verb(verbs, "delete", "End clusters and forget them")
    add_names(delete)
    delete.add_argument("-y", "--yes", action="store_true", help="do not ask first")
    delete.set_defaults(run=run_delete)
    extend = add_verb(verbs, "extend", "Let the idle minutes of running clusters begin anew")
    add_names(extend)
    extend.set_defaults(run=run_extend)
    for verb, what in _PINS.items():
        parser = add_verb(verbs, verb, what)
        add_names(parser)
        parser.set_defaults(run=run_pin, word=verb)
    ui = add_verb(verbs, "ui", "Open Spark's web UI of a running cluster in a browser")
    add_name(ui)
    ui.add_argument("--print", action="store_true", dest="only_print", help="print its URL instead")
    ui.set_defaults(run=run_ui)


def run_slow(args: argparse.Namespace) -> int:
    """Start, restart or terminate clusters at the same time, then wait for each."""
    client = connect(args)
    clusters = _named(client, args.names)
    for cluster in clusters:
        client.clusters(args.word, cluster_id=cluster["cluster_id"])
    for cluster in clusters:
        finished = finish(client, cluster, args, wanted=args.wanted)
        tell(args, finished, state_sentence(finished))
    return Exit.OK


def run_resize(args: argparse.Namespace) -> int:
    """Resize a cluster."""
    client = connect(args)
    cluster = client.find_cluster(args.name)
    size = chosen_size(args, cluster)
    if size is None:
        raise UsageFault("Say how many workers: `resize NAME 4`, or `resize NAME 2-8` for as many as the load needs.")
    client.clusters("resize", cluster_id=cluster["cluster_id"], **size)
    finished = finish(client, cluster, args, wanted="RUNNING")
    tell(args, finished, state_sentence(finished))
    return Exit.OK


def run_delete(args: argparse.Namespace) -> int:
    """Delete clusters for good, after a question."""
    client = connect(args)
    clusters = _named(client, args.names)
    told = ", ".join(f"{name_of(c)} ({c['state']})" for c in clusters)
    if not args.yes and not _confirm(f"Delete {told} for good?"):
        say("Nothing was deleted.")
        return Exit.FAILED
    for cluster in clusters:
        client.clusters("permanent-delete", cluster_id=cluster["cluster_id"])
        tell(args, {}, f"{name_of(cluster)} is deleted.")
    return Exit.OK


def run_extend(args: argparse.Namespace) -> int:
    """Let the idle count of clusters begin anew."""
    client = connect(args)
    for cluster in _named(client, args.names):
        client.dbx("POST", cluster_path(cluster["cluster_id"], "extend"))
        minutes = cluster["autotermination_minutes"]
        ends = f"ends after {minutes} idle min, from now on" if minutes else "never ends by itself anyway"
        tell(args, describe(client, cluster["cluster_id"]), f"{name_of(cluster)} {ends}.")
    return Exit.OK


def run_pin(args: argparse.Namespace) -> int:
    """Pin clusters, or let go of them."""
    client = connect(args)
    for cluster in _named(client, args.names):
        client.clusters(args.word, cluster_id=cluster["cluster_id"])
        said = f"{name_of(cluster)} is {'pinned' if args.word == 'pin' else 'not pinned any more'}."
        tell(args, describe(client, cluster["cluster_id"]), said)
    return Exit.OK


def run_ui(args: argparse.Namespace) -> int:
    """Open or print the URL of a cluster's Spark UI."""
    client = connect(args)
    cluster = describe(client, client.find_cluster(args.name)["cluster_id"])
    url = cluster["spark_ui_url"]
    if not url:
        why = "its spark.ui.enabled is false" if cluster["state"] in UP else "there is one only while it runs"
        raise WrongState(f"{name_of(cluster)} is {cluster['state']} and has no Spark UI: {why}.")
    if args.output == "json":
        print_json({"spark_ui_url": url})
        return Exit.OK
    # A browser that was not here before is let in by the token, as with `jupyter server list`.
    url = f"{url}?token={quote(client.token)}" if client.token else url
    print(url)
    if not args.only_print and not webbrowser.open(url):
        say("There is no browser here; open this URL in one.")
    return Exit.OK


def finish(client: Client, cluster: Json, args: argparse.Namespace, *, wanted: str) -> Json:
    """Wait if that is wanted, and return the cluster.

    Parameters
    ----------
    wanted : the state that it shall get to
    """
    if args.wait:
        return wait_for(client, cluster, wanted, args.timeout)
    return describe(client, cluster["cluster_id"])


def tell(args: argparse.Namespace, answer: Json, sentence: str) -> None:
    """Print what a verb has done: the API's answer for scripts, else a sentence."""
    if args.output == "json":
        print_json(answer)
    else:
        print(sentence)


def state_sentence(cluster: Json) -> str:
    """Return how a cluster is."""
    size = f", {size_words(cluster)}" if cluster["state"] in UP else ""
    return f"{name_of(cluster)} is {cluster['state']}{size}."


def _named(client: Client, names: Sequence[str]) -> list[Json]:
    """Return the clusters; if one is unknown, nothing is done to any."""
    return [client.find_cluster(name) for name in names]


def _confirm(question: str) -> bool:
    """Return whether a person says yes.

    Raises
    ------
    UsageFault : there is none to ask
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageFault("Deleting cannot be taken back: say --yes where nobody can be asked.")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
