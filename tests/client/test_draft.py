"""Drafts of clusters: from a spec and back, and the texts that people write in forms."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_dbx.client.draft import Draft, read_pairs
from jupyter_dbx.model.spec import SINGLE_NODE_CONF, SINGLE_NODE_TAGS, ClusterSpec

NAMED = {"cluster_name": "a", "spark_version": "4.3.x-scala2.13", "node_type_id": "b", "autotermination_minutes": 30}


@pytest.mark.parametrize(
    "size",
    [
        {"num_workers": 3},
        {"autoscale": {"min_workers": 0, "max_workers": 3}},
        {"num_workers": 0, "is_single_node": True},
    ],
)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"driver_node_type_id": "c", "spark_conf": {"d": "e"}, "spark_env_vars": {"f": "g"}},
        {
            "custom_tags": {"team": "x"},
            "init_scripts": [{"workspace": {"destination": "/a"}}],
            "single_user_name": "ada",
        },
    ],
)
def test_spec_is_unchanged_by_an_empty_edit(size: dict[str, Any], more: dict[str, Any]) -> None:
    spec = NAMED | size | more

    again = Draft.from_spec(spec).to_spec(spec)

    assert ClusterSpec.from_wire(again) == ClusterSpec.from_wire(spec)


def test_single_node_in_the_older_notation_becomes_a_multi_node_cluster() -> None:
    old = NAMED | {"num_workers": 0, "spark_conf": SINGLE_NODE_CONF | {"a": "b"}, "custom_tags": SINGLE_NODE_TAGS}
    draft = Draft.from_spec(old)
    assert draft.single_node and draft.conf == {"a": "b"}

    new = ClusterSpec.from_wire(Draft("a", workers=2, conf=draft.conf).to_spec(old))

    assert not new.single_node
    assert (new.initial_workers, new.spark_conf, new.custom_tags) == (2, {"a": "b"}, {})


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", {}),
        ("a b", {"a": "b"}),
        ("a=b", {"a": "b"}),
        ("  a  =  b c  \n\n# d e\ne\tf", {"a": "b c", "e": "f"}),
        ("a=b=c", {"a": "b=c"}),
        ("a=", {"a": ""}),
    ],
)
def test_each_line_has_one_pair(text: str, pairs: dict[str, str]) -> None:
    assert read_pairs(text) == (pairs, "")


@pytest.mark.parametrize(
    ("text", "line"), [("a", "Line 1"), ("a b\n=c", "Line 2"), ("a b\n\na c", "Line 3: a is set more than once")]
)
def test_invalid_line_is_named(text: str, line: str) -> None:
    assert read_pairs(text)[1].startswith(line)
