"""The spec from the options: alone, on top of a whole spec, and when they contradict each other."""

from __future__ import annotations

import argparse
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from jupyter_dbx.cli.clusters.spec import add_spec, changed_spec
from jupyter_dbx.cli.exits import UsageFault
from jupyter_dbx.model.spec import SINGLE_NODE_CONF, SINGLE_NODE_TAGS, ClusterSpec

AUTOSCALED = {"cluster_name": "a", "autoscale": {"min_workers": 1, "max_workers": 4}}
SINGLE = {"cluster_name": "a", "num_workers": 0, "spark_conf": SINGLE_NODE_CONF, "custom_tags": SINGLE_NODE_TAGS}


def parse(*options: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_spec(parser)
    return parser.parse_args(options)


@pytest.mark.parametrize(
    ("spec", "options", "changed"),
    [
        ({"num_workers": 2}, "--workers 4", {"num_workers": 4}),
        ({"num_workers": 2}, "--workers 0", {"num_workers": 0}),
        ({"num_workers": 2}, "--workers 1-4", {"autoscale": {"min_workers": 1, "max_workers": 4}}),
        (
            {"num_workers": 2},
            "--min-workers 0 --max-workers 4",
            {"autoscale": {"min_workers": 0, "max_workers": 4}},
        ),
        (AUTOSCALED, "--max-workers 8", {"cluster_name": "a", "autoscale": {"min_workers": 1, "max_workers": 8}}),
        (AUTOSCALED, "--workers 2", {"cluster_name": "a", "num_workers": 2}),
        (AUTOSCALED, "--single-node", {"cluster_name": "a", "num_workers": 0, "is_single_node": True}),
        (SINGLE, "--workers 2", {"cluster_name": "a", "num_workers": 2, "spark_conf": {}, "custom_tags": {}}),
        ({"num_workers": 0, "is_single_node": True, "kind": "CLASSIC_PREVIEW"}, "--workers 2", {"num_workers": 2}),
        ({}, "--idle 0", {"autotermination_minutes": 0}),
        ({}, "--node-type n --driver-node-type d", {"node_type_id": "n", "driver_node_type_id": "d"}),
        (
            {"spark_conf": {"a": "1", "b": "2"}},
            "--conf b=3 --conf c=x=y --env E= --tag t=1",
            {
                "spark_conf": {"a": "1", "b": "3", "c": "x=y"},
                "spark_env_vars": {"E": ""},
                "custom_tags": {"t": "1"},
            },
        ),
        ({"spark_conf": None, "x": [1]}, "--conf a=1", {"spark_conf": {"a": "1"}, "x": [1]}),
        (AUTOSCALED, "", AUTOSCALED),
    ],
)
def test_options_change_only_their_fields(spec: dict[str, Any], options: str, changed: dict[str, Any]) -> None:
    before = json.dumps(spec)

    assert changed_spec(spec, parse(*options.split())) == changed
    assert json.dumps(spec) == before


@pytest.mark.parametrize(
    ("options", "single"), [("--single-node", True), ("--workers 0", True), ("--workers 1", False)]
)
def test_single_node_comes_and_goes(options: str, single: bool) -> None:
    spec = changed_spec(changed_spec(SINGLE, parse("--workers", "3")), parse(*options.split()))

    assert ClusterSpec.from_wire(spec).single_node is single


@pytest.mark.parametrize(
    "options",
    [
        "--workers 2 --single-node",
        "--workers 2 --max-workers 3",
        "--single-node --min-workers 1 --max-workers 2",
        "--min-workers 1",
        "--max-workers 1",
    ],
)
def test_contradicting_sizes_are_an_error(options: str) -> None:
    with pytest.raises(UsageFault, match="Specify "):
        changed_spec({"num_workers": 2}, parse(*options.split()))


@pytest.mark.parametrize(
    "options",
    [
        "--workers x",
        "--workers -1",
        "--workers 2-",
        "--workers -4",
        "--workers 1-x",
        "--workers 1.5",
        "--idle x",
        "--conf a",
        "--conf =a",
    ],
)
def test_invalid_values_are_invalid_usage(options: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse(*options.split())

    assert end.value.code == 2
    assert f"argument {options.split()[0]}: " in capsys.readouterr().err


def test_spec_is_read_from_a_file_or_from_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "spec.json").write_text('{"num_workers": 3}')
    monkeypatch.setattr("sys.stdin", io.StringIO('{"num_workers": 4}'))
    defaults = {"autotermination_minutes": 60}

    assert changed_spec(defaults, parse("--json", str(tmp_path / "spec.json"))) == {"num_workers": 3}
    assert changed_spec(defaults, parse("--json", "-", "--idle", "20")) == {
        "num_workers": 4,
        "autotermination_minutes": 20,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "stdin is not JSON: "),
        ("[]", "stdin does not contain a JSON object."),
        ("[" * 100_000, "stdin is not JSON: "),
    ],
)
def test_invalid_spec_is_invalid_usage(monkeypatch: pytest.MonkeyPatch, text: str, message: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))

    with pytest.raises(UsageFault, match=re.escape(f"--json: {message}")):
        changed_spec({}, parse("--json", "-"))
    with pytest.raises(UsageFault, match=r"--json: /nowhere cannot be read: No such file or directory\."):
        changed_spec({}, parse("--json", "/nowhere"))
