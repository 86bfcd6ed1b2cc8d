"""`jupyter dbx clusters`: the verbs on clusters."""

from __future__ import annotations

import argparse

from jupyter_dbx.cli.clusters import acting, creating, events, listing, logs
from jupyter_dbx.cli.exits import EXIT_CODES, help_of

#: Modules of the verbs, in the order in which help lists them.
VERBS = (listing, creating, acting, events, logs)


def add_parser(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the verb and its sub-verbs."""
    what = "List, create and control clusters"
    parser = verbs.add_parser("clusters", help=what, description=f"{what}. NAME is a name or an ID.", epilog=EXIT_CODES)
    inner = parser.add_subparsers(title="verbs", metavar="VERB")
    for verb in VERBS:
        verb.add_parsers(inner)
    parser.set_defaults(run=help_of(parser))
