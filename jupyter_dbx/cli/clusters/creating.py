"""`jupyter dbx clusters create` and `edit`: a cluster's spec."""

from __future__ import annotations

import argparse

from jupyter_dbx.cli.clusters.acting import finish, print_result, state_sentence
from jupyter_dbx.cli.clusters.options import Verbs, add_name, add_verb, connect, name_of
from jupyter_dbx.cli.clusters.spec import add_spec, changed_spec
from jupyter_dbx.cli.clusters.waiting import add_waiting
from jupyter_dbx.cli.exits import Exit, NameTaken, UsageFault
from jupyter_dbx.cli.terminal import notify
from jupyter_dbx.client.spec_changes import DEFAULT_SPEC
from jupyter_dbx.client.words import UP
from jupyter_dbx.model.spec import DEFAULT_AUTOTERMINATION_MINUTES


def add_parsers(verbs: Verbs) -> None:
    """Declare the verbs."""
    create = add_verb(
        verbs,
        "create",
        "Create a cluster and start it",
        more="Prints its ID. The default is 2 workers of the smallest node type, and termination after "
        f"{DEFAULT_AUTOTERMINATION_MINUTES} minutes of inactivity.",
    )
    create.add_argument("name", nargs="?", metavar="NAME", help="name of the cluster; optional if --json has one")
    add_spec(create)
    create.add_argument("--same-name", action="store_true", help="even if a cluster with this name exists")
    add_waiting(create)
    create.set_defaults(run=run_create)
    edit = add_verb(
        verbs,
        "edit",
        "Change the spec of a cluster",
        more="Options change single fields; --json replaces the whole spec. A running cluster restarts.",
    )
    add_name(edit)
    edit.add_argument("--name", dest="new_name", metavar="NAME", help="new name")
    add_spec(edit)
    add_waiting(edit)
    edit.set_defaults(run=run_edit)


def run_create(args: argparse.Namespace) -> int:
    """Create a cluster; its ID is the result."""
    spec = changed_spec(DEFAULT_SPEC, args)
    if args.name is not None:
        spec["cluster_name"] = args.name
    if not spec.get("cluster_name"):
        raise UsageFault("Enter a name: `jupyter dbx clusters create NAME`.")
    client = connect(args)
    taken = [c for c in client.list_clusters().clusters if c.cluster_name == spec["cluster_name"]]
    if taken and not args.same_name:
        raise NameTaken(
            f"A cluster with the name {spec['cluster_name']!r} already exists: {taken[0].cluster_id}, {taken[0].state}. "
            "Choose another name, or use --same-name; then only their IDs distinguish them."
        )
    cluster = client.get_cluster(client.create_cluster(spec))
    if args.output == "table":
        print(cluster.cluster_id, flush=True)  # before waiting, so that an interrupted script has it
    finished = finish(client, cluster, args, target="RUNNING")
    if args.output == "table":
        notify(state_sentence(finished))
    else:
        print_result(args, finished, "")
    return Exit.OK


def run_edit(args: argparse.Namespace) -> int:
    """Change a cluster's spec."""
    client = connect(args)
    cluster = client.get_cluster(client.find_cluster(args.name).cluster_id)
    old = cluster.spec or {}
    spec = changed_spec(old, args)
    changes = spec != old
    if changes:
        client.edit_cluster(cluster.cluster_id, spec)
    restarts = changes and cluster.state in UP
    finished = finish(client, cluster, args, target="RUNNING") if restarts else client.get_cluster(cluster.cluster_id)
    outcome = "was edited and restarted" if restarts else "was edited" if changes else "is unchanged"
    print_result(args, finished, f"{name_of(finished)} {outcome}. {state_sentence(finished)}")
    return Exit.OK
