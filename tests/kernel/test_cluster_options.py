"""How a `%cluster` line is parsed, and how its options change a draft."""

from __future__ import annotations

import argparse
from typing import Any

import pytest
from IPython.core.error import UsageError

from jupyter_dbx.client.spec_changes import DEFAULT_SPEC
from jupyter_dbx.kernel.magics.options import VERBS, changed_spec, chosen_size, read_line


def read(line: str) -> argparse.Namespace:
    args = read_line(line)
    assert args is not None
    return args


@pytest.mark.parametrize(
    ("line", "changes"),
    [
        ("", {}),
        ("--workers 5 --idle 0", {"num_workers": 5, "autotermination_minutes": 0}),
        ("--workers 2-8", {"num_workers": None, "autoscale": {"min_workers": 2, "max_workers": 8}}),
        ("--min-workers 1 --max-workers 3", {"num_workers": None, "autoscale": {"min_workers": 1, "max_workers": 3}}),
        ("--workers 0", {"num_workers": 0}),
        ("--single-node --node-type a", {"num_workers": 0, "is_single_node": True, "node_type_id": "a"}),
        ("--node-type a --driver-node-type b", {"node_type_id": "a", "driver_node_type_id": "b"}),
        ("--conf a=b --conf 'c=d e=f'", {"spark_conf": {"a": "b", "c": "d e=f"}}),
        ("--env A=b --env C=", {"spark_env_vars": {"A": "b", "C": ""}}),
    ],
)
def test_create_applies_the_options(line: str, changes: dict[str, Any]) -> None:
    expected = {name: value for name, value in (DEFAULT_SPEC | changes).items() if value is not None}

    assert changed_spec(DEFAULT_SPEC, read(f"create x {line}")) == expected


@pytest.mark.parametrize(
    ("line", "changes"),
    [
        ("--name y", {"cluster_name": "y"}),
        ("--max-workers 9", {"autoscale": {"min_workers": 1, "max_workers": 9}}),
        ("--workers 4", {"autoscale": None, "num_workers": 4}),
        ("--single-node", {"autoscale": None, "num_workers": 0, "is_single_node": True}),
        ("--conf c=d", {"spark_conf": {"a": "b", "c": "d"}}),
    ],
)
def test_edit_changes_only_the_given_options(line: str, changes: dict[str, Any]) -> None:
    old = {"cluster_name": "x", "autoscale": {"min_workers": 1, "max_workers": 3}, "spark_conf": {"a": "b"}, "later": 1}
    expected = {name: value for name, value in (old | changes).items() if value is not None}

    assert changed_spec(old, read(f"edit x {line}")) == expected


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
    ("line", "message"),
    [
        ("create a --workers 3 --single-node", "Specify one size"),
        ("create a --workers 3 --min-workers 1", "Specify one size"),
        ("create a --min-workers 1", "Specify both --min-workers and --max-workers"),
        ("resize", "Specify the number of workers"),
        ("resize etl", "Specify the number of workers"),
    ],
)
def test_contradicting_sizes_are_an_error(line: str, message: str) -> None:
    args = read(line)

    with pytest.raises(UsageError, match=message):
        chosen_size({}, args) if args.verb == "resize" else changed_spec(DEFAULT_SPEC, args)


@pytest.mark.parametrize(
    ("line", "message"),
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
def test_invalid_line_is_an_error_with_its_cause(line: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        read_line(line)

    assert message in str(error.value)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert read_line(f"{verb} --help") is None

    assert f"usage: %cluster {verb}" in capsys.readouterr().out
