"""The arguments of `%cluster`: one table for parsing, help and completion."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from IPython.core.error import UsageError

from jupyter_dbx.client.dialect import read_pair, read_workers
from jupyter_dbx.client.spec_changes import ContradictingSizes, SpecChanges
from jupyter_dbx.model.spec import DEFAULT_AUTOTERMINATION_MINUTES
from jupyter_dbx.model.wire import Json

#: Options that take a node type.
NODE_TYPE_OPTIONS = frozenset({"--node-type", "--driver-node-type"})


@dataclass(frozen=True)
class Verb:
    """One verb."""

    help: str
    #: its NAME argument: "" = none, "new" = a new name, "one" = a cluster, "attached" = optional, default: the attached cluster
    name: str = ""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


JSON: Mapping[str, Mapping[str, Any]] = {
    "--json": {"action": "store_true", "help": "return plain data instead: `x = %%cluster … --json`"}
}
BOUNDS: Mapping[str, Mapping[str, Any]] = {
    "--min-workers": {"type": int, "metavar": "N", "help": "minimum workers for autoscaling"},
    "--max-workers": {"type": int, "metavar": "N", "help": "maximum workers for autoscaling"},
}
SPEC: Mapping[str, Mapping[str, Any]] = {
    "--workers": {
        "type": read_workers,
        "metavar": "N",
        "help": "number of workers; a range such as 2-8 enables autoscaling",
    },
    **BOUNDS,
    "--single-node": {"action": "store_true", "help": "create a driver without workers"},
    "--node-type": {"metavar": "TYPE", "help": "worker type, such as local-2c-4g"},
    "--driver-node-type": {"metavar": "TYPE", "help": "driver type (default: same as worker)"},
    "--idle": {
        "type": int,
        "metavar": "MINUTES",
        "help": f"terminate after MINUTES of inactivity; 0 = never (default: {DEFAULT_AUTOTERMINATION_MINUTES})",
    },
    "--conf": {
        "type": read_pair,
        "action": "append",
        "default": [],
        "metavar": "KEY=VALUE",
        "help": "a Spark property; may be repeated",
    },
    "--env": {
        "type": read_pair,
        "action": "append",
        "default": [],
        "metavar": "KEY=VALUE",
        "help": "an environment variable; may be repeated",
    },
}

VERBS: Mapping[str, Verb] = {
    "list": Verb("show all clusters", options=JSON),
    "panel": Verb("show all clusters in an interactive list"),
    "get": Verb("show a cluster in detail", "attached", JSON),
    "create": Verb(
        "create a cluster unless one with this name exists, attach this notebook and wait until it is running",
        "new",
        {**SPEC, **JSON},
    ),
    "edit": Verb(
        "change the configuration of a cluster; a running one restarts",
        "attached",
        {"--name": {"dest": "new_name", "metavar": "NAME", "help": "new name"}, **SPEC, **JSON},
    ),
    "start": Verb("start a terminated cluster", "attached", JSON),
    "restart": Verb("replace driver and workers", "attached", JSON),
    "resize": Verb(
        "change the number of workers: resize [NAME] 4, or 2-8 for autoscaling", "attached", {**BOUNDS, **JSON}
    ),
    "extend": Verb("extend the time to termination: reset the idle time", "attached", JSON),
    "pin": Verb("keep the configuration of a cluster indefinitely", "attached", JSON),
    "unpin": Verb("let the configuration of a terminated cluster expire as usual", "attached", JSON),
    "terminate": Verb("terminate a cluster; its configuration is kept", "attached", JSON),
    "delete": Verb(
        "delete a cluster permanently",
        "one",
        {"--yes": {"action": "store_true", "help": "even if other notebooks use it or it is pinned"}, **JSON},
    ),
    "attach": Verb("attach this notebook to a cluster", "one", JSON),
    "detach": Verb("detach this notebook; its variables are kept", options=JSON),
    "events": Verb(
        "show the event log",
        "attached",
        {
            "--limit": {"type": int, "default": 20, "metavar": "N", "help": "number of events (default: %(default)s)"},
            **JSON,
        },
    ),
    "logs": Verb(
        "show a log of a cluster's processes; the default is the driver's",
        "attached",
        {
            "--path": {"help": "path of a log, or its end, such as worker/stderr"},
            "--tail": {
                "type": int,
                "default": 50,
                "metavar": "LINES",
                "help": "number of lines (default: %(default)s)",
            },
            "--list": {"action": "store_true", "help": "list the logs"},
            **JSON,
        },
    ),
    "info": Verb("show the Spark UI, the attached notebooks, and how programs connect", "attached", JSON),
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage()}")


def read_line(line: str) -> argparse.Namespace | None:
    """Return the arguments of a line, or None after printing help.

    Raises
    ------
    UsageError : the line is invalid; the message shows the usage
    """
    try:
        args = _parser().parse_args(shlex.split(line) or ["list"])
    except SystemExit:  # after -h
        return None
    except ValueError as error:
        raise UsageError(f"{error} in: {line}") from None
    if args.verb == "resize" and args.workers is None and args.name and re.fullmatch(r"\d+(-\d+)?", args.name):
        args.name, args.workers = None, read_workers(args.name)  # of the attached cluster
    return args


def changed_spec(spec: Mapping[str, Any], args: argparse.Namespace) -> Json:
    """Return a spec with the changes of the options.

    Raises
    ------
    UsageError : the options contradict each other
    """
    try:
        return SpecChanges.of(args).apply(spec)
    except ContradictingSizes as error:
        raise UsageError(str(error)) from None


def chosen_size(spec: Mapping[str, Any], args: argparse.Namespace) -> Json:
    """Return the fields of the new size for `resize`.

    Raises
    ------
    UsageError : there is no size, or several
    """
    try:
        size = SpecChanges.of(args).size(spec)
    except ContradictingSizes as error:
        raise UsageError(str(error)) from None
    if size is None:
        raise UsageError("Specify the number of workers: `%cluster resize NAME 4`, or `2-8` for autoscaling.")
    return size


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="%cluster", description="Control Spark clusters.")
    verbs = parser.add_subparsers(dest="verb", required=True, parser_class=_Parser, metavar="VERB")
    for word, verb in VERBS.items():
        sub = verbs.add_parser(word, help=verb.help, description=verb.help)
        if verb.name in ("new", "one"):
            sub.add_argument("name", metavar="NAME", help="new name" if verb.name == "new" else "name or ID")
        elif verb.name == "attached":
            sub.add_argument("name", metavar="NAME", nargs="?", help="name or ID (default: the attached cluster)")
        if word == "resize":
            sub.add_argument(
                "workers", type=read_workers, nargs="?", metavar="WORKERS", help="such as 4, or 2-8 for autoscaling"
            )
        for flag, facts in verb.options.items():
            sub.add_argument(flag, **facts)
    return parser
