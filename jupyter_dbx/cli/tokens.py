"""`jupyter dbx tokens`: the user's personal access tokens."""

from __future__ import annotations

import argparse

from jupyter_dbx.cli.clusters.options import add_verb, connect
from jupyter_dbx.cli.exits import EXIT_CODES, Exit, help_of
from jupyter_dbx.cli.terminal import notify, print_json, print_table
from jupyter_dbx.client.dialect import time_words
from jupyter_dbx.model.answers.answer import Omittable

#: Seconds of a day.
_DAY_S = 86_400


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb and its sub-verbs."""
    what = "List, create and revoke your access tokens, with which programs act for you"
    parser = verbs.add_parser("tokens", help=what, description=f"{what}.", epilog=EXIT_CODES)
    inner = parser.add_subparsers(title="verbs", metavar="VERB")
    add_verb(inner, "list", "List your tokens").set_defaults(run=run_list)
    create = add_verb(inner, "create", "Create a token and print its value, which cannot be shown again")
    create.add_argument("--comment", default="", help="what it is for")
    create.add_argument("--days", type=_days, metavar="N", help="how long it is valid (default: as long as allowed)")
    create.set_defaults(run=run_create)
    revoke = add_verb(inner, "revoke", "Revoke tokens: programs that use them are refused from now on")
    revoke.add_argument("ids", nargs="+", metavar="ID", help="ID of a token")
    revoke.set_defaults(run=run_revoke)
    parser.set_defaults(run=help_of(parser))


def run_list(args: argparse.Namespace) -> int:
    """List the tokens, newest first."""
    answer = connect(args).list_tokens()
    if args.output == "json":
        print_json(answer.received)
    elif answer.token_infos:
        rows = [
            [t.comment, time_words(t.creation_time), _instant(t.expiry_time), _instant(t.last_used_day), t.token_id]
            for t in answer.token_infos
        ]
        print_table(["comment", "created", "expires", "last used", "id"], rows)
    else:
        notify("No tokens yet. Create one with `jupyter dbx tokens create --comment NAME --days 90`.")
    return Exit.OK


def run_create(args: argparse.Namespace) -> int:
    """Create a token and print its value."""
    made = connect(args).create_token(args.comment, args.days * _DAY_S if args.days else None)
    if args.output == "json":
        print_json(made.received)
    else:
        print(made.token_value)
    return Exit.OK


def run_revoke(args: argparse.Namespace) -> int:
    """Revoke tokens."""
    client = connect(args)
    for token_id in args.ids:
        client.revoke_token(token_id)
        if args.output == "json":
            print_json({})
        else:
            print(f"Token {token_id} is revoked.")
    return Exit.OK


def _days(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"must be a number of days, not {text!r}")
    return int(text)


def _instant(ms: Omittable[int]) -> str:
    return time_words(ms) if isinstance(ms, int) and ms > 0 else "never"
