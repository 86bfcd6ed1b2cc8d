"""`jupyter dbx permissions`: who may use a cluster."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from jupyter_dbx.cli.clusters.options import add_name, add_verb, connect
from jupyter_dbx.cli.exits import Exit, UsageFault
from jupyter_dbx.cli.terminal import print_json, print_table
from jupyter_dbx.model.access import CLUSTER_LEVELS, PRINCIPAL_KINDS, Grant, merge_grants
from jupyter_dbx.model.answers.people import AccessControl
from jupyter_dbx.model.principal import is_same_name

#: Prefix of a principal's name on the command line → the field that names it in the API.
_PREFIXES = {"group": "group_name", "service": "service_principal_name"}


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb."""
    parser = add_verb(
        verbs,
        "permissions",
        "Show and change who may use a cluster",
        more="WHO is the name of a user, group:NAME, or service:NAME. "
        "Whoever may attach to a cluster can reach the data of the others' sessions on it.",
    )
    add_name(parser)
    levels = ", ".join(CLUSTER_LEVELS)
    parser.add_argument(
        "--grant", nargs=2, action="append", default=[], metavar=("WHO", "LEVEL"), help=f"LEVEL is one of {levels}"
    )
    parser.add_argument("--revoke", action="append", default=[], metavar="WHO", help="may be repeated, as --grant")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Change the permissions, if options say so, and print them."""
    given = [_grant(who, level) for who, level in args.grant]
    taken = [_grant(who, CLUSTER_LEVELS[0]) for who in args.revoke]
    client = connect(args)
    cluster_id = client.find_cluster(args.name).cluster_id
    answer = client.get_permissions(cluster_id)
    if given or taken:
        held = [grant for control in answer.access_control_list if (grant := _held(control))]
        left = [grant for grant in held if not any(_is_same(grant, other) for other in taken)]
        if len(left) + len(taken) > len(held):
            raise UsageFault("--revoke: someone among these has no permission that can be revoked.")
        answer = client.set_permissions(cluster_id, merge_grants(left, given))
    if args.output == "json":
        print_json(answer.received)
    else:
        print_table(["level", "who", "kind", "inherited"], _rows(answer.access_control_list))
    return Exit.OK


def _grant(who: str, level: str) -> Grant:
    prefix, colon, name = who.partition(":")
    level = level.upper()
    if level not in CLUSTER_LEVELS:
        raise UsageFault(f"--grant: LEVEL must be one of {', '.join(CLUSTER_LEVELS)}, not {level}.")
    if colon and prefix in _PREFIXES:
        return Grant(_PREFIXES[prefix], name, level)
    return Grant("user_name", who, level)


def _held(control: AccessControl) -> Grant | None:
    """Return the grant of an entry; None = it is inherited."""
    permission = control.all_permissions[0]
    return None if permission.inherited else Grant(*_who(control), permission.permission_level)


def _who(control: AccessControl) -> tuple[str, str]:
    """Return the kind and the name of an entry's principal."""
    return next((kind, name) for kind in PRINCIPAL_KINDS if (name := getattr(control, kind)))


def _is_same(one: Grant, other: Grant) -> bool:
    return one.kind == other.kind and is_same_name(one.principal, other.principal)


def _rows(controls: Sequence[AccessControl]) -> list[list[str]]:
    words = dict(zip(PRINCIPAL_KINDS, ("user", "group", "service principal"), strict=True))
    found = [(*_who(control), control.all_permissions[0]) for control in controls]
    return [
        [permission.permission_level, name, words[kind], "yes" if permission.inherited else "no"]
        for kind, name, permission in found
    ]
