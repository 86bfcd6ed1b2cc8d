"""The options for the size and settings of a cluster, and the spec that results from them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_dbx.cli.completion import completed_by, node_types
from jupyter_dbx.cli.exits import UsageFault
from jupyter_dbx.client.dialect import read_pair, read_workers
from jupyter_dbx.client.spec_changes import ContradictingSizes, SpecChanges
from jupyter_dbx.model.spec import AUTOTERMINATION_BOUNDS
from jupyter_dbx.model.wire import Json


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Add the options for the number of workers to a command."""
    parser.add_argument(
        "--workers", type=read_workers, metavar="N", help="worker nodes; 2-8 = autoscale between these bounds"
    )
    parser.add_argument("--min-workers", type=int, metavar="N", help="with --max-workers: autoscale")
    parser.add_argument("--max-workers", type=int, metavar="N", help="see --min-workers")


def add_spec(parser: argparse.ArgumentParser) -> None:
    """Add the options for the common fields of a spec to a command."""
    add_workers(parser)
    parser.add_argument("--single-node", action="store_true", help="no workers: the driver runs all tasks")
    for option, what in (("--node-type", "the workers"), ("--driver-node-type", "the driver (default: the workers')")):
        action = parser.add_argument(option, metavar="TYPE", help=f"size of {what}, such as local-2c-4g")
        completed_by(action, node_types)
    low, high = AUTOTERMINATION_BOUNDS
    parser.add_argument(
        "--idle", type=int, metavar="N", help=f"terminate after N minutes of inactivity: {low} to {high}, 0 = never"
    )
    for option, what in (("--conf", "a Spark property"), ("--env", "an environment variable"), ("--tag", "a tag")):
        parser.add_argument(
            option, action="append", default=[], type=read_pair, metavar="KEY=VALUE", help=f"{what}; may be repeated"
        )
    parser.add_argument(
        "--json",
        metavar="FILE",
        help="a complete spec in the API's format, - = stdin; other options override it",
    )


def chosen_size(args: argparse.Namespace, spec: Mapping[str, Any]) -> Json | None:
    """Return the size fields that the options set, or None if they set none.

    Parameters
    ----------
    spec : supplies a bound that is not given

    Raises
    ------
    UsageFault : the options contradict each other
    """
    try:
        return SpecChanges.of(args).size(spec)
    except ContradictingSizes as error:
        raise UsageFault(str(error)) from None


def changed_spec(spec: Json, args: argparse.Namespace) -> Json:
    """Return a spec with the changes of the options; with `--json`, based on that spec.

    Raises
    ------
    UsageFault : they contradict each other, or the file cannot be read
    """
    if args.json is not None:
        spec = read_spec(args.json)
    try:
        return SpecChanges.of(args).apply(spec)
    except ContradictingSizes as error:
        raise UsageFault(str(error)) from None


def read_spec(file: str) -> Json:
    """Return the spec in a file, or on stdin for "-": a spec itself, or the output of `get -o json`.

    Raises
    ------
    UsageFault : it contains none
    """
    place = "stdin" if file == "-" else file
    try:
        spec = json.loads(sys.stdin.read() if file == "-" else Path(file).read_text())
    except OSError as error:
        raise UsageFault(f"--json: {place} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise UsageFault(f"--json: {place} is not JSON: {error}.") from None
    if not isinstance(spec, dict):
        raise UsageFault(f"--json: {place} does not contain a JSON object.")
    # The answer of `get` contains the spec beside the cluster's state.
    return dict(spec["spec"]) if isinstance(spec.get("spec"), dict) else spec
