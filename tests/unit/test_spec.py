"""ClusterSpec: read leniently, validated strictly, and written back unchanged."""

from __future__ import annotations

import enum
import typing
from typing import Any

import pytest
from databricks.sdk.service import compute
from hypothesis import given
from hypothesis import strategies as st

from jupyter_dbx.model.errors import InvalidParameterValue
from jupyter_dbx.model.spec import AUTOTERMINATION_BOUNDS, SINGLE_NODE_CONF, SINGLE_NODE_TAGS, Autoscale, ClusterSpec
from jupyter_dbx.model.wire import read_bool, read_int, read_map, read_object, read_str

MAX_INT = 2**63 - 1


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        ("3", 3),
        (3.0, 3),
        ("3.0", 3),
        (" 3 ", 3),
        ("-3", -3),
        (None, None),
        ("", None),
        (MAX_INT, MAX_INT),
        (str(MAX_INT), MAX_INT),
        ("9007199254740993", 9007199254740993),
    ],
)
def test_whole_number_is_read_as_clients_write_it(value: object, number: int | None) -> None:
    assert read_int({"n": value}, "n") == number


def test_absent_number_is_the_default() -> None:
    assert read_int({}, "n", 50) == 50


@pytest.mark.parametrize(
    "value",
    [True, "three", "3.5", 3.5, "inf", float("inf"), float("nan"), [3], {}, 2**63, str(2**63), 10**400],
)
def test_invalid_number_fails_with_the_field(value: object) -> None:
    with pytest.raises(InvalidParameterValue, match="num_workers"):
        read_int({"num_workers": value}, "num_workers")


@pytest.mark.parametrize(
    ("value", "truth"),
    [
        (True, True),
        (False, False),
        ("True", True),
        ("false", False),
        ("FALSE", False),
        (None, None),
        ("", None),
    ],
)
def test_boolean_is_read_as_clients_write_it(value: object, truth: bool | None) -> None:
    assert read_bool({"b": value}, "b") is truth


@pytest.mark.parametrize("value", [1, "yes", [], {}])
def test_invalid_boolean_fails_with_the_field(value: object) -> None:
    with pytest.raises(InvalidParameterValue, match="is_single_node"):
        read_bool({"is_single_node": value}, "is_single_node")


@pytest.mark.parametrize(("value", "text"), [("a", "a"), (4, "4"), (4.5, "4.5"), (None, "-"), ("", "")])
def test_string_is_read_as_clients_write_it(value: object, text: str) -> None:
    assert read_str({"s": value}, "s", "-") == text


@pytest.mark.parametrize("value", [True, [], {}])
def test_invalid_string_fails_with_the_field(value: object) -> None:
    with pytest.raises(InvalidParameterValue, match="cluster_name"):
        read_str({"cluster_name": value}, "cluster_name")


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (None, {}),
        ({}, {}),
        ({"a": "b"}, {"a": "b"}),
        ({"a": 1, "b": True, "c": 0.5}, {"a": "1", "b": "true", "c": "0.5"}),
    ],
)
def test_map_becomes_strings(value: object, result: dict[str, str]) -> None:
    assert read_map({"m": value}, "m") == result


@pytest.mark.parametrize("value", ["a=b", [], 3, {"a": None}, {"a": []}, {"a": {}}])
def test_invalid_map_fails_with_the_field(value: object) -> None:
    with pytest.raises(InvalidParameterValue, match="spark_conf"):
        read_map({"spark_conf": value}, "spark_conf")


@pytest.mark.parametrize("value", ["a", [], 3])
def test_invalid_object_fails_with_the_field(value: object) -> None:
    with pytest.raises(InvalidParameterValue, match="autoscale"):
        read_object({"autoscale": value}, "autoscale")


def test_spec_of_strings_and_nulls_is_converted() -> None:
    body = {
        "cluster_name": "etl",
        "num_workers": "2",
        "autoscale": None,
        "autotermination_minutes": "60",
        "is_single_node": "False",
        "spark_conf": {"spark.sql.shuffle.partitions": 8, "spark.eventLog.enabled": True},
        "custom_tags": None,
        "policy_id": None,
        "aws_attributes": {"zone_id": "auto"},
    }

    spec = ClusterSpec.from_wire(body)

    assert spec == ClusterSpec(
        cluster_name="etl",
        num_workers=2,
        autotermination_minutes=60,
        is_single_node=False,
        spark_conf={"spark.sql.shuffle.partitions": "8", "spark.eventLog.enabled": "true"},
        extra={"aws_attributes": {"zone_id": "auto"}},
    )


_SINGLE = {"spark_conf": SINGLE_NODE_CONF}
_HIGH = AUTOTERMINATION_BOUNDS[1]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "number of workers"),
        ({"is_single_node": False}, "number of workers"),
        ({"num_workers": -1}, "0 or more, not -1"),
        ({"num_workers": 1, "autoscale": {"min_workers": 1, "max_workers": 2}}, "not both"),
        ({"autoscale": {"min_workers": 1}}, "both min_workers and max_workers"),
        ({"autoscale": {"min_workers": -1, "max_workers": 2}}, "min_workers is -1"),
        ({"autoscale": {"min_workers": 3, "max_workers": 2}}, "at least min_workers"),
        ({"autoscale": {"min_workers": 0, "max_workers": 0}}, "at least 1"),
        ({"is_single_node": True, "num_workers": 1}, "has no workers"),
        ({"is_single_node": True, "autoscale": {"min_workers": 1, "max_workers": 2}}, "has no workers"),
        (_SINGLE | {"num_workers": 2}, "has no workers"),
        (
            {"num_workers": 1, "autotermination_minutes": _HIGH + 1},
            rf"between 0 \(never\) and {_HIGH}, not {_HIGH + 1}",
        ),
        ({"num_workers": 1, "autotermination_minutes": -5}, "not -5"),
        ({"num_workers": 1, "custom_tags": {str(n): "" for n in range(46)}}, "At most 45"),
        ({"num_workers": 1, "custom_tags": {"k" * 128: "v"}}, "a key must have 1 to 127 characters, not 128"),
        ({"num_workers": 1, "custom_tags": {"": "v"}}, "a key must have 1 to 127 characters, not 0"),
        (
            {"num_workers": 1, "custom_tags": {"k": "v" * 256}},
            "custom_tags.k must have at most 255 characters, not 256",
        ),
        ({"num_workers": 1, "cluster_name": "n" * 101}, "cluster_name must have at most 100 characters, not 101"),
        ({"num_workers": 1, "policy_id": "P"}, "Can't find a cluster policy with id: P. .* leave policy_id out"),
        (
            {"num_workers": 1, "instance_pool_id": "P"},
            "Can't find an instance pool with id: P. .*leave instance_pool_id",
        ),
        ({"num_workers": 1, "driver_instance_pool_id": "P"}, "leave driver_instance_pool_id out"),
    ],
)
def test_invalid_spec_fails_with_the_reason(body: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidParameterValue, match=message):
        ClusterSpec.from_wire(body)


def _enumerations() -> dict[str, type[enum.Enum]]:
    """Return the fields of a spec that have a few words each, as the SDK knows them."""
    kinds = typing.get_type_hints(compute.ClusterSpec)
    found = {name: typing.get_args(kind)[0] for name, kind in kinds.items()}
    return {name: kind for name, kind in found.items() if isinstance(kind, type) and issubclass(kind, enum.Enum)}


@pytest.mark.parametrize(("field", "kind"), _enumerations().items())
def test_field_with_a_few_words_accepts_these_and_no_others(field: str, kind: type[enum.Enum]) -> None:
    for word in kind:
        assert ClusterSpec.from_wire({"num_workers": 1, field: word.value}).extra == {field: word.value}

    with pytest.raises(InvalidParameterValue, match=f"{field} must be .*, not 'ELSE'") as caught:
        ClusterSpec.from_wire({"num_workers": 1, field: "ELSE"})
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (
            {"num_workers": 1, "node_type_id": "a"},
            {"num_workers": 1, "node_type_id": "a", "driver_node_type_id": "a"},
            True,
        ),
        ({"num_workers": 1}, {"num_workers": 1, "autotermination_minutes": 0, "kind": "CLASSIC_PREVIEW"}, True),
        ({"num_workers": 0}, {"is_single_node": True, "custom_tags": SINGLE_NODE_TAGS} | _SINGLE, True),
        ({"num_workers": 1}, {"num_workers": 1, "is_single_node": False}, True),
        ({"num_workers": 1}, {"num_workers": 2}, False),
        ({"num_workers": 1}, {"num_workers": 1, "custom_tags": SINGLE_NODE_TAGS}, False),
        ({"num_workers": 0}, {"num_workers": 0, "spark_conf": {"spark.a": "1"}}, False),
        ({"num_workers": 1}, {"autoscale": {"min_workers": 1, "max_workers": 2}}, False),
    ],
)
def test_specs_are_the_same_if_they_differ_only_in_writing(one: Any, other: Any, is_same: bool) -> None:
    assert ClusterSpec.from_wire(one).is_same_as(ClusterSpec.from_wire(other)) is is_same


@pytest.mark.parametrize("minutes", [0, None, 1, _HIGH])
def test_autotermination_within_its_bounds_is_accepted(minutes: int | None) -> None:
    spec = ClusterSpec.from_wire({"num_workers": 1, "autotermination_minutes": minutes})

    assert spec.autotermination_minutes == minutes


@pytest.mark.parametrize(
    ("body", "single", "initial"),
    [
        ({"num_workers": 3}, False, 3),
        ({"num_workers": 0}, True, 0),
        ({"is_single_node": True}, True, 0),
        ({"is_single_node": True, "num_workers": 0}, True, 0),
        (_SINGLE | {"num_workers": 0}, True, 0),
        (_SINGLE, True, 0),
        ({"autoscale": {"min_workers": 2, "max_workers": 5}}, False, 2),
        ({"autoscale": {"min_workers": 0, "max_workers": 5}}, False, 0),
    ],
)
def test_size_follows_from_the_spec(body: dict[str, Any], single: bool, initial: int) -> None:
    spec = ClusterSpec.from_wire(body)

    assert (spec.single_node, spec.initial_workers) == (single, initial)


def test_fields_without_effect_are_stored_and_reported() -> None:
    body = {
        "num_workers": 1,
        "init_scripts": [{"workspace": {}}],
        "policy_id": "",
        "docker_image": {"url": "x"},
    }

    spec = ClusterSpec.from_wire(body)

    assert spec.without_effect() == ["init_scripts", "docker_image"]
    assert spec.to_wire()["init_scripts"] == [{"workspace": {}}]


_words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
_json = st.recursive(
    st.booleans() | st.integers() | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=5,
)
_typed = set(ClusterSpec.__dataclass_fields__) - {"extra"}
_sizes = st.one_of(
    st.builds(lambda n: {"num_workers": n}, st.integers(0, 1000)),
    st.builds(lambda low, more: {"autoscale": Autoscale(low, low + more)}, st.integers(0, 50), st.integers(1, 50)),
    st.just({"is_single_node": True}),
    st.just({"is_single_node": True, "num_workers": 0}),
)
_specs = st.builds(
    lambda size, **fields: ClusterSpec(**size, **fields),
    _sizes,
    cluster_name=_words,
    spark_version=_words,
    node_type_id=_words,
    driver_node_type_id=_words,
    autotermination_minutes=st.none() | st.just(0) | st.integers(*AUTOTERMINATION_BOUNDS),
    spark_conf=st.dictionaries(_words.filter(lambda k: "singleNode" not in k), _words, max_size=3),
    spark_env_vars=st.dictionaries(_words, _words, max_size=3),
    custom_tags=st.dictionaries(_words.filter(bool), _words, max_size=3),
    extra=st.dictionaries(_words.filter(lambda k: k not in _typed), _json, max_size=3),
)


@given(_specs)
def test_spec_survives_the_wire(spec: ClusterSpec) -> None:
    assert ClusterSpec.from_wire(spec.to_wire()) == spec


@given(st.dictionaries(st.sampled_from(sorted(_typed)) | _words, _json | st.none(), max_size=6))
def test_any_body_is_a_spec_or_an_error(body: dict[str, Any]) -> None:
    try:
        spec = ClusterSpec.from_wire(body)
    except InvalidParameterValue as message:
        assert message.message
    else:
        assert ClusterSpec.from_wire(spec.to_wire()) == spec
