"""The options that say how large a cluster is and what it is made of, and the spec that they give."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_dbx.cli.completion import completed_by, node_types
from jupyter_dbx.cli.exits import UsageFault
from jupyter_dbx.model.spec import AUTOTERMINATION_BOUNDS, SINGLE_NODE_CONF, SINGLE_NODE_TAGS
from jupyter_dbx.model.wire import Json

#: Fields of a spec that say how many workers there are.
_SIZE_FIELDS = ("num_workers", "autoscale", "is_single_node", "kind")

#: Option → field of the spec that it sets.
_VALUES = {"node_type": "node_type_id", "driver_node_type": "driver_node_type_id", "idle": "autotermination_minutes"}

#: Option → field of the spec whose entries it sets.
_MAPS = {"conf": "spark_conf", "env": "spark_env_vars", "tag": "custom_tags"}


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Let a verb take a number of workers."""
    parser.add_argument("--workers", type=workers, metavar="N", help="worker nodes; 2-8 = as many as the load needs")
    parser.add_argument("--min-workers", type=int, metavar="N", help="with --max-workers: as many as the load needs")
    parser.add_argument("--max-workers", type=int, metavar="N", help="see --min-workers")


def add_spec(parser: argparse.ArgumentParser) -> None:
    """Let a verb take everything that is common in a spec."""
    add_workers(parser)
    parser.add_argument("--single-node", action="store_true", help="the driver is the whole cluster")
    for option, what in (("--node-type", "the workers"), ("--driver-node-type", "the driver (default: the workers')")):
        action = parser.add_argument(option, metavar="TYPE", help=f"size of {what}, such as local-2c-4g")
        completed_by(action, node_types)
    low, high = AUTOTERMINATION_BOUNDS
    parser.add_argument(
        "--idle", type=int, metavar="MINUTES", help=f"end after so many idle minutes: {low} to {high}, 0 = never"
    )
    for option, what in (("--conf", "a Spark property"), ("--env", "a variable of all processes"), ("--tag", "a tag")):
        parser.add_argument(
            option, action="append", default=[], type=pair, metavar="KEY=VALUE", help=f"{what}; repeat for more"
        )
    parser.add_argument(
        "--json",
        metavar="FILE",
        help="a whole spec as the API has it, - = stdin; other options change it",
    )


def workers(text: str) -> Json:
    """Return the fields for "4" or for "2-8" workers."""
    low, dash, high = text.partition("-")
    if not low.isdecimal() or (dash and not high.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number of workers nor a range such as 2-8")
    if dash:
        return {"autoscale": {"min_workers": int(low), "max_workers": int(high)}}
    return {"num_workers": int(low)}


def pair(text: str) -> tuple[str, str]:
    """Return the halves of "KEY=VALUE"."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


def chosen_size(args: argparse.Namespace, spec: Mapping[str, Any]) -> Json | None:
    """Return the fields of the size that the options choose, or None if they choose none.

    Parameters
    ----------
    spec : what a bound that is not given is taken from

    Raises
    ------
    UsageFault : the options contradict each other
    """
    bounds = {"min_workers": args.min_workers, "max_workers": args.max_workers}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    choices: list[Json] = [size for size in (args.workers, getattr(args, "size", None)) if size is not None]
    if given:
        choices.append({"autoscale": (spec.get("autoscale") or {}) | given})
    if getattr(args, "single_node", False):
        choices.append({"num_workers": 0, "is_single_node": True})
    if len(choices) > 1:
        raise UsageFault("Give one size: --workers, --min-workers with --max-workers, or --single-node.")
    if given and len(choices[0]["autoscale"]) < len(bounds):
        raise UsageFault("Give both --min-workers and --max-workers.")
    return choices[0] if choices else None


def changed_spec(spec: Json, args: argparse.Namespace) -> Json:
    """Return a spec with what the options change; with `--json`, that spec.

    Raises
    ------
    UsageFault : they contradict each other, or the file cannot be read
    """
    if args.json is not None:
        spec = read_spec(args.json)
    changed = dict(spec)
    size = chosen_size(args, spec)
    if size is not None:
        changed = _without_size(changed) | size
    changed |= {field: value for name, field in _VALUES.items() if (value := getattr(args, name)) is not None}
    for name, field in _MAPS.items():
        if getattr(args, name):
            changed[field] = (changed.get(field) or {}) | dict(getattr(args, name))
    return changed


def read_spec(file: str) -> Json:
    """Return the spec in a file, or in what is piped in for "-": a spec itself, or all that `get -o json` prints.

    Raises
    ------
    UsageFault : there is none
    """
    place = "stdin" if file == "-" else file
    try:
        spec = json.loads(sys.stdin.read() if file == "-" else Path(file).read_text())
    except OSError as error:
        raise UsageFault(f"--json: {place} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise UsageFault(f"--json: {place} is not JSON: {error}.") from None
    if not isinstance(spec, dict):
        raise UsageFault(f"--json: {place} holds no JSON object.")
    # In an answer of `get`, what was asked for is one part, among what is.
    return dict(spec["spec"]) if isinstance(spec.get("spec"), dict) else spec


def _without_size(spec: Json) -> Json:
    """Return a spec without all that says how many workers there are, in either spelling of single node."""
    rest = {name: value for name, value in spec.items() if name not in _SIZE_FIELDS}
    for field, marks in (("spark_conf", SINGLE_NODE_CONF), ("custom_tags", SINGLE_NODE_TAGS)):
        if rest.get(field):
            rest[field] = {k: v for k, v in rest[field].items() if marks.get(k) != v}
    return rest
