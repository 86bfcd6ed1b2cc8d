"""`jupyter dbx clusters create` and `edit`: what a cluster is made of."""

from __future__ import annotations

import argparse

from jupyter_dbx.cli.clusters.acting import finish, state_sentence, tell
from jupyter_dbx.cli.clusters.options import Verbs, add_name, add_verb, connect, describe, name_of
from jupyter_dbx.cli.clusters.spec import add_spec, changed_spec
from jupyter_dbx.cli.clusters.waiting import add_waiting
from jupyter_dbx.cli.exits import Exit, NameTaken, UsageFault
from jupyter_dbx.cli.terminal import say
from jupyter_dbx.kernel.wording import UP
from jupyter_dbx.model.spec import DEFAULT_AUTOTERMINATION_MINUTES
from jupyter_dbx.model.wire import Json

#: A cluster of which nothing is said.
DEFAULT_SPEC: Json = {"num_workers": 2, "autotermination_minutes": DEFAULT_AUTOTERMINATION_MINUTES}


def add_parsers(verbs: Verbs) -> None:
    """Declare the verbs."""
    create = add_verb(
        verbs,
        "create",
        "Create a cluster and start it",
        more="Prints its id. Without options it has 2 workers of the smallest size and ends after "
        f"{DEFAULT_AUTOTERMINATION_MINUTES} idle minutes.",
    )
    create.add_argument("name", nargs="?", metavar="NAME", help="what to call it; may be left out if --json has a name")
    add_spec(create)
    create.add_argument("--same-name", action="store_true", help="also if there is a cluster of this name already")
    add_waiting(create)
    create.set_defaults(run=run_create)
    edit = add_verb(
        verbs,
        "edit",
        "Change what a cluster is made of",
        more="What no option names stays as it is; with --json, that is the whole of it. A running cluster restarts.",
    )
    add_name(edit)
    edit.add_argument("--name", dest="new_name", metavar="NAME", help="call it so")
    add_spec(edit)
    add_waiting(edit)
    edit.set_defaults(run=run_edit)


def run_create(args: argparse.Namespace) -> int:
    """Create a cluster; its id is the answer."""
    spec = changed_spec(DEFAULT_SPEC, args)
    if args.name is not None:
        spec["cluster_name"] = args.name
    if not spec.get("cluster_name"):
        raise UsageFault("Give the cluster a name: `jupyter dbx clusters create NAME`.")
    client = connect(args)
    taken = [c for c in client.clusters("list")["clusters"] if c["cluster_name"] == spec["cluster_name"]]
    if taken and not args.same_name:
        raise NameTaken(
            f"There is a cluster {spec['cluster_name']!r} already: {taken[0]['cluster_id']}, {taken[0]['state']}. "
            "Choose another name, or say --same-name; then only their ids tell them apart."
        )
    spec.setdefault("spark_version", client.clusters("spark-versions")["versions"][0]["key"])
    cluster = describe(client, client.clusters("create", **spec)["cluster_id"])
    if args.output == "table":
        print(cluster["cluster_id"], flush=True)  # at once: a script that stops waiting has it
    finished = finish(client, cluster, args, wanted="RUNNING")
    if args.output == "table":
        say(state_sentence(finished))
    else:
        tell(args, finished, "")
    return Exit.OK


def run_edit(args: argparse.Namespace) -> int:
    """Replace a cluster's spec by a changed one."""
    client = connect(args)
    cluster = describe(client, client.find_cluster(args.name)["cluster_id"])
    spec = changed_spec(cluster["spec"], args)
    if args.new_name is not None:
        spec["cluster_name"] = args.new_name
    changes = spec != cluster["spec"]
    if changes:
        client.clusters("edit", **spec | {"cluster_id": cluster["cluster_id"]})
    restarts = changes and cluster["state"] in UP
    finished = finish(client, cluster, args, wanted="RUNNING") if restarts else describe(client, cluster["cluster_id"])
    said = "is changed, and was restarted for that" if restarts else "is changed" if changes else "stays as it is"
    tell(args, finished, f"{name_of(finished)} {said}. {state_sentence(finished)}")
    return Exit.OK
