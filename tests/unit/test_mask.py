"""Update masks: only the named fields are changed or reset."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.mask import apply_mask
from jupyter_dbx.model.spec import ClusterSpec

FIXED: dict[str, Any] = {
    "cluster_name": "etl",
    "num_workers": 2,
    "spark_conf": {"spark.a.b": "1", "spark.c": "2"},
    "custom_tags": {"team": "x"},
    "aws_attributes": {"zone_id": "auto", "ebs": {"count": 1, "size": 100}},
}
SCALED = {"cluster_name": "etl", "autoscale": {"min_workers": 1, "max_workers": 4}}


@pytest.mark.parametrize(
    ("old", "mask", "fields", "changes"),
    [
        (FIXED, "cluster_name", {"cluster_name": "new", "num_workers": 9}, {"cluster_name": "new"}),
        (
            FIXED,
            "cluster_name,num_workers",
            {"cluster_name": "b", "num_workers": "3"},
            {"cluster_name": "b", "num_workers": 3},
        ),
        (FIXED, " cluster_name , ,", {"cluster_name": "b"}, {"cluster_name": "b"}),
        (FIXED, "cluster_name", {}, {"cluster_name": None}),
        (FIXED, "cluster_name", {"cluster_name": None}, {"cluster_name": None}),
        (FIXED, "spark_conf", {"spark_conf": {"spark.d": "3"}}, {"spark_conf": {"spark.d": "3"}}),
        (FIXED, "spark_conf", {}, {"spark_conf": None}),
        (
            FIXED,
            "spark_conf.spark.a.b",
            {"spark_conf": {"spark.a.b": "5"}},
            {"spark_conf": {"spark.a.b": "5", "spark.c": "2"}},
        ),
        (FIXED, "spark_conf.spark.a.b", {"spark_conf": {"spark.c": "9"}}, {"spark_conf": {"spark.c": "2"}}),
        (FIXED, "spark_conf.spark.a.b", {}, {"spark_conf": {"spark.c": "2"}}),
        (FIXED, "spark_env_vars.A", {"spark_env_vars": {"A": "b"}}, {"spark_env_vars": {"A": "b"}}),
        (FIXED, "custom_tags.team", {}, {"custom_tags": None}),
        (
            FIXED,
            "aws_attributes.ebs.count",
            {"aws_attributes": {"ebs": {"count": 2}}},
            {"aws_attributes": {"zone_id": "auto", "ebs": {"count": 2, "size": 100}}},
        ),
        (
            FIXED,
            "autoscale",
            {"autoscale": SCALED["autoscale"]},
            {"num_workers": None, "autoscale": SCALED["autoscale"]},
        ),
        (
            FIXED,
            "autoscale.min_workers,autoscale.max_workers",
            {"autoscale": {"min_workers": 2, "max_workers": 3}},
            {"num_workers": None, "autoscale": {"min_workers": 2, "max_workers": 3}},
        ),
        (SCALED, "num_workers", {"num_workers": 3}, {"autoscale": None, "num_workers": 3}),
        (SCALED, "num_workers,autoscale", {"num_workers": 3}, {"autoscale": None, "num_workers": 3}),
        (
            SCALED,
            "autoscale.max_workers",
            {"autoscale": {"max_workers": 8}},
            {"autoscale": {"min_workers": 1, "max_workers": 8}},
        ),
        (SCALED, "num_workers", {}, {}),
    ],
)
def test_only_named_fields_are_changed(
    old: dict[str, Any], mask: str, fields: dict[str, Any], changes: dict[str, Any]
) -> None:
    changed = apply_mask(ClusterSpec.from_wire(old), mask, fields)

    assert changed.to_wire() == {name: value for name, value in (old | changes).items() if value is not None}


def test_star_replaces_the_whole_spec() -> None:
    changed = apply_mask(ClusterSpec.from_wire(FIXED), "*", SCALED)

    assert changed == ClusterSpec.from_wire(SCALED)


@pytest.mark.parametrize(
    ("mask", "fields", "message"),
    [
        ("", {}, "update_mask is missing"),
        (" , ", {}, "update_mask is missing"),
        ("a..b", {}, "'a..b' is not the path of a field"),
        (".cluster_name", {}, "is not the path of a field"),
        ("spark_conf.", {}, "'spark_conf.' is not the path of a field"),
        ("num_workers", {}, "number of workers"),
        ("num_workers", {"num_workers": "many"}, "num_workers must be a whole number"),
        ("num_workers,autoscale", {"num_workers": 1, "autoscale": SCALED["autoscale"]}, "not both"),
        ("autoscale.max_workers", {"autoscale": {"max_workers": 8}}, "both min_workers and max_workers"),
        ("autoscale.max_workers", {"autoscale": 8}, "autoscale must be an object"),
        ("*", {}, "number of workers"),
        ("num_worker", {"num_worker": 3}, "'num_worker' is not a field"),
        ("num_workers,of.another", {"num_workers": 3}, "'of.another' is not a field"),
        ("autoscale.most_workers", {"autoscale": {"most_workers": 3}}, "'autoscale.most_workers' is not a field"),
        ("cluster_name.first", {"cluster_name": {"first": "a"}}, "'cluster_name.first' is not a field"),
    ],
)
def test_invalid_update_fails(mask: str, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidParameterValue, match=message):
        apply_mask(ClusterSpec.from_wire(FIXED), mask, fields)


def test_old_spec_is_not_modified() -> None:
    old = ClusterSpec.from_wire(FIXED)

    apply_mask(old, "spark_conf.spark.a.b,aws_attributes.ebs.count", {"aws_attributes": {"ebs": {"count": 7}}})

    assert old.to_wire() == FIXED


_names = st.sampled_from(
    [
        "cluster_name",
        "num_workers",
        "autoscale",
        "spark_conf",
        "spark_conf.a",
        "autoscale.max_workers",
        "x.y",
        "aws_attributes.y",
    ]
)
_values = (
    st.none()
    | st.integers(-1, 5)
    | st.text(max_size=3)
    | st.dictionaries(st.sampled_from(["a", "max_workers"]), st.integers(0, 3))
)


@given(
    st.lists(_names | st.text(max_size=5), max_size=4),
    st.dictionaries(st.sampled_from([*FIXED, "autoscale", "x"]), _values),
)
def test_any_mask_gives_a_spec_or_an_error(names: list[str], fields: dict[str, Any]) -> None:
    try:
        changed = apply_mask(ClusterSpec.from_wire(FIXED), ",".join(names), fields)
    except InvalidParameterValue as message:
        assert message.message
    else:
        assert ClusterSpec.from_wire(changed.to_wire()) == changed
