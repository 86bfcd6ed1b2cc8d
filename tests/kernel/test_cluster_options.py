"""How a line after `%cluster` is read, and what it makes of a cluster's draft."""

from __future__ import annotations

import argparse
from typing import Any

import pytest
from IPython.core.error import UsageError

from jupyter_dbx.kernel.draft import Draft
from jupyter_dbx.kernel.magics.options import VERBS, changed_draft, read_line


def read(line: str) -> argparse.Namespace:
    args = read_line(line)
    assert args is not None
    return args


@pytest.mark.parametrize(
    ("line", "changes"),
    [
        ("", {}),
        ("--workers 5 --idle 0", {"workers": 5, "idle_minutes": 0}),
        ("--workers 2-8", {"autoscale": (2, 8)}),
        ("--min-workers 1 --max-workers 3", {"autoscale": (1, 3)}),
        ("--workers 0", {"single_node": True}),
        ("--single-node --node-type a", {"single_node": True, "node_type_id": "a"}),
        ("--node-type a --driver-node-type b", {"node_type_id": "a", "driver_node_type_id": "b"}),
        ("--conf a=b --conf 'c=d e=f'", {"conf": {"a": "b", "c": "d e=f"}}),
        ("--env A=b --env C=", {"env": {"A": "b", "C": ""}}),
    ],
)
def test_create_says_what_the_options_say(line: str, changes: dict[str, Any]) -> None:
    assert changed_draft(Draft("x"), read(f"create x {line}")) == Draft("x", **changes)


@pytest.mark.parametrize(
    ("line", "changes"),
    [
        ("--name y", {"name": "y"}),
        ("--max-workers 9", {"autoscale": (1, 9)}),
        ("--workers 4", {"autoscale": None, "workers": 4}),
        ("--single-node", {"autoscale": None, "single_node": True}),
        ("--conf c=d", {"conf": {"a": "b", "c": "d"}}),
    ],
)
def test_edit_changes_only_what_is_named(line: str, changes: dict[str, Any]) -> None:
    old: dict[str, Any] = {"name": "x", "autoscale": (1, 3), "conf": {"a": "b"}}

    assert changed_draft(Draft(**old), read(f"edit x {line}")) == Draft(**old | changes)


@pytest.mark.parametrize(
    ("line", "name", "workers"),
    [
        ("resize 3", None, 3),
        ("resize 1-3", None, (1, 3)),
        ("resize etl 3", "etl", 3),
        ("resize etl 1-3", "etl", (1, 3)),
        ("resize 7 3", "7", 3),
    ],
)
def test_resize_takes_a_size_with_or_without_a_name(line: str, name: str | None, workers: Any) -> None:
    args = read(line)

    assert (args.name, args.workers) == (name, workers)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("create a --workers 3 --single-node", "Give one size"),
        ("create a --workers 3 --min-workers 1", "Give one size"),
        ("create a --min-workers 1", "Give both --min-workers and --max-workers"),
        ("resize", "Say how many workers"),
        ("resize etl", "Say how many workers"),
    ],
)
def test_sizes_that_contradict_each_other_are_refused(line: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        changed_draft(Draft(), read(line))


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("explode", "invalid choice: 'explode'"),
        ("create", "the following arguments are required: NAME"),
        ("create a --workers two", "argument --workers: 'two' is neither a number of workers nor a range such as 2-8"),
        ("create a --conf ab", "argument --conf: 'ab' is not KEY=VALUE"),
        ("create a --env =b", "argument --env: '=b' is not KEY=VALUE"),
        ("create a b", "unrecognized arguments: b"),
        ("attach", "the following arguments are required: NAME"),
        ("delete", "the following arguments are required: NAME"),
        ("resize etl many", "argument WORKERS: 'many' is neither a number of workers nor a range such as 2-8"),
        ("list --all", "unrecognized arguments: --all"),
        ("attach 'etl", "No closing quotation in: attach 'etl"),
    ],
)
def test_line_that_cannot_be_read_is_refused_with_how_to_write_it(line: str, complaint: str) -> None:
    with pytest.raises(UsageError) as error:
        read_line(line)

    assert complaint in str(error.value)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert read_line(f"{verb} --help") is None

    assert f"usage: %cluster {verb}" in capsys.readouterr().out
