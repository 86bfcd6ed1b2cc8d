"""What can be written after `%cluster`: one table, from which lines are read, help is printed and words are completed."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from IPython.core.error import UsageError

from jupyter_dbx.kernel.draft import Draft
from jupyter_dbx.model.spec import DEFAULT_AUTOTERMINATION_MINUTES

#: Options that take a node type.
NODE_TYPE_OPTIONS = frozenset({"--node-type", "--driver-node-type"})


@dataclass(frozen=True)
class Verb:
    """One verb."""

    help: str
    #: what its name is: "" none, "new" one to give, "one" a cluster's, "attached" a cluster's or else the attached one's
    name: str = ""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def workers(text: str) -> int | tuple[int, int]:
    """Return a number of workers, or the bounds of a range such as "2-8"."""
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number of workers nor a range such as 2-8")
    return int(found[1]) if found[2] is None else (int(found[1]), int(found[2]))


def pair(text: str) -> tuple[str, str]:
    """Return the halves of "KEY=VALUE"."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


JSON: Mapping[str, Mapping[str, Any]] = {
    "--json": {"action": "store_true", "help": "give plain data instead: `x = %%cluster … --json`"}
}
BOUNDS: Mapping[str, Mapping[str, Any]] = {
    "--min-workers": {"type": int, "metavar": "N", "help": "least workers of a cluster that scales by its load"},
    "--max-workers": {"type": int, "metavar": "N", "help": "most workers of a cluster that scales by its load"},
}
SPEC: Mapping[str, Mapping[str, Any]] = {
    "--workers": {"type": workers, "metavar": "N", "help": "worker nodes; 2-8 = as many as the load needs"},
    **BOUNDS,
    "--single-node": {"action": "store_true", "help": "the driver is the whole cluster"},
    "--node-type": {"metavar": "TYPE", "help": "size of the workers, such as local-2c-4g"},
    "--driver-node-type": {"metavar": "TYPE", "help": "size of the driver (default: as the workers)"},
    "--idle": {
        "type": int,
        "metavar": "MINUTES",
        "help": f"end after so many minutes without use; 0 = never (default: {DEFAULT_AUTOTERMINATION_MINUTES})",
    },
    "--conf": {
        "type": pair,
        "action": "append",
        "default": [],
        "metavar": "KEY=VALUE",
        "help": "a Spark property; repeat for more",
    },
    "--env": {
        "type": pair,
        "action": "append",
        "default": [],
        "metavar": "KEY=VALUE",
        "help": "an environment variable of its processes; repeat for more",
    },
}

VERBS: Mapping[str, Verb] = {
    "list": Verb("show all clusters", options=JSON),
    "panel": Verb("show all clusters, with buttons for all that can be done"),
    "get": Verb("show how a cluster is and what it is made of", "attached", JSON),
    "create": Verb(
        "create a cluster unless there is one of this name, attach this notebook, wait until it is up",
        "new",
        {**SPEC, **JSON},
    ),
    "edit": Verb(
        "change what a cluster is made of; one that runs restarts",
        "attached",
        {"--name": {"dest": "new_name", "metavar": "NAME", "help": "call it so"}, **SPEC, **JSON},
    ),
    "start": Verb("start a terminated cluster", "attached", JSON),
    "restart": Verb("replace driver and workers", "attached", JSON),
    "resize": Verb("change the number of workers: resize [NAME] 4, or 2-8", "attached", {**BOUNDS, **JSON}),
    "extend": Verb("let a cluster that nobody uses live on: its minutes begin anew", "attached", JSON),
    "pin": Verb("keep a cluster, also when it ended long ago", "attached", JSON),
    "unpin": Verb("let a cluster be forgotten when it ended long ago", "attached", JSON),
    "terminate": Verb("end a cluster; its definition stays", "attached", JSON),
    "delete": Verb(
        "end a cluster and forget it",
        "one",
        {"--yes": {"action": "store_true", "help": "also if other notebooks use it, or it is pinned"}, **JSON},
    ),
    "attach": Verb("let this notebook use a cluster", "one", JSON),
    "detach": Verb("leave the cluster; the notebook's variables stay", options=JSON),
    "events": Verb(
        "show what happened",
        "attached",
        {"--limit": {"type": int, "default": 20, "metavar": "N", "help": "how many (default: %(default)s)"}, **JSON},
    ),
    "logs": Verb(
        "show what a cluster's processes wrote: of the driver, if no path is given",
        "attached",
        {
            "--path": {"help": "of a log, or its end, such as worker/stderr"},
            "--tail": {"type": int, "default": 50, "metavar": "LINES", "help": "how many lines (default: %(default)s)"},
            "--list": {"action": "store_true", "help": "show which logs there are"},
            **JSON,
        },
    ),
    "info": Verb("show where its Spark UI is, who uses it, and how programs reach it", "attached", JSON),
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage()}")


def read_line(line: str) -> argparse.Namespace | None:
    """Return what a line says, or None if it asked for help, which has been printed.

    Raises
    ------
    UsageError : it cannot be read; says how to write it
    """
    try:
        args = _parser().parse_args(shlex.split(line) or ["list"])
    except SystemExit:  # after -h
        return None
    except ValueError as error:
        raise UsageError(f"{error} in: {line}") from None
    if args.verb == "resize" and args.workers is None and args.name and re.fullmatch(r"\d+(-\d+)?", args.name):
        args.name, args.workers = None, workers(args.name)  # the attached one
    return args


def changed_draft(draft: Draft, args: argparse.Namespace) -> Draft:
    """Return a draft with what the options change.

    Raises
    ------
    UsageError : they contradict each other, or `resize` is told no size
    """
    draft = _resized(draft, args)
    if args.verb == "resize":
        return draft
    given = {
        "name": getattr(args, "new_name", None),
        "node_type_id": args.node_type,
        "driver_node_type_id": args.driver_node_type,
        "idle_minutes": args.idle,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return replace(draft, conf=draft.conf | dict(args.conf), env=draft.env | dict(args.env), **changes)


def _resized(draft: Draft, args: argparse.Namespace) -> Draft:
    bounds, count, single = (args.min_workers, args.max_workers), args.workers, getattr(args, "single_node", False)
    if sum((count is not None, bounds != (None, None), single)) > 1:
        raise UsageError("Give one size: a number of workers, --min-workers with --max-workers, or --single-node.")
    if bounds != (None, None):
        low, high = (
            new if new is not None else old for new, old in zip(bounds, draft.autoscale or bounds, strict=True)
        )
        if low is None or high is None:
            raise UsageError("Give both --min-workers and --max-workers.")
        return replace(draft, single_node=False, autoscale=(low, high))
    if isinstance(count, tuple):
        return replace(draft, single_node=False, autoscale=count)
    if count is not None or single:
        return replace(draft, single_node=not count, autoscale=None, workers=count or draft.workers)
    if args.verb == "resize":
        raise UsageError("Say how many workers: `%cluster resize NAME 4`, or `2-8` for as many as the load needs.")
    return draft


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="%cluster", description="Control Spark clusters.")
    verbs = parser.add_subparsers(dest="verb", required=True, parser_class=_Parser, metavar="VERB")
    for word, verb in VERBS.items():
        sub = verbs.add_parser(word, help=verb.help, description=verb.help)
        if verb.name in ("new", "one"):
            sub.add_argument("name", metavar="NAME", help="what to call it" if verb.name == "new" else "name or id")
        elif verb.name == "attached":
            sub.add_argument("name", metavar="NAME", nargs="?", help="name or id (default: the attached one)")
        if word == "resize":
            sub.add_argument("workers", type=workers, nargs="?", metavar="WORKERS", help="4; 2-8 = what the load needs")
        for flag, facts in verb.options.items():
            sub.add_argument(flag, **facts)
    return parser
